"""The PostgreSQL of one data folder."""

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg2

from dispute_hub.embedded import binaries, processes
from dispute_hub.embedded.addresses import addresses
from dispute_hub.embedded.lease import NotStarted

# fsync and synchronous_commit stay on: a 2xx means committed, on a laptop too.
TUNING = {
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "max_connections": "100",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "autovacuum_vacuum_scale_factor": "0.05",
    "autovacuum_analyze_scale_factor": "0.02",
    "log_min_duration_statement": "-1",
    "log_statement": "none",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
_NAMES = ("postgres",)


class Postgres:
    """Starts, asks and stops the server; `folder` is where its files really are."""

    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": ends sessions, leaves a clean folder
    hard_signal = signal.SIGQUIT

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.programs = binaries.postgres_folder()
        self.folder = data_dir / "postgres"
        self.account = processes.unprivileged(self.folder)
        if self.account is not None:
            self._settle_for_account()

    def make_ready(self) -> None:
        """Leave no server of an earlier life behind, and have a cluster to start."""
        processes.clear_out(self.folder, _NAMES, politely=self.stop_signal, within=10)
        # Nothing works in this folder now, so the file is stale whatever lives under its pid today.
        (self.folder / "postmaster.pid").unlink(missing_ok=True)
        if not (self.folder / "PG_VERSION").exists():
            self._create_cluster()

    def start(self) -> subprocess.Popen[bytes]:
        port = addresses(self.data_dir).postgres_port
        options = {
            "listen_addresses": "127.0.0.1",
            # Loopback with a password only: no socket path that could be too long or open to others.
            "unix_socket_directories": "",
            "port": str(port),
            **TUNING,
        }
        command = [str(self.programs / "postgres"), "-D", str(self.folder)]
        for key, value in options.items():
            command += ["-c", f"{key}={value}"]
        with (self.data_dir / "postgres.log").open("ab") as log:
            return processes.spawn(
                command, cwd=self.folder, log=log, at_parent_death=self.stop_signal, account=self.account
            )

    def answers(self) -> bool:
        """Whether the server on our port opens to our password and serves our folder."""
        try:
            self._ensure_database()
        except psycopg2.OperationalError:
            return False
        return True

    def _ensure_database(self) -> None:
        kept = addresses(self.data_dir)
        connection = psycopg2.connect(
            host="127.0.0.1",
            port=kept.postgres_port,
            user="hub",
            password=kept.postgres_password,
            dbname="postgres",
            connect_timeout=2,
        )
        connection.autocommit = True
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute("SHOW data_directory")
            served = cursor.fetchone()
            if served is None or Path(served[0]).resolve() != self.folder.resolve():
                raise psycopg2.OperationalError("another server answers on this port")
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = 'hub'")
            if cursor.fetchone() is None:
                cursor.execute("CREATE DATABASE hub")

    def _create_cluster(self) -> None:
        # Made beside and renamed, so that a kill in the middle never leaves half a cluster to trip over.
        half = self.folder.with_name("postgres.new")
        shutil.rmtree(half, ignore_errors=True)
        if self.folder.exists():
            self.folder.rename(self.folder.with_name(f"postgres.broken-{int(time.time())}"))
        half.mkdir(mode=0o700)
        with tempfile.NamedTemporaryFile("w", suffix=".pw", dir=_reachable_temp()) as secret:
            secret.write(addresses(self.data_dir).postgres_password)
            secret.flush()
            if self.account is not None:
                os.chown(half, self.account.uid, self.account.gid)
                os.chown(secret.name, self.account.uid, self.account.gid)
            command = [str(self.programs / "initdb"), "-D", str(half), "-U", "hub", "--data-checksums"]
            command += ["--encoding=UTF8", "--auth=scram-sha-256", f"--pwfile={secret.name}"]
            command += self._locale_options()
            try:
                processes.run(command, account=self.account)
            except subprocess.CalledProcessError as error:
                raise NotStarted(f"无法建立数据库。 initdb failed: {error.stderr.strip()[-800:]}") from error
        half.rename(self.folder)

    def _locale_options(self) -> list[str]:
        # The built-in provider (17 and later) sorts alike on every machine, whatever its C library.
        shown = subprocess.run([str(self.programs / "postgres"), "--version"], capture_output=True, text=True)
        major = int(shown.stdout.split()[-1 if "(" not in shown.stdout else 2].split(".")[0])
        if major >= 17:
            return ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        return ["--locale=C.UTF-8"]

    def _settle_for_account(self) -> None:
        """As root: use the data folder if the account reaches it, else a folder of our own under /var/tmp."""
        note = self.data_dir / "postgres.location"
        here = processes.can(self.account, "-x", self.data_dir)
        if not note.exists() and here and processes.can(self.account, "-x", self.programs / "postgres"):
            return
        digest = hashlib.sha256(str(self.data_dir).encode()).hexdigest()[:16]
        home = Path("/var/tmp") / f"dispute-hub-{digest}"
        home.mkdir(mode=0o755, exist_ok=True)
        if home.is_symlink() or home.stat().st_uid != 0 or home.stat().st_mode & 0o022:
            raise NotStarted(f"临时目录归他人所有，拒绝使用：{home}。 Refusing a folder that others own.")
        home.chmod(0o755)
        self.programs = _copy_programs(self.programs, home)
        self.folder = home / "postgres"
        note.write_text(f"{self.folder}\n")


def _copy_programs(programs: Path, home: Path) -> Path:
    """A copy of the wheel's programs and their libraries, in the same relative places; made once."""
    package = programs.parent.parent
    size = (programs / "postgres").stat().st_size
    copied = home / package.name / "pginstall" / "bin"
    if not (copied / "postgres").exists() or (copied / "postgres").stat().st_size != size:
        for source in (package, package.with_name(f"{package.name}.libs")):
            if source.is_dir():
                shutil.rmtree(home / source.name, ignore_errors=True)
                shutil.copytree(source, home / source.name, symlinks=True)
    processes.run(["chmod", "-R", "a+rX", str(home / package.name)])
    return copied


def _reachable_temp() -> str:
    return "/var/tmp" if Path("/var/tmp").is_dir() else tempfile.gettempdir()

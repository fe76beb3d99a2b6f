"""A process that needs the servers holds a shared lock; the keeper lives as long as anybody does."""

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from dispute_hub.embedded.addresses import locked, wanted

# Commands that answer from the program alone, so a machine without servers can run them.
NEEDS_NO_SERVER = frozenset(
    {
        "evaluate_triage",
        "explain_due",
        "help",
        "version",
        "--version",
        "-h",
        "--help",
        "makemessages",
        "compilemessages",
        "collectstatic",
        "findstatic",
        "diffsettings",
        "startapp",
        "spectacular",
    }
)
START_WITHIN = 60.0  # seconds; initdb with checksums took 3 s on two busy cores

_held: dict[Path, IO[str]] = {}


class NotStarted(RuntimeError):
    """The servers did not come up; the message says why in Chinese and English."""


def data_folder() -> Path:
    root = Path(__file__).resolve().parent.parent.parent
    return Path(os.environ.get("HUB_DATA_DIR", "").strip() or root / ".data").resolve()


def ensure_up(data_dir: Path | None = None) -> None:
    """Have both servers answer before returning, and keep them up until this process ends or calls `release`.

    Safe from any number of processes at once. Raises NotStarted.
    """
    folder = data_dir or data_folder()
    if not wanted():
        return
    _check_writable(folder)
    if folder not in _held:
        # While the keeper is closing down it holds this lock alone, so we wait until it has left.
        handle = (folder / "users.lock").open("a")
        fcntl.flock(handle, fcntl.LOCK_SH)
        _held[folder] = handle
    with locked(folder / "start.lock"):
        for name in wanted():
            (folder / f"want-{name}").touch()
        _await_ready(folder, None if keeper_lives(folder) else _start_keeper(folder))


def release(data_dir: Path | None = None) -> None:
    """Say that this process no longer needs the servers."""
    handle = _held.pop(data_dir or data_folder(), None)
    if handle is not None:
        handle.close()


@contextmanager
def servers_for_command(argv: list[str]) -> Iterator[None]:
    """Servers for the length of one management command, when its settings are the embedded ones."""
    embedded = os.environ.get("DJANGO_SETTINGS_MODULE", "").rpartition(".")[2] in {"embedded", "testing"}
    command = argv[1] if len(argv) > 1 else "help"
    if not embedded or command in NEEDS_NO_SERVER or {"-h", "--help"} & set(argv[2:]):
        yield
        return
    try:
        ensure_up()
    except NotStarted as error:
        sys.exit(str(error))
    try:
        yield
    finally:
        release()


def _check_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / f".write-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise NotStarted(
            f"数据目录不可写：{folder}。请换一个目录（HUB_DATA_DIR）或修改权限。\n"
            f"Data folder is not writable: {folder} ({error.strerror}). Set HUB_DATA_DIR or mend its rights."
        ) from error


def keeper_lives(folder: Path) -> bool:
    with (folder / "keeper.lock").open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def _start_keeper(folder: Path) -> subprocess.Popen[bytes]:
    for name in ("ready-postgres", "ready-valkey", "failure"):
        (folder / name).unlink(missing_ok=True)
    with (folder / "keeper.log").open("a") as log:
        # A session of its own: Ctrl-C at the terminal reaches the users; the keeper outlives them.
        return subprocess.Popen(
            [sys.executable, "-m", "dispute_hub.embedded.keeper", str(folder)],
            cwd=Path(__file__).resolve().parent.parent.parent,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _await_ready(folder: Path, keeper: subprocess.Popen[bytes] | None) -> None:
    until = time.monotonic() + START_WITHIN
    while time.monotonic() < until:
        if all((folder / f"ready-{name}").exists() for name in wanted()):
            return
        if (keeper is None and not keeper_lives(folder)) or (
            keeper is not None and keeper.poll() is not None
        ):
            break
        time.sleep(0.02)
    reason = folder / "failure"
    raise NotStarted(
        reason.read_text()
        if reason.exists()
        else f"内嵌数据库未能启动，详见 {folder / 'keeper.log'}。 Servers did not start, see that file."
    )

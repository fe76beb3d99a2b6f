"""The process that holds both servers of a data folder: `python -m dispute_hub.embedded.keeper FOLDER`.

It starts what the users ask for, restarts what dies, and leaves when no process holds `users.lock` any more.
"""

import fcntl
import signal
import socket
import subprocess
import sys
import time
import traceback
from pathlib import Path
from types import FrameType

from dispute_hub.embedded.addresses import addresses, move
from dispute_hub.embedded.lease import NotStarted
from dispute_hub.embedded.postgres import Postgres
from dispute_hub.embedded.valkey import Valkey

Server = Postgres | Valkey
SERVERS: dict[str, type[Postgres] | type[Valkey]] = {"postgres": Postgres, "valkey": Valkey}
LINGER = 2.0  # seconds without a user; spares a row of commands a start each
ANSWER_WITHIN = 45.0  # seconds; crash recovery after a kill -9 under load took 2 s
LOG_LIMIT = 10 * 1024 * 1024


class Keeper:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.children: dict[str, tuple[Server, subprocess.Popen[bytes]]] = {}
        self.leaving = False
        self.idle_since: float | None = None

    def run(self) -> None:
        """Hold the servers until asked to leave or unused; always leaves them stopped."""
        for sent in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(sent, self._leave)
        try:
            with (self.folder / "users.lock").open("a") as users:
                while not self.leaving:
                    self._start_missing()
                    if self._unused(users):
                        break
                    time.sleep(0.05)
                self._stop_all()
        finally:
            self._stop_all()

    def _leave(self, _signal: int, _frame: FrameType | None) -> None:
        self.leaving = True

    def _start_missing(self) -> None:
        for name, kind in SERVERS.items():
            held = self.children.get(name)
            if held is None and (self.folder / f"want-{name}").exists():
                _shorten(self.folder / f"{name}.log")
                server = kind(self.folder)
                server.make_ready()
                self._free_port(name)
                if isinstance(server, Valkey):
                    server.make_ready()
                self._launch(server)
            elif held is not None and held[1].poll() is not None:
                print(f"{name} ended with {held[1].returncode}; starting it again", flush=True)
                (self.folder / f"ready-{name}").unlink(missing_ok=True)
                held[0].make_ready()
                self._launch(held[0])

    def _free_port(self, name: str) -> None:
        kept = addresses(self.folder)
        port = kept.postgres_port if name == "postgres" else kept.valkey_port
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                move(self.folder, postgres=name == "postgres", valkey=name == "valkey")

    def _launch(self, server: Server) -> None:
        child = server.start()
        self.children[server.name] = (server, child)
        until = time.monotonic() + ANSWER_WITHIN
        while not server.answers():
            if child.poll() is not None or time.monotonic() > until:
                raise NotStarted(
                    f"{server.name} 未能启动，详见 {self.folder / (server.name + '.log')}。\n"
                    f"{server.name} did not start:\n{_tail(self.folder / (server.name + '.log'))}"
                )
            time.sleep(0.02)
        (self.folder / f"ready-{server.name}").touch()

    def _unused(self, users: object) -> bool:
        """Whether nobody needs the servers; True leaves us holding the lock, so newcomers wait."""
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)  # type: ignore[arg-type]
        except BlockingIOError:
            self.idle_since = None
            return False
        self.idle_since = self.idle_since or time.monotonic()
        if time.monotonic() - self.idle_since > LINGER:
            return True
        fcntl.flock(users, fcntl.LOCK_UN)  # type: ignore[arg-type]
        return False

    def _stop_all(self) -> None:
        for name in SERVERS:
            (self.folder / f"ready-{name}").unlink(missing_ok=True)
            (self.folder / f"want-{name}").unlink(missing_ok=True)
        for server, child in self.children.values():
            if child.poll() is None:
                child.send_signal(server.stop_signal)
        for server, child in self.children.values():
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                child.send_signal(server.hard_signal)
                child.wait(10)
        self.children.clear()


def _tail(path: Path) -> str:
    return path.read_text(errors="replace")[-800:] if path.exists() else ""


def _shorten(path: Path) -> None:
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_name(f"{path.name}.1"))


def main() -> None:
    folder = Path(sys.argv[1])
    with (folder / "keeper.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            Keeper(folder).run()
        except NotStarted as error:
            (folder / "failure").write_text(str(error))
        except Exception:
            (folder / "failure").write_text(traceback.format_exc())
            raise


if __name__ == "__main__":
    main()

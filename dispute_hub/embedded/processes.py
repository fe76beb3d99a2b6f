"""Child processes that die with their parent, and the search for those a kill left behind."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import psutil

_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Account:
    """An existing unprivileged account; PostgreSQL refuses to run as root."""

    name: str
    uid: int
    gid: int


def unprivileged(cluster: Path) -> Account | None:
    """The account for PostgreSQL when we are root, else None. Never adds an account.

    A cluster that a plain user made keeps its owner: PostgreSQL refuses a folder of somebody else.
    """
    if os.geteuid() != 0:
        return None
    owner = cluster.stat().st_uid if cluster.exists() else 0
    entry = pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def die_with_parent(sent: signal.Signals) -> Callable[[], None]:
    """Code for the child between fork and exec: the kernel sends `sent` when the parent dies (Linux only)."""
    parent = os.getpid()

    def ask_kernel() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(sent))
            # Died between our fork and this line: the signal would never come.
            if os.getppid() != parent:
                os.kill(os.getpid(), signal.SIGKILL)

    return ask_kernel


def spawn(
    command: list[str],
    *,
    cwd: Path,
    log: IO[bytes],
    at_parent_death: signal.Signals,
    account: Account | None = None,
    environment: dict[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, away from the terminal's Ctrl-C."""
    return subprocess.Popen(
        command,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        start_new_session=True,
        preexec_fn=die_with_parent(at_parent_death),
        env=environment or _clean_environment(),
        **_as(account),
    )


def run(command: list[str], *, account: Account | None = None, cwd: str = "/") -> None:
    """Run to the end; raises CalledProcessError with both outputs in it."""
    subprocess.run(
        command, cwd=cwd, check=True, capture_output=True, text=True, env=_clean_environment(), **_as(account)
    )


def can(account: Account | None, test: str, path: Path) -> bool:
    """Whether it passes the shell's `test -x` (or -w, -r) on the path, through all parent folders."""
    done = subprocess.run(["/bin/sh", "-c", f'test {test} "$0"', str(path)], cwd="/", **_as(account))
    return done.returncode == 0


def running_in(folder: Path, names: tuple[str, ...]) -> list[psutil.Process]:
    """Live processes of these names working in `folder`: a pid from a file says nothing after a restart."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.name().startswith(names) and Path(process.cwd()) == folder:
                found.append(process)
        except (psutil.Error, OSError):
            continue
    return found


def clear_out(folder: Path, names: tuple[str, ...], *, politely: signal.Signals, within: float) -> None:
    """Have no such process left in `folder`: asked first, then killed."""
    until = time.monotonic() + within
    asked: set[int] = set()
    while left := running_in(folder, names):
        late = time.monotonic() > until
        for process in left:
            if late or process.pid not in asked:
                _send(process, signal.SIGKILL if late else politely)
                asked.add(process.pid)
        time.sleep(0.05)


def _send(process: psutil.Process, sent: signal.Signals) -> None:
    try:
        process.send_signal(sent)
    except psutil.Error:
        return


def _as(account: Account | None) -> dict[str, Any]:
    if account is None:
        return {}
    return {"user": account.uid, "group": account.gid, "extra_groups": []}


def _clean_environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_", "HUB_"))}
    return {**kept, "LC_ALL": "C", "TZ": "UTC"}

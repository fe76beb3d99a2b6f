"""Real processes for stories about accidents: workers, beat, a Valkey of one's own; ended with the test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from dispute_hub.embedded import binaries
from dispute_hub.embedded.addresses import free_port
from tests.browsers import ROOT

CELERY = [sys.executable, "-m", "celery", "-A", "dispute_hub.celery", "--quiet"]
WORKER = [*CELERY, "worker", "-P", "solo", "-Q", "default,deliver", "-l", "warning", "--without-gossip"]


def wait_for(what: Callable[[], object], *, seconds: float, told: str) -> None:
    """Until `what()` is true; fails with `told` when it does not come true in time."""
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, told
        time.sleep(0.1)


@contextmanager
def child(command: list[str], environment: dict[str, str], *, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """One process of the product; killed with its whole group at the end if it still lives."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **environment}, stdout=out, stderr=out,
            start_new_session=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9, with its children, and wait until it is gone."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


class OwnValkey:
    """A Valkey that only this test uses, so that it may be killed, frozen and started again."""

    def __init__(self, log: Path) -> None:
        self.port = free_port()
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = [str(binaries.valkey_server()), "--port", str(self.port), "--bind", "127.0.0.1"]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen([*command, "--save", ""], cwd=self.log.parent, stdout=out)
        wait_for(self._answers, seconds=10, told="Valkey did not start")

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url, socket_timeout=1) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def kill(self) -> None:
        """Gone: connections are refused."""
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait(10)

    def freeze(self) -> None:
        """A black hole: connections are accepted and never answered."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

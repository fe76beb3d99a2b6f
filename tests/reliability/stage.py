"""The product in real processes on servers of its own, to be killed: web, two workers, two beats.

Whatever ends is started again, as `make run` and a container's restart policy do.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
import psutil
import redis

from dispute_hub.embedded import processes
from dispute_hub.embedded.addresses import free_port
from tests.reliability.proxy import Proxy
from tests.reliability.servers import Servers

ROOT: Final = Path(__file__).resolve().parent.parent.parent
PREFIX: Final = "reliability:"
STARTS_WITHIN: Final = 40.0
RESTART_PAUSE: Final = 0.3
WORKER = ["worker", "-l", "warning", "--without-gossip", "--without-mingle"]
# Who is killed how often, in parts of a hundred (profile `release`: 400, 300, 150, 100, 50 of a thousand).
VICTIMS: Final = {"web": 40, "worker": 30, "postgres": 15, "broker": 10, "beat": 5}


@dataclass
class Part:
    """One process of the product."""

    name: str
    arguments: list[str]
    process: subprocess.Popen[bytes] | None = None
    is_held: bool = False
    starts: int = 0
    retry_at: float = field(default=0.0)


class Stage:
    """Start with `up`, end with `down`; `kill` takes a victim, the supervisor brings it back."""

    def __init__(self, servers: Servers, folder: Path, *, switch: str = "") -> None:
        self.servers, self.folder, self.switch = servers, folder, switch
        self.port = free_port()
        self.clock_file, self.failpoint_file = folder / "clock", folder / "failpoint"
        self.advance(0)
        self.broker = Proxy(servers.broker_address)
        self.parts = {part.name: part for part in self._parts()}
        self._leaving = threading.Event()
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def up(self) -> Stage:
        """Every part started, the web answering, the queues consumed."""
        self.broker.__enter__()
        for part in self.parts.values():
            self._start(part)
        self._supervisor.start()
        self.await_web()
        return self

    def down(self) -> None:
        self._leaving.set()
        self._supervisor.join()
        for part in self.parts.values():
            self._kill_group(part)
        self.broker.__exit__()

    def await_web(self, within: float = STARTS_WITHIN) -> float:
        """Seconds until the web process answers."""
        began = time.monotonic()
        while time.monotonic() - began < within:
            try:
                if httpx.get(f"{self.url}/healthz/live", timeout=2, trust_env=False).status_code == 200:
                    return time.monotonic() - began
            except httpx.HTTPError:
                time.sleep(0.1)
        raise AssertionError(f"the web process did not answer:\n{self.tail('web')}")

    def advance(self, seconds: int) -> None:
        """Move the clock of every process; leases and waits lapse sooner than in real life."""
        self.servers.moved += seconds
        self.clock_file.write_text(f"+{self.servers.moved}")

    def kill(self, victim: str, chance: random.Random) -> str:
        """SIGKILL as a power cut would; what was killed."""
        if victim == "postgres":
            return self.servers.kill("postgres")
        if victim == "broker":
            return self.lose_broker(chance.choice(["kill", "kill", "flush", "black_hole"]))
        names = [name for name in self.parts if name.startswith(victim)]
        part = self.parts[chance.choice(names)]
        if victim == "worker" and chance.random() < 0.5 and self._kill_child(part, chance):
            return f"{part.name}'s child"
        self._kill_group(part)
        return part.name

    def lose_broker(self, how: str) -> str:
        """Kill it with all it holds, empty it, or let it swallow everything for two seconds."""
        if how == "kill":
            self.servers.kill("valkey")
        elif how == "flush":
            with redis.Redis.from_url(self.servers.redis_url) as client:
                client.flushall()
        else:
            self.broker.become("black_hole")
            time.sleep(2)
            self.broker.become("")
        return f"broker: {how}"

    def arm(self, point: str) -> None:
        """The next process that passes this point ends there."""
        armed = self.failpoint_file.with_suffix(".new")
        armed.write_text(point, encoding="ascii")
        armed.rename(self.failpoint_file)

    def has_fired(self) -> bool:
        return not self.failpoint_file.exists()

    def hold(self, *names: str) -> None:
        """Stop parts and leave them stopped until `let_go`."""
        for name in names:
            self.parts[name].is_held = True
            self._kill_group(self.parts[name])

    def let_go(self, *names: str) -> None:
        for name in names:
            self.parts[name].is_held = False

    def tail(self, name: str) -> str:
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace")[-3000:] if path.exists() else ""

    def _parts(self) -> list[Part]:
        beats = [Part(f"beat-{one}", ["beat", "-l", "warning", "-s", str(self.folder / f"beat-{one}.db"),
                                      "--pidfile="]) for one in "ab"]  # fmt: skip
        return [
            Part("web", ["web", str(self.port)]),
            # As `make run` has them: children for our own queues, threads for the slow platforms.
            Part("worker-a", [*WORKER, "-n", "a@%h", "-c", "2", "-Q", "default,deliver,heavy"]),
            Part("worker-b", [*WORKER, "-n", "b@%h", "-P", "threads", "-c", "4", "-Q",
                              "platform,deliver,default"]),
            *beats,
        ]  # fmt: skip

    def _start(self, part: Part) -> None:
        environment = {
            **os.environ,
            **self.servers.environment,
            "DJANGO_SETTINGS_MODULE": "dispute_hub.settings.testing",
            "REDIS_URL": self.servers.redis_through(self.broker.port),
            "HUB_REDIS_PREFIX": PREFIX,
            "HUB_CLOCK_FILE": str(self.clock_file),
            "HUB_FAILPOINT_FILE": str(self.failpoint_file),
            "HUB_SABOTAGE": self.switch,
            "HUB_PROCESS": f"hub-{part.name}",
            "HUB_LOG_LEVEL": "WARNING",
        }
        command = [sys.executable, "-m", "tests.reliability.child", *part.arguments]
        with (self.folder / f"{part.name}.log").open("ab") as log:
            part.process = processes.spawn(
                command, cwd=ROOT, log=log, at_parent_death=signal.SIGKILL, environment=environment
            )
        part.starts += 1

    def _supervise(self) -> None:
        while not self._leaving.wait(0.1):
            for part in self.parts.values():
                if part.process is not None and part.process.poll() is not None:
                    part.process, part.retry_at = None, time.monotonic() + RESTART_PAUSE
                if part.process is None and not part.is_held and time.monotonic() >= part.retry_at:
                    self._start(part)

    def _kill_group(self, part: Part) -> None:
        process = part.process
        if process is not None and process.poll() is None:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                return
            process.wait(10)

    def _kill_child(self, part: Part, chance: random.Random) -> bool:
        try:
            children = psutil.Process(part.process.pid).children() if part.process else []
            found = [one for one in children if one.is_running()]
            if found:
                chance.choice(found).kill()
            return bool(found)
        except psutil.Error:
            return False

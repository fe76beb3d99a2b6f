"""`make run`: servers, migrations, reference data, demo city, then web, workers and beat until Ctrl-C."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

from dispute_hub.embedded import processes
from dispute_hub.embedded.lease import NotStarted, data_folder, ensure_up, keeper_lives

ROOT = Path(__file__).resolve().parent.parent.parent
STOP_WITHIN = 8.0  # seconds; rows are safe, so a task that takes longer is cut and swept later
SILENT_FOR = 120.0  # seconds without a canary: connected but no longer consuming (reliability, M7)
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 15.0


@dataclass
class Child:
    """One process of the product and how it is doing."""

    name: str
    command: list[str]
    queues: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = FIRST_PAUSE
    retry_at: float = field(default=0.0)


def say(text: str) -> None:
    print(text, flush=True)


class Run:
    def __init__(self) -> None:
        self.folder = data_folder()
        self.host = os.environ.get("HUB_HOST", "127.0.0.1")
        self.port = int(os.environ.get("PORT", "8000") or "8000")
        shown = "localhost" if self.host in {"127.0.0.1", "0.0.0.0"} else self.host  # noqa: S104
        self.url = f"http://{shown}:{self.port}"
        self.leaving = False
        self.next_watch_at = 0.0
        self.children = self._children()
        self.lock: IO[str] | None = None

    def run(self) -> None:
        """Until Ctrl-C or SIGTERM. Raises NotStarted with a message for the person."""
        for sent in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(sent, self._leave)
        self._only_one()
        self._check_port()
        say("· 启动数据库与消息服务")
        ensure_up(self.folder)
        self._prepare()
        try:
            say("· 启动网页、后台任务与定时服务")
            for child in self.children:
                self._start(child)
            self._await_web()
            if not self.leaving:
                say(self._welcome())
            while not self.leaving:
                self._look_after()
                time.sleep(0.3)
        finally:
            self._stop()

    def _children(self) -> list[Child]:
        celery = [sys.executable, "-m", "celery", "-A", "dispute_hub.celery", "--quiet"]
        worker = [*celery, "worker", "-l", "warning", "--without-gossip", "--without-mingle"]
        web = [sys.executable, "-m", "uvicorn", "dispute_hub.asgi:application", "--host", self.host]
        web += ["--port", str(self.port), "--no-access-log", "--log-level", "warning"]
        schedule = str(self.folder / "celerybeat-schedule")
        return [
            Child("web", [*web, "--timeout-graceful-shutdown", "5"]),
            Child(
                "worker",
                [*worker, "-n", "hub@%h", "-c", "2", "-Q", "default,deliver"],
                ("default", "deliver"),
            ),
            Child(
                "platform",
                [*worker, "-n", "platform@%h", "-P", "threads", "-c", "8", "-Q", "platform"],
                ("platform",),
            ),
            Child("heavy", [*worker, "-n", "heavy@%h", "-c", "1", "-Q", "heavy"], ("heavy",)),
            Child("beat", [*celery, "beat", "-l", "warning", "-s", schedule, "--pidfile="], ("beat",)),
        ]

    def _only_one(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.lock = (self.folder / "run.lock").open("a+")
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NotStarted(
                f"本目录的服务已在运行（{self.folder}），请先停止它。\n"
                f"This clone is already running ({self.folder}); stop it first."
            ) from None
        except OSError as error:
            raise NotStarted(
                f"数据目录不可写：{self.folder}。请换一个目录（HUB_DATA_DIR）或修改权限。\n"
                f"Data folder is not writable: {self.folder} ({error.strerror}). Set HUB_DATA_DIR."
            ) from error

    def _check_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, self.port))
            except OSError as error:
                raise NotStarted(
                    f"端口 {self.port} 已被占用，请换一个，例如：make run PORT=8001\n"
                    f"Port {self.port} is taken ({error.strerror}); choose another: make run PORT=8001"
                ) from error

    def _prepare(self) -> None:
        import django
        from django.core.management import call_command, get_commands
        from django.db import connections

        django.setup()
        say("· 更新数据库结构")
        call_command("migrate", verbosity=0, interactive=False)
        known = get_commands()
        if "load_reference" in known:
            say("· 载入基础数据")
            call_command("load_reference")
        if "seed_demo" in known and os.environ.get("HUB_DEMO", "1") != "0":
            say("· 检查演示数据（首次约需一分钟）")
            call_command("seed_demo", "--if-empty")
        connections.close_all()

    def _start(self, child: Child) -> None:
        with (self.folder / f"{child.name}.log").open("ab") as log:
            child.process = processes.spawn(
                child.command,
                cwd=ROOT,
                log=log,
                at_parent_death=signal.SIGTERM,
                environment={
                    **os.environ,
                    "HUB_DATA_DIR": str(self.folder),
                    "HUB_PROCESS": f"hub-{child.name}",
                },
            )
        child.started_at = time.monotonic()

    def _await_web(self) -> None:
        opener = build_opener(ProxyHandler({}))
        host = "127.0.0.1" if self.host == "0.0.0.0" else self.host  # noqa: S104
        while not self.leaving:
            self._look_after()
            try:
                with opener.open(f"http://{host}:{self.port}/healthz/live", timeout=5):
                    return
            except HTTPError as error:
                raise NotStarted(
                    f"网页服务异常：{self.folder / 'web.log'}。 The web process fails."
                ) from error
            except OSError:  # not there yet, or too busy with its first request to answer in time
                time.sleep(0.1)

    def _look_after(self) -> None:
        now = time.monotonic()
        if not keeper_lives(self.folder):
            ensure_up(self.folder)
        for child in self.children:
            if child.process is not None and child.process.poll() is not None:
                lived = now - child.started_at
                child.pause = FIRST_PAUSE if lived > 30 else min(child.pause * 2, LONGEST_PAUSE)
                child.retry_at = now + child.pause
                say(
                    f"! {child.name} 意外退出（{child.process.returncode}），正在重启，日志：{child.name}.log"
                )
                child.process = None
            if child.process is None and now >= child.retry_at and not self.leaving:
                self._start(child)
        if now >= self.next_watch_at:
            self.next_watch_at = now + 15
            self._restart_silent(now)

    def _restart_silent(self, now: float) -> None:
        from dispute_hub.embedded.watch import silent_parts

        settled = [c for c in self.children if c.queues and c.process and now - c.started_at > SILENT_FOR]
        silent = silent_parts(SILENT_FOR) if settled else set()
        for child in settled:
            parts = {"beat"} if child.name == "beat" else {f"queue:{queue}" for queue in child.queues}
            # Without beat no canary flies, so a silent queue says nothing about its worker.
            if parts & silent and (child.name == "beat" or "beat" not in silent) and child.process:
                say(f"! {child.name} 无响应，正在重启")
                child.process.kill()

    def _leave(self, _signal: int, _frame: FrameType | None) -> None:
        self.leaving = True

    def _stop(self) -> None:
        say("\n· 正在停止……")
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            if process.poll() is None:
                process.terminate()
        until = time.monotonic() + STOP_WITHIN
        for process in running:
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        say("· 已停止")

    def _welcome(self) -> str:
        from dispute_hub.embedded.welcome import welcome

        return welcome(self.url)

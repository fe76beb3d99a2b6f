"""`make run` as a person meets it: a start, an accident, a stop, and clear words when it cannot start."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import ModuleType, SimpleNamespace
from urllib.error import URLError

import httpx
import psutil
import pytest

from dispute_hub.embedded import run
from dispute_hub.embedded.addresses import free_port

ROOT = Path(__file__).resolve().parent.parent.parent

# An empty folder: databases made, every migration, the reference data, beside another worker of the suite.
FIRST_START = 200
# Everything is there: seconds on a quiet machine, more beside other tests.
SECOND_START = 30


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Empty for the first who starts in it: the others start on what that one left behind."""
    made = Path(tempfile.mkdtemp(prefix="hub-run-", dir="/var/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@contextmanager
def running(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    kept = {
        k: v
        for k, v in os.environ.items()
        if k not in {"DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE"}
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "dispute_hub.embedded"],
        cwd=ROOT,
        env={**kept, "PORT": str(port), "HUB_DATA_DIR": str(folder), "HUB_DEMO": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    except AssertionError:
        tell(folder, process)
        raise
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(30)
        deadline = time.monotonic() + 15
        while family(folder) and time.monotonic() < deadline:
            time.sleep(0.1)


def tell(folder: Path, process: subprocess.Popen[str]) -> None:
    """What the run and its parts last said, for whoever reads the failure."""
    process.send_signal(signal.SIGINT)
    sys.stderr.write(process.communicate(timeout=30)[0])
    for log in sorted(folder.glob("*.log")):
        sys.stderr.write(f"{log.name}: {log.read_text(errors='replace')[-800:]}\n")


def status(port: int, depth: str = "ready") -> str:
    url = f"http://127.0.0.1:{port}/healthz/{depth}"
    try:
        return str(httpx.get(url, timeout=20, trust_env=False).json()["status"])
    except httpx.HTTPError:
        return "none"


def await_status(port: int, wanted: str, seconds: float, depth: str = "ready") -> None:
    until = time.monotonic() + seconds
    while (found := status(port, depth)) != wanted:
        assert time.monotonic() < until, f"still {found}"
        time.sleep(0.1)


def await_canaries(port: int, seconds: float) -> None:
    """Until beat and a worker of each queue were really seen, not only forgiven for starting."""
    until = time.monotonic() + seconds
    while True:
        checks = httpx.get(f"http://127.0.0.1:{port}/healthz/deep", timeout=5, trust_env=False).json()[
            "checks"
        ]
        waited_for = {name for name, check in checks.items() if "starting" in check}
        if not waited_for:
            return
        assert time.monotonic() < until, f"never seen: {waited_for}"
        time.sleep(0.3)


def family(folder: Path) -> list[psutil.Process]:
    """Every process that works for this data folder."""
    found = []
    for process in psutil.process_iter():
        try:
            ours = process.environ().get("HUB_DATA_DIR") == str(folder) or str(folder) in process.cmdline()
        except psutil.Error:
            continue
        if ours and process.pid != os.getpid() and process.status() != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


def listening(port: int) -> psutil.Process:
    for connection in psutil.net_connections("tcp"):
        if connection.laddr and connection.laddr.port == port and connection.status == psutil.CONN_LISTEN:
            return psutil.Process(connection.pid)
    raise AssertionError("nobody listens")


@pytest.mark.slow
def test_start_accidents_stop_and_second_start(folder: Path) -> None:
    port = free_port()
    with running(folder, port) as first:
        await_status(port, "ok", FIRST_START)
        await_canaries(port, 40)
        web = listening(port)
        web.kill()
        web.wait(5)
        await_status(port, "ok", 20)
        assert listening(port).pid != web.pid
        first.send_signal(signal.SIGINT)
        output = first.communicate(timeout=30)[0]
    assert f"http://localhost:{port}" in output
    assert first.returncode == 0
    assert family(folder) == []

    started_at = time.monotonic()
    with running(folder, port):
        await_status(port, "ok", SECOND_START)
    assert time.monotonic() - started_at < SECOND_START + 20


@pytest.mark.slow
def test_everything_killed_at_once_then_started_again(folder: Path) -> None:
    port = free_port()
    with running(folder, port) as first:
        await_status(port, "ok", FIRST_START)
        for process in family(folder):
            process.kill()
        first.wait(5)
    with running(folder, port):
        await_status(port, "ok", FIRST_START)


def test_a_web_process_too_busy_to_answer_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [TimeoutError(), ConnectionResetError(), URLError("refused"), nullcontext()]

    def answer(url: str, timeout: float) -> object:
        if isinstance(given := answers.pop(0), OSError):
            raise given
        return given

    monkeypatch.setattr(run, "build_opener", lambda *_: SimpleNamespace(open=answer))
    monkeypatch.setattr(run.Run, "_look_after", lambda _: None)
    run.Run()._await_web()
    assert answers == []


def test_a_busy_port_is_said_in_both_languages(folder: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with running(folder, port) as refused:
            output = refused.communicate(timeout=20)[0]
    assert refused.returncode == 1
    assert f"端口 {port} 已被占用" in output
    assert f"Port {port} is taken" in output
    assert "Traceback" not in output


def test_a_data_folder_without_rights_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with running(tmp_path / "file" / "data", free_port()) as refused:
        output = refused.communicate(timeout=20)[0]
    assert refused.returncode == 1
    assert "不可写" in output
    assert "not writable" in output
    assert "Traceback" not in output


@pytest.fixture
def setup(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "setup_script", ROOT / "dispute_hub" / "embedded" / "setup.py"
    )
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_an_old_python_is_named(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))
    with pytest.raises(SystemExit, match=r"需要 Python 3\.11[\s\S]*found 3\.10"):
        setup.check_machine()


def test_a_python_without_ensurepip_is_named(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "PYTHON", "/nowhere/python")
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(SystemExit, match=r"python3-venv"):
        setup.check_machine()


def test_a_folder_without_rights_is_named(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup.os, "access", lambda path, mode: False)
    with pytest.raises(SystemExit, match="当前目录不可写"):
        setup.check_machine()


def test_nothing_is_installed_twice(setup: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    stamp = Path(setup.VENV) / "installed-requirements.txt"
    if not stamp.exists():
        pytest.skip("this environment was not made by the set-up")
    called: list[object] = []
    monkeypatch.setattr(setup.subprocess, "Popen", lambda *args, **kwargs: called.append(args))
    monkeypatch.setattr(setup, "unchanged", lambda path, wanted: str(path) == str(stamp))
    setup.install_packages("requirements.txt", "")
    assert called == []

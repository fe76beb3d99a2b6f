"""The servers from the wheels: they come up, survive every kill, and leave when nobody needs them."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest
import redis

from dispute_hub.embedded import addresses, processes
from dispute_hub.embedded.lease import NotStarted, ensure_up, keeper_lives, release

ROOT = Path(__file__).resolve().parent.parent.parent
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to hand PostgreSQL to another account")


@pytest.fixture(autouse=True)
def _own_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)


@pytest.fixture
def new_folder() -> Iterator[Callable[[], Path]]:
    made: list[Path] = []

    def make() -> Path:
        made.append(Path(tempfile.mkdtemp(prefix="hub-embedded-", dir="/var/tmp")))
        made[-1].chmod(0o755)
        return made[-1]

    yield make
    for folder in made:
        dismiss(folder)
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def folder(new_folder: Callable[[], Path]) -> Path:
    return new_folder()


def dismiss(folder: Path) -> None:
    """Let go of the servers and spare the keeper its wait for another user."""
    release(folder)
    if keeper_lives(folder):
        keeper(folder).terminate()
    until(lambda: not keeper_lives(folder), 30)


def until(true: Callable[[], Any], seconds: float) -> Any:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if result := true():
            return result
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s")


def sql(folder: Path, statement: str) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(addresses(folder).database_url, connect_timeout=2)
    with closing(connection), connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def answers(folder: Path) -> bool:
    try:
        return sql(folder, "SELECT 1") == [(1,)]
    except psycopg2.OperationalError:
        return False


def servers(folder: Path) -> list[psutil.Process]:
    valkey = processes.running_in(folder / "valkey", ("valkey-server",))
    return processes.running_in(folder / "postgres", ("postgres",)) + valkey


def keeper(folder: Path) -> psutil.Process:
    for process in psutil.process_iter(["cmdline"]):
        command = process.info["cmdline"] or []
        if command[-1:] == [str(folder)] and "dispute_hub.embedded.keeper" in command:
            return process
    raise AssertionError("no keeper")


def kill_everything(folder: Path) -> None:
    for process in [keeper(folder), *servers(folder)]:
        process.send_signal(signal.SIGKILL)
    until(lambda: not keeper_lives(folder) and not servers(folder), 10)


def test_second_start_finds_what_the_first_wrote(folder: Path) -> None:
    ensure_up(folder)
    before = addresses(folder)
    sql(folder, "CREATE TABLE kept AS SELECT 7 AS n")
    release(folder)
    until(lambda: not keeper_lives(folder) and not servers(folder), 15)

    started_at = time.monotonic()
    ensure_up(folder)

    assert time.monotonic() - started_at < 10
    assert addresses(folder) == before
    assert sql(folder, "SELECT n FROM kept") == [(7,)]
    assert sql(folder, "SHOW data_checksums") == [("on",)]
    assert sql(folder, "SHOW fsync") == [("on",)]
    with redis.Redis.from_url(addresses(folder).redis_url) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_a_password_is_asked_for(folder: Path) -> None:
    ensure_up(folder)
    port = addresses(folder).postgres_port
    with pytest.raises(psycopg2.OperationalError):
        psycopg2.connect(host="127.0.0.1", port=port, user="hub", dbname="hub", password="guess")
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=addresses(folder).valkey_port).ping()
    assert (folder / "servers.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("server", ["postgres", "valkey"])
def test_a_killed_server_comes_back_by_itself(folder: Path, server: str) -> None:
    ensure_up(folder)
    sql(folder, "CREATE TABLE kept AS SELECT 7 AS n")
    names = ("postgres",) if server == "postgres" else ("valkey-server",)
    killed = min(processes.running_in(folder / server, names), key=lambda process: process.create_time())
    killed.send_signal(signal.SIGKILL)
    until(lambda: not killed.is_running() or killed.status() == psutil.STATUS_ZOMBIE, 5)
    until(lambda: answers(folder) and (folder / f"ready-{server}").exists(), 15)
    assert sql(folder, "SELECT n FROM kept") == [(7,)]


def test_everything_killed_then_started_again(folder: Path) -> None:
    ensure_up(folder)
    sql(folder, "CREATE TABLE kept AS SELECT 7 AS n")
    kill_everything(folder)

    ensure_up(folder)

    assert sql(folder, "SELECT n FROM kept") == [(7,)]


def test_a_live_process_under_the_old_pid_is_not_taken_for_the_server(folder: Path) -> None:
    ensure_up(folder)
    pid_file = folder / "postgres" / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    kill_everything(folder)
    owner = pid_file.owner()
    stranger = subprocess.Popen(["sleep", "60"], user=owner if os.geteuid() == 0 else None)
    try:
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]))
        ensure_up(folder)
        assert answers(folder)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
def test_servers_do_not_outlive_their_keeper(folder: Path) -> None:
    ensure_up(folder)
    keeper(folder).send_signal(signal.SIGKILL)
    until(lambda: not servers(folder), 10)


def test_two_folders_at_once(new_folder: Callable[[], Path]) -> None:
    one, two = new_folder(), new_folder()
    ensure_up(one)
    ensure_up(two)
    sql(one, "CREATE TABLE only_here ()")
    assert sql(two, "SELECT to_regclass('only_here')") == [(None,)]
    assert addresses(one).postgres_port != addresses(two).postgres_port


def test_many_processes_at_once_share_one_server(folder: Path) -> None:
    code = (
        "import sys,pathlib;from dispute_hub.embedded import ensure_up;ensure_up(pathlib.Path(sys.argv[1]))"
    )
    command = [sys.executable, "-c", code, str(folder)]
    running = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) for _ in range(6)]
    assert [(process.wait(60), process.stderr.read()) for process in running] == [(0, b"")] * 6
    ensure_up(folder)
    mothers = [p for p in servers(folder) if p.parent() is not None and p.parent().pid == keeper(folder).pid]
    assert sorted(p.name() for p in mothers) == ["postgres", "valkey-server"]


def test_a_port_taken_meanwhile_is_given_up(folder: Path) -> None:
    taken = addresses(folder).postgres_port
    with socket.socket() as other:
        other.bind(("127.0.0.1", taken))
        other.listen()
        ensure_up(folder)
        assert addresses(folder).postgres_port != taken
        assert answers(folder)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NotStarted, match="不可写"):
        ensure_up(tmp_path / "file" / "data")


@as_root
def test_as_root_the_server_runs_under_an_unprivileged_account(folder: Path) -> None:
    ensure_up(folder)
    postgres = processes.running_in(folder / "postgres", ("postgres",))
    assert {process.username() for process in postgres} == {"nobody"}
    assert not (folder / "postgres.location").exists()


@as_root
def test_a_folder_the_account_cannot_reach_is_replaced_and_noted(new_folder: Callable[[], Path]) -> None:
    parent = new_folder()
    hidden = parent / "data"
    hidden.mkdir()
    parent.chmod(0o700)
    try:
        ensure_up(hidden)
        home = Path((hidden / "postgres.location").read_text().strip())
        assert sql(hidden, "SHOW data_directory") == [(str(home),)]
        assert home.is_relative_to("/var/tmp")
        assert parent.stat().st_mode & 0o777 == 0o700
    finally:
        dismiss(hidden)
        shutil.rmtree(home.parent)


@as_root
def test_root_keeps_the_owner_of_a_cluster_that_a_plain_user_made(folder: Path) -> None:
    ensure_up(folder)
    dismiss(folder)
    for path in [folder / "postgres", *(folder / "postgres").rglob("*")]:
        shutil.chown(path, "daemon")
    ensure_up(folder)
    assert {p.username() for p in processes.running_in(folder / "postgres", ("postgres",))} == {"daemon"}


def test_a_server_named_in_the_environment_is_not_started_here(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody@elsewhere/hub")
    ensure_up(folder)
    assert [process.name() for process in servers(folder)] == ["valkey-server"]
    assert addresses(folder).database_url == "postgresql://somebody@elsewhere/hub"

"""The servers under a stage: a throw-away PostgreSQL and a Valkey of its own, or a clone beside others."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import psycopg2
from django.conf import settings
from django.db import connections

from dispute_hub.embedded import processes
from dispute_hub.embedded.addresses import addresses
from dispute_hub.embedded.lease import ensure_up, release
from dispute_hub.embedded.postgres import Postgres

ROOT: Final = Path(__file__).resolve().parent.parent.parent
NAMES: Final = {"postgres": ("postgres",), "valkey": ("valkey-server", "redis-server")}


class Servers:
    """Where a stage's database and broker are."""

    def __init__(self, database_url: str, redis_url: str, folder: Path | None = None) -> None:
        self.database_url, self.redis_url, self.folder = database_url, redis_url, folder
        # Seconds the clock was moved on: no scenario lives before the one that ran earlier.
        self.moved = 0
        self.cast: Any = None

    @property
    def environment(self) -> dict[str, str]:
        folder = {"HUB_DATA_DIR": str(self.folder)} if self.folder else {}
        return {"DATABASE_URL": self.database_url, **folder}

    @property
    def broker_address(self) -> tuple[str, int]:
        parts = urlsplit(self.redis_url)
        return parts.hostname or "127.0.0.1", parts.port or 6379

    def redis_through(self, port: int) -> str:
        """The broker's URL by way of a proxy on this port."""
        parts = urlsplit(self.redis_url)
        login, _, _ = parts.netloc.rpartition("@")
        return urlunsplit(parts._replace(netloc=f"{login}@127.0.0.1:{port}"))

    def kill(self, name: str) -> str:
        """SIGKILL the server itself; the keeper starts it again. Only servers of our own are ever killed."""
        assert self.folder is not None, "these servers are shared"
        where = Postgres(self.folder).folder if name == "postgres" else self.folder / "valkey"
        found = processes.running_in(where, NAMES[name])
        roots = [one for one in found if one.ppid() not in {other.pid for other in found}]
        for one in roots:
            one.send_signal(signal.SIGKILL)
        return name

    def await_database(self, within: float = 30.0) -> float:
        """Seconds until the database takes connections."""
        began = time.monotonic()
        while True:
            try:
                psycopg2.connect(self.database_url, connect_timeout=2).close()
                return time.monotonic() - began
            except psycopg2.OperationalError:
                assert time.monotonic() - began < within, "the database did not come back"
                time.sleep(0.05)


@contextmanager
def own_servers(folder: Path) -> Iterator[Servers]:
    """A fresh cluster and broker in a folder of their own, migrated; both gone afterwards."""
    ensure_up(folder)
    kept = addresses(folder)
    database_url = f"postgresql://hub:{kept.postgres_password}@127.0.0.1:{kept.postgres_port}/hub"
    servers = Servers(database_url, f"redis://:{kept.valkey_password}@127.0.0.1:{kept.valkey_port}/0", folder)
    try:
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--no-input", "-v", "0"],
            cwd=ROOT,
            check=True,
            env={**os.environ, **servers.environment, "REDIS_URL": servers.redis_url,
                 "DJANGO_SETTINGS_MODULE": "dispute_hub.settings.testing"},
        )  # fmt: skip
        yield servers
    finally:
        release(folder)
        _remove(folder)


def _remove(folder: Path) -> None:
    where = Postgres(folder).folder
    until = time.monotonic() + 30
    while processes.running_in(where, NAMES["postgres"]) and time.monotonic() < until:
        time.sleep(0.1)
    for path in {folder, where.parent if where.parent.name.startswith("dispute-hub-") else folder}:
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def looking_at(servers: Servers) -> Iterator[None]:
    """This process's connections, in every thread, go to the stage's database."""
    parts = urlsplit(servers.database_url)
    there = {"HOST": parts.hostname, "PORT": parts.port, "USER": parts.username,
             "PASSWORD": parts.password, "NAME": parts.path.lstrip("/")}  # fmt: skip
    before = {name: settings.DATABASES["default"][name] for name in there}
    _point(there)
    try:
        yield
    finally:
        _point(before)


def _point(where: dict[str, Any]) -> None:
    connections.close_all()
    for kept in (connections["default"].settings_dict, settings.DATABASES["default"],
                 connections.settings["default"]):  # fmt: skip
        kept.update(where)

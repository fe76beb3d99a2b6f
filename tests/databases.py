"""Databases of the test run: one migrated template, a clone for each worker and each committing test."""

import hashlib
import os
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg2
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES_KEPT = 12  # other runs on this cluster may still clone from an older one
BUILD_LOCK = 720_001


@dataclass(frozen=True)
class Database:
    """A database of its own, with the environment that points a child process at it."""

    name: str

    @property
    def url(self) -> str:
        kept = settings.DATABASES["default"]
        login = f"{quote(kept['USER'], safe='')}:{quote(kept['PASSWORD'], safe='')}"
        return f"postgresql://{login}@{kept['HOST']}:{kept['PORT']}/{self.name}"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "DJANGO_SETTINGS_MODULE": "dispute_hub.settings.testing",
            "DATABASE_URL": self.url,
            "REDIS_URL": settings.REDIS_URL,
            "HUB_REDIS_PREFIX": settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"],
        }


def template_name() -> str:
    """Changes with any migration and with the packages that bring migrations of their own."""
    digest = hashlib.sha256()
    files = [path for path in ROOT.glob("**/migrations/*.py") if ".venv" not in path.parts]
    for path in [*sorted(files), ROOT / "requirements.txt"]:
        digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return f"hub_template_{digest.hexdigest()[:12]}"


@contextmanager
def control() -> Iterator[Any]:
    """A cursor on the cluster, outside any test database."""
    kept = settings.DATABASES["default"]
    login = {"host": kept["HOST"], "port": kept["PORT"], "user": kept["USER"], "password": kept["PASSWORD"]}
    connection = psycopg2.connect(dbname="postgres", **login)
    connection.autocommit = True
    with closing(connection), connection.cursor() as cursor:
        yield cursor


def point_at(name: str) -> None:
    """Every connection opened from now on, in any thread, goes to this database."""
    connections.close_all()
    connections["default"].settings_dict["NAME"] = name
    settings.DATABASES["default"]["NAME"] = name
    connections.settings["default"]["NAME"] = name


def ensure_template() -> str:
    """The migrated template; made by the first process that asks while the others wait."""
    name = template_name()
    with control() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [BUILD_LOCK])
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            _build(cursor, name)
        cursor.execute("SELECT pg_advisory_unlock(%s)", [BUILD_LOCK])
    return name


def _build(cursor: Any, name: str) -> None:
    cursor.execute(
        "SELECT datname FROM pg_database WHERE datname LIKE 'hub\\_template\\_%' ORDER BY oid DESC"
    )
    for (old,) in cursor.fetchall()[TEMPLATES_KEPT - 1 :]:
        cursor.execute(f'ALTER DATABASE "{old}" IS_TEMPLATE false')
        cursor.execute(f'DROP DATABASE IF EXISTS "{old}" WITH (FORCE)')
    half = f"{name}_half"
    cursor.execute(f'DROP DATABASE IF EXISTS "{half}" WITH (FORCE)')
    cursor.execute(f'CREATE DATABASE "{half}" TEMPLATE template0')
    before = settings.DATABASES["default"]["NAME"]
    point_at(half)
    try:
        call_command("migrate", verbosity=0, interactive=False)
    finally:
        point_at(before)
    cursor.execute(f'ALTER DATABASE "{half}" RENAME TO "{name}"')
    cursor.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false IS_TEMPLATE true')


@contextmanager
def clone(template: str, purpose: str) -> Iterator[Database]:
    """A fresh copy of the template, dropped afterwards; its lock tells later runs that its owner lives."""
    name = f"hub_test_{purpose}_{uuid.uuid4().hex[:8]}"
    with control() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext(%s))", [name])
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        try:
            yield Database(name)
        finally:
            connections.close_all()
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def drop_orphans() -> None:
    """Databases of runs that were killed: nobody holds their lock any more."""
    with control() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'hub\\_test\\_%'")
        for (name,) in cursor.fetchall():
            cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [name])
            if cursor.fetchone()[0]:
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
                cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [name])


@pytest.fixture(scope="session")
def database_template(django_test_environment: None, django_db_blocker: Any) -> str:
    with django_db_blocker.unblock():
        drop_orphans()
        return ensure_template()


@pytest.fixture(scope="session")
def django_db_setup(database_template: str, django_db_blocker: Any) -> Iterator[None]:
    """This worker's clone, in place of the database Django's runner would make and flush."""
    with django_db_blocker.unblock(), clone(database_template, _worker()) as database:
        before = settings.DATABASES["default"]["NAME"]
        point_at(database.name)
        with django_db_blocker.block():
            yield
        point_at(before)


@pytest.fixture
def committing_db(
    request: pytest.FixtureRequest, django_db_setup: None, database_template: str, django_db_blocker: Any
) -> Iterator[Database]:
    """A fresh database for a test that commits: append-only tables refuse the flush that others would do."""
    assert "db" not in request.fixturenames, "a test either rolls back (db) or commits (committing_db)"
    before = settings.DATABASES["default"]["NAME"]
    with django_db_blocker.unblock(), clone(database_template, _worker()) as database:
        point_at(database.name)
        try:
            yield database
        finally:
            point_at(before)


def _worker() -> str:
    return os.environ.get("PYTEST_XDIST_WORKER", "main")

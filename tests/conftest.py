"""Fixtures everybody may use; `tests/databases.py` and `tests/browsers.py` hold the larger ones."""

import gc
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from dispute_hub.common import time

pytest_plugins = ["tests.databases", "tests.browsers", "tests.cast"]

# A Wednesday in office hours, not beside a holiday.
DEFAULT_AT = datetime(2026, 3, 4, 9, 0, tzinfo=time.BEIJING)


def pytest_collection_finish() -> None:
    """Spare the collector what stays until the end: it took a quarter of the whole run, measured."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


class Clock:
    """The stopped clock of a test."""

    @property
    def at(self) -> datetime:
        return time.now()

    def set(self, instant: datetime | str) -> datetime:
        time.set_for_tests(time.parse_instant(instant) if isinstance(instant, str) else instant)
        return self.at

    def advance(self, **span: float) -> datetime:
        """Move on by `days=`, `hours=`, `minutes=`, `seconds=`; the new instant."""
        time.advance(timedelta(**span))
        return self.at


@pytest.fixture
def clock() -> Iterator[Clock]:
    """The clock stopped at 09:00 Beijing on a working day; the test moves it."""
    time.set_for_tests(DEFAULT_AT)
    yield Clock()
    time.reset()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        marker = item.get_closest_marker("django_db")
        flushes = marker is not None and marker.kwargs.get("transaction")
        if flushes or {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ())):
            raise pytest.UsageError(f"{item.nodeid}: append-only tables refuse a flush; use committing_db")


@pytest.fixture(scope="session", autouse=True)
def _leave_no_nudges() -> Iterator[None]:
    """Take this run's keys out of the shared Valkey when it ends."""
    yield
    import redis
    from django.conf import settings

    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        for key in client.scan_iter(match=f"{prefix}*"):
            client.delete(key)

"""The world of a module: built once, inside one transaction that is rolled back when the module ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

from dispute_hub.common import time
from tests.cast import build_cast
from tests.conftest import Clock
from tests.doors.crawling import Page, crawl
from tests.doors.world import World, build


@pytest.fixture(scope="module")
def world(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Everything at 象珠 at 09:00 on 2026-03-24; tests only look, or try what is refused."""
    folder = settings.HUB_DATA_DIR
    settings.HUB_DATA_DIR = tmp_path_factory.mktemp("papers")
    with django_db_blocker.unblock(), transaction.atomic():
        yield build(build_cast(), Clock())
        transaction.set_rollback(True)
    settings.HUB_DATA_DIR = folder
    time.reset()


@pytest.fixture(scope="module")
def pages(world: World) -> list[Page]:
    """Every page as each of its readers gets it."""
    return crawl(world)

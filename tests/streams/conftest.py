"""One served process and one committed cast for all of a module: a stream is about what is said next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from dispute_hub.accounts.actor import SourceActor
from dispute_hub.cases.services import PartyFacts
from dispute_hub.common import time
from intake import services as intake
from intake.message import AlertFacts
from intake.models import Alert, Source
from tests.browsers import Served, serve
from tests.cast import Cast, build_cast
from tests.conftest import DEFAULT_AT
from tests.databases import Database, clone, point_at
from tests.streams.ears import Ear
from triage import services as triage


@pytest.fixture(scope="module")
def shared_db(django_db_setup: None, database_template: str, django_db_blocker: Any) -> Iterator[Database]:
    """A database that this module's tests commit to."""
    from django.conf import settings

    before = settings.DATABASES["default"]["NAME"]
    with django_db_blocker.unblock(), clone(database_template, "streams") as database:
        point_at(database.name)
        try:
            yield database
        finally:
            point_at(before)


@pytest.fixture(scope="module")
def environment(shared_db: Database, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a web process needs to serve this database at the tests' stopped instant."""
    clock_file: Path = tmp_path_factory.mktemp("clock") / "clock"
    clock_file.write_text(DEFAULT_AT.isoformat())
    return {**shared_db.environment, "HUB_CLOCK_FILE": str(clock_file)}


@pytest.fixture(scope="module")
def served(environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(environment, log=tmp_path_factory.mktemp("web") / "web.log") as running:
        yield running


@pytest.fixture(scope="module")
def cast(shared_db: Database) -> Cast:
    time.set_for_tests(DEFAULT_AT)
    return build_cast()


@pytest.fixture(scope="module")
def source(cast: Cast) -> Source:
    triage.load_reference(at=DEFAULT_AT)
    return intake.register_source(
        "110", kind="110", name="永康110", reception=cast.units.reception, bureau=cast.units.bureau,
        secret="whsec_ZGlzcHV0ZS1odWItZGVtby1zZWNyZXQtMTEw", at=DEFAULT_AT,
    )  # fmt: skip


@pytest.fixture
def call(source: Source, clock: Any) -> Callable[..., Alert]:
    """A new caller from a new address: `call("…砍人…", officers=("330001",))`."""

    def receive(narrative: str, **fields: Any) -> Alert:
        number = Alert.objects.count() + 1
        facts = AlertFacts(
            alert_no=f"L{number:05d}", received_at=clock.at, address=f"象珠镇新村路{number}号",
            narrative=narrative, reporter=PartyFacts(role="reporter", phone=f"1380000{number:04d}"),
            station="330784-XZ", grid="330784-XZ-C1-W1", **fields,
        )  # fmt: skip
        actor = SourceActor(source.code, source.reception_id)
        return intake.receive(facts, source=source, actor=actor, at=clock.at).alert

    return receive


@pytest.fixture
def listen(served: Served, cast: Cast, clock: Any) -> Callable[..., Ear]:
    """`with listen(cast.officer) as ear:`; None listens without a log-in."""

    def make(actor: Any, **options: Any) -> Ear:
        url = options.pop("url", served.url)
        return Ear(url, options.pop("client", None) or cast.client(actor), **options)

    return make

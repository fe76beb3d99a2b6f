"""What the reliability tests share: profile, figures for the table, a stage and who plays on it."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings

from dispute_hub.cases import calendar, clock_table
from dispute_hub.common import time
from dispute_hub.embedded.lease import wanted
from dispute_hub.outbox.models import OutboxRow
from dispute_hub.outbox.simulator import GridPlatform
from tests.cast import build_cast
from tests.intake.conftest import make_source
from tests.outbox import platforms
from tests.outbox.conftest import call, grid, no_nudges, source, story  # noqa: F401 - a platform, orders
from tests.reliability import profile
from tests.reliability.ledger import Ledger
from tests.reliability.servers import Servers, looking_at, own_servers
from tests.reliability.stage import Stage
from triage import services as triage


@pytest.fixture(autouse=True)
def as_shipped() -> Iterator[None]:
    """Days and limits that a test put in force are forgotten with it."""
    yield
    calendar.use_overrides({})
    clock_table.use(None)
    clock_table.use_unit_limits({})


@pytest.fixture(scope="session")
def hardness() -> profile.Profile:
    return profile.current()


@pytest.fixture
def figure(request: pytest.FixtureRequest) -> Callable[..., None]:
    """`figure("R6", "lost", 0, "0")`: a line of the table that `make reliability` prints."""

    def note(promise: str, what: str, measured: object, promised: str) -> None:
        line = {"promise": promise, "what": what, "measured": str(measured), "promised": promised}
        request.node.user_properties.append(("figure", line))
        if file := os.environ.get("HUB_RELIABILITY_FIGURES", ""):
            with Path(file).open("a", encoding="utf-8") as out:
                out.write(json.dumps(line, ensure_ascii=False) + "\n")

    return note


@pytest.fixture(scope="session")
def servers(django_db_blocker: Any, django_test_environment: None) -> Iterator[Servers]:
    """A cluster and a broker of our own, so that both may be killed; one for all scenarios of a run."""
    if len(wanted()) < 2:
        pytest.skip("needs the embedded servers: DATABASE_URL and REDIS_URL are set")
    folder = Path(tempfile.mkdtemp(prefix="hub-reliability-", dir="/var/tmp"))
    folder.chmod(0o755)
    with django_db_blocker.unblock(), own_servers(folder) as found:
        with looking_at(found):
            time.reset()
            cast = build_cast()
            triage.load_reference(at=time.now())
            make_source(cast.units.reception, cast.units.bureau)
            at = time.now()
            for actor, duty in ((cast.officer, "crew"), (cast.station_chief, "leader")):
                cast.roster(actor, duty, at - timedelta(days=1), at + timedelta(days=3650))
        found.cast = cast
        yield found


@contextmanager
def staged(servers: Servers, *, switch: str = "") -> Iterator[SimpleNamespace]:
    """A running product, its receiver, a ledger; this process looks at its database and its clock."""
    folder = Path(tempfile.mkdtemp(prefix="hub-stage-"))
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        stack.enter_context(looking_at(servers))
        stage = Stage(servers, folder, switch=switch)
        before = settings.HUB_CLOCK_FILE
        settings.HUB_CLOCK_FILE = str(stage.clock_file)
        stack.callback(setattr, settings, "HUB_CLOCK_FILE", before)
        platform = GridPlatform(platforms.SECRET, time.now)
        port = stack.enter_context(platforms.running(platform))
        code = f"grid-{folder.name[-8:]}".lower().replace("_", "-")
        connector = platforms.connector(
            servers.cast, SimpleNamespace(at=time.now()), port, code=code, rate_per_minute=6000
        )
        stack.callback(_retire, connector)
        ledger = Ledger(folder / "ledger.jsonl")
        stack.callback(ledger.close)
        stack.callback(stage.down)
        stage.up()
        yield SimpleNamespace(
            stage=stage, platform=platform, connector=connector, ledger=ledger, cast=servers.cast
        )


def _retire(connector: Any) -> None:
    """The next scenario's messages are not for this one's receiver."""
    type(connector).objects.filter(pk=connector.pk).update(topics=[], is_paused=True)
    left = OutboxRow.objects.filter(target=connector.code, state__in=["pending", "leased"])
    left.update(state="dead", dead_at=time.now())


@pytest.fixture
def scene(servers: Servers, request: pytest.FixtureRequest) -> Iterator[SimpleNamespace]:
    with staged(servers, switch=getattr(request, "param", "")) as found:
        yield found

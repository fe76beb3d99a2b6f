"""What only shows when two act in the same second: signatures, sheets."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from dispute_hub.accounts.actor import SYSTEM
from dispute_hub.common.errors import Stale
from routing import selectors, services
from routing.models import DailySheet, Push
from tests.routing.conftest import CALM
from tests.routing.test_sheets import MORNING


@pytest.fixture
def cast(committed_cast):
    return committed_cast


def together(*acts):
    """Run the acts at one moment in threads of their own; their results or refusals, in order."""
    barrier = Barrier(len(acts))

    def run(act):
        barrier.wait()
        try:
            return act()
        except Stale as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_two_sign_in_the_same_second_one_takes_it(call, cast, clock):
    push, at = selectors.first_push_of(call(CALM)), clock.at
    who = [cast.officer, cast.second_officer] * 2
    results = together(*[lambda actor=actor: services.sign_push(push, actor=actor, at=at) for actor in who])
    push.refresh_from_db()
    refused = [result for result in results if isinstance(result, Stale)]
    assert len(refused) == 2
    assert {result.signed_by_id for result in results if isinstance(result, Push)} == {push.signed_by_id}


def test_two_beats_issue_one_sheet(handle, cast, clock):
    clock.set("2026-03-04T10:00:00+08:00")
    handle(CALM)
    at = clock.set("2026-03-05T08:00:00+08:00")

    def issue():
        return services.issue_sheet(cast.units.station, sheet_on=MORNING, actor=SYSTEM, at=at)

    sheets = together(issue, issue, issue)
    assert {sheet.pk for sheet in sheets} == {DailySheet.objects.get(station=cast.units.station).pk}
    assert Push.objects.get(tier=2).status == "issued"

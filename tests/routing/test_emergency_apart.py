"""Two emergencies of one case, the crew and the desk meanwhile: nothing of one touches the other."""

from __future__ import annotations

from typing import Any

import pytest

from dispute_hub.cases.models import Case, CaseGrant
from dispute_hub.common.errors import Stale
from routing import selectors, services
from routing.models import Push
from tests.routing.test_emergency import WAGES, begin, end, report


@pytest.fixture
def crowd(call: Any) -> Case:
    return Case.objects.get(pk=call(WAGES).case_id)


def test_the_last_report_of_one_leaves_the_sight_of_the_next(crowd: Case, cast: Any, clock: Any) -> None:
    first = end(begin(crowd, cast, clock), cast, clock)
    begin(crowd, cast, clock, commander=cast.officer.post)
    report(first, cast, clock)
    open_ones = CaseGrant.objects.filter(case=crowd, reason__startswith="emergency", ends_at__isnull=True)
    assert [grant.post for grant in open_ones] == [cast.officer.post]


def test_the_commander_holds_the_case_until_the_end_whatever_the_crew_reports(
    call: Any, cast: Any, clock: Any
) -> None:
    alert = call(WAGES)
    push = services.sign_push(selectors.first_push_of(alert), actor=cast.officer, at=clock.at)
    row = begin(Case.objects.get(pk=alert.case_id), cast, clock)
    services.feed_back(push, outcome="unsettled", text="未化解。", actor=cast.officer, at=clock.at)
    case = Case.objects.get(pk=alert.case_id)
    assert (case.status, case.holder_post) == ("tracking", cast.station_chief.post)
    officer = Push.objects.get(case=case, tier=2).addressee_post
    end(row, cast, clock)
    case.refresh_from_db()
    assert officer is not None
    assert (case.holder_unit, case.holder_post) == (officer.unit, officer)


def test_the_commander_holds_the_case_though_another_station_takes_it(
    crowd: Case, cast: Any, clock: Any
) -> None:
    """By the bureau's word on jurisdiction; once the mode is over the new station holds it."""
    row = begin(crowd, cast, clock)
    dispute = services.raise_jurisdiction(
        crowd, proposed=cast.units.other_station, text="事发地在古山", actor=cast.station_command, at=clock.at
    )
    services.decide_jurisdiction(
        dispute, to=cast.units.other_station, text="以事发地为准", actor=cast.bureau, at=clock.at
    )
    crowd.refresh_from_db()
    assert (crowd.station, crowd.holder_post) == (cast.units.other_station, cast.station_chief.post)
    end(row, cast, clock)
    crowd.refresh_from_db()
    assert (crowd.holder_unit, crowd.holder_post) == (cast.units.other_station, None)


@pytest.mark.parametrize("to", ["scene", "tracking"])
def test_the_commander_holds_a_case_of_the_pool_though_a_station_takes_it(
    call: Any, cast: Any, clock: Any, to: str
) -> None:
    case = Case.objects.get(pk=call(WAGES, station="", grid="").case_id)
    row = begin(case, cast, clock, commander=cast.bureau.post)
    services.dispatch_pool(case, station=cast.units.station, actor=cast.duty_commander, at=clock.at, to=to)
    case.refresh_from_db()
    assert (case.station, case.holder_post) == (cast.units.station, cast.bureau.post)
    end(row, cast, clock)
    case.refresh_from_db()
    assert (case.holder_unit, case.holder_post) == (cast.units.station, None)


def test_a_progress_report_never_becomes_the_last_one(crowd: Case, cast: Any, clock: Any) -> None:
    row = begin(crowd, cast, clock)
    report(row, cast, clock)
    end(row, cast, clock)
    with pytest.raises(Stale, match="终报"):
        report(row, cast, clock, expected="progress")
    assert not row.reports.filter(kind="final").exists()
    assert report(row, cast, clock, expected="final").kind == "final"

"""The sheet's numbers are the clearance board's, counted at the sheet's cut-off (handbook 7)."""

from datetime import date

import pytest

from dispute_hub.accounts.actor import SYSTEM
from dispute_hub.cases import services as cases
from reports import selectors as reports
from reports import services as counting
from reports.periods import period_of
from routing import selectors, services
from tests.routing.conftest import CALM, KNIFE, LOST

YESTERDAY, MORNING = date(2026, 3, 4), date(2026, 3, 5)


@pytest.fixture
def day(handle, call, cast, clock):
    """A day with new, settled, set aside, undisputed and carried-over cases."""
    clock.set("2026-03-03T10:00:00+08:00")
    carried = handle(CALM, address="象珠镇旧村1号", reporter=None, parties=())
    clock.set("2026-03-04T00:00:00+08:00")
    first = handle(CALM, address="象珠镇一村1号", reporter=None, parties=())
    handle(KNIFE, address="象珠镇二村2号", reporter=None, parties=())
    handle(CALM, "settled", address="象珠镇三村3号", reporter=None, parties=())
    aside = handle(CALM, address="象珠镇四村4号", reporter=None, parties=())
    call(LOST, address="象珠镇五村5号", reporter=None, parties=())
    clock.set("2026-03-04T20:00:00+08:00")
    cases.confirm_no_dispute(
        aside, as_status="not_dispute", text="核实", actor=cast.station_command, at=clock.at
    )
    clock.set("2026-03-04T23:59:59+08:00")
    return carried, first


def board(cast, clock):
    """The station's board of yesterday, counted now."""
    territory = reports.territory_of(cast.station_chief, None)
    period = period_of("day", YESTERDAY)
    counting.count(cast.units.bureau.pk, [period], period.days, at=clock.at)
    return reports.board(territory, period, at=clock.at)


def test_new_and_unsettled_are_the_boards_as_of_the_cut_off(day, handle, cast, clock):
    clock.set("2026-03-05T00:00:00+08:00")
    shown = board(cast, clock)
    at_cut_off = {"new": shown.figures["new"].now, "unsettled": shown.unsettled, "left": shown.total.left}
    # What the night brings is not the sheet's.
    clock.set("2026-03-05T02:00:00+08:00")
    handle(CALM, address="象珠镇夜村6号", reporter=None, parties=())
    cases.settle(day[0], how="oral_agreement", text="和好", actor=cast.community_officer, at=clock.at)
    clock.set("2026-03-05T08:00:00+08:00")
    sheet = services.issue_sheet(cast.units.station, sheet_on=MORNING, actor=SYSTEM, at=clock.at)
    assert at_cut_off == {"new": 3, "unsettled": 3, "left": 3}
    assert sheet.figures["new"] == at_cut_off["new"]
    assert sheet.figures["unsettled"] == at_cut_off["unsettled"] == at_cut_off["left"]


def test_a_later_correction_moves_the_board_and_stands_beside_the_sheet(day, cast, clock):
    clock.set("2026-03-05T08:00:00+08:00")
    sheet = services.issue_sheet(cast.units.station, sheet_on=MORNING, actor=SYSTEM, at=clock.at)
    clock.set("2026-03-05T10:00:00+08:00")
    cases.confirm_no_dispute(
        day[1], as_status="not_dispute", text="核实", actor=cast.station_command, at=clock.at
    )
    assert board(cast, clock).figures["new"].now == sheet.figures["new"] - 1
    assert [line.case_no for line in selectors.corrections(sheet)] == [day[1].case_no]

"""The clearance board: every number equals its rows, roll-ups equal a recount, and counts never wait."""

from datetime import date, timedelta

import pytest
from django.db import connection

from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, Colour
from reports import selectors, services
from reports.facts import FACTS, RATES, SPAN_FIGURES
from reports.models import Counted, DayFigure, DirtyCase
from reports.periods import period_of
from tests.reports.conftest import KNIFE, LOST, OTHER_PLACE, PUSHED, people

TODAY = date(2026, 3, 4)


def shown(actor, clock, *, span="day", unit="own", day=TODAY):
    territory, period = selectors.territory_of(actor, unit), period_of(span, day)
    services.count(territory.bureau_id, selectors.compared(period), selectors.shown_days(period), at=clock.at)
    return selectors.board(territory, period, at=clock.at)


@pytest.fixture
def city(handled, call, clock):
    """Two stations, three days, several outcomes; 09:00 on Wednesday 4 March is now."""
    monday, tuesday = clock.at - timedelta(days=2), clock.at - timedelta(days=1)
    handled("settled", at=monday, **people(1))
    handled("unsettled", at=monday, text=PUSHED, **people(2))
    call(PUSHED, at=tuesday, **people(2))
    handled("settled", at=tuesday, **people(3))
    handled("settled", at=tuesday, **OTHER_PLACE)
    handled("unsettled", text=KNIFE, **people(4))
    call(LOST, **people(5))


def test_every_count_equals_its_rows(city, cast, clock) -> None:
    wrong = {}
    for span in ("day", "week", "month"):
        board = shown(cast.bureau, clock, span=span)
        for code in [*FACTS, *SPAN_FIGURES]:
            rows, _, _ = selectors.rows_of(code, board.territory.station_ids, board.period, at=clock.at)
            if board.figures[code].now != rows.count():
                wrong[span, code] = (board.figures[code].now, rows.count())
        if span == "week":
            quiet = {code for code in FACTS if board.figures[code].now == 0}
    assert wrong == {}
    assert quiet <= {
        "diverted", "diverted_non_police", "verified", "visits_due", "visits_done", "answers", "content",
        "push_third", "alerts_yellow",
    }  # fmt: skip


class TestRates:
    def test_resolved_beside_concluded_by_push_date(self, city, cast, clock) -> None:
        week = shown(cast.bureau, clock, span="week").figures
        assert week["pushed"].now == 5
        assert week["resolved_rate"].now == week["concluded_rate"].now == 60.0
        assert week["resolved_rate"].parts == (3, 5)

    def test_an_ending_that_is_no_resolution_counts_as_concluded_only(self, handled, cast, clock) -> None:
        case = handled("settled", **people(1))
        Case.objects.filter(pk=case.pk).update(settle_how="waived")
        figures = shown(cast.bureau, clock).figures
        assert (figures["resolved_rate"].now, figures["concluded_rate"].now) == (0.0, 100.0)

    def test_a_new_alert_takes_the_settlement_back(self, handled, call, cast, clock) -> None:
        handled("settled", **people(1))
        assert shown(cast.bureau, clock).figures["resolved_rate"].now == 100.0
        clock.advance(hours=2)
        call(PUSHED, **people(1))
        figures = shown(cast.bureau, clock).figures
        assert figures["resolved_rate"].now == 0.0
        assert figures["repeated"].now == 2

    def test_no_base_is_no_rate(self, cast, clock) -> None:
        assert {shown(cast.bureau, clock).figures[code].now for code in RATES} == {None}

    @pytest.mark.parametrize(
        ("is_rate", "now", "then", "said"),
        [
            (True, 98.6, 97.1, "+1.5个百分点"),
            (True, 50.0, None, "—"),
            (False, 110, 100, "+10.0%"),
            (False, 90, 100, "-10.0%"),
            (False, 5, 0, "—"),
        ],
    )
    def test_change(self, is_rate, now, then, said) -> None:
        figure = selectors.Figure("x", "x", "x", is_rate, now, then, then)
        assert selectors.change_of(figure, then) == said


class TestClearance:
    def test_what_stays_open_is_due_every_day(self, handled, cast, clock) -> None:
        handled("unsettled", at=clock.at - timedelta(days=9), text=PUSHED, **people(1))
        handled("settled", **people(2))
        board = shown(cast.station_chief, clock)
        assert [(row.due, row.cleared, row.left, row.rate) for row in board.heat] == [(2, 1, 1, 50.0)]

    def test_a_past_day_keeps_what_it_was_although_settled_later(self, handled, cast, clock) -> None:
        case = handled("unsettled", at=clock.at - timedelta(days=1), text=PUSHED, **people(1))
        cases.settle(case, how="oral_agreement", text="已谈妥", actor=cast.station_command, at=clock.at)
        yesterday = shown(cast.station_chief, clock, day=TODAY - timedelta(days=1)).total
        today = shown(cast.station_chief, clock).total
        assert (yesterday.due, yesterday.left, today.due, today.left) == (1, 1, 1, 0)

    def test_no_dispute_is_not_due(self, call, cast, clock) -> None:
        call(LOST, **people(1))
        assert shown(cast.station_chief, clock).total.due == 0


class TestRollUps:
    def test_an_unmarked_change_waits_for_the_nightly_recount(self, handled, cast, clock) -> None:
        handled("unsettled", **people(1))
        shown(cast.bureau, clock)
        assert not DirtyCase.objects.exists()
        Case.objects.update(colour=Colour.RED)
        assert shown(cast.bureau, clock).figures["alerts_blue"].now > 0
        services.recount(at=clock.at)
        assert shown(cast.bureau, clock).figures["alerts_blue"].now == 0

    def test_counting_twice_changes_nothing(self, city, cast, clock) -> None:
        services.recount(at=clock.at)
        first = sorted(DayFigure.objects.values_list("span", "day", "figure", "station", "value"))
        services.recount(at=clock.at)
        assert sorted(DayFigure.objects.values_list("span", "day", "figure", "station", "value")) == first

    def test_the_future_is_not_counted(self, cast, clock) -> None:
        shown(cast.bureau, clock, span="month")
        assert not Counted.objects.filter(first_on__gt=TODAY).exists()

    def test_a_running_count_leaves_the_figures_as_they_were(self, committed_cast, clock) -> None:
        bureau = committed_cast.units.bureau.pk
        period = period_of("day", TODAY)
        rival = connection.copy()
        try:
            with rival.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(%s, %s)", [0x5EA2, bureau])
                assert services.count(bureau, [period], [], at=clock.at) is False
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [0x5EA2, bureau])
        finally:
            rival.close()
        assert services.count(bureau, [period], [], at=clock.at) is True

    def test_the_beat_counts_what_is_marked(self, call, cast, clock) -> None:
        call(**people(1))
        assert services.count_dirty(at=clock.at) == 1
        assert not DirtyCase.objects.exists()
        assert DayFigure.objects.filter(figure="alerts", day=TODAY).exists()


class TestQueries:
    def test_the_same_with_few_and_many(self, handled, cast, clock, django_assert_num_queries) -> None:
        board = shown(cast.bureau, clock)
        with django_assert_num_queries(6):
            selectors.board(board.territory, board.period, at=clock.at)
        for number in range(1, 6):
            handled("unsettled", text=KNIFE, **people(number))
        board = shown(cast.bureau, clock)
        with django_assert_num_queries(6):
            selectors.board(board.territory, board.period, at=clock.at)

"""What raises a dispute after its first alert: the parties return, mediation fails, an agreement breaks."""

from __future__ import annotations

import pytest

from dispute_hub.accounts.actor import SYSTEM
from dispute_hub.cases import lifecycle
from dispute_hub.cases.models import Case, CaseEvent
from tests.triage.conftest import CALM, KNIFE, PUSHED, handled
from triage import selectors
from triage.models import Assessment


def kinds(case: Case) -> list[str]:
    return list(CaseEvent.objects.filter(case=case).order_by("id").values_list("kind", flat=True))


# Return fight ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second", "colour"),
    [(CALM, CALM, "orange"), (PUSHED, PUSHED, "orange"), (CALM, KNIFE, "red"), (KNIFE, CALM, "red")],
)
def test_a_return_fight_is_at_least_orange_and_a_step_up(
    call, clock, first: str, second: str, colour: str
) -> None:
    clock.set("2026-03-04T19:40:00+08:00")
    handled(call(first), "settled", clock.set("2026-03-04T20:10:00+08:00"))
    clock.set("2026-03-04T22:40:00+08:00")
    alert = call(second)
    made = selectors.of_alert(alert)
    assert made.colour == colour
    assert made.has_factor("returned_fight")
    assert "20:10刚处置过，双方可能返回" in alert.case.colour_sentence
    event = CaseEvent.objects.filter(case=alert.case, kind="case.assessed").latest("id")
    assert event.data["returned_fight"] is True


def test_orange_that_returns_is_red(call, clock) -> None:
    first = call(PUSHED)
    Assessment.objects.create(
        case=first.case,
        alert=first,
        colour="orange",
        case_colour="orange",
        sentence="橙：受伤",
        made_at=clock.at,
    )  # fmt: skip
    handled(first, "unsettled", clock.advance(minutes=30))
    clock.advance(hours=2)
    assert selectors.of_alert(call(PUSHED)).colour == "red"


@pytest.mark.parametrize(("hours", "returned"), [(24, True), (24.01, False)])
def test_a_day_after_the_handling_it_is_no_return(call, clock, hours: float, returned: bool) -> None:
    handled(call(PUSHED), "settled", clock.advance(minutes=30))
    clock.advance(hours=hours)
    assert selectors.of_alert(call(PUSHED)).has_factor("returned_fight") is returned


@pytest.mark.parametrize("outcome", ["void", "not_dispute"])
def test_what_was_no_handling_brings_nobody_back(call, clock, outcome: str) -> None:
    handled(call(PUSHED), outcome, clock.advance(minutes=30))
    clock.advance(hours=1)
    assert not selectors.of_alert(call(PUSHED)).has_factor("returned_fight")


def test_the_day_before_is_named(call, clock) -> None:
    clock.set("2026-03-04T22:00:00+08:00")
    handled(call(PUSHED), "settled", clock.set("2026-03-04T22:30:00+08:00"))
    clock.set("2026-03-05T07:00:00+08:00")
    assert "昨日22:30刚处置过" in call(PUSHED).case.colour_sentence


def test_assessing_a_return_again_does_not_step_up_again(call, clock) -> None:
    handled(call(PUSHED), "settled", clock.advance(minutes=30))
    clock.advance(hours=1)
    call(PUSHED, alert_no="R1")
    clock.advance(minutes=1)
    assert selectors.of_alert(call(PUSHED + "现双方在场。", alert_no="R1", version=2)).colour == "orange"


# What happens later ---------------------------------------------------------------------------------------


def happens(case: Case, kind: str, at, **data) -> Assessment:
    case.refresh_from_db()
    lifecycle.record(case, kind, actor=SYSTEM, at=at, data=data)
    return selectors.latest(case)


@pytest.mark.parametrize(
    ("kind", "data", "colour", "factor"),
    [
        ("mediation.failed", {}, "yellow", "failed_mediation"),
        ("agreement.breached", {}, "yellow", "agreement_breached"),
        ("follow_up.answered_badly", {}, "yellow", "follow_up_bad"),
        ("follow_up.answered_badly", {"danger": True}, "orange", "follow_up_bad"),
        ("follow_up.missed", {}, "blue", "follow_up_missed"),
    ],
)
def test_a_later_event_is_assessed(call, clock, kind: str, data: dict, colour: str, factor: str) -> None:
    case = call(CALM).case
    made = happens(case, kind, clock.advance(days=3), **data)
    case.refresh_from_db()
    assert (made.colour, case.colour) == (colour, colour)
    assert made.alert_id is None
    assert made.has_factor(factor)
    assert made.cause.kind == kind
    assert ("case.colour_raised" in kinds(case)) is (colour != "blue")
    assert "case.reassessed" in kinds(case)


@pytest.mark.parametrize(("days", "colour"), [(364, "yellow"), (366, "orange")])
def test_failing_twice_with_an_old_grudge_is_orange(call, clock, days: int, colour: str) -> None:
    case = call(CALM).case
    happens(case, "mediation.failed", clock.advance(days=days - 1))
    assert happens(case, "mediation.failed", clock.advance(days=1)).colour == colour


def test_a_later_event_lowers_nothing(call, clock) -> None:
    case = call(KNIFE).case
    made = happens(case, "mediation.failed", clock.advance(days=3))
    case.refresh_from_db()
    assert (made.colour, case.colour) == ("red", "red")
    assert made.has_factor("weapon")

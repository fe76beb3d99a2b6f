"""The colour history of a case: each look of the engine with its cause, people's word beside its view."""

from __future__ import annotations

from dispute_hub.accounts.actor import SYSTEM
from dispute_hub.cases import lifecycle
from tests.triage.conftest import CALM, KNIFE
from triage import selectors, services


def test_the_history_shows_rules_and_people(call, cast, clock) -> None:
    alert = call(CALM, alert_no="K1")
    clock.advance(minutes=5)
    call(KNIFE, alert_no="K1", version=2)
    clock.advance(minutes=5)
    call(CALM, alert_no="K1", version=3)
    made = services.regrade(
        alert.case, kind="colour", to="yellow", reason="刀已收缴", actor=cast.station_command, at=clock.at
    )
    services.decide_regrade(
        made.pk, approve=True, text="", actor=cast.station_chief, at=clock.advance(hours=1)
    )
    steps = selectors.colour_history(alert.case)
    assert [(step.colour, step.by_person) for step in steps] == [
        ("blue", False), ("red", False), ("yellow", True),
    ]  # fmt: skip
    standing = selectors.colour_chart(steps)["series"][0]["data"]
    assert [one["value"][1] for one in standing] == [0, 3, 1]
    assert [(step.cause, step.engine_colour) for step in steps] == [
        ("接警", "blue"), ("续报或更正", "red"), ("人工降低", "red"),
    ]  # fmt: skip


def test_every_look_at_a_case_has_its_cause(call, cast, clock) -> None:
    case = call(CALM).case
    for kind in ("push.reported", "mediation.failed", "follow_up.missed", "case_file.released"):
        lifecycle.record(case, kind, actor=SYSTEM, at=clock.advance(days=1))
    causes = [look.cause for look in selectors.looks(case)]
    assert causes == ["接警", "调解未果", "回访逾期"]

"""Whatever raises a case, its holder and the chief are told, once for each rise."""

from __future__ import annotations

from typing import Any

import pytest

from dispute_hub.accounts.actor import SYSTEM
from dispute_hub.cases import lifecycle
from dispute_hub.cases.models import Case
from dispute_hub.outbox.models import OutboxRow
from tests.triage.conftest import CALM, KNIFE, LOST
from triage import engine, services


@pytest.fixture
def told(alone, monkeypatch) -> Any:
    """`told()`: to whom a rise was announced, post or role."""
    monkeypatch.setitem(lifecycle.FOLLOWED_BY, "case.colour_raised", ("routing.services.notify_rise",))

    def of_rises() -> list[Any]:
        rows = OutboxRow.objects.filter(topic="notice").order_by("id")
        raised = [row.payload for row in rows if row.payload["kind"] == "case.colour_raised"]
        return [one["post_id"] or one["role"] for one in raised]

    return of_rises


@pytest.fixture
def held(call, cast) -> Case:
    case = call(CALM, alert_no="K1").case
    Case.objects.filter(pk=case.pk).update(holder_post=cast.community_officer.post)
    case.refresh_from_db()
    return case


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("mediation.failed", {}),
        ("agreement.breached", {}),
        ("follow_up.answered_badly", {}),
        ("follow_up.answered_badly", {"danger": True}),
        ("case.contacted", {"text": "报警人称对方刚才手持菜刀上门，扬言要砍死他。"}),
    ],
)
def test_each_cause_tells_holder_and_chief_once(held, told, cast, clock, kind: str, data: dict) -> None:
    both = [cast.community_officer.post.pk, "station_chief"]
    lifecycle.record(held, kind, actor=SYSTEM, at=clock.advance(days=1), data=data)
    assert told() == both
    lifecycle.record(held, kind, actor=SYSTEM, at=clock.advance(minutes=1), data=data)
    assert told() == both


def test_a_missed_follow_up_raises_nothing_and_tells_nobody(held, told, clock) -> None:
    lifecycle.record(held, "follow_up.missed", actor=SYSTEM, at=clock.advance(days=1))
    assert told() == []


def test_a_correction_and_a_person_tell_too(held, told, call, cast, clock) -> None:
    clock.advance(minutes=5)
    services.raise_colour(held, colour="orange", reason="现场激动", actor=cast.officer, at=clock.at)
    clock.advance(minutes=5)
    call(KNIFE, alert_no="K1", version=2)
    assert told() == [cast.community_officer.post.pk, "station_chief"] * 2


def test_a_case_that_had_no_colour(told, call, clock, monkeypatch) -> None:
    case = call(LOST).case
    real = engine.assess
    monkeypatch.setattr(
        engine, "assess", lambda report, rules: real(engine.Report(KNIFE, report.received_at), rules)
    )
    lifecycle.record(case, "push.reported", actor=SYSTEM, at=clock.advance(hours=1))
    assert told() == ["station_chief"]

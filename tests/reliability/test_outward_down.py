"""O1-O3: a platform that is down loses nothing, is spared, and nobody's time runs before it has the order."""

from __future__ import annotations

import itertools
import random
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import Q

from dispute_hub.cases.models import Deadline
from dispute_hub.outbox import circuit, services, wire
from dispute_hub.outbox.models import DeliveryAttempt, OutboxRow
from dispute_hub.outbox.services import _rows
from dispute_hub.outbox.simulator import Switches
from dispute_hub.outbox.topics import FOR_PLATFORMS
from routing.services import _outward
from tests.outbox import platforms
from tests.outbox.platforms import answers, cut, drain, publish

pytestmark = pytest.mark.usefixtures("no_nudges")
State = OutboxRow.State
WAITING = {"slice": 40, "ci": 500, "release": 5_000}


def down_for_a_day(cast: Any, clock: Any, grid: Any, number: int) -> dict[str, Any]:
    """A day of 503 with `number` messages waiting, then the platform is back; what was measured."""
    to = platforms.connector(cast, clock, grid.port, rate_per_minute=300)
    beside = platforms.connector(cast, clock, grid.port, code="beside", topics=["order.recalled"])
    grid.switches = Switches(refuse=503)
    for n in range(number):
        publish(cast, clock, n=n, case_id=n % 20)
    delays = []
    for _ in range(48):
        drain(clock, to)
        delays.append(_one_beside(cast, clock, grid, beside))
        clock.advance(minutes=30)
    grid.switches = Switches()
    back_at = clock.at
    while OutboxRow.objects.filter(target="grid", state__in=[State.PENDING, State.LEASED]).exists():
        drain(clock, to)
        clock.advance(seconds=15)
        assert clock.at - back_at < timedelta(hours=4), "never drained"
    return {"delays": delays, "drained": clock.at - back_at, "back_at": back_at}


def _one_beside(cast: Any, clock: Any, grid: Any, beside: Any) -> float:
    """The delay of one message to another platform meanwhile, in seconds."""
    grid.switches = Switches()
    services.publish("order.recalled", {}, at=clock.at, case_id=None, bureau_id=cast.units.bureau.pk)
    drain(clock, beside)
    grid.switches = Switches(refuse=503)
    row = OutboxRow.objects.filter(target="beside").latest("id")
    return (row.sent_at - row.created_at).total_seconds() if row.sent_at else float("inf")


def check_nothing_lost_and_in_order(number: int, back_at: datetime) -> None:
    rows = list(OutboxRow.objects.filter(target="grid").order_by("sent_at", "id"))
    assert Counter(row.state for row in rows) == {State.SENT: number}
    by_case: dict[Any, list[int]] = defaultdict(list)
    for attempt in DeliveryAttempt.objects.filter(row__target="grid", outcome="sent").order_by("id"):
        by_case[attempt.row.case_id].append(attempt.row_id)
    assert all(ids == sorted(ids) for ids in by_case.values()), "a case's order was not kept"


def test_o1_a_day_down_loses_nothing(cast, clock, grid, hardness, figure) -> None:
    number = WAITING[hardness.name]
    seen = down_for_a_day(cast, clock, grid, number)
    check_nothing_lost_and_in_order(number, seen["back_at"])
    per_minute = Counter(
        at.replace(second=0, microsecond=0)
        for at in DeliveryAttempt.objects.filter(row__target="grid", at__gte=seen["back_at"]).values_list(
            "at", flat=True
        )
    )
    slowest = sorted(seen["delays"])[int(len(seen["delays"]) * 0.95)]
    figure("O1", f"24 h down, {number} waiting: lost", 0, "0")
    figure("O1", "drained after its return", f"{seen['drained'].total_seconds():.0f} s", "≤ 1800 s")
    figure("O1", "most in a minute", max(per_minute.values()), "≤ 305")
    figure("O1", "another platform meanwhile: p95", f"{slowest:.1f} s", "< 60 s")
    assert seen["drained"] <= timedelta(minutes=30)
    assert max(per_minute.values()) <= 305
    assert slowest < 60


@pytest.mark.sabotage
def test_o1_without_the_order_of_a_case_it_turns_red(cast, clock, grid, monkeypatch) -> None:
    monkeypatch.setattr(_rows, "_next_in_line", lambda: Q(pk__isnull=False))
    seen = down_for_a_day(cast, clock, grid, 60)
    with pytest.raises(AssertionError, match="order was not kept"):
        check_nothing_lost_and_in_order(60, seen["back_at"])


@pytest.mark.sabotage
def test_o1_counting_tries_while_it_is_down_turns_red(cast, clock, grid, monkeypatch) -> None:
    """The protection: being down costs no tries."""
    judge = wire.judge

    def stern(*said: Any) -> wire.Outcome:
        outcome = judge(*said)
        return wire.Outcome("refused", outcome.reason, outcome.status) if outcome.breaks else outcome

    monkeypatch.setattr(wire, "judge", stern)
    with pytest.raises(AssertionError):
        down_for_a_day(cast, clock, grid, 20)
        check_nothing_lost_and_in_order(20, clock.at)


def check_spread_of_waits() -> tuple[float, float]:
    """Full jitter from 5 s, doubled to 15 min: means within 20 % of half the ceiling."""
    worst = 0.0
    for tries in range(1, 13):
        ceiling = min(5 * 2**tries, 900)
        waits = [services.backoff(tries).total_seconds() for _ in range(3_000)]
        assert min(waits) >= 5 and max(waits) <= ceiling
        wanted = (25 / ceiling) + (ceiling**2 - 25) / (2 * ceiling)  # the part below 5 s is 5 s
        worst = max(worst, abs(sum(waits) / len(waits) - wanted) / wanted)
        assert len({round(wait, 3) for wait in waits}) > 1_000
    assert worst <= 0.2
    return worst, 900.0


def check_retry_after(cast: Any, clock: Any, monkeypatch: pytest.MonkeyPatch) -> float:
    """`Retry-After: 120`: nothing goes out before, whatever the jitter says."""
    to = platforms.connector(cast, clock)
    publish(cast, clock, case_id=1)
    publish(cast, clock, case_id=2)
    answers(monkeypatch, 503, b"", wait="120")
    asked_at = clock.at
    drain(clock, to)
    answers(monkeypatch)
    while not DeliveryAttempt.objects.filter(outcome="sent").exists():
        clock.advance(seconds=5)
        drain(clock, to)
    came_at = DeliveryAttempt.objects.filter(outcome="sent").earliest("id").at
    assert came_at - asked_at >= timedelta(seconds=120), "came before it was asked to"
    return (came_at - asked_at).total_seconds()


def test_o2_waits_are_spread_and_retry_after_is_obeyed(cast, clock, monkeypatch, figure) -> None:
    random.seed(20_261_122)
    worst, cap = check_spread_of_waits()
    waited = check_retry_after(cast, clock, monkeypatch)
    figure("O2", f"mean wait against policy, 12 steps to {cap:.0f} s", f"{worst:.1%} off", "± 20 %")
    figure("O2", "Retry-After: 120", f"{waited:.0f} s", "≥ 120 s")


@pytest.mark.sabotage
def test_o2_without_jitter_it_turns_red(monkeypatch) -> None:
    monkeypatch.setattr(_rows.random, "random", lambda: 1.0)
    with pytest.raises(AssertionError):
        check_spread_of_waits()


@pytest.mark.sabotage
def test_o2_deaf_to_retry_after_it_turns_red(cast, clock, monkeypatch) -> None:
    monkeypatch.setattr(wire, "LONGEST_WAIT", 0)
    monkeypatch.setattr(_rows.random, "random", lambda: 0.0)
    with pytest.raises(AssertionError, match="before it was asked"):
        check_retry_after(cast, clock, monkeypatch)


def probes_while_down(cast: Any, clock: Any, grid: Any, *, minutes: int) -> list[datetime]:
    """So long down with messages due at every instant, looked at every five seconds of the clock."""
    to = platforms.connector(cast, clock, grid.port)
    for n in range(40):
        publish(cast, clock, n=n, case_id=n)
    grid.switches = Switches(refuse=502)
    for _ in range(minutes * 12):
        drain(clock, to)
        clock.advance(seconds=5)
    return list(DeliveryAttempt.objects.order_by("id").values_list("at", flat=True))


def check_it_is_spared(tried: list[datetime]) -> float:
    gaps = [(later - one).total_seconds() for one, later in itertools.pairwise(tried[4:])]
    assert len(tried) > 6
    assert min(gaps) >= 30, "probed too often"
    assert max(gaps) <= 305
    return min(gaps)


def test_o3_a_platform_that_is_down_is_spared(cast, clock, grid, figure) -> None:
    tried = probes_while_down(cast, clock, grid, minutes=30)
    shortest = check_it_is_spared(tried)
    services.watch_platforms(at=clock.at)
    alarms = OutboxRow.objects.filter(topic="notice", payload__urgency="alarm")
    assert sorted(row.payload["role"] for row in alarms) == ["bureau", "system_admin"]
    figure("O3", "tries in 30 min down, 40 waiting", len(tried), "5 + ≤ 1 per 30 s")
    figure("O3", "shortest gap of probes", f"{shortest:.0f} s", "≥ 30 s")


@pytest.mark.sabotage
def test_o3_without_the_circuit_it_turns_red(cast, clock, grid, monkeypatch) -> None:
    monkeypatch.setattr(circuit, "OPENS_AFTER", 10**6)
    with pytest.raises(AssertionError, match="probed too often"):
        check_it_is_spared(probes_while_down(cast, clock, grid, minutes=3))


def check_time_starts_with_the_receipt(cast: Any, clock: Any, story: Any, monkeypatch: Any) -> None:
    to = platforms.connector(cast, clock, topics=list(FOR_PLATFORMS))
    order = story.sent(grade="extra_urgent")
    cut(monkeypatch)
    for _ in range(6):
        drain(clock, to)
        clock.advance(hours=1)
    answers(monkeypatch)
    drain(clock, to)
    [running] = Deadline.objects.filter(
        subject_kind="workorder", subject_id=order.pk, kind="order.accept", state="open"
    )
    assert running.starts_at == clock.at, "time ran while the platform had nothing"


def test_o3_the_receivers_time_starts_with_its_receipt(cast, clock, story, monkeypatch, figure) -> None:
    check_time_starts_with_the_receipt(cast, clock, story, monkeypatch)
    figure("O3", "6 h down: the receiver's two hours start", "at the receipt", "at the receipt")


@pytest.mark.sabotage
def test_o3_time_from_our_attempt_turns_red(cast, clock, story, monkeypatch) -> None:
    monkeypatch.setattr(_outward.deadlines, "end", lambda *_, **__: 0)
    with pytest.raises(AssertionError, match="time ran"):
        check_time_starts_with_the_receipt(cast, clock, story, monkeypatch)

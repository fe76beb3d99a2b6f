"""R11: a row that ends whoever takes it is given up; the rows beside it are delivered, the clocks fire."""

from __future__ import annotations

import os
import signal
import time as node
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, Final

import pytest

from dispute_hub.cases import clock_notices, deadlines
from dispute_hub.cases.models import CaseEvent, Deadline
from dispute_hub.common import time
from dispute_hub.outbox import services
from dispute_hub.outbox.models import Notice, OutboxRow
from dispute_hub.outbox.topics import DELIVERED_BY
from tests.reliability import judging
from tests.reliability.clocks import open_clocks
from tests.reliability.test_clocks import most_told

ROWS: Final = 100
POISON: Final = "poison"
SENT: list[int] = []


class Crash(BaseException):
    """The end of a process, as far as one process can play it."""


def crash(row: OutboxRow, *, at: Any) -> None:
    raise Crash


def send(row: OutboxRow, *, at: Any) -> None:
    SENT.append(row.pk)


def kill_the_sender(row: OutboxRow, *, at: Any) -> None:
    """What the topic "poison" leads to in the processes of a stage (see sabotage.py)."""
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture
def written(db: None, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred rows written in bulk, one of them poison, its place in the middle."""
    SENT.clear()
    monkeypatch.setitem(DELIVERED_BY, "fine", f"{__name__}.send")
    monkeypatch.setitem(DELIVERED_BY, POISON, f"{__name__}.crash")
    OutboxRow.objects.bulk_create(
        OutboxRow(topic=POISON if n == ROWS // 2 else "fine", payload={}, created_at=clock.at,
                  next_attempt_at=clock.at) for n in range(ROWS)
    )  # fmt: skip


def sweep(clock: Any) -> None:
    """One sweep of a worker that may end in the middle of it."""
    try:
        while rows := services.claim(at=clock.at):
            for row in rows:
                services.deliver(row, at=clock.at)
    except Crash:
        pass


def test_poison_takes_nobody_along(written, clock, figure) -> None:
    sweeps = 0
    while OutboxRow.objects.filter(state__in=["pending", "leased"]).exists() and sweeps < 20:
        sweep(clock)
        clock.advance(seconds=61)
        sweeps += 1
    dead = OutboxRow.objects.filter(state="dead")
    assert [(row.topic, row.attempts) for row in dead] == [(POISON, services.MOST_ATTEMPTS + 1)]
    assert len(SENT) == len(set(SENT)) == ROWS - 1
    figure("R11", f"of {ROWS - 1} rows beside the poison delivered", len(SENT), str(ROWS - 1))


def test_the_others_wait_for_one_lease_at_most(written, clock) -> None:
    sweep(clock)
    clock.advance(seconds=61)
    sweep(clock)
    clock.advance(seconds=1)
    sweep(clock)
    assert len(SENT) == ROWS - 1


@pytest.mark.sabotage
def test_r11_turns_red(written, clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Claimed in one batch again and again, the others are given up with the poison."""
    from dispute_hub.outbox.services import _rows

    monkeypatch.setattr(_rows, "_apart", lambda rows: rows)
    for _ in range(10):
        sweep(clock)
        clock.advance(seconds=61)
    assert OutboxRow.objects.filter(state="dead").exclude(topic=POISON).exists()


@pytest.mark.reliability
@pytest.mark.parametrize("scene", ["with_poison"], indirect=True)
def test_poison_in_real_workers(scene, figure) -> None:
    at = time.now()
    message = {"kind": "push.issued", "title": "新的一推", "post_id": scene.cast.officer.post.pk}
    OutboxRow.objects.bulk_create(
        OutboxRow(topic=POISON if n == ROWS // 2 else "notice", created_at=at, next_attempt_at=at,
                  payload={} if n == ROWS // 2 else message, case_id=4711) for n in range(ROWS)
    )  # fmt: skip
    began = node.monotonic()
    judging.quiesce(scene.stage)
    within = node.monotonic() - began
    row = OutboxRow.objects.get(topic=POISON)
    figure(
        "R11", "rows beside the poison delivered by real workers, poison given up", f"{within:.0f} s", "all"
    )
    assert Notice.objects.filter(case_id=4711).count() == ROWS - 1
    assert (row.state, row.attempts) == ("dead", services.MOST_ATTEMPTS + 1)


@pytest.fixture
def clocks(cast: Any, clock: Any, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Thirty clocks due in one batch; nobody can be told of the first (`ill`), the others are `well`."""
    open_clocks(cast, 30, 30, over=timedelta(minutes=1), at=clock.at)
    due = Deadline.objects.filter(state="open").order_by("next_step_at")
    first, *others = due.values_list("case_id", flat=True)
    found, letters = SimpleNamespace(ill={first}, well=sorted(others)), clock_notices.letters

    def failing(row: Deadline, *given: Any, **said: Any) -> Any:
        if row.case_id in found.ill:
            raise ValueError("a clock nobody thought of")
        return letters(row, *given, **said)

    monkeypatch.setattr(clock_notices, "letters", failing)
    clock.advance(minutes=2)
    return found


def breached() -> list[int]:
    """The cases of the clocks that fired, one for each time."""
    return sorted(CaseEvent.objects.filter(kind="deadline.breached").values_list("case_id", flat=True))


def test_r11_a_clock_that_cannot_be_taken_keeps_no_other_waiting(clocks: SimpleNamespace, clock: Any) -> None:
    deadlines.sweep(at=clock.at)
    assert breached() == clocks.well
    assert deadlines.sweep(at=clock.at) == 0
    alarm = OutboxRow.objects.get(payload__kind="follower.failed")
    assert (alarm.case_id, alarm.payload["urgency"]) == (*clocks.ill, "alarm")
    # A flood is still one line, taken one by one; the alarm stands beside it.
    assert most_told() <= clock_notices.DIGEST_OVER + 2


def test_r11_it_is_tried_again_and_loses_no_rung(clocks: SimpleNamespace, clock: Any) -> None:
    deadlines.sweep(at=clock.at)
    late = clocks.ill.pop()
    deadlines.sweep(at=clock.advance(minutes=15))
    assert breached() == sorted([late, *clocks.well])


@pytest.mark.sabotage
def test_r11_clocks_turn_red(clocks: SimpleNamespace, clock: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sweep that takes its batch together or not at all."""
    monkeypatch.setattr(deadlines, "each_alone", lambda *given, **said: 0)
    deadlines.sweep(at=clock.at)
    assert breached() == []

"""R11: a row that ends whoever takes it is given up; the rows beside it are delivered."""

from __future__ import annotations

import os
import signal
import time as node
from typing import Any, Final

import pytest

from dispute_hub.common import time
from dispute_hub.outbox import services
from dispute_hub.outbox.models import Notice, OutboxRow
from dispute_hub.outbox.topics import DELIVERED_BY
from tests.reliability import judging

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

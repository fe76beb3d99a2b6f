"""T1-T4, T6: clocks fire in time, once, after any outage, and never for what was finished in that second."""

from __future__ import annotations

import threading
import time as node
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from django.db import connection, transaction

from dispute_hub.accounts.actor import SYSTEM
from dispute_hub.cases import clock_notices, deadlines, lifecycle
from dispute_hub.cases.models import Case, CaseEvent, Deadline
from dispute_hub.common.time import parse_instant
from dispute_hub.outbox.models import OutboxRow
from tests.reliability.clocks import KIND, open_clocks
from tests.reliability.test_tasks import together

BEAT: Final = 15  # seconds between two sweeps
M = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _nothing_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "FOLLOWED_BY", {})


@pytest.fixture
def crowd(request: pytest.FixtureRequest) -> int:
    """Clocks in hand: the slice's number in `make test`, the profile's under `make reliability`."""
    return request.getfixturevalue("hardness").clocks


def fired() -> Iterator[tuple[datetime, datetime]]:
    """When each breach was due, and when it was fired."""
    for event in CaseEvent.objects.filter(kind="deadline.breached").order_by("id"):
        yield parse_instant(event.data["step_at"]), event.at


def lateness(clock: Any) -> tuple[list[float], float]:
    """Seconds by which each breach of a minute was late, beat's waits and our own work included; in order."""
    began, late, longest = clock.at, [], 0.0
    for beat in range(1, 6):
        at = clock.set(began + timedelta(seconds=BEAT * beat))
        ours = node.perf_counter()
        deadlines.sweep(at=at)
        took = node.perf_counter() - ours
        longest = max(longest, took)
        late += [(at - due_at).total_seconds() + took for due_at, fired_at in fired() if fired_at == at]
    return sorted(late), longest


def test_t1_a_clock_fires_within_a_minute(cast, clock, crowd, hardness, figure) -> None:
    due = hardness.clocks_due
    open_clocks(cast, crowd, due, over=M, at=clock.at)
    late, longest = lateness(clock)
    assert len(late) == due
    figure("T1", f"{crowd} live clocks, {due} due: p99", f"{late[int(len(late) * 0.99)]:.1f} s", "≤ 30 s")
    figure("T1", f"slowest (longest sweep {longest:.2f} s)", f"{late[-1]:.1f} s", "≤ 60 s")
    assert late[int(len(late) * 0.99)] <= 30
    assert late[-1] <= 60


@pytest.mark.sabotage
def test_t1_turns_red(cast, clock, monkeypatch) -> None:
    """A sweep that takes one batch and leaves the rest to the next."""
    one_batch = deadlines._sweep_batch
    monkeypatch.setattr(deadlines, "BATCH", 5)
    monkeypatch.setattr(deadlines, "_sweep_batch", lambda *given: one_batch(*given) * 0)
    open_clocks(cast, 60, 60, over=M, at=clock.at)
    assert len(lateness(clock)[0]) < 60


@pytest.mark.parametrize("outage", [M, timedelta(hours=6), timedelta(hours=72)], ids=str)
def test_t2_after_an_outage_everything_once_and_oldest_first(
    cast, clock, hardness, figure, outage: timedelta
) -> None:
    due = hardness.clocks_due
    open_clocks(cast, due, due, over=M, at=clock.at)
    clock.advance(seconds=60 + outage.total_seconds())
    began = node.perf_counter()
    taken = deadlines.sweep(at=clock.at)
    took = node.perf_counter() - began
    assert deadlines.sweep(at=clock.at) == 0
    figure("T2", f"{due} due after {outage}: {taken} rungs taken in", f"{took:.1f} s", "≤ 60 s")
    assert took <= 60
    assert set(rungs().values()) == {1}
    assert [due_at for due_at, _ in fired()] == sorted(due_at for due_at, _ in fired())
    rows = Deadline.objects.filter(fired_at=clock.at)
    assert rows.count() == due
    assert all(row.due_at < row.fired_at for row in rows)


@pytest.mark.sabotage
def test_t2_turns_red(cast, clock, monkeypatch) -> None:
    """A sweep that looks back an hour only, as if nothing ever stood still for longer."""
    due = deadlines._due
    monkeypatch.setattr(deadlines, "_due", lambda at: due(at).filter(next_step_at__gt=at - 60 * M))
    open_clocks(cast, 20, 20, over=M, at=clock.at)
    clock.advance(hours=6)
    assert deadlines.sweep(at=clock.at) == 0


def rungs() -> Counter[tuple[Any, ...]]:
    """How often each clock took each rung."""
    events = CaseEvent.objects.filter(kind__startswith="deadline.")
    return Counter((one.subject_id, one.kind, one.data["step_at"]) for one in events)


def test_t3_a_catch_up_is_no_storm(cast, clock, hardness, figure) -> None:
    due = hardness.clocks_due
    open_clocks(cast, due, due, over=M, at=clock.at)
    clock.advance(hours=1)
    deadlines.sweep(at=clock.at)
    worst = most_told()
    figure("T3", f"notices for one person after {due} breaches", worst, "≤ 21")
    assert worst <= clock_notices.DIGEST_OVER + 1
    # Counted by when it was due, not by when somebody noticed.
    assert Deadline.objects.filter(fired_at__isnull=False, due_at__lt=clock.at - 30 * M).count() == due


def most_told() -> int:
    """How many notices the one who got most of them got."""
    rows = OutboxRow.objects.filter(topic="notice")
    told = Counter(tuple(row.payload[name] for name in ("post_id", "unit_id", "role")) for row in rows)
    return max(told.values())


@pytest.mark.sabotage
def test_t3_turns_red(cast, clock, monkeypatch) -> None:
    monkeypatch.setattr(clock_notices, "DIGEST_OVER", 10**9)
    open_clocks(cast, 60, 60, over=M, at=clock.at)
    clock.advance(hours=1)
    deadlines.sweep(at=clock.at)
    assert most_told() > 21


def races(cast: Any, clock: Any, number: int) -> int:
    """Clocks that fall due while somebody finishes their work; how many were reminded afterwards."""
    open_clocks(cast, number, number, over=timedelta(0), at=clock.at)
    at = clock.advance(seconds=1)
    cases = list(Case.objects.filter(deadlines__state="open").order_by("?"))
    gate = threading.Barrier(3)

    def finish(mine: list[Case]) -> None:
        gate.wait()
        for case in mine:
            with transaction.atomic():
                locked = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
                deadlines.meet(locked, KIND, at=at)
                lifecycle.record(locked, "test.finished", actor=SYSTEM, at=at)
        connection.close()

    def sweep() -> None:
        gate.wait()
        for _ in range(10):
            deadlines.sweep(at=at)
            node.sleep(0.02)
        connection.close()

    works = [lambda: finish(cases[::2]), lambda: finish(cases[1::2]), sweep]
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    deadlines.sweep(at=at)
    return reminded_too_late()


def reminded_too_late() -> int:
    """Cases whose breach was written after their work was finished. Ids are given under the case's lock."""
    finished = dict(CaseEvent.objects.filter(kind="test.finished").values_list("case_id", "id"))
    breached = CaseEvent.objects.filter(kind="deadline.breached").values_list("case_id", "id")
    return sum(event_id > finished.get(case_id, event_id) for case_id, event_id in breached)


def test_t4_nobody_is_reminded_of_what_was_finished_in_that_second(
    committed_cast, clock, hardness, figure, monkeypatch
) -> None:
    monkeypatch.setattr(deadlines, "BATCH", 10)
    wrong = races(committed_cast, clock, hardness.races)
    figure("T4", f"wrong reminders in {hardness.races} races", wrong, "0")
    assert wrong == 0


@pytest.mark.sabotage
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_t4_turns_red(committed_cast, clock, monkeypatch) -> None:
    """A sweep that reads what is due before it has the lock."""

    def careless(at: datetime, told: Any) -> int:
        with transaction.atomic():
            rows = list(Deadline.objects.filter(state="open", next_step_at__lte=at).select_related("case"))
            node.sleep(0.05)
            for row in rows:
                deadlines._steps_taken(row, at)
                Deadline.objects.filter(pk=row.pk).update(next_step_at=row.next_step_at, step=row.step)
                lifecycle.record(row.case, "deadline.breached", actor=SYSTEM, at=at, subject=row)
        return len(rows)

    monkeypatch.setattr(deadlines, "_sweep_batch", careless)
    # A race is lost by chance; the protection would win all of them.
    assert any(races(committed_cast, clock, 60) for _ in range(8))


def test_t6_four_sweepers_take_each_rung_once(committed_cast, clock, hardness, figure, monkeypatch) -> None:
    due = min(hardness.clocks_due, 400)
    monkeypatch.setattr(deadlines, "BATCH", 25)
    open_clocks(committed_cast, due, due, over=M, at=clock.at)
    at = clock.advance(minutes=2)
    together(lambda: deadlines.sweep(at=at), times=4)
    deadlines.sweep(at=at)
    doubled = sum(number - 1 for number in rungs().values())
    figure("T6", f"double effects of four sweepers on {due} clocks", doubled, "0")
    assert doubled == 0
    assert len(rungs()) == due


@pytest.mark.sabotage
def test_t6_turns_red(committed_cast, clock, monkeypatch) -> None:
    """Sweepers that take no locks."""
    monkeypatch.setattr(type(Case.objects.all()), "select_for_update", lambda rows, *args, **said: rows.all())
    open_clocks(committed_cast, 100, 100, over=M, at=clock.at)
    at = clock.advance(minutes=2)
    together(lambda: deadlines.sweep(at=at), times=4)
    assert max(rungs().values()) > 1

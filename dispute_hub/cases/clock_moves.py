"""What moves a running clock: a pause, an approved later date, a changed calendar or clock table.

Every move keeps the date first counted, so that pages can show both. The case is locked by the caller.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from dispute_hub.cases import calendar, clock_table
from dispute_hub.cases.models import ClockPause, Deadline, Standstill
from dispute_hub.common.time import BEIJING, beijing_date

AGREED = "agreed"
_MOMENT = timedelta(microseconds=1)
MOVED_COLUMNS = ["limit", "due_at", "first_due_at", "is_agreed", "paused_at", "step", "next_step_at"]


def move(row: Deadline, due_at: datetime, *, at: datetime) -> None:
    """Give a clock another end. Warnings that lie behind stay taken; a breach is told once.

    A clock that is moved into the past without having been breached yet is breached by the next sweep.
    """
    if due_at != row.due_at and row.first_due_at is None:
        row.first_due_at = row.due_at
    row.due_at = due_at
    steps = clock_table.ladder(row.kind, row.key, row.starts_at, due_at)
    if row.fired_at is None or due_at > at:
        row.step = sum(step.code == "warned" and step.at <= at for step in steps)
    ahead = steps[row.step :]
    row.next_step_at = ahead[0].at if ahead and row.paused_at is None else None
    row.save(update_fields=MOVED_COLUMNS)


def sharpen(row: Deadline, key: str, *, at: datetime) -> None:
    """A graver key holds from now on: its limit runs from now, unless the clock ends sooner as it stands.

    Then the date stands as if it were agreed, so that no later count by the graver limit eases it.
    """
    limit = clock_table.strictest(row.kind, key, row.case.station_id, at)
    due_at, safety = row.due_at, clock_table.is_safety(row.kind, key)
    graver = clock_table.due_at(at, limit, safety=safety) if limit else None
    if graver is not None and graver - at < row.due_at - (row.paused_at or at):
        due_at, row.starts_at, row.limit, row.is_agreed = graver, at, limit, False
    elif limit not in ("", row.limit):
        row.is_agreed = True
    row.key, row.is_safety = key, safety
    row.save(update_fields=["key", "is_safety", "starts_at"])
    move(row, due_at, at=at)


def set_next_step(row: Deadline) -> None:
    """The rules of the ladder changed, the end did not: the next rung comes when they say now."""
    steps = clock_table.ladder(row.kind, row.key, row.starts_at, row.due_at)[row.step :]
    next_step_at = steps[0].at if steps else None
    if next_step_at != row.next_step_at:
        row.next_step_at = next_step_at
        row.save(update_fields=["next_step_at"])


def pause(row: Deadline, *, at: datetime) -> None:
    """Stop a clock: no rung is taken until it runs again."""
    row.paused_at, row.next_step_at = at, None
    row.save(update_fields=["paused_at", "next_step_at"])


def resume(row: Deadline, *, at: datetime) -> None:
    """Let a clock run on; what was left at the pause is left now. Its pause is already closed.

    A pause never shortens; a limit that changed meanwhile holds from now on, as for every other clock.
    """
    limit = row.limit
    if row.is_agreed:
        due_at = max(_agreed_after(row, at), row.due_at)
    else:
        row.limit = clock_table.strictest(row.kind, row.key, row.case.station_id, row.starts_at) or limit
        due_at = counted(row).due_at
        due_at = max(due_at, row.due_at) if row.limit == limit else due_at
    row.paused_at = None
    move(row, due_at, at=at)


def stop(rows: Iterable[Deadline], still: Standstill, *, at: datetime) -> None:
    """Stop these clocks with their case; one that started meanwhile has stood still since its start."""
    stopped = list(rows)
    for row in stopped:
        row.paused_at, row.next_step_at = max(still.begun_at, min(row.starts_at, at)), None
    ClockPause.objects.bulk_create(
        ClockPause(
            deadline=row, standstill=still, reason=still.reason, paused_at=row.paused_at or at,
            paused_by_id=still.begun_by_id,
        )
        for row in stopped
    )  # fmt: skip
    Deadline.objects.bulk_update(stopped, ["paused_at", "next_step_at"])


def standing_still(case_ids: Collection[int]) -> dict[int, Standstill]:
    """Which of these cases have their clocks stopped as a whole. One query."""
    found = Standstill.objects.filter(case_id__in=case_ids, ended_at__isnull=True)
    return {still.case_id: still for still in found}


def pauses_of(row: Deadline) -> list[calendar.Pause]:
    """The pauses that are over, in order of time."""
    closed = sorted(row.pauses.all(), key=lambda one: one.paused_at)
    return [calendar.Pause(one.paused_at, one.resumed_at) for one in closed if one.resumed_at]


def counted(row: Deadline, by: calendar.Calendar | None = None) -> calendar.Explanation:
    """The end by the rule alone: start, limit, calendar and pauses of now. Not for agreed dates."""
    pauses = pauses_of(row)
    return clock_table.explain(row.starts_at, row.limit, safety=row.is_safety, pauses=pauses, by=by)


def _agreed_after(row: Deadline, at: datetime) -> datetime:
    """An agreed day moves on by the days paused, an agreed hour by the time paused."""
    paused_at = row.paused_at or at
    if paused_at >= row.due_at:
        return row.due_at
    local = row.due_at.astimezone(BEIJING)
    if (local.hour, local.minute, local.second) != (0, 0, 0):
        return row.due_at + (at - paused_at)
    last = beijing_date(row.due_at - _MOMENT) + (beijing_date(at) - beijing_date(paused_at))
    return calendar.last_day_end(last, safety=row.is_safety)

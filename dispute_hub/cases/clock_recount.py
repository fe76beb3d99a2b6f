"""After the calendar changed, the open clocks are counted again: previewed first, then slice by slice.

Only clocks that still run and were counted by rule move (handbook 7); dates that people agreed on stand.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from dispute_hub.accounts.actor import SYSTEM
from dispute_hub.cases import calendar, clock_moves, clock_table, in_force, lifecycle
from dispute_hub.cases.models import Case, Deadline, Recount
from dispute_hub.common.time import beijing_date, day_bounds

log = logging.getLogger(__name__)
SLICE = 200
# Every process has read the change by then, so that no clock is started by the old table behind us.
SETTLED_WITHIN = timedelta(seconds=10)
BY_CALENDAR = ("working_days", "natural_days", "working_hours")


@dataclass(frozen=True, slots=True)
class Preview:
    """How many open clocks a change would move, by clock; none of it is stored."""

    looked_at: int
    later: int
    earlier: int
    by_name: list[tuple[str, int]]

    @property
    def moved(self) -> int:
        return self.later + self.earlier


def preview(days: list[date], by: calendar.Calendar) -> Preview:
    """What would move if these days were as in `by`. Streams the clocks whose span meets the days."""
    first, last = day_bounds(min(days))[0], day_bounds(max(days))[1]
    rows = counted_clocks().filter(starts_at__lt=last, due_at__gt=first, limit__regex=_UNITS)
    looked, moved, later = 0, Counter[str](), 0
    for row, due_at in recounted(rows.prefetch_related("pauses").iterator(chunk_size=2000), by):
        looked += 1
        if due_at != row.due_at:
            moved[clock_table.name_of(row.kind)] += 1
            later += due_at > row.due_at
    return Preview(looked, later, sum(moved.values()) - later, moved.most_common())


_UNITS = rf" ({'|'.join(BY_CALENDAR)})$"


def counted_clocks() -> QuerySet[Deadline]:
    """Open clocks whose end follows from a rule."""
    return Deadline.objects.filter(state=Deadline.State.OPEN, is_agreed=False, limit__contains=" ")


def recounted(rows: Iterable[Deadline], by: calendar.Calendar) -> Iterator[tuple[Deadline, datetime]]:
    """Each clock with its end by another calendar. Day limits begun on one day end alike, pauses aside."""
    known: dict[tuple[str, bool, date], datetime] = {}
    for row in rows:
        if row.pauses.all():
            yield row, clock_moves.counted(row, by).due_at
            continue
        key = (row.limit, row.is_safety, beijing_date(row.starts_at))
        if not row.limit.endswith("days"):
            yield row, clock_moves.counted(row, by).due_at
            continue
        if key not in known:
            known[key] = clock_table.explain(row.starts_at, row.limit, safety=row.is_safety, by=by).due_at
        yield row, known[key]


def request(cause: str, text: str, *, at: datetime) -> Recount:
    """Ask for a pass over all open clocks; the worker takes it up within seconds."""
    return Recount.objects.create(cause=cause, cause_text=text, wanted_at=at)


def is_waiting(*, at: datetime) -> bool:
    """Whether a pass is asked for or under way."""
    return Recount.objects.filter(finished_at__isnull=True, wanted_at__lte=at - SETTLED_WITHIN).exists()


@transaction.atomic
def run_slice(*, at: datetime) -> bool:
    """Count the next clocks of the oldest pass again; True while there is more to do.

    Safe in parallel: the pass is locked, cases before clocks. Paused clocks are counted when they resume.
    """
    waiting = Recount.objects.filter(finished_at__isnull=True, wanted_at__lte=at - SETTLED_WITHIN)
    job = waiting.select_for_update(skip_locked=True).order_by("id").first()
    if job is None:
        return False
    in_force.reload()
    ids = list(
        counted_clocks().filter(pk__gt=job.last_id).order_by("pk").values_list("pk", "case_id")[:SLICE]
    )
    if not ids:
        job.finished_at = at
        job.save(update_fields=["finished_at"])
        log.info("clocks recounted", extra={"recount": job.pk, "moved": job.moved_count})
        return is_waiting(at=at)
    job.moved_count += _move_all([pk for pk, _ in ids], {case for _, case in ids}, job, at)
    job.looked_at_count += len(ids)
    job.last_id = ids[-1][0]
    job.save(update_fields=["moved_count", "looked_at_count", "last_id"])
    return True


def _by_table(rows: QuerySet[Deadline], job: Recount) -> Iterator[Deadline]:
    """After a change of the table the clocks take its limit; one the table no longer has keeps its own."""
    for row in rows.select_related("case").prefetch_related("pauses").iterator(chunk_size=2000):
        if job.cause == Recount.Cause.TABLE:
            tabled = clock_table.strictest(row.kind, row.key, row.case.station_id, row.starts_at)
            row.limit = tabled or row.limit
        yield row


def _move_all(ids: list[int], case_ids: set[int], job: Recount, at: datetime) -> int:
    locked = Case.objects.select_for_update(of=("self",)).filter(pk__in=case_ids).order_by("pk")
    cases = {case.pk: case for case in locked}
    rows = counted_clocks().filter(pk__in=ids, paused_at__isnull=True)
    moved = 0
    for row, due_at in list(recounted(_by_table(rows, job), calendar.office_calendar())):
        if due_at == row.due_at:
            clock_moves.set_next_step(row)
            continue
        was, moved = row.due_at, moved + 1
        clock_moves.move(row, due_at, at=at)
        said = {"was_due_at": was.isoformat(), "due_at": due_at.isoformat(), "text": job.cause_text}
        lifecycle.record(
            cases[row.case_id], "deadline.recounted", actor=SYSTEM, at=at, subject=row,
            data={"clock": row.kind, "recount": job.pk, **said},
        )  # fmt: skip
    return moved

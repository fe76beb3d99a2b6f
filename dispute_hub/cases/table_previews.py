"""What a draft of the clock table would move: the first slice at once, the rest beside the request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction

from dispute_hub.cases import calendar, clock_table
from dispute_hub.cases.clock_recount import counted_clocks, recounted
from dispute_hub.cases.models import ClockTable, Deadline, TablePreview

# A few tenths of a second; a hundred thousand open clocks are a hundred slices.
SLICE = 1000


@transaction.atomic
def begin(draft: ClockTable, *, at: datetime) -> TablePreview:
    """Ask for a count of this state of a draft; one that waits for an older state is given up."""
    draft.previews.filter(finished_at__isnull=True).delete()
    preview = TablePreview.objects.create(table=draft, edit_no=draft.edit_no, wanted_at=at)
    _count_next(preview, at)
    return preview


def is_waiting() -> bool:
    """Whether a count is under way."""
    return TablePreview.objects.filter(finished_at__isnull=True).exists()


@transaction.atomic
def run_slice(*, at: datetime) -> bool:
    """Count the next clocks of the oldest preview; True while there is more to do. Safe in parallel."""
    waiting = TablePreview.objects.filter(finished_at__isnull=True).select_related("table")
    preview = waiting.select_for_update(skip_locked=True, of=("self",)).order_by("id").first()
    if preview is None:
        return False
    _count_next(preview, at)
    return is_waiting()


def _count_next(preview: TablePreview, at: datetime) -> None:
    content = preview.table.content
    changed = {kind for kind, _, _, _ in clock_table.differences(clock_table.table(), content)}
    rows = counted_clocks().filter(kind__in=changed, pk__gt=preview.last_id).order_by("pk")
    found = list(rows.select_related("case").prefetch_related("pauses")[:SLICE])
    moved = Counter[str](preview.by_name)
    was = {row.pk: row.due_at for row in found}
    for row, due_at in recounted(_limited(found, content), calendar.office_calendar()):
        if due_at != was[row.pk]:
            moved[clock_table.name_of(row.kind)] += 1
            preview.later_count += due_at > was[row.pk]
            preview.earlier_count += due_at < was[row.pk]
    preview.by_name, preview.looked_at_count = dict(moved), preview.looked_at_count + len(found)
    preview.last_id = found[-1].pk if found else preview.last_id
    preview.finished_at = at if len(found) < SLICE else None
    preview.save()


def _limited(rows: list[Deadline], content: dict[str, Any]) -> Iterator[Deadline]:
    """The clocks that would have another limit by this content, with it."""
    for row in rows:
        limit = clock_table.strictest(row.kind, row.key, row.case.station_id, row.starts_at, of=content)
        if limit and limit != row.limit:
            row.limit = limit
            yield row

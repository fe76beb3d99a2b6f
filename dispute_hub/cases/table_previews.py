"""What a draft of the clock table would move: the first slice at once, the rest beside the request."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from django.db import transaction

from dispute_hub.cases import clock_moves, clock_table
from dispute_hub.cases.clock_recount import counted_clocks
from dispute_hub.cases.models import ClockTable, Deadline, TablePreview

# About a quarter of a second; a hundred thousand open clocks are fifty slices.
SLICE = 2000


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
    for row in found:
        later = _moves(row, content)
        if later is not None:
            moved[clock_table.name_of(row.kind)] += 1
            preview.later_count += later
            preview.earlier_count += not later
    preview.by_name, preview.looked_at_count = dict(moved), preview.looked_at_count + len(found)
    preview.last_id = found[-1].pk if found else preview.last_id
    preview.finished_at = at if len(found) < SLICE else None
    preview.save()


def _moves(row: Deadline, content: dict[str, Any]) -> bool | None:
    """True if the clock would end later, False if earlier, None if it would not move."""
    limit = clock_table.strictest(row.kind, row.key, row.case.station_id, row.starts_at, of=content)
    if not limit or limit == row.limit:
        return None
    row.limit = limit
    due_at = clock_moves.counted(row).due_at
    return None if due_at == row.due_at else due_at > row.due_at

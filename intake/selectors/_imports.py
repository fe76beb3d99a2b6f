"""Questions about imported tables: a person sees those of the own unit."""

from __future__ import annotations

import csv
import io

from django.db.models import QuerySet

from dispute_hub.accounts.actor import PostActor
from dispute_hub.common.errors import OutOfScope
from intake import tables
from intake.models import ImportBatch, ImportRow


def batches_of(actor: PostActor) -> QuerySet[ImportBatch]:
    """Tables brought in by the actor's unit, newest first."""
    return ImportBatch.objects.filter(unit=actor.unit).select_related("source", "post__user").order_by("-id")


def get_batch(actor: PostActor, pk: int) -> ImportBatch:
    """One of them; OutOfScope (404) otherwise."""
    batch = batches_of(actor).filter(pk=pk).first()
    if batch is None:
        raise OutOfScope("没有找到该导入记录，或不在当前岗位的查看范围内。")
    return batch


def bad_rows(batch: ImportBatch) -> QuerySet[ImportRow]:
    """The rows that cannot be taken in, in the order of the file."""
    return ImportRow.objects.filter(batch=batch, state=ImportRow.State.BAD).order_by("number")


def waiting_batches() -> list[ImportBatch]:
    """Imports that are under way, the oldest first; for the sweep."""
    return list(ImportBatch.objects.filter(state=ImportBatch.State.RUNNING).order_by("id"))


def empty_table() -> str:
    """The header row of the template, as CSV."""
    out = io.StringIO()
    csv.writer(out).writerow(tables.COLUMNS)
    return out.getvalue()

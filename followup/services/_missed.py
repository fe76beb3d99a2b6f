"""What time does to follow-ups: due on their last day, overdue after it."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from django.db import transaction

from dispute_hub.accounts.actor import SYSTEM
from dispute_hub.cases import lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.common import time
from dispute_hub.common.alone import each_alone
from followup.models import FollowUp, FollowUpStatus

F = FollowUpStatus
BATCH = 1000


@transaction.atomic
def mark_due(*, at: datetime) -> int:
    """Follow-ups whose last day has come are due (待回访). Returns how many; safe to run twice.

    Rows that somebody works on at this moment are skipped: the next run finds them.
    """
    _, ends_at = time.day_bounds(time.beijing_date(at))
    rows = FollowUp.objects.filter(status=F.PLANNED, due_at__lte=ends_at)
    ids = rows.select_for_update(skip_locked=True).order_by("id").values_list("pk", flat=True)[:BATCH]
    return FollowUp.objects.filter(pk__in=list(ids)).update(status=F.DUE)


def mark_missed(*, at: datetime, limit: int = BATCH) -> int:
    """Follow-ups past their date become overdue and re-assess their case, each in its own transaction."""
    late = FollowUp.objects.filter(status__in=[F.PLANNED, F.DUE], due_at__lte=at).order_by("due_at", "id")
    return each_alone(list(late.values_list("pk", flat=True)[:limit]), partial(_mark_missed, at=at))


@transaction.atomic
def _mark_missed(follow_up_id: int, at: datetime) -> int:
    case = cases.lock(FollowUp.objects.values_list("case_id", flat=True).get(pk=follow_up_id))
    follow_up = FollowUp.objects.select_for_update().get(pk=follow_up_id)
    if follow_up.status not in (F.PLANNED, F.DUE):
        return 0
    follow_up.status = F.OVERDUE
    follow_up.save(update_fields=["status"])
    said = {"number": follow_up.number}
    lifecycle.record(case, "follow_up.missed", actor=SYSTEM, at=at, subject=follow_up, data=said)
    return 1

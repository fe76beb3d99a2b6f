"""How long the committee watches an agreement after its case has ended (handbook 9, law)."""

from __future__ import annotations

from datetime import datetime, timedelta

from dispute_hub.cases.models import Case
from dispute_hub.common import time
from mediation.models import Agreement, ItemStatus, PerformanceItem

# The last promise may be kept late; its proof is still recorded by the one who mediated.
GRACE_WITHIN = timedelta(days=30)


def watched_until(case: Case) -> datetime | None:
    """The instant after which nothing of the case's agreements is left to record; None if nothing is now."""
    due_on = (
        PerformanceItem.objects.filter(agreement__case=case, status=ItemStatus.DUE)
        .order_by("-due_on")
        .values_list("due_on", flat=True)
        .first()
    )
    confirm_on = (
        Agreement.objects.filter(case=case, confirm_due_on__isnull=False, confirmation="")
        .order_by("-confirm_due_on")
        .values_list("confirm_due_on", flat=True)
        .first()
    )
    ends = [time.day_bounds(due_on)[1] + GRACE_WITHIN] if due_on else []
    ends += [time.day_bounds(confirm_on)[1]] if confirm_on else []
    return max(ends, default=None)

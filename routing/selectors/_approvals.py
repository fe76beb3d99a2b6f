"""What waits for a second person: 非纠纷 and 无效, and whether the chief's lists are shown."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from dispute_hub.accounts import policy
from dispute_hub.accounts import selectors as people
from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases.models import Status
from dispute_hub.cases.selectors import visible_to
from routing.models import Push

MOST_SHOWN = 50
FOR_CONFIRMATION = (Push.Outcome.NOT_DISPUTE, Push.Outcome.VOID)


def confirmations_for(actor: PostActor, *, at: datetime) -> list[Push]:
    """Feedback of 非纠纷 or 无效 that the command room has not confirmed yet, oldest first."""
    reported = Push.objects.filter(
        case__in=visible_to(actor, at=at),
        case__status__in=[Status.SCENE, Status.POOL],
        tier=Push.Tier.FIRST,
        status=Push.Status.REPORTED,
        outcome__in=FOR_CONFIRMATION,
    )
    rows: QuerySet[Push] = reported.select_related("case", "signed_by__user", "signed_by__unit")
    return list(rows.order_by("reported_at", "id")[:MOST_SHOWN])


def may_approve(actor: PostActor, *, at: datetime) -> bool:
    """Whether the chief's list of third pushes and lowerings is shown: to him, or while leading duty."""
    return policy.allows(actor.role, "grade.approve") or people.leads_duty(actor.post, at)

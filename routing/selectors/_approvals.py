"""What waits for a second person: 非纠纷 and 无效, and whether the chief's lists are shown."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from dispute_hub.accounts import policy
from dispute_hub.accounts import selectors as people
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role
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


def what_may(actor: PostActor, push: Push) -> dict[str, Any]:
    """Which buttons the page of a push shows this person; the services decide again."""
    is_crew = actor.post.pk in (push.signed_by_id, *push.addressee_posts)
    records = actor.role == Role.STATION_COMMAND
    status = Push.Status
    under_way = push.is_first and push.status in (status.SIGNED, status.ARRIVED)
    named = not push.addressee_posts or actor.post.pk in push.addressee_posts
    signs = actor.role in (Role.OFFICER, Role.COMMUNITY_OFFICER) and named
    leads = not push.is_first and actor.role in (Role.STATION_CHIEF, Role.STATION_COMMAND)
    return {
        "may_sign": push.status == status.ISSUED and (signs or leads),
        "may_sign_for": push.status == status.ISSUED and policy.allows(actor.role, "push.sign_on_behalf"),
        "may_arrive": push.is_first and push.status == status.SIGNED and (is_crew or records),
        "may_feed_back": under_way and (is_crew or records),
    }

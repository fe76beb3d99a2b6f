"""先推后批: what went by telephone and still lacks the leader's written word."""

from __future__ import annotations

from django.db.models import F, QuerySet

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import UnitKind
from routing.models import PhoneApproval


def written_words(actor: PostActor) -> QuerySet[PhoneApproval]:
    """Those of the unit's cases, the overdue ones first; a bureau sees all of its stations'."""
    column = "bureau" if actor.unit.kind == UnitKind.BUREAU else "station"
    rows = PhoneApproval.objects.filter(
        verdict=PhoneApproval.Verdict.PENDING, **{f"order__case__{column}": actor.post.unit_id}
    )
    return rows.select_related(
        "order__case__station", "order__addressee", "leader__user", "leader__unit", "recorder__user"
    ).order_by(F("flagged_at").asc(nulls_last=True), "recorded_at", "id")

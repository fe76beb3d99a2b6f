"""先推后批: what went by telephone and still lacks the leader's written word."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import UnitKind
from routing.models import PhoneApproval


def written_words(actor: PostActor) -> QuerySet[PhoneApproval]:
    """Those of the unit's cases, the overdue ones first; a bureau's are those that are its turn."""
    column = "bureau" if actor.unit.kind == UnitKind.BUREAU else "station"
    rows = PhoneApproval.objects.filter(
        verdict=PhoneApproval.Verdict.PENDING, **{f"order__case__{column}": actor.post.unit_id}
    )
    if actor.unit.kind == UnitKind.BUREAU:
        asked_here = Q(leader__unit=actor.post.unit_id)
        rows = rows.filter(
            asked_here | Q(flagged_at__isnull=False) | Q(order__filing__risen_at__isnull=False)
        )
    return rows.select_related(
        "order__case__station", "order__addressee", "leader__user", "leader__unit", "recorder_user"
    ).order_by(F("flagged_at").asc(nulls_last=True), "recorded_at", "id")

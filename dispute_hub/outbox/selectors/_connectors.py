"""Questions about platforms: those of one's own bureau, and those that are due."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from dispute_hub.accounts.actor import PostActor
from dispute_hub.common.errors import OutOfScope
from dispute_hub.outbox.models import Connector, OutboxRow

WAITING = (OutboxRow.State.PENDING, OutboxRow.State.LEASED)


def connectors_of(actor: PostActor) -> QuerySet[Connector]:
    """The platforms of the post's bureau, by name."""
    return Connector.objects.filter(unit=actor.unit.bureau_id).order_by("name", "id")


def get_connector(actor: PostActor, code: str) -> Connector:
    """One platform of the post's bureau; OutOfScope (404) when it is another's, or unknown."""
    connector = connectors_of(actor).select_related("changed_by", "approved_by").filter(code=code).first()
    if connector is None:
        raise OutOfScope("没有找到该对接平台。")
    return connector


def live_connectors(at: datetime) -> list[int]:
    """Ids of the platforms for which something is due now."""
    due = OutboxRow.objects.filter(target=OuterRef("code"), state__in=WAITING, next_attempt_at__lte=at)
    return list(Connector.objects.filter(Exists(due)).order_by("id").values_list("pk", flat=True))

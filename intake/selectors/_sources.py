"""Questions about the senders of alerts."""

from __future__ import annotations

from django.db.models import OuterRef, QuerySet, Subquery

from intake.models import InboxMessage, Source


def machine_sources(bureau_id: int | None) -> QuerySet[Source]:
    """The machines that send to a bureau (they hold a secret), by name, each with `last_received_at`."""
    last = InboxMessage.objects.filter(source=OuterRef("pk")).order_by("-id").values("received_at")[:1]
    found = Source.objects.filter(bureau=bureau_id).exclude(secret="")
    return found.annotate(last_received_at=Subquery(last)).order_by("name", "id")

"""Which alerts the rules in force have not spoken of yet."""

from __future__ import annotations

from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery

from intake.models import Alert
from triage.models import Assessment


def alerts_to_reassess(digest: str, *, since: datetime, until: datetime) -> QuerySet[Alert]:
    """Alerts received in [since, until) whose newest assessment was not made by this digest, by id."""
    newest = Assessment.objects.filter(alert=OuterRef("pk")).order_by("-id").values("rule_digest")[:1]
    alerts = Alert.objects.filter(received_at__gte=since, received_at__lt=until)
    others = alerts.annotate(newest_digest=Subquery(newest)).filter(
        ~Q(newest_digest=digest) | Q(newest_digest__isnull=True)
    )
    return others.order_by("id")


def ids_after(alerts: QuerySet[Alert], last_id: int, number: int) -> list[int]:
    """The next ids of alerts ordered by id."""
    return list(alerts.filter(pk__gt=last_id).values_list("pk", flat=True)[:number])

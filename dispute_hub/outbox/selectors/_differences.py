"""Questions about what our books and a platform's do not agree on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import OuterRef, Q, QuerySet, Subquery

from dispute_hub.accounts.actor import PostActor
from dispute_hub.common.errors import OutOfScope
from dispute_hub.outbox import topics
from dispute_hub.outbox.models import Connector, Difference, OutboxRow, PlatformCallback, Reconciliation
from dispute_hub.outbox.selectors._connectors import connectors_of, may, state_of, waiting_of

# A run that is older than this has died; another may begin.
RUNS_WITHIN: Final = timedelta(minutes=15)


def differences_of(actor: PostActor, *, target: str, cause: str, closed: str) -> QuerySet[Difference]:
    """Those of the platforms of the post's bureau, newest first; `closed` "1" asks for the closed ones."""
    rows = Difference.objects.filter(connector__in=connectors_of(actor).values("pk"))
    rows = rows.filter(closed_at__isnull=closed != "1").select_related("connector", "row", "closed_by")
    if target:
        rows = rows.filter(connector__code=target)
    if cause in Difference.Cause.values:
        rows = rows.filter(cause=cause)
    return rows.order_by("-found_at", "-id")


def get_difference(actor: PostActor, difference_id: int) -> Difference:
    """One of them, closed ones too; OutOfScope (404) when it is another bureau's, or unknown."""
    rows = Difference.objects.filter(connector__in=connectors_of(actor).values("pk"))
    found = rows.select_related("connector", "row").filter(pk=difference_id).first()
    if found is None:
        raise OutOfScope("没有找到该差异。")
    return found


def last_runs(actor: PostActor, *, at: datetime) -> list[Reconciliation]:
    """The last comparison with each platform of the bureau, by name; `is_broken_off` died. One query.

    A dead run is ended by the next one, which a paused platform does not get.
    """
    latest = Reconciliation.objects.filter(connector=OuterRef("pk")).order_by("-id").values("pk")[:1]
    wanted = connectors_of(actor).annotate(last=Subquery(latest)).values("last")
    rows = Reconciliation.objects.filter(pk__in=wanted).select_related("connector")
    died = Q(ended_at__isnull=True, started_at__lte=at - RUNS_WITHIN)
    return list(rows.annotate(is_broken_off=died).order_by("connector__name", "id"))


def callbacks_of(connector: Connector) -> list[PlatformCallback]:
    """The last words of a platform, newest first."""
    rows = PlatformCallback.objects.filter(connector=connector).select_related("row").defer("body")
    return list(rows.order_by("-id")[:20])


def deliveries_of(case_id: int, no: str) -> list[dict[str, Any]]:
    """What was sent to platforms about one order and what came of it, the oldest first. Two queries."""
    rows = list(
        OutboxRow.objects.filter(case_id=case_id, payload__no=no)
        .exclude(target="")
        .only("topic", "target", "state", "receipt", "sent_at", "created_at", "last_error", "message_id")
        .order_by("id")[:50]
    )
    names = dict(Connector.objects.filter(code__in={row.target for row in rows}).values_list("code", "name"))
    return [
        {"row": row, "name": names.get(row.target, row.target), "what": topics.title_of(row.topic)}
        for row in rows
    ]


def last_run_at(connector: Connector) -> datetime | None:
    """When the books with a platform were last compared to the end."""
    done = Reconciliation.objects.filter(connector=connector, ended_at__isnull=False, trouble="")
    return done.order_by("-id").values_list("ended_at", flat=True).first()


def page_of(connector: Connector, actor: PostActor, at: datetime) -> dict[str, Any]:
    """What the page of one platform shows of it, and what this post may do there."""
    return {
        "connector": connector,
        "row_version": connector.version,
        "state": state_of(connector, at),
        "waiting": waiting_of(connector),
        "callbacks": callbacks_of(connector),
        "reconciled_at": last_run_at(connector),
        "is_manager": may(actor, "connector.manage"),
        "is_approver": may(actor, "connector.approve"),
    }

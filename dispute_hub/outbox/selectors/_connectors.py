"""Questions about platforms: those of one's own bureau, and those that are due."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, Min, OuterRef, QuerySet

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Unit, UnitKind
from dispute_hub.common.errors import OutOfScope
from dispute_hub.outbox import circuit
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


def receivers_of(actor: PostActor) -> QuerySet[Unit]:
    """Units of the bureau's territory that orders are sent to."""
    kinds = (UnitKind.CENTRE, UnitKind.COUNTY_CENTRE, UnitKind.DEPARTMENT)
    rows = Unit.objects.filter(bureau=actor.unit.bureau_id, kind__in=kinds, is_active=True)
    return rows.order_by("kind", "name")


def live_connectors(at: datetime) -> list[int]:
    """Ids of the platforms for which something is due now."""
    due = OutboxRow.objects.filter(target=OuterRef("code"), state__in=WAITING, next_attempt_at__lte=at)
    return list(Connector.objects.filter(Exists(due)).order_by("id").values_list("pk", flat=True))


def state_of(connector: Connector, at: datetime) -> str:
    """How a platform stands at this instant, in words."""
    return circuit.shut_because(connector, at) or "正常发送"


def waiting_of(connector: Connector) -> dict[str, Any]:
    """What waits for a platform: how many, since when, and how many were given up."""
    rows = OutboxRow.objects.filter(target=connector.code)
    said: dict[str, Any] = rows.filter(state__in=WAITING).aggregate(
        number=Count("id"), oldest=Min("created_at")
    )
    return said | {"dead": rows.filter(state=OutboxRow.State.DEAD).count()}


def connector_states(actor: PostActor, at: datetime) -> list[tuple[Connector, str, int, int]]:
    """Every platform of the bureau with its state, what waits and what was given up. Two queries."""
    found = list(connectors_of(actor))
    counts = (
        OutboxRow.objects.filter(target__in=[one.code for one in found], state__in=[*WAITING, "dead"])
        .values_list("target", "state")
        .annotate(number=Count("id"))
    )
    numbers: dict[tuple[str, bool], int] = {}
    for target, state, number in counts:
        key = (target, state == OutboxRow.State.DEAD)
        numbers[key] = numbers.get(key, 0) + number
    return [
        (one, state_of(one, at), numbers.get((one.code, False), 0), numbers.get((one.code, True), 0))
        for one in found
    ]


def may(actor: PostActor, act: str) -> bool:
    """Whether the post's role has the right, for what a page offers; services ask again."""
    return policy.allows(actor.role, act)

"""What goes to platforms is written with its cause: one delivery for each that subscribes."""

from __future__ import annotations

import uuid
from datetime import datetime
from functools import partial
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from dispute_hub.outbox import nudge
from dispute_hub.outbox.models import Connector, OutboxRow

NAMESPACE: Final = uuid.UUID("6f1a5f0e-3c39-4b53-9a56-0c8e1f0b7a11")


def publish(
    topic: str,
    payload: dict[str, Any],
    *,
    at: datetime,
    case_id: int | None,
    bureau_id: int | None,
    unit_id: int | None = None,
) -> int:
    """Write one delivery for each platform of the bureau that subscribes and serves the unit.

    In the caller's transaction: what is not committed is not sent. The payload is what may leave, field
    by field. Returns how many of the platforms take messages now: neither paused nor waiting for a second
    person.
    """
    serving = Q(serves=[]) if unit_id is None else Q(serves=[]) | Q(serves__contains=[unit_id])
    rows = _rows_for(
        serving & Q(kind=Connector.Kind.WEBHOOK), topic, payload, at=at, case_id=case_id, bureau_id=bureau_id
    )
    OutboxRow.objects.bulk_create(rows)
    taking = Connector.objects.filter(is_paused=False, approved_by__isnull=False)
    return taking.filter(code__in=[row.target for row in rows]).count() if rows else 0


def publish_notice(row: OutboxRow, *, bureau_id: int | None, at: datetime) -> None:
    """Send the title of an inbox entry to the bureau's message services that take its urgency.

    The id derives from the entry's, so the entry delivered again is one message.
    """
    topic = f"notice.{row.payload.get('urgency', '')}"
    said = {"title": row.payload["title"]}
    services = Q(kind=Connector.Kind.MESSAGE)
    made = _rows_for(services, topic, said, at=at, case_id=row.case_id, bureau_id=bureau_id)
    for one in made:
        one.message_id = uuid.uuid5(NAMESPACE, f"{row.message_id}:{one.target}")
    OutboxRow.objects.bulk_create(made, ignore_conflicts=True)


def _rows_for(which: Q, topic: str, payload: dict[str, Any], **said: Any) -> list[OutboxRow]:
    at, case_id, bureau_id = said["at"], said["case_id"], said["bureau_id"]
    found = Connector.objects.filter(which, unit=bureau_id, topics__contains=[topic]).order_by("id")
    rows = []
    for pk, code in found.values_list("pk", "code"):
        rows.append(
            OutboxRow(
                topic=topic, target=code, case_id=case_id, payload=payload, created_at=at, next_attempt_at=at
            )
        )
        transaction.on_commit(partial(nudge.drain, pk))
    return rows

"""Verbs of the outbox: write a delivery with its cause, claim it; how long to wait for another try."""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from dispute_hub.common import failpoints
from dispute_hub.outbox import nudge
from dispute_hub.outbox.models import Connector, OutboxRow

State = OutboxRow.State
LEASE_WITHIN = timedelta(seconds=60)
# reliability O2: full jitter from 5 s, doubled to at most 15 minutes.
FIRST_BACKOFF = timedelta(seconds=5)
LONGEST_BACKOFF = timedelta(minutes=15)
# reliability R11: a row that fails so often is poison, not bad luck.
MOST_ATTEMPTS = 5
BATCH = 100


def put(topic: str, payload: dict[str, Any], *, at: datetime, case_id: int | None, target: str = "") -> None:
    """Write one delivery in the caller's transaction and nudge a worker after its commit."""
    row = OutboxRow.objects.create(
        topic=topic, target=target, case_id=case_id, payload=payload, created_at=at, next_attempt_at=at
    )
    transaction.on_commit(partial(nudge.deliver, row.pk))


def claim(*, at: datetime, only: int | None = None, limit: int = BATCH) -> list[OutboxRow]:
    """Lease due rows for one sender in a short transaction; lapsed leases are taken over.

    Rows for an outside target go strictly in order per case: only the lowest unsent one is claimed.
    Those of a platform wait for `claim_outward`, which keeps its rate and its circuit.
    """
    with transaction.atomic():
        due = due_rows(at).exclude(target__in=Connector.objects.values("code"))
        due = due.filter(pk=only) if only is not None else due
        rows = _apart(list(due.order_by("next_attempt_at", "id")[:limit]))
        lease(rows, at=at)
    failpoints.reach("outbox.claimed")
    return rows


def _apart(rows: list[OutboxRow]) -> list[OutboxRow]:
    """Rows tried before go one by one: whichever ended its sender takes none along (reliability R11)."""
    return [row for row in rows if not row.attempts] or rows[:1]


def due_rows(at: datetime) -> QuerySet[OutboxRow]:
    """What may be sent now, locked row by row; rows another sender looks at are left out."""
    rows = OutboxRow.objects.select_for_update(skip_locked=True, of=("self",))
    return rows.filter(_next_in_line(), state__in=[State.PENDING, State.LEASED], next_attempt_at__lte=at)


def lease(rows: list[OutboxRow], *, at: datetime) -> None:
    """Take locked rows for one sender until the lease lapses; the claim counts as a try."""
    token = uuid.uuid4()
    for row in rows:
        row.state, row.lease_token, row.lease_until_at = State.LEASED, token, at + LEASE_WITHIN
        row.next_attempt_at, row.attempts = at + LEASE_WITHIN, row.attempts + 1
    OutboxRow.objects.bulk_update(
        rows, ["state", "lease_token", "lease_until_at", "next_attempt_at", "attempts"]
    )


def _next_in_line() -> Any:
    """Rows before which nothing of the same case still waits for the same target.

    Part of the query, not of the loop: rows that wait behind a broken target would fill every batch.
    """
    earlier = OutboxRow.objects.filter(
        target=OuterRef("target"),
        case_id=OuterRef("case_id"),
        pk__lt=OuterRef("pk"),
        state__in=[State.PENDING, State.LEASED],
    )
    return Q(target="") | Q(case_id__isnull=True) | ~Exists(earlier)


def backoff(attempts: int) -> timedelta:
    """How long to wait after so many tries."""
    ceiling: timedelta = min(FIRST_BACKOFF * 2 ** min(attempts, 10), LONGEST_BACKOFF)
    return max(FIRST_BACKOFF, ceiling * random.random())

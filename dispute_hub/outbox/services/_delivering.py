"""Deliveries inside: sent once they are leased, given up visibly."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from dispute_hub.common import failpoints
from dispute_hub.outbox.models import OutboxRow
from dispute_hub.outbox.services._alarms import tell_of_own_dead
from dispute_hub.outbox.services._rows import MOST_ATTEMPTS, State, backoff
from dispute_hub.outbox.topics import DELIVERED_BY, resolve

log = logging.getLogger(__name__)


class Undeliverable(Exception):
    """The receiver refused for good; no further try can help (reliability O4)."""


def deliver(row: OutboxRow, *, at: datetime) -> bool:
    """Send one leased row outside any transaction, then mark it if the lease still holds."""
    if row.attempts > MOST_ATTEMPTS:
        return _mark(row, State.DEAD, at=at, error=row.last_error or "worker lost")
    try:
        resolve(DELIVERED_BY[row.topic])(row, at=at)
    except Undeliverable as refusal:
        return _mark(row, State.DEAD, at=at, error=str(refusal))
    except Exception as error:
        log.exception("outbox delivery failed", extra={"outbox_id": row.pk, "topic": row.topic})
        state = State.DEAD if row.attempts >= MOST_ATTEMPTS else State.PENDING
        return _mark(row, state, at=at, error=type(error).__name__)
    failpoints.reach("outbox.delivered")
    return _mark(row, State.SENT, at=at, error="")


@transaction.atomic
def _mark(row: OutboxRow, state: str, *, at: datetime, error: str) -> bool:
    """Record the outcome unless another sender has taken the row over since."""
    mine = OutboxRow.objects.filter(pk=row.pk, lease_token=row.lease_token, state=State.LEASED)
    marked = mine.update(
        state=state,
        lease_token=None,
        lease_until_at=None,
        last_error=error[:200],
        sent_at=at if state == State.SENT else None,
        dead_at=at if state == State.DEAD else None,
        next_attempt_at=at + backoff(row.attempts) if state == State.PENDING else at,
    )
    if marked and state == State.DEAD:
        tell_of_own_dead(row, at=at)
    return bool(marked)

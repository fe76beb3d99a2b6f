"""Verbs of the outbox: write a delivery with its cause, claim it, deliver it, give up on it visibly."""

from __future__ import annotations

import logging
import random
import uuid
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from dispute_hub.accounts.actor import PostActor
from dispute_hub.outbox import nudge, selectors
from dispute_hub.outbox.models import Heartbeat, Notice, NoticeRead, OutboxRow
from dispute_hub.outbox.topics import DELIVERED_BY

log = logging.getLogger(__name__)

State = OutboxRow.State
LEASE_WITHIN = timedelta(seconds=60)
# reliability O2: full jitter from 5 s, doubled to at most 15 minutes.
FIRST_BACKOFF = timedelta(seconds=5)
LONGEST_BACKOFF = timedelta(minutes=15)
# reliability R11: a row that fails so often is poison, not bad luck.
MOST_ATTEMPTS = 5
BATCH = 100


class Undeliverable(Exception):
    """The receiver refused for good; no further try can help (reliability O4)."""


@dataclass(frozen=True, slots=True)
class Message:
    """What an inbox entry says, and to whom: a post, or a role at a unit."""

    kind: str
    title: str
    body: str = ""
    link: str = ""
    urgency: str = Notice.Urgency.NORMAL
    post_id: int | None = None
    unit_id: int | None = None
    role: str = ""


def put(topic: str, payload: dict[str, Any], *, at: datetime, case_id: int | None, target: str = "") -> None:
    """Write one delivery in the caller's transaction and nudge a worker after its commit."""
    row = OutboxRow.objects.create(
        topic=topic, target=target, case_id=case_id, payload=payload, created_at=at, next_attempt_at=at
    )
    transaction.on_commit(partial(nudge.deliver, row.pk))


def notify(message: Message, *, at: datetime, case_id: int | None) -> None:
    """Write one inbox entry to be delivered after the commit."""
    put("notice", asdict(message), at=at, case_id=case_id)


def notify_many(messages: Iterable[tuple[Message, int | None]], *, at: datetime) -> int:
    """Write many inbox entries in one statement: pairs of message and case id. Returns how many."""
    rows = [
        OutboxRow(topic="notice", case_id=case_id, payload=asdict(message), created_at=at, next_attempt_at=at)
        for message, case_id in messages
    ]
    OutboxRow.objects.bulk_create(rows)
    if rows:
        transaction.on_commit(nudge.sweep)
    return len(rows)


def claim(*, at: datetime, only: int | None = None, limit: int = BATCH) -> list[OutboxRow]:
    """Lease due rows for one sender in a short transaction; lapsed leases are taken over.

    Rows for an outside target go strictly in order per case: only the lowest unsent one is claimed.
    """
    token = uuid.uuid4()
    with transaction.atomic():
        due = OutboxRow.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            _next_in_line(), state__in=[State.PENDING, State.LEASED], next_attempt_at__lte=at
        )
        due = due.filter(pk=only) if only is not None else due
        rows = list(due.order_by("next_attempt_at", "id")[:limit])
        for row in rows:
            row.state, row.lease_token, row.lease_until_at = State.LEASED, token, at + LEASE_WITHIN
            row.next_attempt_at, row.attempts = at + LEASE_WITHIN, row.attempts + 1
        OutboxRow.objects.bulk_update(
            rows, ["state", "lease_token", "lease_until_at", "next_attempt_at", "attempts"]
        )
    return rows


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


def deliver(row: OutboxRow, *, at: datetime) -> bool:
    """Send one leased row outside any transaction, then mark it if the lease still holds."""
    if row.attempts > MOST_ATTEMPTS:
        return _mark(row, State.DEAD, at=at, error=row.last_error or "worker lost")
    module, _, name = DELIVERED_BY[row.topic].rpartition(".")
    try:
        getattr(import_module(module), name)(row, at=at)
    except Undeliverable as refusal:
        return _mark(row, State.DEAD, at=at, error=str(refusal))
    except Exception as error:
        log.exception("outbox delivery failed", extra={"outbox_id": row.pk, "topic": row.topic})
        state = State.DEAD if row.attempts >= MOST_ATTEMPTS else State.PENDING
        return _mark(row, state, at=at, error=type(error).__name__)
    return _mark(row, State.SENT, at=at, error="")


def _mark(row: OutboxRow, state: str, *, at: datetime, error: str) -> bool:
    """Record the outcome unless another sender has taken the row over since."""
    mine = OutboxRow.objects.filter(pk=row.pk, lease_token=row.lease_token, state=State.LEASED)
    return bool(
        mine.update(
            state=state,
            lease_token=None,
            lease_until_at=None,
            last_error=error[:200],
            sent_at=at if state == State.SENT else None,
            next_attempt_at=at + _backoff(row.attempts) if state == State.PENDING else at,
        )
    )


def _backoff(attempts: int) -> timedelta:
    ceiling: timedelta = min(FIRST_BACKOFF * 2**attempts, LONGEST_BACKOFF)
    return max(FIRST_BACKOFF, ceiling * random.random())


def replay(row_id: int, *, at: datetime) -> None:
    """Try a dead row again, under the same message id (reliability O5)."""
    OutboxRow.objects.filter(pk=row_id, state=State.DEAD).update(
        state=State.PENDING, attempts=0, next_attempt_at=at
    )
    transaction.on_commit(partial(nudge.deliver, row_id))


def deliver_notice(row: OutboxRow, *, at: datetime) -> None:
    """Topic "notice": the inbox entry; the unique message id makes a repeat harmless."""
    Notice.objects.bulk_create(
        [Notice(message_id=row.message_id, case_id=row.case_id, created_at=row.created_at, **row.payload)],
        ignore_conflicts=True,
    )


def read_notices(notice_ids: Iterable[int], *, user_id: int, at: datetime) -> None:
    """Mark notices as seen by this person."""
    NoticeRead.objects.bulk_create(
        [NoticeRead(notice_id=pk, user_id=user_id, read_at=at) for pk in notice_ids], ignore_conflicts=True
    )


def read_up_to(actor: PostActor, newest: str, *, at: datetime) -> None:
    """Mark the unread notices up to id `newest` as seen; what came since stays unread."""
    if newest.isascii() and newest.isdigit() and len(newest) < 19:
        unread = selectors.unread_for(actor).filter(pk__lte=int(newest)).values_list("pk", flat=True)
        read_notices(unread, user_id=actor.user.pk, at=at)


def beat(part: str, *, at: datetime) -> None:
    """Note that a moving part is alive."""
    Heartbeat.objects.update_or_create(part=part, defaults={"seen_at": at})

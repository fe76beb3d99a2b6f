"""Verbs of the in-app inbox: what it says, to whom, and that it was read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from django.db import transaction

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role, Unit
from dispute_hub.accounts.selectors import live_posts
from dispute_hub.outbox import nudge, selectors
from dispute_hub.outbox.models import Notice, NoticeRead, OutboxRow
from dispute_hub.outbox.services._publishing import publish_notice
from dispute_hub.outbox.services._rows import put


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


def notify_admins(message: Message, *, at: datetime) -> None:
    """Write one inbox entry for each post that looks after the system."""
    admins = live_posts(at).filter(role=Role.SYSTEM_ADMIN)
    notify_many([(replace(message, post_id=post.pk), None) for post in admins], at=at)


def deliver_notice(row: OutboxRow, *, at: datetime) -> None:
    """Topic "notice": the inbox entry; the unique message id makes a repeat harmless."""
    Notice.objects.bulk_create(
        [Notice(message_id=row.message_id, case_id=row.case_id, created_at=row.created_at, **row.payload)],
        ignore_conflicts=True,
    )
    if row.payload.get("urgency") in (Notice.Urgency.ALARM, Notice.Urgency.IMPORTANT):
        publish_notice(row, bureau_id=_bureau_of(row), at=at)


def _bureau_of(row: OutboxRow) -> int | None:
    """The bureau whose message services an entry's addressee belongs to."""
    post_id, unit_id = row.payload.get("post_id"), row.payload.get("unit_id")
    units = Unit.objects.filter(posts=post_id) if post_id else Unit.objects.filter(pk=unit_id)
    return units.values_list("bureau", flat=True).first()


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

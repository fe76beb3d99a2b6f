"""Questions about deliveries and the inbox."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, Min, OuterRef, Q, QuerySet

from dispute_hub.accounts.actor import PostActor
from dispute_hub.common.errors import OutOfScope
from dispute_hub.outbox.models import Heartbeat, Notice, NoticeRead, OutboxRow


def oldest_pending_at() -> datetime | None:
    """When the oldest undelivered row fell due; None when the outbox is empty."""
    rows = OutboxRow.objects.filter(state__in=["pending", "leased"])
    oldest: datetime | None = rows.aggregate(oldest=Min("next_attempt_at"))["oldest"]
    return oldest


def heartbeats() -> dict[str, datetime]:
    """When each moving part was last seen."""
    return dict(Heartbeat.objects.values_list("part", "seen_at"))


def notices_for(actor: PostActor) -> QuerySet[Notice]:
    """The inbox of the active post, newest first."""
    mine = Q(post=actor.post) | Q(unit=actor.post.unit_id, role__in=["", actor.role])
    return Notice.objects.filter(mine).order_by("-id")


def unread_for(actor: PostActor) -> QuerySet[Notice]:
    """Notices of the active post that this person has not seen."""
    return notices_for(actor).exclude(reads__user=actor.user)


def notices_seen_by(actor: PostActor) -> QuerySet[Notice]:
    """The inbox with `is_seen`: whether this person has opened the notice."""
    reads = NoticeRead.objects.filter(notice=OuterRef("pk"), user=actor.user)
    return notices_for(actor).annotate(is_seen=Exists(reads))


def get_notice(actor: PostActor, notice_id: int) -> Notice:
    """One notice of the inbox; OutOfScope (404) when it is not this post's, or unknown."""
    notice = notices_for(actor).filter(pk=notice_id).first()
    if notice is None:
        raise OutOfScope("没有找到该消息。")
    return notice

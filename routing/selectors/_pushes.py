"""Which pushes a post may see, and what stands on a card."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Case as Choice
from django.db.models import IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When

from dispute_hub.accounts import policy
from dispute_hub.accounts import selectors as people
from dispute_hub.accounts.actor import Actor, PostActor
from dispute_hub.accounts.models import Post, Role
from dispute_hub.cases.models import GRAVITY, Case, Deadline
from dispute_hub.cases.selectors import kept_away, visible_to
from dispute_hub.common.errors import OutOfScope
from intake.models import Alert
from routing.models import CaseFile, Push

UNDER_WAY = (Push.Status.SIGNED, Push.Status.ARRIVED)
RUNNING = (Push.Status.ISSUED, *UNDER_WAY)
# Everybody of the station's leading posts sees all its pushes; others see what is addressed to them.
LEADS = (Role.STATION_COMMAND, Role.STATION_CHIEF)


def first_push_of(alert: Alert) -> Push | None:
    """Push 1 of an alert, None when it has none (a clue, or routing failed)."""
    return _first_pushes(alert).first()


def first_push_with_clock(alert: Alert) -> tuple[Push, datetime | None] | None:
    """Push 1 of an alert and, while it waits, when it must be signed; one query."""
    running = Deadline.objects.filter(
        subject_kind="push", subject_id=OuterRef("pk"), kind="push_first.sign", state=Deadline.State.OPEN
    )
    push = _first_pushes(alert).annotate(due_at=Subquery(running.values("due_at")[:1])).first()
    return (push, push.due_at) if push else None


def _first_pushes(alert: Alert) -> QuerySet[Push]:
    """A crew sent to help has a push of its own; the alert's is that of the crew it helps."""
    return Push.objects.filter(alert=alert, tier=Push.Tier.FIRST, reinforces=None).order_by("-id")


def second_push_of(case: Case) -> Push | None:
    """The open push 2 of a case, None when it has none."""
    pushes = Push.objects.filter(case=case, tier=Push.Tier.SECOND).exclude(status=Push.Status.ENDED)
    return pushes.select_related("addressee_post__user", "caretaker_post__user").order_by("-id").first()


def open_file_of(case: Case) -> CaseFile | None:
    """The newest case file beside the dispute, None when there is none."""
    return CaseFile.objects.filter(case=case).order_by("-id").first()


def sign_due_at(push: Push) -> datetime | None:
    """When the push must be signed; None once it is, or when it has no such clock."""
    row = Deadline.objects.filter(
        subject_kind="push", subject_id=push.pk, kind__in=["push_first.sign", "push_second.sign"]
    )
    deadline = row.order_by("-id").first()
    return deadline.due_at if deadline and deadline.state == Deadline.State.OPEN else None


def pushes_visible_to(actor: Actor, *, at: datetime) -> QuerySet[Push]:
    """Pushes of the cases in reach; an officer sees those of his crew or unit only.

    Of a case he keeps away from nothing but a dispatch under way: that is not broken off (handbook 4).
    """
    rows = Push.objects.select_related(
        "case", "alert", "signed_by__user", "signed_by__unit", "addressee_unit", "addressee_post__user",
        "reinforces__signed_by__user",
    )  # fmt: skip
    if not isinstance(actor, PostActor):
        return rows
    seen = Q(case__in=visible_to(actor, at=at))
    if actor.role == Role.OFFICER:
        seen |= _addressed_to(actor) & ~Q(case__in=kept_away(actor))
    return rows.filter(seen | Q(signed_by=actor.post, tier=Push.Tier.FIRST, status__in=UNDER_WAY))


def _addressed_to(actor: PostActor) -> Q:
    named = Q(addressee_posts__contains=[actor.post.pk]) | Q(signed_by=actor.post)
    unit = Q(addressee_unit=actor.post.unit_id, addressee_role=actor.role, addressee_posts=[])
    return named | (unit & (Q(signed_by__isnull=True) | Q(signed_by=actor.post)))


def _to_sign_for_station(actor: PostActor) -> QuerySet[Deadline, Any]:
    """Pushes 2 this post must sign as duty leader."""
    running = Deadline.objects.filter(subject_kind="push", kind="push_second.sign", state=Deadline.State.OPEN)
    return running.filter(holder_post=actor.post).values("subject_id")


def takes_over(push: Push, post: Post, *, at: datetime) -> bool:
    """Whether this post takes a push 2 from the duty crew: its addressee or, while he is away, his B岗."""
    named = push.addressee_post
    return named is not None and (post == named or post in people.present([named], at))


def take_over_clock(push: Push) -> Deadline | None:
    """By when it must be taken over."""
    rows = Deadline.objects.filter(subject_kind="push", subject_id=push.pk, kind="push_second.take_over")
    return rows.filter(state=Deadline.State.OPEN).first()


def get_push(actor: Actor, push_id: int, *, at: datetime) -> Push:
    """One push. NoRight for a post that has nothing to do with pushes, OutOfScope (404) when out of reach."""
    policy.require(actor, "push.read", at=at)
    push = pushes_visible_to(actor, at=at).filter(pk=push_id).first()
    if push is None:
        raise OutOfScope("没有找到该推送，或不在当前岗位的查看范围内。")
    return push


def kept_pushes_for(actor: PostActor, *, at: datetime) -> QuerySet[Push]:
    """What the phone of a crew may take along: its own open pushes 1, nothing of a station's lists."""
    if actor.role not in (Role.OFFICER, Role.COMMUNITY_OFFICER):
        return Push.objects.none()
    return open_pushes_for(actor, at=at).filter(tier=Push.Tier.FIRST)


def open_pushes_for(actor: PostActor, *, at: datetime) -> QuerySet[Push]:
    """What this post has to do now, gravest first, then oldest: the phone page 待办警情."""
    rows = pushes_visible_to(actor, at=at).filter(status__in=RUNNING)
    if actor.role in LEADS:
        rows = rows.filter(Q(addressee_unit=actor.post.unit_id) | Q(case__station=actor.post.unit_id))
    else:
        rows = rows.filter(_addressed_to(actor) | Q(pk__in=_to_sign_for_station(actor)))
    gravity = Choice(
        *(When(colour=code, then=Value(rank)) for code, rank in GRAVITY.items() if code),
        default=Value(GRAVITY["orange"]),
        output_field=IntegerField(),
    )
    return rows.annotate(gravity=gravity).order_by("-gravity", "issued_at", "id")

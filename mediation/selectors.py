"""Questions about sessions, agreements and consultations."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from dispute_hub.accounts.actor import Actor, PostActor
from dispute_hub.accounts.models import Post, Role
from dispute_hub.cases.models import Case
from dispute_hub.cases.selectors import visible_to
from dispute_hub.common.errors import OutOfScope
from mediation.models import Agreement, Consultation, Decision, MediationSession, Mediator


def mediator_post(case: Case) -> Post | None:
    """The mediator of the case's latest session: who follows up a mediated case."""
    session = (
        MediationSession.objects.filter(case=case, mediator__isnull=False)
        .select_related("mediator__post__user", "mediator__post__unit")
        .order_by("-id")
        .first()
    )
    return session.mediator.post if session and session.mediator else None


def mediators_for(station_id: int | None) -> QuerySet[Mediator]:
    """Active mediators, those posted to the station first."""
    rows = Mediator.objects.filter(is_active=True).select_related("post__user", "organisation")
    return rows.order_by(Q(stationed_at=station_id).desc(), "id") if station_id else rows.order_by("id")


def sessions_visible_to(actor: Actor, *, at: datetime) -> QuerySet[MediationSession]:
    """Sessions of cases in reach; a mediator sees his own only."""
    rows = MediationSession.objects.select_related("case", "mediator__post__user").order_by(
        "-planned_at", "-id"
    )
    if isinstance(actor, PostActor) and actor.role == Role.MEDIATOR:
        return rows.filter(host_post=actor.post)
    return rows.filter(case__in=visible_to(actor, at=at))


def get_session(actor: Actor, session_id: int, *, at: datetime) -> MediationSession:
    session = sessions_visible_to(actor, at=at).filter(pk=session_id).first()
    if session is None:
        raise OutOfScope("没有找到该调解，或不在当前岗位的查看范围内。")
    return session


def get_agreement(actor: Actor, number: str, *, at: datetime) -> Agreement:
    agreement = (
        Agreement.objects.select_related("case", "session", "concluded_by__user", "concluded_by__unit")
        .filter(number=number, case__in=visible_to(actor, at=at))
        .first()
    )
    if agreement is None:
        raise OutOfScope("没有找到该协议，或不在当前岗位的查看范围内。")
    return agreement


def consultations_visible_to(actor: PostActor) -> QuerySet[Consultation]:
    """Meetings of the post's own unit, newest first."""
    return Consultation.objects.filter(unit=actor.post.unit_id).order_by("-held_on", "-id")


def open_decisions(actor: PostActor) -> QuerySet[Decision]:
    """Tasks of consultations that the post's unit still owes, the nearest first."""
    return (
        Decision.objects.filter(unit=actor.post.unit_id, done_at__isnull=True)
        .select_related("entry__case", "entry__consultation")
        .order_by("due_at", "id")
    )

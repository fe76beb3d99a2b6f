"""Questions about mediators and sessions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db.models import Case as Choose
from django.db.models import IntegerField, Q, QuerySet, Value, When

from dispute_hub.accounts.actor import Actor, PostActor
from dispute_hub.accounts.models import Post, Role
from dispute_hub.cases.models import Case, Party
from dispute_hub.cases.selectors import parties, visible_to
from dispute_hub.common import masks, time
from dispute_hub.common.errors import Invalid, OutOfScope
from mediation.models import MediationSession, Mediator, SessionStatus


@dataclass(frozen=True, slots=True)
class PartyLine:
    """One party as a page may show it; the number is always behind its mask."""

    pk: int
    role: str
    name: str
    phone: str


def mediator_post(case: Case) -> Post | None:
    """The mediator of the case's latest session: who follows up a mediated case."""
    session = (
        MediationSession.objects.filter(case=case, mediator__isnull=False)
        .exclude(status=SessionStatus.CANCELLED)
        .select_related("mediator__post__user", "mediator__post__unit")
        .order_by("-id")
        .first()
    )
    return session.mediator.post if session and session.mediator else None


def mediators_for(case: Case) -> QuerySet[Mediator]:
    """Active mediators of the case's county, those posted to its station (驻所) first."""
    here = Choose(
        When(stationed_at=case.station_id, then=Value(0)), default=Value(1), output_field=IntegerField()
    )
    county = Q(organisation__bureau=case.bureau_id) | Q(organisation__bureau__isnull=True)
    rows = Mediator.objects.filter(county, is_active=True).select_related("post__user", "organisation")
    return rows.order_by(here, "id") if case.station_id else rows.order_by("id")


def sessions_visible_to(actor: Actor, *, at: datetime) -> QuerySet[MediationSession]:
    """Sessions of cases in reach; a mediator sees his own only."""
    rows = MediationSession.objects.select_related(
        "case", "mediator__post__user", "host_post__user", "host_post__unit", "convened_by__user",
        "convened_by__unit",
    ).filter(case__in=visible_to(actor, at=at))  # fmt: skip
    if isinstance(actor, PostActor) and actor.role == Role.MEDIATOR:
        rows = rows.filter(host_post=actor.post)
    return rows.order_by("-planned_at", "-id")


def get_session(actor: Actor, session_id: int, *, at: datetime) -> MediationSession:
    """One session; OutOfScope (404) when unknown or out of reach, alike."""
    session = sessions_visible_to(actor, at=at).filter(pk=session_id).first()
    if session is None:
        raise OutOfScope("没有找到该调解，或不在当前岗位的查看范围内。")
    return session


def held_sessions(case: Case) -> QuerySet[MediationSession]:
    """Sessions of the case that an agreement may come of, the newest first."""
    return MediationSession.objects.filter(case=case, status=SessionStatus.HELD).order_by("-id")


def session_named(case: Case, number: str) -> MediationSession | None:
    """A session of the case by its number; None for no number. Invalid when it is not of this case."""
    if not number:
        return None
    found = MediationSession.objects.filter(case=case, number=number).first()
    if found is None:
        raise Invalid("没有找到该次调解。", fields={"session": ["该编号的调解不属于本案。"]})
    return found


def mediator_named(case: Case, mediator_id: int | None) -> Mediator | None:
    """A mediator of the pool by id; None for none given."""
    if mediator_id is None:
        return None
    found = mediators_for(case).filter(pk=mediator_id).first()
    if found is None:
        raise Invalid("没有找到该调解员。", fields={"mediator": ["请从调解员名册中选择。"]})
    return found


def answer_of_session(session: MediationSession) -> dict[str, Any]:
    """What the API says of a session."""
    return {
        "id": session.pk,
        "number": session.number,
        "case_no": session.case.case_no,
        "kind": session.kind,
        "origin": session.origin,
        "status": session.status,
        "planned_at": session.planned_at.isoformat(),
        "place": session.place,
        "mediator": session.mediator_id,
    }


def by_day(sessions: Iterable[MediationSession]) -> list[tuple[date, list[MediationSession]]]:
    """A page of sessions as a calendar: each Beijing day with its sessions, in the order given."""
    days = groupby(sessions, key=lambda session: time.beijing_date(session.planned_at))
    return [(day, list(rows)) for day, rows in days]


def parties_for(actor: PostActor, case: Case) -> list[PartyLine]:
    """The parties as this role may see them: names clear for police and mediators, masked for the centre."""
    clear = actor.role != Role.CENTRE and case.closed_at is None
    return [
        PartyLine(
            party.pk, party.get_role_display(), party.shown_name(clear=clear), masks.mask_phone(party.phone)
        )
        for party in parties(case)
    ]


def get_party(session: MediationSession, party_id: int) -> Party:
    """One party of the session's case."""
    party = parties(session.case).filter(pk=party_id).first()
    if party is None:
        raise OutOfScope()
    return party

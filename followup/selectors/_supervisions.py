"""Which supervisions a post may see, and what it may do with one."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role
from dispute_hub.cases.models import Deadline
from dispute_hub.cases.selectors import kept_away, visible_to
from dispute_hub.common.errors import OutOfScope
from followup.models import Supervision, SupervisionStatus

S = SupervisionStatus
STATES: Final = (
    ("", "办理中"),
    (S.PROPOSED.value, "督办建议（待签发）"),
    (S.ISSUED.value, "待答复"),
    (S.ANSWERED.value, "待核验"),
    ("over", "已办结"),
)
OVER: Final = (S.CLOSED, S.DROPPED)


def supervisions_visible_to(actor: PostActor, *, at: datetime) -> QuerySet[Supervision]:
    """Those for the post's own unit, and for the police those of cases in reach.

    A proposal is shown to those who may sign it; until then the supervised unit knows of nothing.
    """
    rows = Supervision.objects.select_related(
        "case", "unit", "deadline", "issued_by__user", "issued_by__unit"
    )
    seen = Q(unit=actor.post.unit_id)
    if actor.role in (Role.BUREAU, Role.STATION_COMMAND, Role.STATION_CHIEF):
        seen |= Q(case__in=visible_to(actor, at=at))
    rows = rows.filter(seen).exclude(case__in=kept_away(actor))
    if not policy.allows(actor.role, "supervision.issue"):
        rows = rows.exclude(status__in=[S.PROPOSED, S.DROPPED])
    return rows


def get_supervision(actor: PostActor, supervision_id: int, *, at: datetime) -> Supervision:
    """One supervision; OutOfScope (404) when unknown or out of reach, alike."""
    rows = supervisions_visible_to(actor, at=at).select_related("answered_by__user", "answered_by__unit")
    found = rows.filter(pk=supervision_id).first()
    if found is None:
        raise OutOfScope("没有找到该督办单，或不在当前岗位的查看范围内。")
    return found


def acts_on(actor: PostActor, supervision: Supervision) -> list[str]:
    """What this post may do with it now: issue, answer, check. Nobody signs or checks his own unit's."""
    own = supervision.unit_id == actor.post.unit_id
    signs = policy.allows(actor.role, "supervision.issue") and not own
    answers = policy.allows(actor.role, "supervision.answer") and own
    may = {
        S.PROPOSED: ["issue", "drop"] if signs else [],
        S.ISSUED: ["answer"] if answers else ["check"] if signs else [],
        S.ANSWERED: ["check"] if signs else [],
    }
    return may.get(S(supervision.status), [])


def in_state(rows: QuerySet[Supervision], state: str) -> QuerySet[Supervision]:
    """One status, "over" for what is done with, anything else for all that is under way."""
    if state == "over":
        return rows.filter(status__in=OVER)
    if state in S.values:
        return rows.filter(status=state)
    return rows.exclude(status__in=OVER)


def answer_clock(supervision: Supervision) -> Deadline | None:
    """The running clock of the answer."""
    return Deadline.objects.filter(
        subject_kind="supervision", subject_id=supervision.pk, state=Deadline.State.OPEN
    ).first()

"""A session is convened, held with its record, or cancelled by what happens to the case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import Actor, PostActor
from dispute_hub.cases import grants, lifecycle, numbers
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseEvent, Status
from dispute_hub.cases.transitions import Transitions
from dispute_hub.common import time
from dispute_hub.common.errors import Conflict, Invalid
from dispute_hub.outbox import services as outbox
from mediation.models import (
    MediationSession,
    Mediator,
    SessionKind,
    SessionOrigin,
    SessionResult,
    SessionStatus,
)
from mediation.services._watching import watched_until
from routing.models import CaseFile

S = SessionStatus
TRANSITIONS = Transitions({S.PLANNED: {S.HELD, S.CANCELLED}})
GRANT = "mediator"
MEDIATED_IN = (Status.SCENE, Status.TRACKING, Status.JOINT, Status.REVIEW)
# 公安机关办理行政案件程序规定: police mediation is tried once, and once more (handbook 9).
MOST_POLICE_SESSIONS = 2
PLANNED_AHEAD_WITHIN = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class SessionPlan:
    """When, where, of which kind and by whom."""

    planned_at: datetime
    place: str
    kind: str = SessionKind.PEOPLE
    origin: str = SessionOrigin.POLICE
    mediator: Mediator | None = None
    both_willing: bool = False


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """What happened at a session."""

    result: str
    record: str
    attendance: str = ""
    result_text: str = ""


@transaction.atomic
def convene_session(case: Case, plan: SessionPlan, *, actor: PostActor, at: datetime) -> MediationSession:
    """约调解: both sides must be willing [law: 人民调解法]; the mediator sees the case from now.

    Giving the case to a mediator other than oneself is a right of its own. Raises Invalid with the
    fields to mend, Conflict when the case is not in a status that is mediated.
    """
    own = plan.mediator is None or plan.mediator.post_id == actor.post.pk
    policy.require(actor, "session.hold" if own else "session.assign_mediator", at=at)
    case = cases.lock(case.pk)
    _check(case, plan, at)
    session = MediationSession.objects.create(
        number=numbers.issue("session", at), case=case, kind=plan.kind, origin=plan.origin,
        mediator=plan.mediator, host_post=plan.mediator.post if plan.mediator else actor.post,
        place=plan.place.strip(), planned_at=plan.planned_at, convened_at=at, convened_by=actor.post,
        both_willing=plan.both_willing,
    )  # fmt: skip
    lifecycle.record(
        case, "session.convened", actor=actor, at=at, subject=session,
        data={"number": session.number, "planned_at": plan.planned_at.isoformat()},
    )  # fmt: skip
    if plan.mediator is not None:
        grants.give(case, GRANT, at=at, post_id=plan.mediator.post_id)
    if plan.mediator is not None and not own:
        _tell_mediator(case, session, plan.mediator, at)
    return session


def _check(case: Case, plan: SessionPlan, at: datetime) -> None:
    if case.status not in MEDIATED_IN:
        raise Conflict(f"案件当前为“{case.get_status_display()}”，不能安排调解。")
    fields = {}
    if not plan.both_willing:
        fields["both_willing"] = ["调解须双方自愿，请先征得双方同意。"]
    if not plan.place.strip():
        fields["place"] = ["请填写调解地点。"]
    today, _ = time.day_bounds(time.beijing_date(at))
    if not today <= plan.planned_at < at + PLANNED_AHEAD_WITHIN:
        fields["planned_at"] = ["调解时间应在今天至一年以内。"]
    if plan.kind not in SessionKind.values:
        fields["kind"] = ["请选择调解类型。"]
    if plan.origin not in SessionOrigin.values:
        fields["origin"] = ["请选择调解来源。"]
    if plan.mediator is not None and not plan.mediator.is_active:
        fields["mediator"] = ["该调解员已停用，请另选。"]
    if plan.kind == SessionKind.POLICE and (refusal := _no_police_mediation(case)):
        fields["kind"] = [refusal]
    if fields:
        raise Invalid("调解安排不完整。", fields=fields)


def _no_police_mediation(case: Case) -> str:
    """Why this case may not be mediated by the police (治安管理处罚法 9), or ""."""
    if not CaseFile.objects.filter(case=case).exists():
        return "治安调解须先受案；民间纠纷请选择人民调解。"
    rows = MediationSession.objects.filter(case=case, kind=SessionKind.POLICE).exclude(status=S.CANCELLED)
    if rows.count() >= MOST_POLICE_SESSIONS:
        return "治安调解一般为一次，必要时可再调解一次；本案已满两次，请依法处理。"
    return ""


def _tell_mediator(case: Case, session: MediationSession, mediator: Mediator, at: datetime) -> None:
    message = outbox.Message(
        kind="session.convened",
        title=f"新调解安排：{session.number}",
        link=f"/mediation/{session.pk}/",
        post_id=mediator.post_id,
    )
    outbox.notify(message, at=at, case_id=case.pk)


@transaction.atomic
def record_session(
    session: MediationSession, record: SessionRecord, *, actor: PostActor, at: datetime
) -> MediationSession:
    """Write the record and the result; a failed mediation is assessed anew."""
    policy.require(actor, "session.hold", at=at)
    case = cases.lock(session.case_id)
    row = MediationSession.objects.select_for_update(of=("self",)).get(pk=session.pk)
    TRANSITIONS.check(row.status, S.HELD, noun="调解", name_of=lambda code: S(code).label)
    fields = {}
    if record.result not in SessionResult.values:
        fields["result"] = ["请选择调解结果。"]
    if not record.record.strip():
        fields["record"] = ["请填写调解笔录。"]
    if fields:
        raise Invalid("调解记录不完整。", fields=fields)
    row.status, row.held_at, row.result = S.HELD, at, record.result
    row.record, row.attendance, row.result_text = record.record, record.attendance, record.result_text
    row.save()
    lifecycle.record(
        case, "session.held", actor=actor, at=at, subject=row,
        data={"number": row.number, "result": row.result},
    )  # fmt: skip
    if row.result == SessionResult.FAILED:
        said = {"text": row.result_text}
        lifecycle.record(case, "mediation.failed", actor=actor, at=at, subject=row, data=said)
    return row


def end_open(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of a case's endings: planned sessions are cancelled, mediators lose sight after it."""
    rows = list(MediationSession.objects.filter(case=case, status=S.PLANNED).order_by("id"))
    for row in rows:
        row.status = S.CANCELLED
        lifecycle.record(
            case, "session.cancelled", actor=actor, at=at, subject=row, cause=event,
            data={"number": row.number},
        )  # fmt: skip
    MediationSession.objects.bulk_update(rows, ["status"])
    if case.status != Status.SETTLED:
        # While settled he still asks for the result; afterwards he sees what he has to watch, no longer.
        grants.end(case, GRANT, ends_at=max(at, watched_until(case) or at))

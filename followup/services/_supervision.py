"""督办 and 通报: proposed by the ladder of a clock, issued, answered and struck off by people."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import Actor, PostActor
from dispute_hub.accounts.models import Role
from dispute_hub.cases import clock_table, deadlines, lifecycle, numbers
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseEvent, Deadline
from dispute_hub.cases.transitions import Transitions
from dispute_hub.common.errors import Invalid
from dispute_hub.outbox import services as outbox
from followup.models import Supervision, SupervisionStatus

S = SupervisionStatus
TRANSITIONS = Transitions(
    {
        S.PROPOSED: {S.ISSUED, S.DROPPED},
        S.ISSUED: {S.ANSWERED, S.CLOSED},
        S.ANSWERED: {S.CLOSED, S.ISSUED},
    }
)


def propose_supervision(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of `deadline.supervision_due`: put a 督办 before the bureau."""
    _propose(case, Supervision.Kind.ORDER, event, at)


def propose_naming(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of `deadline.naming_due`: put a 通报 before the bureau."""
    _propose(case, Supervision.Kind.NAMING, event, at)


def _propose(case: Case, kind: str, event: CaseEvent, at: datetime) -> None:
    deadline = Deadline.objects.get(case=case, pk=event.subject_id or 0)
    name = clock_table.name_of(deadline.kind)
    _, made = Supervision.objects.get_or_create(
        deadline=deadline,
        kind=kind,
        defaults={
            "case": case,
            "unit_id": deadline.holder_unit_id or case.station_id,
            "problem": f"{name}超时未办",
            "proposed_at": at,
        },
    )
    if made and case.bureau_id is not None:
        message = outbox.Message(
            kind="supervision.proposed",
            title=f"建议{Supervision.Kind(kind).label}：{case.case_no} {name}超时",
            link="/supervisions/",
            unit_id=case.bureau_id,
            role=Role.BUREAU,
        )
        outbox.notify(message, at=at, case_id=case.pk)


@transaction.atomic
def issue_supervision(
    supervision: Supervision, *, demand: str, actor: PostActor, at: datetime
) -> Supervision:
    """Sign a proposed 督办 or 通报; the unit must answer within the clock `supervision.answer`."""
    policy.require(actor, "supervision.issue", at=at)
    case = cases.lock(supervision.case_id)
    row = _lock(supervision, S.ISSUED)
    if not demand.strip():
        raise Invalid("请填写督办要求。", fields={"demand": ["请写明要求做什么、何时办结。"]})
    row.status, row.demand, row.issued_at, row.issued_by = S.ISSUED, demand, at, actor.post
    row.number = row.number or numbers.issue("supervision", at)
    row.save()
    holder = deadlines.Holder(unit_id=row.unit_id)
    deadlines.start(case, row, "supervision.answer", key="", holder=holder, at=at)
    lifecycle.record(case, "supervision.issued", actor=actor, at=at, subject=row, data={"number": row.number})
    _tell_unit(case, row, at)
    return row


def _tell_unit(case: Case, row: Supervision, at: datetime) -> None:
    if row.unit_id is None:
        return
    message = outbox.Message(
        kind="supervision.issued",
        title=f"收到{row.get_kind_display()}：{row.number}，请按期答复",
        link="/supervisions/",
        urgency="important",
        unit_id=row.unit_id,
    )
    outbox.notify(message, at=at, case_id=case.pk)


@transaction.atomic
def answer_supervision(supervision: Supervision, *, text: str, actor: PostActor, at: datetime) -> Supervision:
    """The supervised unit says what it has done."""
    policy.require(actor, "supervision.answer", at=at)
    case = cases.lock(supervision.case_id)
    row = _lock(supervision, S.ANSWERED)
    if not text.strip():
        raise Invalid("请填写答复内容。", fields={"text": ["请写明原因、已采取的措施和结果。"]})
    row.status, row.answer, row.answered_at, row.answered_by = S.ANSWERED, text, at, actor.post
    row.save()
    deadlines.meet(row, "supervision.answer", at=at)
    lifecycle.record(case, "supervision.answered", actor=actor, at=at, subject=row, data={"text": text})
    return row


@transaction.atomic
def close_supervision(
    supervision: Supervision, *, accepted: bool, actor: PostActor, at: datetime
) -> Supervision:
    """销号 after checking the answer, or send it back for another one."""
    policy.require(actor, "supervision.issue", at=at)
    case = cases.lock(supervision.case_id)
    row = _lock(supervision, S.CLOSED if accepted else S.ISSUED)
    row.status = S.CLOSED if accepted else S.ISSUED
    row.closed_at = at if accepted else None
    row.save()
    if not accepted:
        holder = deadlines.Holder(unit_id=row.unit_id)
        deadlines.start(case, row, "supervision.answer", key="", holder=holder, at=at)
    kind = "supervision.closed" if accepted else "supervision.sent_back"
    lifecycle.record(case, kind, actor=actor, at=at, subject=row)
    return row


def _lock(supervision: Supervision, to: str) -> Supervision:
    row = Supervision.objects.select_for_update().get(pk=supervision.pk)
    TRANSITIONS.check(row.status, to, noun="督办单", name_of=lambda code: S(code).label)
    return row

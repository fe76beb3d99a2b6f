"""督办 and 通报: proposed by the ladder of a clock, issued, answered and struck off by people."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import Actor, PostActor
from dispute_hub.accounts.models import Role, Unit, UnitKind
from dispute_hub.cases import clock_table, deadlines, lifecycle, numbers
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseEvent, Deadline
from dispute_hub.cases.transitions import Transitions
from dispute_hub.common.errors import Conflict, NoRight
from dispute_hub.common.text import need_text
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
ANSWER = "supervision.answer"
# Units where somebody may answer; for a police area, a mediator or a department the station does.
ANSWERING: Final = (UnitKind.STATION, UnitKind.CENTRE, UnitKind.COUNTY_CENTRE)


def propose_supervision(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of `deadline.supervision_due`: put a 督办 before the bureau."""
    _propose(case, Supervision.Kind.ORDER, event, at)


def propose_naming(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of `deadline.naming_due`: put a 通报 before the bureau."""
    _propose(case, Supervision.Kind.NAMING, event, at)


def _propose(case: Case, kind: str, event: CaseEvent, at: datetime) -> None:
    deadline = Deadline.objects.select_related("holder_unit", "holder_post__unit").get(
        case=case, pk=event.subject_id or 0
    )
    name = clock_table.name_of(deadline.kind)
    facts = {"case": case, "unit_id": _answering(case, deadline), "problem": f"{name}超时未办"}
    _, made = Supervision.objects.get_or_create(
        deadline=deadline, kind=kind, defaults={**facts, "proposed_at": at}
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


def _answering(case: Case, deadline: Deadline) -> int | None:
    unit: Unit | None = deadline.holder_post.unit if deadline.holder_post else deadline.holder_unit
    return unit.pk if unit is not None and unit.kind in ANSWERING else case.station_id


@transaction.atomic
def issue_supervision(
    supervision: Supervision, *, demand: str, actor: PostActor, at: datetime
) -> Supervision:
    """Sign a proposed 督办 or 通报. A 督办 must be answered within the clock `supervision.answer`.

    Nobody supervises himself: a chief signs for the units below his station, not for the station.
    """
    policy.require(actor, "supervision.issue", at=at)
    case = cases.lock(supervision.case_id)
    row = _lock(supervision, S.ISSUED, since=(S.PROPOSED,))
    if row.unit_id == actor.post.unit_id:
        raise NoRight("不能签发针对本单位的督办，请由上级单位签发。")
    need_text(demand, "请填写督办要求。", field="demand", hint="请写明要求做什么、何时办结。")
    row.status, row.demand, row.issued_at, row.issued_by = S.ISSUED, demand, at, actor.post
    row.number = row.number or numbers.issue("supervision", at)
    row.save()
    if row.kind == Supervision.Kind.ORDER:
        _start_clock(case, row, at)
    lifecycle.record(case, "supervision.issued", actor=actor, at=at, subject=row, data={"number": row.number})
    _tell_unit(case, row, at)
    return row


def _start_clock(case: Case, row: Supervision, at: datetime) -> None:
    deadlines.start(case, row, ANSWER, key="", holder=deadlines.Holder(unit_id=row.unit_id), at=at)


def _tell_unit(case: Case, row: Supervision, at: datetime) -> None:
    if row.unit_id is None:
        return
    is_order = row.kind == Supervision.Kind.ORDER
    message = outbox.Message(
        kind="supervision.issued",
        title=f"收到{row.get_kind_display()}：{row.number}{'，请按期答复' if is_order else ''}",
        link=f"/supervisions/{row.pk}/",
        urgency="important",
        unit_id=row.unit_id,
    )
    outbox.notify(message, at=at, case_id=case.pk)


@transaction.atomic
def drop_supervision(supervision: Supervision, *, text: str, actor: PostActor, at: datetime) -> Supervision:
    """不予签发: the proposal is refused with a reason, for instance because the thing is done by now."""
    policy.require(actor, "supervision.issue", at=at)
    case = cases.lock(supervision.case_id)
    row = _lock(supervision, S.DROPPED)
    if row.unit_id == actor.post.unit_id:
        raise NoRight("不能撤下针对本单位的督办建议，请由上级单位决定。")
    need_text(text, "请填写不予签发的理由。", hint="请写明为何不签发。")
    row.status, row.verdict, row.closed_at = S.DROPPED, text, at
    row.save()
    lifecycle.record(case, "supervision.dropped", actor=actor, at=at, subject=row, data={"reason": text})
    return row


@transaction.atomic
def answer_supervision(supervision: Supervision, *, text: str, actor: PostActor, at: datetime) -> Supervision:
    """The supervised unit, and no other, says what it has done."""
    policy.require(actor, "supervision.answer", at=at)
    case = cases.lock(supervision.case_id)
    row = _lock(supervision, S.ANSWERED)
    if row.unit_id != actor.post.unit_id:
        raise NoRight("只有被督办单位可以答复。")
    need_text(text, "请填写答复内容。", hint="请写明原因、已采取的措施和结果。")
    row.status, row.answer, row.answered_at, row.answered_by = S.ANSWERED, text, at, actor.post
    row.save()
    deadlines.meet(row, ANSWER, at=at)
    lifecycle.record(case, "supervision.answered", actor=actor, at=at, subject=row, data={"text": text})
    return row


@transaction.atomic
def close_supervision(
    supervision: Supervision, *, accepted: bool, text: str, actor: PostActor, at: datetime
) -> Supervision:
    """销号 after checking the answer, or send it back (with what is missing) for another one."""
    policy.require(actor, "supervision.issue", at=at)
    case = cases.lock(supervision.case_id)
    row = _lock(supervision, S.CLOSED if accepted else S.ISSUED, since=(S.ISSUED, S.ANSWERED))
    if row.unit_id == actor.post.unit_id:
        raise NoRight("不能核验本单位的答复，请由上级单位核验。")
    if not accepted:
        need_text(text, "请填写退回理由。", hint="请写明答复还缺什么。")
    row.status, row.verdict = (S.CLOSED if accepted else S.ISSUED), text
    row.closed_at = at if accepted else None
    row.save()
    deadlines.end(row, at=at)
    if not accepted:
        _start_clock(case, row, at)
        _tell_unit(case, row, at)
    kind = "supervision.closed" if accepted else "supervision.sent_back"
    lifecycle.record(case, kind, actor=actor, at=at, subject=row, data={"text": text})
    return row


def _lock(supervision: Supervision, to: str, *, since: tuple[str, ...] = tuple(S)) -> Supervision:
    """The row, locked after its case. A proposal is not "sent back", an answer is not "issued"."""
    row = Supervision.objects.select_for_update().get(pk=supervision.pk)
    if row.status not in since:
        raise Conflict(f"督办单当前为“{row.get_status_display()}”，请刷新后按当前状态办理。")
    TRANSITIONS.check(row.status, to, noun="督办单", name_of=lambda code: S(code).label)
    return row

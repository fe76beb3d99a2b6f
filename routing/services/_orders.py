"""Third push, the station's side: proposed, approved or rejected, recalled, verified."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import Actor, PostActor
from dispute_hub.accounts.models import Role, Unit, UnitKind
from dispute_hub.accounts.selectors import streets_of_station
from dispute_hub.cases import deadlines, grants, lifecycle, numbers
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseEvent, Phase, Status
from dispute_hub.cases.transitions import Transitions
from dispute_hub.common.errors import Invalid, NoRight
from dispute_hub.outbox import services as outbox
from routing.models import AnalysisReport, Grade, OrderKind, OrderStatus, WorkOrder
from routing.services._packet import hash_of, packet_of

O = OrderStatus  # noqa: E741 - the table below reads like the handbook's
TRANSITIONS = Transitions(
    {
        O.PROPOSED: {O.SENT, O.REJECTED},
        O.SENT: {O.ACCEPTED, O.RETURNED, O.RECALLED},
        O.ACCEPTED: {O.TO_VERIFY, O.RETURNED},
        O.TO_VERIFY: {O.DONE, O.ACCEPTED},
    }
)
GRANT = "order"
MOST_RETURNS = 2
SECTIONS = {
    "facts": "事实经过",
    "causes": "原因分析",
    "risk": "风险研判",
    "work_done": "已做工作",
    "suggestions": "意见建议",
}


@dataclass(frozen=True, slots=True)
class ReportText:
    """The sections of an analysis report; all five texts are required."""

    facts: str
    causes: str
    risk: str
    work_done: str
    suggestions: str
    attachments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ThirdPushDraft:
    """What a station proposes; without an addressee it is the centre of the case's street."""

    grade: str
    difficulty: str
    report: ReportText
    addressee: Unit | None = None
    lead_unit: Unit | None = None
    assisting: tuple[Unit, ...] = ()
    demand: str = ""
    kind: str = field(default=OrderKind.THIRD_PUSH)


def lock_order(order: WorkOrder, to: str) -> tuple[Case, WorkOrder]:
    """Case first, then order (lock order), and refuse a step the table does not have."""
    case = cases.lock(order.case_id)
    row = WorkOrder.objects.select_for_update(of=("self",)).get(pk=order.pk)
    TRANSITIONS.check(row.status, to, noun="交办单", name_of=lambda code: O(code).label)
    return case, row


def step(order: WorkOrder, to: str, **columns: object) -> None:
    """Write a checked step of a locked order."""
    order.status, order.version = to, order.version + 1
    for name, value in columns.items():
        setattr(order, name, value)
    order.save()


@transaction.atomic
def propose_third_push(
    case: Case, draft: ThirdPushDraft, *, actor: PostActor, at: datetime, version: int | None = None
) -> WorkOrder:
    """提请三推: order and analysis report, to be approved by another person; the case goes to review."""
    policy.require(actor, "third_push.propose", at=at)
    case = cases.lock_version(case.pk, version)
    _check_report(draft)
    addressee = _addressee(case, draft)
    order = WorkOrder.objects.create(
        no=numbers.issue("order", at), case=case, kind=draft.kind, status=O.PROPOSED, grade=draft.grade,
        difficulty=draft.difficulty, addressee=addressee, lead_unit=draft.lead_unit,
        demand=draft.demand or draft.report.suggestions[:1000], proposed_at=at, proposed_by=actor.post,
        proposer_user=actor.user,
    )  # fmt: skip
    AnalysisReport.objects.create(
        number=numbers.issue("report", at), order=order, author=actor.post, written_at=at,
        attachments=list(draft.report.attachments),
        **{name: getattr(draft.report, name) for name in SECTIONS},
    )  # fmt: skip
    lifecycle.move(case, Status.REVIEW, actor=actor, at=at, subject=order)
    lifecycle.record(
        case, "order.proposed", actor=actor, at=at, subject=order,
        data={"no": order.no, "grade": order.grade, "addressee": addressee.name},
    )  # fmt: skip
    holder = deadlines.Holder(unit_id=case.station_id, role=Role.STATION_CHIEF)
    deadlines.start(case, order, "order.approve", key=order.grade, holder=holder, at=at)
    _tell(order, "order.proposed", f"三推待审批（{order.get_grade_display()}）：{case.case_no}", at,
          unit_id=case.station_id, role=Role.STATION_CHIEF, link="/approvals/")  # fmt: skip
    return order


def _check_report(draft: ThirdPushDraft) -> None:
    fields = {
        name: [f"请填写“{title}”。"]
        for name, title in SECTIONS.items()
        if not getattr(draft.report, name).strip()
    }
    if draft.grade not in Grade.values:
        fields["grade"] = ["请选择特急、紧急或平急。"]
    if fields:
        raise Invalid("分析报告还不完整，请补齐标出的部分。", fields=fields)


def _addressee(case: Case, draft: ThirdPushDraft) -> Unit:
    """The centre of the case's street; after two returns the county centre decides (handbook 7)."""
    if WorkOrder.objects.filter(case=case, status=O.RETURNED).count() >= MOST_RETURNS:
        county = Unit.objects.filter(kind=UnitKind.COUNTY_CENTRE, bureau_id=case.bureau_id).first()
        if county is not None:
            return county
    streets = streets_of_station(case.station_id) if case.station_id else []
    addressee = draft.addressee or case.street or next(iter(streets), None)
    if addressee is None:
        raise Invalid("请选择交办对象。", fields={"addressee": ["案件未定位到街道，请选择街道综治中心。"]})
    return addressee


@transaction.atomic
def approve_order(order: WorkOrder, *, actor: PostActor, at: datetime) -> WorkOrder:
    """Approve and send: never by the person who proposed it (the database refuses it too)."""
    by_duty = policy.require(actor, "third_push.approve", at=at)
    case, row = lock_order(order, O.SENT)
    _not_own(row, actor)
    step(
        row, O.SENT, approved_at=at, sent_at=at, approved_by=actor.post, approver_user=actor.user,
        approved_by_duty=by_duty,
    )  # fmt: skip
    deadlines.meet(row, "order.approve", at=at)
    lifecycle.record(
        case, "order.approved", actor=actor, at=at, subject=row, data={"no": row.no, "by_duty": by_duty}
    )
    send(case, row, actor=actor, at=at)
    return row


def _not_own(order: WorkOrder, actor: PostActor) -> None:
    if order.proposer_user_id == actor.user.pk:
        raise NoRight("提请人不能审批自己提请的三推，请由其他所领导审批。")


def send(case: Case, order: WorkOrder, *, actor: Actor, at: datetime) -> None:
    """Hand an approved order to its addressee: packet, sight of the case, clock, inbox."""
    order.packet = packet_of(order, case, clear=True)
    order.packet_hash = hash_of(order.packet)
    order.save(update_fields=["packet", "packet_hash"])
    lifecycle.advance_phase(case, Phase.LATE)
    if order.kind == OrderKind.NOTICE_ONLY:
        lifecycle.move(
            case, Status.TRACKING, actor=actor, at=at, subject=order, data={"entry": "notice_only"}
        )
    else:
        lifecycle.move(case, Status.JOINT, actor=actor, at=at, subject=order)
        cases.hold(case, unit_id=order.addressee_id, post=None)
    grants.give(case, GRANT, at=at, unit_id=order.addressee_id)
    kind = "diversion.accept" if order.kind == OrderKind.DIVERSION else "order.accept"
    holder = deadlines.Holder(unit_id=order.addressee_id, role=role_at(order.addressee))
    if order.kind != OrderKind.NOTICE_ONLY:
        deadlines.start(case, order, kind, key=order.grade, holder=holder, at=at)
    lifecycle.record(case, "order.sent", actor=actor, at=at, subject=order, data={"no": order.no})
    _tell(order, "order.sent", f"新交办单（{order.get_grade_display()}）待签收：{order.no}", at,
          unit_id=order.addressee_id, role=role_at(order.addressee))  # fmt: skip


def role_at(unit: Unit) -> str:
    return {"county_centre": Role.COUNTY_CENTRE, "department": Role.DEPARTMENT}.get(unit.kind, Role.CENTRE)


@transaction.atomic
def reject_order(order: WorkOrder, *, text: str, actor: PostActor, at: datetime) -> WorkOrder:
    """Not approved, with the reason: the case goes back to the responsible officer."""
    policy.require(actor, "third_push.approve", at=at)
    case, row = lock_order(order, O.REJECTED)
    _not_own(row, actor)
    _need_text(text, "请填写不批准的理由。")
    step(row, O.REJECTED, ended_at=at, end_text=text, approved_by=actor.post, approver_user=actor.user)
    deadlines.end(row, at=at)
    back_to_station(case, row, "rejected", text=text, actor=actor, at=at)
    return row


@transaction.atomic
def recall_order(order: WorkOrder, *, text: str, actor: PostActor, at: datetime) -> WorkOrder:
    """Take an order back while the other side has not accepted it."""
    policy.require(actor, "order.recall", at=at)
    case, row = lock_order(order, O.RECALLED)
    _need_text(text, "请填写撤回原因。")
    step(row, O.RECALLED, ended_at=at, end_text=text)
    deadlines.end(row, at=at)
    grants.end(case, GRANT, ends_at=at)
    back_to_station(case, row, "recalled", text=text, actor=actor, at=at)
    _tell(row, "order.recalled", f"交办单已由派出所撤回：{row.no}", at,
          unit_id=row.addressee_id, role=role_at(row.addressee))  # fmt: skip
    return row


def back_to_station(
    case: Case, order: WorkOrder, entry: str, *, text: str, actor: Actor, at: datetime
) -> None:
    """Record how the order ended and give the case back to its responsible officer."""
    lifecycle.record(
        case, f"order.{entry}", actor=actor, at=at, subject=order, data={"no": order.no, "text": text}
    )
    cases.hold(case, unit_id=case.station_id, post=None)
    lifecycle.move(case, Status.TRACKING, actor=actor, at=at, subject=order, data={"entry": entry})


@transaction.atomic
def verify_order(order: WorkOrder, *, accepted: bool, text: str, actor: PostActor, at: datetime) -> WorkOrder:
    """核查 with both parties: the case is settled as the centre proposed, or goes back to work."""
    policy.require(actor, "order.verify", at=at)
    case, row = lock_order(order, O.DONE if accepted else O.ACCEPTED)
    _need_text(text, "请写明与双方当事人核实的情况。")
    deadlines.meet(row, "order.verify", at=at)
    if accepted:
        step(row, O.DONE, ended_at=at, verified_at=at, verified_by=actor.post, verify_text=text)
        lifecycle.record(case, "order.done", actor=actor, at=at, subject=row, data={"text": text})
        cases.mark_settled(case, how=row.settle_how, text=row.settle_text, actor=actor, at=at)
    else:
        step(row, O.ACCEPTED, verify_text=text, settled_at=None)
        lifecycle.move(case, Status.JOINT, actor=actor, at=at, subject=row, data={"text": text})
        holder = deadlines.Holder(unit_id=row.addressee_id, role=role_at(row.addressee))
        deadlines.start(case, row, "order.progress", key=Grade.URGENT, holder=holder, at=at)
    said = "已通过核查办结" if accepted else "未通过核查，请继续办理"
    _tell(row, "order.verified", f"交办单{said}：{row.no}", at,
          unit_id=row.addressee_id, role=role_at(row.addressee))  # fmt: skip
    return row


def end_open_orders(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """An order that a change of the case made pointless is ended by it, with a trace."""
    proposed = WorkOrder.objects.filter(case=case, status=O.PROPOSED)
    for row in proposed:
        step(row, O.REJECTED, ended_at=at, end_text="案件状态已变化，提请自动终止")
        deadlines.end(row, at=at)
        lifecycle.record(
            case, "order.rejected", actor=actor, at=at, subject=row, cause=event, data={"no": row.no}
        )


def _need_text(text: str, message: str) -> None:
    if not text.strip():
        raise Invalid(message, fields={"text": [message]})


def _tell(
    order: WorkOrder, kind: str, title: str, at: datetime, *, unit_id: int | None, role: str, link: str = ""
) -> None:
    if unit_id is None:
        return
    message = outbox.Message(
        kind=kind, title=title, link=link or f"/orders/{order.no}/", unit_id=unit_id, role=role,
        urgency="alarm" if order.grade == Grade.EXTRA_URGENT else "important",
    )  # fmt: skip
    outbox.notify(message, at=at, case_id=order.case_id)


def notice_to_station(order: WorkOrder, kind: str, title: str, *, at: datetime) -> None:
    """Tell the command room and the holder's station what the other side did."""
    _tell(order, kind, title, at, unit_id=order.case.station_id, role=Role.STATION_COMMAND)

"""反向交办: a centre sends a police-type matter to the station; an emergency is an alert at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import Actor, PostActor
from dispute_hub.accounts.models import Role, Unit, UnitKind
from dispute_hub.cases import deadlines, grants, lifecycle, numbers
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseEvent, Colour, Status
from dispute_hub.cases.services import PartyFacts
from dispute_hub.common.errors import Conflict, Invalid, OutOfScope
from dispute_hub.common.text import need_text
from dispute_hub.outbox import services as outbox
from intake import services as intake
from intake.message import AlertFacts
from intake.models import Alert
from routing.models import CounterMatter, Grade, OrderKind, OrderStatus, WorkOrder
from routing.services._order_machine import lock_both, role_at, step
from triage import engine
from triage import services as triage

GRANT: Final = "counter"
ACCEPT: Final = "counter.accept"
RESULT: Final = "counter.result"
GRAVE: Final = (Colour.RED, Colour.ORANGE)


@dataclass(frozen=True, slots=True)
class CounterDraft:
    """What a centre hands over; `about` is an order in its hands, whose case and station then stand."""

    text: str
    station: Unit | None = None
    address: str = ""
    caller: str = ""
    phone: str = ""
    is_emergency: bool = False
    about: WorkOrder | None = None


@transaction.atomic
def send_counter_order(draft: CounterDraft, *, actor: PostActor, at: datetime) -> WorkOrder:
    """Hand a matter to the station: signed for within 24 h, or, in an emergency, dispatched this second.

    Words that triage colours red or orange are an emergency whatever the sender ticked (handbook 1).
    """
    policy.require(actor, "counter.send", at=at)
    draft = _with_locked(draft)
    station = _station_of(draft, actor)
    need_text(draft.text, "请写明情况。", hint="写明何时何地发生了什么、现在怎样、请公安做什么。")
    raised = not draft.is_emergency and _is_grave(draft, at)
    urgent = draft.is_emergency or raised
    case, alert = _placed(draft, station, urgent=urgent, actor=actor, at=at)
    order = WorkOrder.objects.create(
        no=numbers.issue("order", at), case=case, kind=OrderKind.COUNTER, status=OrderStatus.SENT,
        grade=Grade.EXTRA_URGENT if urgent else Grade.NORMAL, addressee=station, demand=draft.text[:1000],
        proposed_at=at, proposed_by=actor.post, proposer_user=actor.user, sent_at=at,
    )  # fmt: skip
    CounterMatter.objects.create(
        order=order, from_unit=actor.unit, about=draft.about, alert=alert, is_emergency=urgent,
        raised_by_rule=raised,
    )  # fmt: skip
    if case.station_id != station.pk:
        grants.give(case, GRANT, at=at, unit_id=station.pk)
    data = {"no": order.no, "from": actor.unit.name, "text": draft.text, "is_emergency": urgent}
    lifecycle.record(case, "counter.sent", actor=actor, at=at, subject=order, data=data)
    if urgent:
        _as_dispatched(case, order, actor=actor, at=at)
    else:
        deadlines.start(case, order, ACCEPT, key="", holder=_station_room(order), at=at)
        _tell_station(order, f"反向交办待签收（24小时内）：{order.no}", at=at)
    return order


def _with_locked(draft: CounterDraft) -> CounterDraft:
    """The order it is about as it stands under its case's lock: it may have been sent on or reported."""
    if draft.about is None:
        return draft
    return replace(draft, about=lock_both(draft.about)[1])


def _station_of(draft: CounterDraft, actor: PostActor) -> Unit:
    """The order's own station, else the one chosen; Invalid or Conflict says what to do."""
    if draft.about is not None:
        if draft.about.addressee_id != actor.post.unit_id:
            raise OutOfScope("没有找到该交办单，或不在当前岗位的查看范围内。")
        if draft.about.status != OrderStatus.ACCEPTED:
            raise Conflict("只有办理中的交办单可以反向交办。未签收的请退回，已报结的请等待核查。")
        if draft.about.case.station is not None:
            return draft.about.case.station
    fields = {}
    if draft.station is None or draft.station.kind != UnitKind.STATION or not draft.station.is_active:
        fields["station"] = ["请选择辖区派出所。"]
    if draft.about is None and len(draft.address.strip()) < 4:
        fields["address"] = ["请填写事发地址，不少于4个字。"]
    if fields or draft.station is None:
        raise Invalid("请补全反向交办信息。", fields=fields)
    return draft.station


def _is_grave(draft: CounterDraft, at: datetime) -> bool:
    return triage.preview(engine.Report(narrative=draft.text, received_at=at)).colour in GRAVE


def _placed(
    draft: CounterDraft, station: Unit, *, urgent: bool, actor: PostActor, at: datetime
) -> tuple[Case, Alert | None]:
    """The locked case of the matter. An emergency is always an alert of its own; what belongs to no order
    yet comes in as one, too, and waits in the pool for the station's word."""
    about = draft.about.case if draft.about else None
    if about is not None and not urgent:
        return about, None
    reporter = PartyFacts(role="reporter", name=draft.caller[:80], phone=draft.phone[:60])
    facts = AlertFacts(
        alert_no="", received_at=at, narrative=draft.text, station=station.code,
        address=draft.address.strip() or (about.address if about else ""),
        grid=about.grid.code if about and about.grid else "",
        reporter=reporter if draft.caller or draft.phone else None, report_form="综治中心反向交办",
    )  # fmt: skip
    desks = Unit.objects.filter(kind=UnitKind.RECEPTION, bureau_id=station.bureau_id, is_active=True)
    source = intake.referral_desk(actor.unit, reception=desks.order_by("id").first(), at_once=urgent)
    taken = intake.take_in(facts, source=source, actor=actor, at=at, joins=about)
    return cases.lock(taken.case.pk), taken.alert


def _as_dispatched(case: Case, order: WorkOrder, *, actor: PostActor, at: datetime) -> None:
    """No signature is waited for: push 1 is out already, and its clocks run."""
    step(order, OrderStatus.ACCEPTED, accepted_at=at)
    data = {"no": order.no}
    lifecycle.record(case, "counter.dispatched", actor=actor, at=at, subject=order, data=data)
    _tell_station(order, f"综治中心紧急情况已转警情并派警：{case.case_no}", at=at)


@transaction.atomic
def accept_counter_order(order: WorkOrder, *, actor: PostActor, at: datetime) -> WorkOrder:
    """The station takes it: a matter that waited in the pool is tracked from now on, with push 2."""
    case, row = _lock(order, actor=actor, at=at, when=(OrderStatus.SENT,))
    step(row, OrderStatus.ACCEPTED, accepted_at=at, accepted_by=actor.post)
    deadlines.meet(row, ACCEPT, at=at)
    deadlines.start(case, row, RESULT, key="", holder=_station_room(row), at=at)
    lifecycle.record(case, "counter.accepted", actor=actor, at=at, subject=row, data={"no": row.no})
    if case.status == Status.POOL:
        lifecycle.move(case, Status.TRACKING, actor=actor, at=at, subject=row, data={"entry": "assigned"})
    _tell_centre(row, f"反向交办已签收：{row.no}", at=at)
    return row


@transaction.atomic
def return_counter_order(
    order: WorkOrder, *, reason_code: str, text: str, actor: PostActor, at: datetime
) -> WorkOrder:
    """Not for the police, or wrongly sent, with the reason; the centre decides anew."""
    case, row = _lock(order, actor=actor, at=at, when=(OrderStatus.SENT, OrderStatus.ACCEPTED))
    if row.matter.is_emergency:
        raise Conflict("紧急情况已转警情派警，不能退回；处警反馈后自动告知综治中心。", code="dispatched")
    if reason_code not in ("wrong_unit", "not_ours", "lacks_facts"):
        raise Invalid("请选择退回原因。", fields={"reason_code": ["请从列表中选择退回原因。"]})
    need_text(text, "请写明退回的具体情况。")
    step(row, OrderStatus.RETURNED, ended_at=at, return_reason=reason_code, end_text=text)
    _end(case, row, "counter.returned", text=text, actor=actor, at=at)
    _tell_centre(row, f"反向交办被退回，请重新研究：{row.no}", at=at)
    return row


@transaction.atomic
def answer_counter_order(order: WorkOrder, *, text: str, actor: PostActor, at: datetime) -> WorkOrder:
    """办理结果, in words the centre may read; it sees nothing else of what the police did."""
    case, row = _lock(order, actor=actor, at=at, when=(OrderStatus.ACCEPTED,))
    need_text(text, "请填写办理结果。", hint="写明处理结果和需要综治中心配合的事项，不写涉密警务信息。")
    deadlines.meet(row, RESULT, at=at)
    step(row, OrderStatus.DONE, ended_at=at, settle_text=text, settled_at=at)
    _end(case, row, "counter.done", text=text, actor=actor, at=at)
    _tell_centre(row, f"反向交办已反馈结果：{row.no}", at=at)
    return row


def follow_transfer(case: Case, former: Unit | None, *, at: datetime) -> None:
    """The case went to another station: what a centre has in the first one's hands goes with it."""
    rows = WorkOrder.objects.select_for_update(of=("self",)).select_related("proposed_by__unit")
    standing = rows.filter(case=case, kind=OrderKind.COUNTER, addressee=former)
    for row in standing.filter(status__in=(OrderStatus.SENT, OrderStatus.ACCEPTED)).order_by("pk"):
        assert case.station is not None
        step(row, row.status, addressee=case.station)
        _tell_station(row, f"反向交办随案件移交本所：{row.no}", at=at)
        _tell_centre(row, f"反向交办已随案件移交{case.station.name}：{row.no}", at=at)


def answer_emergency(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of push.reported: the centre hears that its emergency was attended to, and no more."""
    alert_id = getattr(event.subject, "alert_id", None)
    if alert_id is None:
        return
    rows = WorkOrder.objects.select_for_update(of=("self",)).select_related("addressee", "proposed_by")
    row = rows.filter(matter__alert=alert_id, kind=OrderKind.COUNTER, status=OrderStatus.ACCEPTED).first()
    if row is None or not row.matter.is_emergency:
        return
    text = "公安机关已到场处置。"
    step(row, OrderStatus.DONE, ended_at=at, settle_text=text, settled_at=at)
    _end(case, row, "counter.done", text=text, actor=actor, at=at)
    _tell_centre(row, f"紧急情况已处置：{row.no}", at=at)


def _lock(
    order: WorkOrder, *, actor: PostActor, at: datetime, when: tuple[str, ...]
) -> tuple[Case, WorkOrder]:
    policy.require(actor, "counter.accept", at=at)
    if order.kind != OrderKind.COUNTER or order.addressee_id != actor.post.unit_id:
        raise OutOfScope("没有找到该反向交办，或不在当前岗位的查看范围内。")
    case = cases.lock(order.case_id)
    rows = WorkOrder.objects.select_for_update(of=("self",)).select_related("addressee", "proposed_by__unit")
    row = rows.get(pk=order.pk)
    if row.status not in when:
        said = OrderStatus(row.status).label
        raise Conflict(
            f"反向交办当前为“{said}”，不能办理此项，请刷新后按当前状态办理。", code="illegal_transition"
        )
    return case, row


def _end(case: Case, row: WorkOrder, kind: str, *, text: str, actor: Actor, at: datetime) -> None:
    deadlines.end(row, at=at)
    grants.end(case, GRANT, ends_at=at, unit_id=row.addressee_id)
    data = {"no": row.no, "text": text, "reason_code": row.return_reason}
    lifecycle.record(case, kind, actor=actor, at=at, subject=row, data=data)


def _station_room(order: WorkOrder) -> deadlines.Holder:
    return deadlines.Holder(unit_id=order.addressee_id, role=Role.STATION_COMMAND)


def _tell_station(order: WorkOrder, title: str, *, at: datetime) -> None:
    _tell(order, title, unit_id=order.addressee_id, role=Role.STATION_COMMAND, at=at)


def _tell_centre(order: WorkOrder, title: str, *, at: datetime) -> None:
    if order.proposed_by is not None:
        unit = order.proposed_by.unit
        _tell(order, title, unit_id=unit.pk, role=role_at(unit), at=at)


def _tell(order: WorkOrder, title: str, *, unit_id: int, role: str, at: datetime) -> None:
    message = outbox.Message(
        kind="counter.order", title=title, link=f"/counter-orders/{order.no}/",
        urgency="alarm" if order.grade == Grade.EXTRA_URGENT else "important", unit_id=unit_id, role=role,
    )  # fmt: skip
    outbox.notify(message, at=at, case_id=order.case_id)

"""失去联系: who cannot be reached at 核查 after every try; the officer proposes it, a leader decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases import deadlines, lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseEvent, SettleHow
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from dispute_hub.common.text import need_text
from dispute_hub.common.time import BEIJING
from routing.models import LostContact, OrderContact, OrderStatus, WorkOrder
from routing.selectors._approvers import bureau_leaders, stays_away
from routing.selectors._lost_contact import TRIED, deciders, reached_at_verification, tries_of, untried
from routing.selectors._order_sides import sides_of
from routing.services._order_contacts import SideSaid, check_said, keep
from routing.services._order_deciding import lead_bureau
from routing.services._order_machine import lock_both, lock_order, step, tell, tell_leaders
from routing.services._recusals import refuse_recused

O = OrderStatus  # noqa: E741 - as in the table of `_order_machine`
PAGE = "/approvals/"


@transaction.atomic
def record_try(
    order: WorkOrder, *, side: int, mode: str, said: str, actor: PostActor, at: datetime
) -> CaseEvent:
    """登记联系未果: at 核查 a party was called or looked for and not reached; `said` is how it went."""
    policy.require(actor, "order.verify", at=at)
    case, row = lock_order(order, O.DONE, when=(O.TO_VERIFY,))
    refuse_recused(case, actor)
    sides = sides_of(case.pk)
    check_said(sides, [SideSaid(side, mode, said)], missing="请写明联系经过，如无人接听、已搬离。")
    data = {"no": row.no, "party": sides[side - 1].pk, "mode": mode, "text": said[:1000]}
    return lifecycle.record(case, TRIED, actor=actor, at=at, subject=row, data=data)


@transaction.atomic
def propose_lost_contact(
    order: WorkOrder, *, text: str, actor: PostActor, at: datetime, contacts: Sequence[SideSaid] = ()
) -> LostContact:
    """Ask a leader to end an order because somebody cannot be reached; the order waits in 核查 meanwhile.

    `contacts` is what the sides said who were. Raises Invalid naming each other side that was not yet
    looked for often enough (handbook 10), Conflict while one proposal waits.
    """
    policy.require(actor, "order.verify", at=at)
    case, row = lock_order(order, O.DONE, when=(O.TO_VERIFY,))
    refuse_recused(case, actor)
    if row.lost_contacts.filter(LostContact.WAITS).exists():
        raise Conflict("已提请按失去联系办结，正在等待所领导审批。", code="lost_contact_pending")
    need_text(text, "请写明联系经过和结论。", hint="请写明找过哪些人、哪些地方，为何认为无法联系。")
    _check_unreached(case, row, contacts)
    cases.check_settlement(case, how=SettleHow.LOST_CONTACT, text=text)
    keep(case, row, contacts, purpose=OrderContact.Purpose.VERIFY, actor=actor, at=at)
    lost = LostContact.objects.create(
        order=row, text=text[:2000], proposer=actor.post, proposer_user=actor.user, proposed_at=at
    )
    data = {"no": row.no, "text": text[:2000]}
    lifecycle.record(case, "order.lost_proposed", actor=actor, at=at, subject=row, data=data)
    _ask(case, lost, at=at)
    return lost


def _ask(case: Case, lost: LostContact, *, at: datetime) -> None:
    title = f"核查联系不上当事人，提请按失去联系办结待审批：{lost.order.no}"
    leaders = deciders([lost], at=at)[lost.pk]
    if leaders:
        tell_leaders(lost.order, "order.lost_proposed", title, leaders, at=at)
        return
    besides = {lost.proposer_user_id, *stays_away(case.pk)}
    for post in bureau_leaders(case, at=at, besides=besides):
        tell(lost.order, "order.lost_proposed", title, at=at, post_id=post.pk, link=PAGE)


def withdraw_lost(case: Case, order: WorkOrder, *, actor: PostActor, at: datetime) -> None:
    """The result of a 核查 comes before a leader's word: whoever was reached is not lost, or work goes on."""
    if not order.lost_contacts.filter(LostContact.WAITS).update(withdrawn_at=at, withdrawn_by=actor.post):
        return
    data = {"no": order.no}
    lifecycle.record(case, "order.lost_withdrawn", actor=actor, at=at, subject=order, data=data)


def _check_unreached(case: Case, order: WorkOrder, contacts: Sequence[SideSaid]) -> None:
    said = {one.side for one in contacts if one.said.strip()}
    before, tries = reached_at_verification(order), tries_of(order)
    sides = list(enumerate(sides_of(case.pk), start=1))
    unreached = [(n, party) for n, party in sides if n not in said and party.pk not in before]
    if not unreached:
        raise Invalid("各方当事人均已联系到，请直接提交核查结果。", code="nobody_lost")
    short = {f"said_{number}": [untried(tries, party)] for number, party in unreached}
    short = {name: texts for name, texts in short.items() if texts[0]}
    if short:
        raise Invalid("联系次数不足，还不能按失去联系办结。", code="tries_missing", fields=short)


@transaction.atomic
def decide_lost_contact(
    lost: LostContact, *, approved: bool, actor: PostActor, at: datetime, text: str = ""
) -> LostContact:
    """A leader ends the order and settles its case as lost_contact, or sends the officer on looking.

    Settled so it counts as 办结 and not as 化解. Never by who proposed it (the database refuses it too).
    """
    by_duty = policy.require(actor, "order.approve_lost_contact", at=at)
    case, row = lock_both(lost.order)
    lost = LostContact.objects.select_for_update(of=("self",)).get(pk=lost.pk)
    lost.order = row
    by_duty |= _check_decider(case, lost, actor, at=at)
    if not approved:
        need_text(text, "请填写不同意的理由。", field="text")
    _write(lost, approved=approved, text=text, by_duty=by_duty, actor=actor, at=at)
    data = {"no": row.no, "text": text, "by_duty": by_duty}
    if approved:
        _settle(case, row, lost, data=data, actor=actor, at=at)
        outcome = "已按失去联系办结"
        tell(row, "order.verified", f"交办单{outcome}：{row.no}", at=at, unit=row.addressee)
    else:
        lifecycle.record(case, "order.lost_refused", actor=actor, at=at, subject=row, data=data)
        outcome = "未同意按失去联系办结，请继续联系"
    tell(row, "order.lost_decided", f"交办单{outcome}：{row.no}", at=at, post_id=lost.proposer_id)
    return lost


def _write(
    lost: LostContact, *, approved: bool, text: str, by_duty: bool, actor: PostActor, at: datetime
) -> None:
    lost.approved, lost.approver, lost.approver_user, lost.decided_at = approved, actor.post, actor.user, at
    lost.decided_by_duty, lost.decision_text = by_duty, text[:500]
    lost.save(
        update_fields=[
            "approved", "approver", "approver_user", "decided_at", "decided_by_duty", "decision_text"
        ]
    )  # fmt: skip


def _check_decider(case: Case, lost: LostContact, actor: PostActor, *, at: datetime) -> bool:
    """Refuse who may not decide; True when the bureau does it for the station (值班代批)."""
    _check_waits(lost)
    if lost.proposer_user_id == actor.user.pk:
        raise NoRight("提请人不能审批自己的提请，请由其他所领导审批。", code="own_proposal")
    refuse_recused(case, actor)
    if actor.post.unit_id == case.station_id:
        return False
    if actor.post.unit_id != case.bureau_id:
        raise NoRight("由案件所属派出所领导审批。", code="other_unit")
    if deciders([lost], at=at)[lost.pk]:
        raise Conflict("本件由派出所领导审批；所内没有其他领导时，才由分局值班领导审批。", code="not_risen")
    lead_bureau(case, actor, at=at)
    return True


def _check_waits(lost: LostContact) -> None:
    """Raise Conflict with who ended the proposal, when and how; while it waits, its order waits in 核查."""
    if lost.withdrawn_at is not None:
        when, who = lost.withdrawn_at, lost.withdrawn_by
        said = f"{who}已于{when.astimezone(BEIJING):%m-%d %H:%M}提交核查结果，该提请随之撤回，无需审批。"
        raise Conflict(said, code="lost_contact_withdrawn")
    if lost.decided_at is not None:
        how = "同意" if lost.approved else "不同意"
        said = f"该提请已由{lost.approver}于{lost.decided_at.astimezone(BEIJING):%m-%d %H:%M}审批：{how}。"
        raise Conflict(said, code="already_decided")


def _settle(
    case: Case,
    order: WorkOrder,
    lost: LostContact,
    *,
    data: dict[str, object],
    actor: PostActor,
    at: datetime,
) -> None:
    deadlines.meet(order, "order.verify", at=at)
    step(
        order, O.DONE, ended_at=at, verified_at=lost.proposed_at, verified_by=lost.proposer,
        verify_text=lost.text,
    )  # fmt: skip
    said = {**data, "how": SettleHow.LOST_CONTACT.value, "text": lost.text}
    lifecycle.record(case, "order.done", actor=actor, at=at, subject=order, data=said)
    # The leader agreed; whose work it ends, and who may not approve the closing, is who proposed it.
    by_whom = {"by_duty": data["by_duty"], "settled_by": lost.proposer_user_id}
    cases.mark_settled(case, how=SettleHow.LOST_CONTACT, text=lost.text, actor=actor, at=at, data=by_whom)

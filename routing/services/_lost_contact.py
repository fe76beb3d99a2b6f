"""联系不上: who cannot be reached at 核查 after every try; the officer proposes it, a leader decides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role
from dispute_hub.cases import deadlines, lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseEvent, SettleHow
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from dispute_hub.common.text import need_text
from routing.models import LostContact, OrderContact, OrderStatus, WorkOrder
from routing.selectors._approvers import bureau_leaders, station_leaders, stays_away
from routing.selectors._lost_contact import TRIED, reached_at_verification, tries_of, untried
from routing.selectors._order_sides import sides_of
from routing.services._order_contacts import SideSaid, check_said, keep
from routing.services._order_deciding import lead_bureau
from routing.services._order_machine import lock_order, step, tell
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
    if row.lost_contacts.filter(approved__isnull=True).exists():
        raise Conflict("已提请按联系不上办结，正在等待所领导审批。", code="lost_contact_pending")
    need_text(text, "请写明联系经过和结论。", hint="请写明找过哪些人、哪些地方，为何认为无法联系。")
    _check_unreached(case, row, contacts)
    cases.check_settlement(case, how=SettleHow.LOST_CONTACT, text=text)
    keep(case, row, contacts, purpose=OrderContact.Purpose.VERIFY, actor=actor, at=at)
    besides = {actor.user.pk, *stays_away(case.pk)}
    leaders = station_leaders(case, at=at, besides=besides)
    lost = LostContact.objects.create(
        order=row, text=text[:2000], proposer=actor.post, proposer_user=actor.user, proposed_at=at,
        risen_at=None if leaders else at,
    )  # fmt: skip
    data = {"no": row.no, "text": text[:2000]}
    lifecycle.record(case, "order.lost_proposed", actor=actor, at=at, subject=row, data=data)
    title = f"核查联系不上当事人，提请办结待审批：{row.no}"
    if leaders:
        tell(row, "order.lost_proposed", title, at=at, unit_id=case.station_id, role=Role.STATION_CHIEF,
             link=PAGE)  # fmt: skip
    for post in [] if leaders else bureau_leaders(case, at=at, besides=besides):
        tell(row, "order.lost_proposed", title, at=at, post_id=post.pk, link=PAGE)
    return lost


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
        raise Invalid("联系次数不足，还不能按联系不上办结。", code="tries_missing", fields=short)


@transaction.atomic
def decide_lost_contact(
    lost: LostContact, *, approved: bool, actor: PostActor, at: datetime, text: str = ""
) -> LostContact:
    """A leader ends the order and settles its case as lost_contact, or sends the officer on looking.

    Settled so it counts as 办结 and not as 化解. Never by who proposed it (the database refuses it too).
    """
    by_duty = policy.require(actor, "order.approve_lost_contact", at=at)
    case, row = lock_order(lost.order, O.DONE, when=(O.TO_VERIFY,))
    lost = LostContact.objects.select_for_update(of=("self",)).select_related("proposer").get(pk=lost.pk)
    by_duty |= _check_decider(case, lost, actor, at=at)
    if not approved:
        need_text(text, "请填写不同意的理由。", field="text")
    lost.approved, lost.approver, lost.approver_user, lost.decided_at = approved, actor.post, actor.user, at
    lost.save(update_fields=["approved", "approver", "approver_user", "decided_at"])
    data = {"no": row.no, "text": text, "by_duty": by_duty}
    if approved:
        _settle(case, row, lost, data=data, actor=actor, at=at)
        outcome = "已按联系不上办结"
        tell(row, "order.verified", f"交办单{outcome}：{row.no}", at=at, unit=row.addressee)
    else:
        lifecycle.record(case, "order.lost_refused", actor=actor, at=at, subject=row, data=data)
        outcome = "未同意按联系不上办结，请继续联系"
    tell(row, "order.lost_decided", f"交办单{outcome}：{row.no}", at=at, post_id=lost.proposer_id)
    return lost


def _check_decider(case: Case, lost: LostContact, actor: PostActor, *, at: datetime) -> bool:
    """Refuse who may not decide; True when the bureau does it for the station (值班代批)."""
    if lost.approved is not None:
        raise Conflict("该提请已审批。", code="already_decided")
    if lost.proposer_user_id == actor.user.pk:
        raise NoRight("提请人不能审批自己的提请，请由其他所领导审批。", code="own_proposal")
    refuse_recused(case, actor)
    if actor.post.unit_id == case.station_id:
        return False
    if actor.post.unit_id != case.bureau_id:
        raise NoRight("由案件所属派出所领导审批。", code="other_unit")
    if lost.risen_at is None:
        raise Conflict("本件由派出所领导审批；所内没有其他领导时，才由分局值班领导审批。", code="not_risen")
    lead_bureau(case, actor, at=at)
    return True


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

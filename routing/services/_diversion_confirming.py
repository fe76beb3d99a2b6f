"""分流确认: the 110 duty commander confirms or refuses what his desk proposed, within ten minutes."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import models, transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Role
from dispute_hub.cases import deadlines, lifecycle
from dispute_hub.cases.models import Case
from dispute_hub.common.errors import Invalid, NoRight, OutOfScope
from dispute_hub.common.text import need_text
from routing.models import OrderKind, OrderStatus, WorkOrder
from routing.services._diversion import checked_case, send_diversion
from routing.services._order_machine import lock_order, step, tell

CLOCK: Final = "diversion.confirm"


class CallOutcome(models.TextChoices):
    """What a three-party call came to."""

    RECEIVES = "receives", "接收单位同意受理"
    FIRST = "first", "首接平台先行受理（不分流）"


@transaction.atomic
def confirm_diversion(order: WorkOrder, *, actor: PostActor, at: datetime) -> WorkOrder:
    """Confirm and send. Everything is asked again: the colour may have risen since the desk proposed."""
    case, row = _lock(order, OrderStatus.SENT, actor=actor, at=at)
    checked_case(case)
    deadlines.meet(row, CLOCK, at=at)
    lifecycle.record(case, "diversion.confirmed", actor=actor, at=at, subject=row, data={"no": row.no})
    send_diversion(
        case, row, actor=actor, at=at, approved_at=at, approved_by=actor.post, approver_user=actor.user
    )
    return row


@transaction.atomic
def refuse_diversion(order: WorkOrder, *, text: str, actor: PostActor, at: datetime) -> WorkOrder:
    """Not diverted, with the reason; the matter stays where it is and dispatch goes on."""
    case, row = _lock(order, OrderStatus.REJECTED, actor=actor, at=at)
    need_text(text, "请填写不予分流的理由。")
    _refuse(case, row, text=text, actor=actor, at=at)
    return row


@transaction.atomic
def note_three_party_call(
    order: WorkOrder, *, participants: str, outcome: str, text: str, actor: PostActor, at: datetime
) -> WorkOrder:
    """三方通话: whose it is was unclear. Without a taker the platform that received it goes on with it."""
    case, row = _lock(order, OrderStatus.SENT, actor=actor, at=at)
    need_text(participants, "请填写通话各方。", field="participants", hint="写单位和岗位，不写当事人姓名。")
    if outcome not in CallOutcome.values:
        raise Invalid("请选择通话结果。", fields={"outcome": ["接收单位同意受理，或首接平台先行受理。"]})
    need_text(text, "请填写通话情况。")
    data = {"no": row.no, "with": participants, "outcome": outcome, "text": text}
    lifecycle.record(case, "diversion.three_party_call", actor=actor, at=at, subject=row, data=data)
    if outcome == CallOutcome.FIRST:
        _refuse(case, row, text=f"三方通话后由首接平台先行受理：{text}", actor=actor, at=at)
    return row


def _lock(order: WorkOrder, to: str, *, actor: PostActor, at: datetime) -> tuple[Case, WorkOrder]:
    """A proposal of this very desk, by somebody else; the database refuses one's own as well."""
    policy.require(actor, "diversion.confirm", at=at)
    case, row = lock_order(order, to, when=(OrderStatus.PROPOSED,))
    desk = row.proposed_by
    if row.kind != OrderKind.DIVERSION or desk is None or desk.unit_id != actor.post.unit_id:
        raise OutOfScope("没有找到该分流提请，或不在当前岗位的查看范围内。")
    if row.proposer_user_id == actor.user.pk:
        raise NoRight("提请人不能确认自己提请的分流，请由其他值班长确认。", code="own_proposal")
    return case, row


def _refuse(case: Case, row: WorkOrder, *, text: str, actor: PostActor, at: datetime) -> None:
    deadlines.meet(row, CLOCK, at=at)
    step(
        row,
        OrderStatus.REJECTED,
        ended_at=at,
        end_text=text,
        approved_by=actor.post,
        approver_user=actor.user,
    )
    data = {"no": row.no, "text": text}
    lifecycle.record(case, "diversion.refused", actor=actor, at=at, subject=row, data=data)
    tell(row, "diversion.refused", f"分流未获确认：{case.case_no}", at=at, post_id=row.proposed_by_id,
         link="/alerts/")  # fmt: skip
    tell(row, "diversion.refused", f"不予分流，请继续处置：{case.case_no}", at=at, unit_id=case.station_id,
         role=Role.STATION_COMMAND, link=f"/cases/{case.case_no}/")  # fmt: skip

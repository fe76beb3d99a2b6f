"""After two returns the county centre decides: it names the street centre that takes the order."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Unit, UnitKind
from dispute_hub.cases import deadlines, grants, lifecycle
from dispute_hub.common.errors import Conflict, Invalid
from dispute_hub.common.text import need_text
from routing.models import OrderStatus, WorkOrder
from routing.services._holding import hold
from routing.services._order_machine import (
    GRANT,
    accept_clock,
    end_sight,
    lock_both,
    receiver,
    step,
    tell,
    tell_station,
)


@transaction.atomic
def redirect_order(
    order: WorkOrder, *, addressee: Unit | None, text: str, actor: PostActor, at: datetime
) -> WorkOrder:
    """指定办理单位: the order goes on to a street centre of the county, which signs for it anew."""
    policy.require(actor, "order.redirect", at=at)
    case, row = lock_both(order, receiver=actor)
    if row.status != OrderStatus.SENT:
        raise Conflict(f"交办单当前为“{row.get_status_display()}”，只有待签收时可以指定办理单位。")
    if addressee is None or addressee.kind != UnitKind.CENTRE or addressee.parent_id != actor.post.unit_id:
        raise Invalid("请选择办理单位。", fields={"addressee": ["请选择本县的街道（乡镇）综治中心。"]})
    need_text(text, "请写明指定理由。")
    former = row.addressee
    step(row, OrderStatus.SENT, addressee=addressee)
    end_sight(case, row, [former.pk], at=at)
    grants.give(case, GRANT, at=at, unit_id=addressee.pk)
    hold(case, unit_id=addressee.pk, post=None)
    deadlines.end(row, at=at, kinds=[accept_clock(row)])
    deadlines.start(case, row, accept_clock(row), key=row.grade, holder=receiver(row), at=at)
    data = {"no": row.no, "addressee": addressee.name, "former": former.code, "text": text}
    lifecycle.record(case, "order.redirected", actor=actor, at=at, subject=row, data=data)
    sent = {"no": row.no, "grade": row.grade, "addressee": addressee.name}
    lifecycle.record(case, "order.sent", actor=actor, at=at, subject=row, data=sent)
    title = f"县级综治中心指定你单位办理，待签收（{row.get_grade_display()}）：{row.no}"
    tell(row, "order.sent", title, at=at, unit=addressee)
    tell_station(row, "order.redirected", f"县级综治中心已指定{addressee}办理：{row.no}", at=at)
    return row

"""移交告知单: how the parties were told that somebody else takes their matter over (handbook 9)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases import lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case
from dispute_hub.common.errors import Conflict, Invalid
from routing.models import HandoverNotice, OrderKind, WorkOrder

D = HandoverNotice.Delivery


@transaction.atomic
def deliver_notice(
    order: WorkOrder, *, delivery: str, second_officer: str, text: str, actor: PostActor, at: datetime
) -> HandoverNotice:
    """Record the delivery of a sent diversion's notice; told again, the last one stands, each is traced."""
    policy.require(actor, "notice.deliver", at=at)
    case = cases.lock(order.case_id)
    row = WorkOrder.objects.select_for_update(of=("self",)).get(pk=order.pk)
    if row.kind != OrderKind.DIVERSION or row.sent_at is None:
        raise Conflict("分流尚未生效，不能送达移交告知单。")
    if not delivery:
        raise Invalid("请选择告知方式。", fields={"delivery": ["请从列表中选择告知方式。"]})
    return note_delivery(
        case, row, delivery=delivery, second_officer=second_officer, text=text, actor=actor, at=at
    )


def note_delivery(
    case: Case, order: WorkOrder, *, delivery: str, second_officer: str, text: str, actor: PostActor,
    at: datetime,
) -> HandoverNotice:  # fmt: skip
    """Write one of the four ways on a locked order. Invalid names what that way needs."""
    fields = {}
    if delivery not in D.values:
        fields["delivery"] = ["请从列表中选择告知方式。"]
    if delivery == D.REFUSED and not second_officer.strip():
        fields["second_officer"] = ["拒签须两名民警当面注明，请填写另一名民警姓名。"]
    elif delivery == D.REFUSED and second_officer.strip() == actor.user.full_name:
        fields["second_officer"] = ["请填写另一名在场民警，不能是本人。"]
    if fields:
        raise Invalid("请补全送达情况。", fields=fields)
    notice = HandoverNotice.objects.select_for_update(of=("self",)).get(order=order)
    notice.delivery, notice.delivered_at, notice.delivered_by = delivery, at, actor.post
    notice.second_officer, notice.delivery_text = second_officer.strip()[:80], text.strip()[:400]
    notice.save(update_fields=["delivery", "delivered_at", "delivered_by", "second_officer", "delivery_text"])
    data = {"no": order.no, "delivery": delivery, "text": notice.delivery_text}
    lifecycle.record(case, "notice.delivered", actor=actor, at=at, subject=order, data=data)
    return notice

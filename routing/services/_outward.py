"""What happens to an order is told to the platforms that serve its receiver, in the same transaction.

The messages are described in docs/platform-messages.md; `SCHEMA` changes when a field's meaning does.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final

from dispute_hub.accounts.actor import SYSTEM, Actor
from dispute_hub.accounts.models import Unit
from dispute_hub.cases import deadlines, lifecycle
from dispute_hub.cases import selectors as cases
from dispute_hub.cases.models import Case, CaseEvent, Deadline
from dispute_hub.common import masks
from dispute_hub.outbox import services as outbox
from dispute_hub.outbox.models import OutboxRow
from intake.models import Alert
from routing.models import OrderKind, OrderStatus, WorkOrder
from routing.selectors._packet import is_protected, packet_of
from routing.services._order_machine import accept_clock, lock_both, receiver, tell_station

SCHEMA: Final = 1
# event → topic of a platform
TOPICS: Final[dict[str, str]] = {
    "order.sent": "order.sent",
    "order.accepted": "order.contacts",
    "order.recalled": "order.recalled",
    # The former receiver's platform: for it the order is taken back.
    "order.redirected": "order.recalled",
    "order.done": "order.verified",
    "order.verify_failed": "order.reopened",
    "order.extended": "order.extension",
    "order.extension_refused": "order.extension",
}
STANDING: Final[dict[str, str]] = {
    OrderStatus.SENT: "received",
    OrderStatus.ACCEPTED: "working",
    OrderStatus.TO_VERIFY: "settled",
    OrderStatus.DONE: "settled",
    OrderStatus.RETURNED: "returned",
    OrderStatus.RECALLED: "returned",
}
IN_HAND: Final = (OrderStatus.ACCEPTED, OrderStatus.TO_VERIFY)


def publish_order(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of an order's events: one delivery for each platform that takes the topic and the unit.

    While a platform stands between, the receiver's time starts with its confirmed receipt (reliability
    O3). A diversion's half hour does not wait: unconfirmed it goes back to the police.
    """
    orders = WorkOrder.objects.select_related("addressee", "lead_unit")
    order = orders.filter(pk=event.subject_id or 0).first()
    if order is None or order.kind == OrderKind.COUNTER:
        return
    topic = TOPICS[event.kind]
    receiver_unit = _former_of(event) or order.addressee
    if order.kind == OrderKind.NOTICE_ONLY:
        topic = {"order.sent": "order.noticed", "order.recalled": "order.recalled"}.get(topic, "")
    if not topic or (topic == "order.contacts" and _is_protected(case)):
        return
    number = outbox.publish(
        topic, message_of(order, case, event), at=at, case_id=case.pk, bureau_id=case.bureau_id,
        unit_id=receiver_unit.pk,
    )  # fmt: skip
    if number and topic == "order.sent" and order.kind == OrderKind.THIRD_PUSH:
        deadlines.end(order, at=at, kinds=[accept_clock(order)])


def message_of(order: WorkOrder, case: Case, event: CaseEvent) -> dict[str, Any]:
    """What leaves: with the order its masked packet, with a later step the step alone."""
    said = {
        "schema": SCHEMA, "no": order.no, "case_no": case.case_no, "kind": order.kind, "grade": order.grade,
        "status": order.status, "addressee": order.addressee.code, "at": event.at.isoformat(),
    }  # fmt: skip
    if event.kind == "order.sent":
        said |= packet_of(order, case, sight="masked")
        said |= {"lead_unit": _code(order.lead_unit), "packet_hash": order.packet_hash}
    elif event.kind == "order.redirected":
        said |= {"status": OrderStatus.RECALLED.value, "addressee": event.data["former"]}
        said["text"] = "" if _is_protected(case) else _redacted(str(event.data["text"]), case)
    elif event.kind in ("order.recalled", "order.verify_failed"):
        said["text"] = "" if _is_protected(case) else _redacted(str(event.data.get("text", "")), case)
    elif event.kind == "order.done":
        said["how"] = event.data.get("how", order.settle_how)
    elif event.kind in ("order.extended", "order.extension_refused"):
        said |= {"approved": event.kind == "order.extended", "until": str(event.data.get("until", ""))}
    return said


def contacts_of(row: OutboxRow) -> dict[str, Any]:
    """Names, phones and address, opened from the sealed packet while it is sent, for who signed for it.

    An order no longer in hand has nobody who needs them: the fields stay empty.
    """
    order = WorkOrder.objects.filter(no=row.payload["no"], case_id=row.case_id or 0).first()
    if order is None or order.status not in IN_HAND or not order.packet:
        return {"parties": [], "address": ""}
    packet = json.loads(order.packet)
    parties = [
        {name: party.get(name, "") for name in ("role", "role_name", "name", "phone")}
        for party in packet.get("parties", [])
    ]
    return {"parties": parties, "address": packet.get("address", "")}


def start_accept_clock(row: OutboxRow, *, at: datetime) -> None:
    """A platform confirmed that it holds the order: from now the receiver's time to sign runs."""
    order = WorkOrder.objects.select_related("case", "addressee").filter(no=row.payload.get("no", "")).first()
    if order is None or order.case_id != row.case_id or order.kind != OrderKind.THIRD_PUSH:
        return
    case, order = lock_both(order)
    if not is_sent_to(row, order) or order.status != OrderStatus.SENT or _is_timed(order):
        return
    deadlines.start(case, order, accept_clock(order), key=order.grade, holder=receiver(order), at=at)
    lifecycle.record(case, "order.confirmed", actor=SYSTEM, at=at, subject=order, data={"no": order.no})


def is_sent_to(row: OutboxRow, order: WorkOrder) -> bool:
    """Whether a delivery went to who has the order now; what was redirected is no more the former one's."""
    return str(row.payload.get("addressee", "")) == order.addressee.code


def standing_of(row_ids: list[int]) -> dict[int, str]:
    """How far the orders of these deliveries have come, in a platform's words; two queries."""
    rows = list(OutboxRow.objects.filter(pk__in=row_ids).only("case_id", "payload"))
    orders = WorkOrder.objects.filter(no__in={row.payload.get("no", "") for row in rows})
    found = {(order.case_id, order.no): order for order in orders.select_related("addressee")}
    standing = {}
    for row in rows:
        order = found.get((row.case_id or 0, row.payload.get("no", "")))
        if order is not None and order.status in STANDING:
            standing[row.pk] = STANDING[order.status if is_sent_to(row, order) else OrderStatus.RECALLED]
    return standing


def tell_unconfirmed(row: OutboxRow, *, at: datetime) -> None:
    """No platform has taken the order yet: the station reaches the receiver by phone (handbook 7).

    Not where the receiver's time runs without it: no platform took it when it was sent, or another has.
    """
    order = WorkOrder.objects.select_related("case", "addressee").filter(no=row.payload.get("no", "")).first()
    if order is None or order.case_id != row.case_id or order.status != OrderStatus.SENT:
        return
    if not is_sent_to(row, order) or (order.kind == OrderKind.THIRD_PUSH and _is_timed(order)):
        return
    title = f"交办单尚未送达对方平台，请电话联系接收单位：{order.no}"
    tell_station(order, "order.unconfirmed", title, at=at)


def _is_timed(order: WorkOrder) -> bool:
    """Whether the time to sign for the order runs."""
    return Deadline.objects.filter(
        subject_kind="workorder", subject_id=order.pk, kind=accept_clock(order), state=Deadline.State.OPEN
    ).exists()


def _is_protected(case: Case) -> bool:
    return is_protected(case, list(Alert.objects.filter(case=case).order_by("received_at", "id")[:20]))


def _redacted(text: str, case: Case) -> str:
    """Free words of the police as they leave: without numbers and without the parties' names."""
    text = masks.redact(text)
    for party in cases.parties(case):
        if len(party.name) > 1:
            text = text.replace(party.name, masks.mask_name(party.name))
    return text.replace(case.address, masks.mask_address(case.address)) if len(case.address) > 3 else text


def _former_of(event: CaseEvent) -> Unit | None:
    """Whom a redirect takes the order from."""
    return (
        Unit.objects.filter(code=event.data["former"]).first() if event.kind == "order.redirected" else None
    )


def _code(unit: Unit | None) -> str:
    return unit.code if unit else ""

"""What a platform says of an order: done by the verbs a person of the receiving unit uses, or not at all."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Final

from django.db import transaction

from dispute_hub.accounts.actor import PlatformActor
from dispute_hub.common.errors import Refused
from dispute_hub.outbox.models import Connector, OutboxRow, PlatformCallback
from dispute_hub.outbox.services import Applied, Word
from routing.models import OrderProgress, OrderStatus, WorkOrder
from routing.services._order_machine import lock_both
from routing.services._order_work import accept_order, feed_back_order, return_order, settle_order
from routing.services._outward import is_sent_to

log = logging.getLogger(__name__)

O = OrderStatus  # noqa: E741 - the table below reads like the handbook's
Verdict = PlatformCallback.Verdict
Way = tuple[str, ...] | Verdict
# word → status of the order here → the acts that follow, or why none does. A word implies the ones before
# it: a platform that reports work has signed for it, though its own word for that was lost.
WAYS: Final[dict[str, dict[str, Way]]] = {
    "accepted": {
        O.SENT: ("accept",), O.ACCEPTED: Verdict.REPEATED, O.TO_VERIFY: Verdict.BACKWARDS,
        O.DONE: Verdict.BACKWARDS,
    },
    "working": {
        O.SENT: ("accept", "feed_back"), O.ACCEPTED: ("feed_back",), O.TO_VERIFY: Verdict.BACKWARDS,
        O.DONE: Verdict.BACKWARDS,
    },
    "returned": {
        O.SENT: ("return",), O.ACCEPTED: ("return",), O.RETURNED: Verdict.REPEATED,
        O.RECALLED: Verdict.REPEATED,
    },
    "settled": {
        O.SENT: ("accept", "settle"), O.ACCEPTED: ("settle",), O.TO_VERIFY: Verdict.REPEATED,
        O.DONE: Verdict.REPEATED,
    },
}  # fmt: skip


def apply_platform_word(row: OutboxRow, word: Word, *, connector: Connector, at: datetime) -> Applied | None:
    """Move the order of a delivery as the platform says; None when the delivery is about no order.

    All or nothing: what a service refuses stays as it was, with its reason for a person.
    """
    found = WorkOrder.objects.filter(no=str(row.payload.get("no", "")), case_id=row.case_id or 0).first()
    if found is None:
        return None
    _, order = lock_both(found)
    if not is_sent_to(row, order):
        return _of_former(word)
    way = _way(order, word)
    if isinstance(way, Applied):
        return way
    actor = PlatformActor(connector.code, connector.name, order.addressee_id)
    try:
        with transaction.atomic():
            for act in way:
                _do(act, order, word, actor=actor, at=at)
    except Refused as refusal:
        texts = [text for told in refusal.fields.values() for text in told]
        return Applied(Verdict.HELD, " ".join([refusal.message, *texts]))
    except Exception as error:
        log.exception("platform's word not applied", extra={"outbox_id": row.pk})
        return Applied(Verdict.HELD, f"系统异常（{type(error).__name__}），请人工核对")
    return Applied(Verdict.APPLIED)


def _of_former(word: Word) -> Applied:
    """A platform whose unit lost the order to another: its 退回 is no news, the rest is looked at."""
    if word.status == "returned":
        return Applied(Verdict.REPEATED)
    return Applied(Verdict.HELD, "交办单已改由其他单位办理，该回执未采用")


def _way(order: WorkOrder, word: Word) -> tuple[str, ...] | Applied:
    """The acts this word leads to in this status, or what it is instead."""
    label = O(order.status).label
    way = WAYS[word.status].get(order.status, Verdict.HELD)
    if way == Verdict.HELD:
        return Applied(Verdict.HELD, f"交办单当前为“{label}”，该回执未采用")
    if way == Verdict.BACKWARDS:
        return Applied(Verdict.BACKWARDS, f"交办单已到“{label}”")
    if isinstance(way, Verdict):
        return Applied(way)
    if "settle" in way and order.verified_at is not None and word.sequence is None:
        # A late copy of the first report would pass for a new one.
        return Applied(Verdict.HELD, "核查未通过后再次报结，回执须带序号")
    acts = tuple(act for act in way if act != "feed_back" or _is_news(order, word))
    return acts or Applied(Verdict.REPEATED)


def _is_news(order: WorkOrder, word: Word) -> bool:
    """Words of progress that do not stand there yet; with a sequence the count has told them apart."""
    if not word.text:
        return False
    last = OrderProgress.objects.filter(order=order, post__isnull=True).order_by("-id").first()
    return word.sequence is not None or last is None or last.text != word.text


def _do(act: str, order: WorkOrder, word: Word, *, actor: PlatformActor, at: datetime) -> None:
    if act == "accept":
        accept_order(order, actor=actor, at=at)
    elif act == "feed_back":
        feed_back_order(order, text=word.text, actor=actor, at=at)
    elif act == "return":
        return_order(order, reason_code=word.reason_code, text=word.text, actor=actor, at=at)
    else:
        settle_order(order, how=word.how, text=word.text, actor=actor, at=at)

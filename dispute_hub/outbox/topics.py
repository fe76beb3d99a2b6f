"""Which service delivers which topic: dotted paths `(row, *, at)`, idempotent by the row's message id."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

DELIVERED_BY: Final[dict[str, str]] = {
    "notice": "dispute_hub.outbox.services.deliver_notice",
    "follow": "dispute_hub.cases.lifecycle.retry_follower",
}
# What goes out is completed at the moment of sending, so that it never lies about in clear:
# `(row) -> fields to add`.
COMPLETED_BY: Final[dict[str, str]] = {"order.contacts": "routing.services.contacts_of"}
# A platform's word on a delivery that arrived moves something here: `(row, word, *, connector, at)`.
APPLIED_BY: Final[dict[str, str]] = {"order.sent": "routing.services.apply_platform_word"}
# A platform has confirmed that it holds the message: `(row, *, at)`, idempotent.
CONFIRMED_BY: Final[dict[str, str]] = {"order.sent": "routing.services.start_accept_clock"}
# How far what it is about has come here, whoever did it: `(row ids) -> {row id: status}`.
STANDING_BY: Final[dict[str, str]] = {"order.sent": "routing.services.standing_of"}
# Nobody has confirmed it for ten minutes: `(row, *, at)`.
TOLD_UNCONFIRMED: Final[dict[str, str]] = {"order.sent": "routing.services.tell_unconfirmed"}
# Who holds what such a delivery is about, locked first: case → order → party → outbox.
LOCKED_BY: Final = "dispute_hub.cases.services.lock"

# What a platform may subscribe to, and the words for it.
FOR_PLATFORMS: Final[dict[str, str]] = {
    "order.sent": "交办单下发",
    "order.noticed": "抄告",
    "order.contacts": "签收后的当事人联系方式",
    "order.recalled": "交办单撤回",
    "order.verified": "核查通过办结",
    "order.reopened": "核查未通过，继续办理",
    "order.extension": "延期审批结果",
}
# Why what a delivery tells does not hold now, asked before it goes again: `(row ids) -> {row id: Overtaken}`.
OVERTAKEN_BY: Final[dict[str, str]] = dict.fromkeys(FOR_PLATFORMS, "routing.services.overtaken")
# Those that carry the whole packet: a platform's mapping must find every field in them.
WHOLE: Final = ("order.sent", "order.noticed")
FOR_MESSAGES: Final[dict[str, str]] = {"notice.alarm": "警报消息", "notice.important": "重要消息"}
_OWN: Final[dict[str, str]] = {"notice": "站内消息", "follow": "后续办理", "connector.test": "连通测试"}


def title_of(topic: str) -> str:
    """What a delivery is about, in words; an unknown topic as it is."""
    return (FOR_PLATFORMS | FOR_MESSAGES | _OWN).get(topic, topic)


def resolve(path: str) -> Any:
    """The service behind a dotted path of the tables."""
    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)

"""Which service delivers which topic: dotted paths `(row, *, at)`, idempotent by the row's message id."""

from __future__ import annotations

from typing import Final

DELIVERED_BY: Final[dict[str, str]] = {
    "notice": "dispute_hub.outbox.services.deliver_notice",
    "follow": "dispute_hub.cases.lifecycle.retry_follower",
}

# What a platform may subscribe to, and the words for it.
FOR_PLATFORMS: Final[dict[str, str]] = {
    "order.sent": "交办单下发",
    "order.recalled": "交办单撤回",
    "order.verified": "交办单核查结果",
}
FOR_MESSAGES: Final[dict[str, str]] = {"notice.alarm": "警报消息", "notice.important": "重要消息"}
_OWN: Final[dict[str, str]] = {"notice": "站内消息", "follow": "后续办理", "connector.test": "连通测试"}


def title_of(topic: str) -> str:
    """What a delivery is about, in words; an unknown topic as it is."""
    return (FOR_PLATFORMS | FOR_MESSAGES | _OWN).get(topic, topic)

"""Which service delivers which topic: dotted paths `(row, *, at)`, idempotent by the row's message id."""

from __future__ import annotations

from typing import Final

DELIVERED_BY: Final[dict[str, str]] = {
    "notice": "dispute_hub.outbox.services.deliver_notice",
    "follow": "dispute_hub.cases.lifecycle.retry_follower",
}

"""Deliveries, the in-app inbox, and the platforms that deliveries go to."""

from dispute_hub.outbox.models._callbacks import PlatformCallback
from dispute_hub.outbox.models._connectors import Connector, DeliveryAttempt
from dispute_hub.outbox.models._differences import Difference, Reconciliation
from dispute_hub.outbox.models._inbox import Notice, NoticeRead
from dispute_hub.outbox.models._rows import Heartbeat, OutboxRow

__all__ = [
    "Connector",
    "DeliveryAttempt",
    "Difference",
    "Heartbeat",
    "Notice",
    "NoticeRead",
    "OutboxRow",
    "PlatformCallback",
    "Reconciliation",
]

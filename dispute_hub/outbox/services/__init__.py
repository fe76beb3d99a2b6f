"""Verbs of the outbox: deliveries inside and to platforms, the inbox, what to do when one fails."""

from dispute_hub.outbox.services._alarms import watch_platforms
from dispute_hub.outbox.services._applying import Applied, Word
from dispute_hub.outbox.services._beats import beat, left_by_beat
from dispute_hub.outbox.services._callbacks import answer_bytes, take_callback, verify_callback
from dispute_hub.outbox.services._connectors import (
    Setting,
    add_connector,
    approve_connector,
    change_connector,
    pause_connector,
    probe_connector,
    retire_secret,
    rotate_secret,
)
from dispute_hub.outbox.services._curing import CURES, cure_difference
from dispute_hub.outbox.services._dead import (
    Handled,
    replay_chosen,
    replay_many,
    replay_target,
    resend,
    set_aside,
)
from dispute_hub.outbox.services._delivering import Undeliverable, deliver
from dispute_hub.outbox.services._expiry import ENDS_AFTER, expiries, watch_expiry
from dispute_hub.outbox.services._inbox import (
    Message,
    deliver_notice,
    notify,
    notify_many,
    read_notices,
    read_up_to,
)
from dispute_hub.outbox.services._outward import (
    claim_outward,
    deliver_outward,
    drain,
    settle,
)
from dispute_hub.outbox.services._publishing import publish
from dispute_hub.outbox.services._reconciling import ask_reconciliation, reconcile, reconcile_due
from dispute_hub.outbox.services._rows import (
    BATCH,
    MOST_ATTEMPTS,
    backoff,
    claim,
    put,
)

__all__ = [
    "BATCH",
    "CURES",
    "ENDS_AFTER",
    "MOST_ATTEMPTS",
    "Applied",
    "Handled",
    "Message",
    "Setting",
    "Undeliverable",
    "Word",
    "add_connector",
    "answer_bytes",
    "approve_connector",
    "ask_reconciliation",
    "backoff",
    "beat",
    "change_connector",
    "claim",
    "claim_outward",
    "cure_difference",
    "deliver",
    "deliver_notice",
    "deliver_outward",
    "drain",
    "expiries",
    "left_by_beat",
    "notify",
    "notify_many",
    "pause_connector",
    "probe_connector",
    "publish",
    "put",
    "read_notices",
    "read_up_to",
    "reconcile",
    "reconcile_due",
    "replay_chosen",
    "replay_many",
    "replay_target",
    "resend",
    "retire_secret",
    "rotate_secret",
    "set_aside",
    "settle",
    "take_callback",
    "verify_callback",
    "watch_expiry",
    "watch_platforms",
]

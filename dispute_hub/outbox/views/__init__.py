"""Pages of the inbox, of deliveries that failed, and of the platforms."""

from dispute_hub.outbox.views._connectors import (
    connector,
    connector_approve,
    connector_change,
    connector_new,
    connector_pause,
    connector_resume,
    connector_retire,
    connector_rotate,
    connector_test,
    source_list,
)
from dispute_hub.outbox.views._dead import dead_letter, dead_letters, dead_replay, dead_set_aside
from dispute_hub.outbox.views._inbox import notices, open_notice, read_all
from dispute_hub.outbox.views._reconciling import difference_cure, reconciliation, reconciliation_run

__all__ = [
    "connector",
    "connector_approve",
    "connector_change",
    "connector_new",
    "connector_pause",
    "connector_resume",
    "connector_retire",
    "connector_rotate",
    "connector_test",
    "dead_letter",
    "dead_letters",
    "dead_replay",
    "dead_set_aside",
    "difference_cure",
    "notices",
    "open_notice",
    "read_all",
    "reconciliation",
    "reconciliation_run",
    "source_list",
]

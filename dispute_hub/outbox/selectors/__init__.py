"""Questions about deliveries, platforms and the inbox; they never write."""

from dispute_hub.outbox.selectors._connectors import (
    connector_states,
    connectors_of,
    get_connector,
    live_connectors,
    may,
    receivers_of,
    state_of,
    waiting_of,
)
from dispute_hub.outbox.selectors._dead import (
    dead_rows,
    dead_rows_of,
    get_dead_row,
    masked_body,
    names_of_targets,
    tries_of,
)
from dispute_hub.outbox.selectors._differences import (
    RUNS_WITHIN,
    callbacks_of,
    deliveries_of,
    differences_of,
    get_difference,
    last_run_at,
    last_runs,
    page_of,
)
from dispute_hub.outbox.selectors._inbox import (
    get_notice,
    heartbeats,
    notices_for,
    notices_seen_by,
    oldest_pending_at,
    unread_for,
)
from dispute_hub.outbox.selectors._overtaken import overtaken

__all__ = [
    "RUNS_WITHIN",
    "callbacks_of",
    "connector_states",
    "connectors_of",
    "dead_rows",
    "dead_rows_of",
    "deliveries_of",
    "differences_of",
    "get_connector",
    "get_dead_row",
    "get_difference",
    "get_notice",
    "heartbeats",
    "last_run_at",
    "last_runs",
    "live_connectors",
    "masked_body",
    "may",
    "names_of_targets",
    "notices_for",
    "notices_seen_by",
    "oldest_pending_at",
    "overtaken",
    "page_of",
    "receivers_of",
    "state_of",
    "tries_of",
    "unread_for",
    "waiting_of",
]

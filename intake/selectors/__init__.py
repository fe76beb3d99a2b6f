"""Questions of the intake; they never write and start from what the asking post may see."""

from intake.selectors._desk import (
    alerts_of_day,
    call_at,
    case_of_attaching,
    case_to_attach,
    earlier_of,
    has_machine,
    open_calls,
    stations_of,
)
from intake.selectors._imports import (
    bad_rows,
    batches_of,
    empty_table,
    get_batch,
    waiting_batches,
)
from intake.selectors._lists import (
    Earlier,
    PriorAlert,
    alerts_visible_to,
    earlier_alerts,
    filter_alerts,
    get_alert,
    get_quarantined,
    live_secrets,
    priors_of,
    quarantined_visible_to,
    repeats_of,
    source_by_code,
    versions_of,
)
from intake.selectors._many import priors_of_many
from intake.selectors._repeats import Repeats
from intake.selectors._sources import machine_sources

__all__ = [
    "Earlier",
    "PriorAlert",
    "Repeats",
    "alerts_of_day",
    "alerts_visible_to",
    "bad_rows",
    "batches_of",
    "call_at",
    "case_of_attaching",
    "case_to_attach",
    "earlier_alerts",
    "earlier_of",
    "empty_table",
    "filter_alerts",
    "get_alert",
    "get_batch",
    "get_quarantined",
    "has_machine",
    "live_secrets",
    "machine_sources",
    "open_calls",
    "priors_of",
    "priors_of_many",
    "quarantined_visible_to",
    "repeats_of",
    "source_by_code",
    "stations_of",
    "versions_of",
    "waiting_batches",
]

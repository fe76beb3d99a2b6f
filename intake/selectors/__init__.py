"""Questions of the intake; they never write and start from what the asking post may see."""

from intake.selectors._lists import (
    Earlier,
    PriorAlert,
    alerts_visible_to,
    earlier_alerts,
    get_alert,
    live_secrets,
    priors_of,
    quarantined_visible_to,
    repeats_of,
    source_by_code,
    versions_of,
)
from intake.selectors._repeats import Repeats

__all__ = [
    "Earlier",
    "PriorAlert",
    "Repeats",
    "alerts_visible_to",
    "earlier_alerts",
    "get_alert",
    "live_secrets",
    "priors_of",
    "quarantined_visible_to",
    "repeats_of",
    "source_by_code",
    "versions_of",
]

"""Pages of the intake: the desk, today's alerts, one alert, what was set aside, imports."""

from intake.views._alerts import (
    add_text,
    alert_card,
    alert_detail,
    alert_rows,
    alerts_today,
    attach,
    detach,
    dispatch,
    reveal,
)
from intake.views._desk import desk, drop_draft, preview, save_draft, strip, take_call
from intake.views._quarantine import drop_message, quarantine, quarantine_detail, repair

__all__ = [
    "add_text",
    "alert_card",
    "alert_detail",
    "alert_rows",
    "alerts_today",
    "attach",
    "desk",
    "detach",
    "dispatch",
    "drop_draft",
    "drop_message",
    "preview",
    "quarantine",
    "quarantine_detail",
    "repair",
    "reveal",
    "save_draft",
    "strip",
    "take_call",
]

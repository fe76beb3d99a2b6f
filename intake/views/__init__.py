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
from intake.views._imports import (
    alert_import,
    cancel_import,
    import_batch,
    import_errors,
    import_template,
    start_import,
)
from intake.views._quarantine import drop_message, quarantine, quarantine_detail, repair

__all__ = [
    "add_text",
    "alert_card",
    "alert_detail",
    "alert_import",
    "alert_rows",
    "alerts_today",
    "attach",
    "cancel_import",
    "desk",
    "detach",
    "dispatch",
    "drop_draft",
    "drop_message",
    "import_batch",
    "import_errors",
    "import_template",
    "preview",
    "quarantine",
    "quarantine_detail",
    "repair",
    "reveal",
    "save_draft",
    "start_import",
    "strip",
    "take_call",
]

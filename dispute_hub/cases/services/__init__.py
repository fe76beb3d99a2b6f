"""Verbs of the case itself: opened, held, settled, confirmed as no dispute, closed, merged."""

from dispute_hub.cases.services._calendar import (
    change_calendar,
    days_to_change,
    warn_of_missing_table,
)
from dispute_hub.cases.services._clock_tables import (
    activate_clock_table,
    discard_clock_table,
    draft_clock_table,
    edit_clock,
    edit_ladder,
    preview_clock_table,
)
from dispute_hub.cases.services._clocks import (
    EXTENDED_ELSEWHERE,
    ask_clock_extension,
    decide_clock_extension,
    is_held_by,
    pause_clock,
    resume_clock,
)
from dispute_hub.cases.services._ending import (
    absorb,
    approve_close,
    check_settlement,
    close,
    confirm_no_dispute,
    mark_settled,
    record_contact,
    settle,
    split_off,
)
from dispute_hub.cases.services._extension_rules import MOST_EXTENSIONS, check_asked, check_decided
from dispute_hub.cases.services._opening import (
    Opening,
    PartyFacts,
    Place,
    add_alert,
    add_parties,
    hold,
    lock,
    lock_version,
    open_case,
    reindex,
    reopen,
)
from dispute_hub.cases.services._revealing import Revealed, reveal
from dispute_hub.cases.services._standstills import restart_clocks, stop_clocks
from dispute_hub.cases.services._unit_limits import decide_unit_limit, propose_unit_limit

__all__ = [
    "EXTENDED_ELSEWHERE",
    "MOST_EXTENSIONS",
    "Opening",
    "PartyFacts",
    "Place",
    "Revealed",
    "absorb",
    "activate_clock_table",
    "add_alert",
    "add_parties",
    "approve_close",
    "ask_clock_extension",
    "change_calendar",
    "check_asked",
    "check_decided",
    "check_settlement",
    "close",
    "confirm_no_dispute",
    "days_to_change",
    "decide_clock_extension",
    "decide_unit_limit",
    "discard_clock_table",
    "draft_clock_table",
    "edit_clock",
    "edit_ladder",
    "hold",
    "is_held_by",
    "lock",
    "lock_version",
    "mark_settled",
    "open_case",
    "pause_clock",
    "preview_clock_table",
    "propose_unit_limit",
    "record_contact",
    "reindex",
    "reopen",
    "restart_clocks",
    "resume_clock",
    "reveal",
    "settle",
    "split_off",
    "stop_clocks",
    "warn_of_missing_table",
]

"""Verbs of the case itself: opened, held, settled, confirmed as no dispute, closed, merged."""

from dispute_hub.cases.services._clocks import (
    ask_clock_extension,
    decide_clock_extension,
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

__all__ = [
    "Opening",
    "PartyFacts",
    "Place",
    "Revealed",
    "absorb",
    "add_alert",
    "add_parties",
    "approve_close",
    "ask_clock_extension",
    "check_settlement",
    "close",
    "confirm_no_dispute",
    "decide_clock_extension",
    "hold",
    "lock",
    "lock_version",
    "mark_settled",
    "open_case",
    "pause_clock",
    "record_contact",
    "reindex",
    "reopen",
    "resume_clock",
    "reveal",
    "settle",
    "split_off",
]

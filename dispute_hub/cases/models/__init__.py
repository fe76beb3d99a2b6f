"""The dispute, its people, its timeline, who may see it, and its clocks."""

from dispute_hub.cases.models._cases import (
    GRAVITY,
    OPEN_STATUSES,
    RESOLVING,
    UNKNOWN,
    Case,
    CaseEvent,
    CaseGrant,
    Colour,
    Level,
    Party,
    Phase,
    SettleHow,
    Status,
)
from dispute_hub.cases.models._clocks import (
    CalendarOverride,
    ClockExtension,
    ClockPause,
    ClockTable,
    Deadline,
    Recount,
    Standstill,
)
from dispute_hub.cases.models._table_previews import TablePreview
from dispute_hub.cases.models._unit_limits import UnitLimit

__all__ = [
    "GRAVITY",
    "OPEN_STATUSES",
    "RESOLVING",
    "UNKNOWN",
    "CalendarOverride",
    "Case",
    "CaseEvent",
    "CaseGrant",
    "ClockExtension",
    "ClockPause",
    "ClockTable",
    "Colour",
    "Deadline",
    "Level",
    "Party",
    "Phase",
    "Recount",
    "SettleHow",
    "Standstill",
    "Status",
    "TablePreview",
    "UnitLimit",
]

"""How limits are counted: pure functions over instants and a calendar of working days.

民法典 201-203: the first day is not counted; a day limit ends at 24:00 of its last day (kept as 00:00
Beijing of the next); when that is a rest day it ends with the next working day. Safety clocks (handbook,
clocks) never roll over. The State Council's holidays and make-up working days come from the
`chinesecalendar` tables, an office's own from overrides; a year without a table counts weekends only.
"""

from dispute_hub.cases.calendar._days import (
    Calendar,
    has_table,
    missing_table,
    missing_table_warning,
    office_calendar,
    use_overrides,
    with_days,
)
from dispute_hub.cases.calendar._limits import MOST, UNITS, Limit, parse_limit
from dispute_hub.cases.calendar._reckoning import (
    Explanation,
    Pause,
    due,
    explain,
    explain_span,
    last_day_end,
)

__all__ = [
    "MOST",
    "UNITS",
    "Calendar",
    "Explanation",
    "Limit",
    "Pause",
    "due",
    "explain",
    "explain_span",
    "has_table",
    "last_day_end",
    "missing_table",
    "missing_table_warning",
    "office_calendar",
    "parse_limit",
    "use_overrides",
    "with_days",
]

"""Questions about pushes, sheets and orders. Each family lives in a private module."""

from routing.selectors import _counts as counts
from routing.selectors._handovers import handover_of, items_of
from routing.selectors._pushes import (
    first_push_of,
    get_push,
    open_file_of,
    open_pushes_for,
    push_card,
    pushes_visible_to,
    sign_due_at,
)
from routing.selectors._sheets import (
    Correction,
    corrections,
    freezes_at,
    get_sheet,
    missing_sheets,
    sheets_visible_to,
    since_midnight,
    stations_for,
)

__all__ = [
    "Correction",
    "corrections",
    "counts",
    "first_push_of",
    "freezes_at",
    "get_push",
    "get_sheet",
    "handover_of",
    "items_of",
    "missing_sheets",
    "open_file_of",
    "open_pushes_for",
    "push_card",
    "pushes_visible_to",
    "sheets_visible_to",
    "sign_due_at",
    "since_midnight",
    "stations_for",
]

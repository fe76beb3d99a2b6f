"""Questions about pushes, sheets and orders. Each family lives in a private module."""

from routing.selectors._pushes import (
    first_push_of,
    get_push,
    open_file_of,
    open_pushes_for,
    push_card,
    pushes_visible_to,
    sign_due_at,
)

__all__ = [
    "first_push_of",
    "get_push",
    "open_file_of",
    "open_pushes_for",
    "push_card",
    "pushes_visible_to",
    "sign_due_at",
]

"""Questions about follow-ups and supervision."""

from followup.selectors._call import (
    answer_of,
    asked_sides,
    card_of,
    get_party,
    has_agreement,
    told,
)
from followup.selectors._lists import (
    GROUPS,
    as_one,
    closings,
    counts,
    finished,
    follow_ups_visible_to,
    get_follow_up,
    grouped,
    in_group,
    next_after,
    rows_of,
    worklist,
)
from followup.selectors._supervisions import (
    STATES,
    acts_on,
    answer_clock,
    get_supervision,
    in_state,
    supervisions_visible_to,
)

__all__ = [
    "GROUPS",
    "STATES",
    "acts_on",
    "answer_clock",
    "answer_of",
    "as_one",
    "asked_sides",
    "card_of",
    "closings",
    "counts",
    "finished",
    "follow_ups_visible_to",
    "get_follow_up",
    "get_party",
    "get_supervision",
    "grouped",
    "has_agreement",
    "in_group",
    "in_state",
    "next_after",
    "rows_of",
    "supervisions_visible_to",
    "told",
    "worklist",
]

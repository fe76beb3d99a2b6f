"""What happens in the demo city: scripts that call the same services as the pages do."""

from dispute_hub.demo.stories._crossing import countered, diversion_asked
from dispute_hub.demo.stories._orders import ACCEPTED, DONE, PROPOSED, SENT, TO_VERIFY, diverted, third_push
from dispute_hub.demo.stories._scene import call, handled, stopped
from dispute_hub.demo.stories._special import (
    close_asked,
    clue,
    consulted,
    contacted,
    grade_asked,
    instalments,
    merged,
    more_calls,
    overdue_visit,
    relapse,
    reported,
    return_fight,
    session_planned,
    set_aside,
)
from dispute_hub.demo.stories._tracking import responsible, taken_up, track

__all__ = [
    "ACCEPTED",
    "DONE",
    "PROPOSED",
    "SENT",
    "TO_VERIFY",
    "call",
    "close_asked",
    "clue",
    "consulted",
    "contacted",
    "countered",
    "diversion_asked",
    "diverted",
    "grade_asked",
    "handled",
    "instalments",
    "merged",
    "more_calls",
    "overdue_visit",
    "relapse",
    "reported",
    "responsible",
    "return_fight",
    "session_planned",
    "set_aside",
    "stopped",
    "taken_up",
    "third_push",
    "track",
]

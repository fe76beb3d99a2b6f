"""Pages of the follow-up: worklist, call mode, closings to approve, supervision."""

from followup.views._calls import (
    follow_up_call,
    follow_up_done,
    follow_up_list,
    record_result,
    reveal,
    safe_contact,
    waive,
)
from followup.views._closings import closing_list, decide_closing
from followup.views._supervisions import (
    answer,
    check,
    drop,
    issue,
    supervision_detail,
    supervision_list,
)

__all__ = [
    "answer",
    "check",
    "closing_list",
    "decide_closing",
    "drop",
    "follow_up_call",
    "follow_up_done",
    "follow_up_list",
    "issue",
    "record_result",
    "reveal",
    "safe_contact",
    "supervision_detail",
    "supervision_list",
    "waive",
]

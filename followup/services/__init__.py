"""Verbs of the follow-up: planned, recorded, waived, missed; supervision of what runs late."""

from followup.services._plan import end_open, is_sensitive, plan, plan_visit, waive_open
from followup.services._record import (
    Answers,
    close_if_done,
    mark_missed,
    record_failed_try,
    record_result,
    waive,
)
from followup.services._supervision import (
    answer_supervision,
    close_supervision,
    issue_supervision,
    propose_naming,
    propose_supervision,
)

__all__ = [
    "Answers",
    "answer_supervision",
    "close_if_done",
    "close_supervision",
    "end_open",
    "is_sensitive",
    "issue_supervision",
    "mark_missed",
    "plan",
    "plan_visit",
    "propose_naming",
    "propose_supervision",
    "record_failed_try",
    "record_result",
    "waive",
    "waive_open",
]

"""Verbs of the follow-up: planned, recorded, waived, missed; supervision of what runs late."""

from followup.services._closing import close_if_done, refuse_close
from followup.services._contact import record_safe_contact, reveal_phone
from followup.services._missed import mark_due, mark_missed
from followup.services._plan import (
    end_open,
    is_sensitive,
    move_with_clock,
    plan,
    plan_visit,
    waive_open,
)
from followup.services._record import Answers, record_failed_try, record_result, waive
from followup.services._supervision import (
    answer_supervision,
    close_supervision,
    drop_supervision,
    issue_supervision,
    propose_naming,
    propose_supervision,
)

__all__ = [
    "Answers",
    "answer_supervision",
    "close_if_done",
    "close_supervision",
    "drop_supervision",
    "end_open",
    "is_sensitive",
    "issue_supervision",
    "mark_due",
    "mark_missed",
    "move_with_clock",
    "plan",
    "plan_visit",
    "propose_naming",
    "propose_supervision",
    "record_failed_try",
    "record_result",
    "record_safe_contact",
    "refuse_close",
    "reveal_phone",
    "waive",
    "waive_open",
]

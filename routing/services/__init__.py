"""Verbs of the three pushes. Each family lives in a private module; everybody imports from here."""

from routing.services._case_files import record_case_file_step
from routing.services._contacts import ContactMode, record_contact
from routing.services._feedback import feed_back
from routing.services._handovers import sign_handover
from routing.services._pool import dispatch_pool
from routing.services._pushes import push_first
from routing.services._rises import end_open, notify_rise
from routing.services._second import push_second
from routing.services._sheet_acts import RowResult, act_on_rows, assign_case
from routing.services._sheets import issue_missing_sheets, issue_sheet, sign_sheet
from routing.services._signing import arrive, sign_push

__all__ = [
    "ContactMode",
    "RowResult",
    "act_on_rows",
    "arrive",
    "assign_case",
    "dispatch_pool",
    "end_open",
    "feed_back",
    "issue_missing_sheets",
    "issue_sheet",
    "notify_rise",
    "push_first",
    "push_second",
    "record_case_file_step",
    "record_contact",
    "sign_handover",
    "sign_push",
    "sign_sheet",
]

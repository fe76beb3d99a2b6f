"""Verbs of the three pushes. Each family lives in a private module; everybody imports from here."""

from routing.selectors._packet import packet_of
from routing.services._case_files import record_case_file_step
from routing.services._contacts import ContactMode, record_contact
from routing.services._crew_texts import add_crew_text
from routing.services._diversion import Diversion, divert, return_unaccepted
from routing.services._feedback import feed_back
from routing.services._handovers import sign_handover
from routing.services._inward import apply_platform_word
from routing.services._order_verifying import decide_extension, extend_order, verify_order
from routing.services._order_work import (
    accept_order,
    assign_order,
    feed_back_order,
    return_order,
    settle_order,
)
from routing.services._on_behalf import confirm_on_behalf
from routing.services._orders import (
    ReportText,
    ThirdPushDraft,
    approve_order,
    end_open_orders,
    propose_third_push,
    recall_order,
    reject_order,
)
from routing.services._outward import contacts_of, publish_order, start_accept_clock, tell_unconfirmed
from routing.services._pool import dispatch_pool
from routing.services._pushes import push_first
from routing.services._reinforcement import (
    answer_reinforcement,
    ask_reinforcement,
    withdraw_reinforcement,
)
from routing.services._rises import end_open, notify_rise
from routing.services._second import push_second
from routing.services._sheet_acts import RowResult, act_on_rows, assign_case
from routing.services._sheets import issue_missing_sheets, issue_sheet, sign_sheet
from routing.services._signing import arrive, sign_push

__all__ = [
    "ContactMode",
    "Diversion",
    "ReportText",
    "RowResult",
    "ThirdPushDraft",
    "accept_order",
    "act_on_rows",
    "add_crew_text",
    "answer_reinforcement",
    "apply_platform_word",
    "approve_order",
    "arrive",
    "ask_reinforcement",
    "assign_case",
    "assign_order",
    "confirm_on_behalf",
    "contacts_of",
    "decide_extension",
    "dispatch_pool",
    "divert",
    "end_open",
    "end_open_orders",
    "extend_order",
    "feed_back",
    "feed_back_order",
    "issue_missing_sheets",
    "issue_sheet",
    "notify_rise",
    "packet_of",
    "propose_third_push",
    "publish_order",
    "push_first",
    "push_second",
    "recall_order",
    "record_case_file_step",
    "record_contact",
    "reject_order",
    "return_order",
    "return_unaccepted",
    "settle_order",
    "sign_handover",
    "sign_push",
    "sign_sheet",
    "start_accept_clock",
    "tell_unconfirmed",
    "verify_order",
    "withdraw_reinforcement",
]

"""Verbs of the three pushes. Each family lives in a private module; everybody imports from here."""

from routing.selectors._packet import packet_of
from routing.services._assisting import (
    answer_assistance,
    ask_assistance,
    sign_assistance,
    withdraw_assistance,
)
from routing.services._case_files import record_case_file_step
from routing.services._complaints import assign_complaint, keep_complaint
from routing.services._contacts import ContactMode, record_contact
from routing.services._counter_orders import (
    CounterDraft,
    accept_counter_order,
    answer_counter_order,
    answer_emergency,
    return_counter_order,
    send_counter_order,
)
from routing.services._county import redirect_order
from routing.services._crew_texts import add_crew_text
from routing.services._diversion import Diversion, divert, propose_diversion, return_unaccepted
from routing.services._diversion_confirming import (
    CallOutcome,
    confirm_diversion,
    note_three_party_call,
    refuse_diversion,
)
from routing.services._emergency import (
    Command,
    begin_emergency,
    change_commander,
    end_emergency,
    end_emergency_with_case,
    offer_emergency,
)
from routing.services._emergency_reports import receive_emergency_call, report_emergency
from routing.services._feedback import feed_back
from routing.services._handover_notices import deliver_notice
from routing.services._handovers import remind_of_handovers, sign_handover
from routing.services._inward import apply_platform_word
from routing.services._jurisdiction import decide_jurisdiction, raise_jurisdiction
from routing.services._lost_contact import decide_lost_contact, propose_lost_contact, record_try
from routing.services._night import is_held, is_night, take_over
from routing.services._on_behalf import confirm_on_behalf
from routing.services._order_contacts import SideSaid, record_order_contact
from routing.services._order_deciding import approve_order, raise_unapproved, reject_order
from routing.services._order_split import (
    MOST_ASSISTING,
    TaskDraft,
    assign_order,
    complete_task,
    excuse_task,
)
from routing.services._order_verifying import decide_extension, extend_order, verify_order
from routing.services._order_work import (
    accept_order,
    feed_back_order,
    return_order,
    settle_order,
)
from routing.services._orders import (
    ReportText,
    ThirdPushDraft,
    end_open_orders,
    propose_third_push,
    recall_order,
)
from routing.services._outward import (
    contacts_of,
    publish_order,
    standing_of,
    start_accept_clock,
    tell_unconfirmed,
)
from routing.services._overtaken import overtaken
from routing.services._phone_approvals import (
    PhoneAnswer,
    decide_in_writing,
    flag_unwritten,
    record_phone_approval,
)
from routing.services._pool import dispatch_pool
from routing.services._pushes import push_first
from routing.services._recusals import decide_recusal, declare_recusal, move_complained
from routing.services._reinforcement import (
    answer_reinforcement,
    ask_reinforcement,
    withdraw_reinforcement,
)
from routing.services._report_drafts import drop_report_draft, save_report_draft
from routing.services._rises import end_open, notify_rise
from routing.services._second import push_second
from routing.services._sheet_acts import RowResult, act_on_rows, assign_case, meet_preparation
from routing.services._sheet_undo import undo_on_rows
from routing.services._sheets import issue_missing_sheets, issue_sheet, sign_sheet
from routing.services._signing import arrive, sign_push
from routing.services._transfers import MOVABLE
from routing.services._watching import assign_watcher, change_watcher, end_watch, renew_watch, urge_order

__all__ = [
    "MOST_ASSISTING",
    "MOVABLE",
    "CallOutcome",
    "Command",
    "ContactMode",
    "CounterDraft",
    "Diversion",
    "PhoneAnswer",
    "ReportText",
    "RowResult",
    "SideSaid",
    "TaskDraft",
    "ThirdPushDraft",
    "accept_counter_order",
    "accept_order",
    "act_on_rows",
    "add_crew_text",
    "answer_assistance",
    "answer_counter_order",
    "answer_emergency",
    "answer_reinforcement",
    "apply_platform_word",
    "approve_order",
    "arrive",
    "ask_assistance",
    "ask_reinforcement",
    "assign_case",
    "assign_complaint",
    "assign_order",
    "assign_watcher",
    "begin_emergency",
    "change_commander",
    "change_watcher",
    "complete_task",
    "confirm_diversion",
    "confirm_on_behalf",
    "contacts_of",
    "decide_extension",
    "decide_in_writing",
    "decide_jurisdiction",
    "decide_lost_contact",
    "decide_recusal",
    "declare_recusal",
    "deliver_notice",
    "dispatch_pool",
    "divert",
    "drop_report_draft",
    "end_emergency",
    "end_emergency_with_case",
    "end_open",
    "end_open_orders",
    "end_watch",
    "excuse_task",
    "extend_order",
    "feed_back",
    "feed_back_order",
    "flag_unwritten",
    "is_held",
    "is_night",
    "issue_missing_sheets",
    "issue_sheet",
    "keep_complaint",
    "meet_preparation",
    "move_complained",
    "note_three_party_call",
    "notify_rise",
    "offer_emergency",
    "overtaken",
    "packet_of",
    "propose_diversion",
    "propose_lost_contact",
    "propose_third_push",
    "publish_order",
    "push_first",
    "push_second",
    "raise_jurisdiction",
    "raise_unapproved",
    "recall_order",
    "receive_emergency_call",
    "record_case_file_step",
    "record_contact",
    "record_order_contact",
    "record_phone_approval",
    "record_try",
    "redirect_order",
    "refuse_diversion",
    "reject_order",
    "remind_of_handovers",
    "renew_watch",
    "report_emergency",
    "return_counter_order",
    "return_order",
    "return_unaccepted",
    "save_report_draft",
    "send_counter_order",
    "settle_order",
    "sign_assistance",
    "sign_handover",
    "sign_push",
    "sign_sheet",
    "standing_of",
    "start_accept_clock",
    "take_over",
    "tell_unconfirmed",
    "undo_on_rows",
    "urge_order",
    "verify_order",
    "withdraw_assistance",
    "withdraw_reinforcement",
]

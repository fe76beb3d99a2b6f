"""Questions about pushes, sheets and orders. Each family lives in a private module."""

from routing.selectors import _assisting as assists
from routing.selectors import _counter_orders as counters
from routing.selectors import _counts as counts
from routing.selectors import _diversions as diversions
from routing.selectors import _emergencies as emergencies
from routing.selectors import _stepping_aside as aside
from routing.selectors import _watches as watches
from routing.selectors._approvals import confirmations_for, may_approve
from routing.selectors._approvers import phone_leaders
from routing.selectors._brief import Brief, brief_of
from routing.selectors._cards import PushCard, cards_of, fingerprint
from routing.selectors._drafting import (
    addressees_of,
    assignable_units,
    difficulty_choices,
    grade_choices,
    lead_proposal,
    procedure_under_way,
    receivers_of,
)
from routing.selectors._filings import FIELDS, STAYS, PacketPreview, changed_since_filed, preview_of
from routing.selectors._handovers import answers_for, handover_of, handover_page, items_of
from routing.selectors._order_lanes import lanes, order_cards
from routing.selectors._order_page import OrderPage, page_of, possible_acts
from routing.selectors._order_sides import contacts_of, own_task_id, sides_of
from routing.selectors._orders import (
    after_diversion,
    answer_of,
    awaiting_approval,
    case_to_divert,
    clocks_of_order,
    decides,
    get_diversion,
    get_extension,
    get_order,
    is_order_side,
    item_of,
    listed,
    no_orders_help,
    open_order,
    orders_of,
    orders_visible_to,
    pending_extensions,
)
from routing.selectors._packet import packet_for, packet_of, sight_of
from routing.selectors._push_page import pages_of, what_may
from routing.selectors._pushes import (
    first_push_of,
    first_push_with_clock,
    get_push,
    kept_pushes_for,
    open_file_of,
    open_pushes_for,
    pushes_visible_to,
    second_push_of,
    sign_due_at,
)
from routing.selectors._reinforcements import (
    crews_for,
    get_on_behalf,
    get_reinforcement,
    on_behalf_count,
    on_behalf_for,
    reinforcements_for,
)
from routing.selectors._report_drafts import report_draft_of, typed_before
from routing.selectors._sheet_pages import (
    assignable_posts,
    get_row,
    officers_of,
    results_page,
    rows_asked,
    sheet_page,
    station_asked,
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
from routing.selectors._tracking import (
    LEDGER_ORDER,
    held_push,
    last_events,
    ledger,
    ledger_cases,
    second_acts,
)
from routing.selectors._written_words import written_words

__all__ = [
    "FIELDS",
    "LEDGER_ORDER",
    "STAYS",
    "Brief",
    "Correction",
    "OrderPage",
    "PacketPreview",
    "PushCard",
    "addressees_of",
    "after_diversion",
    "answer_of",
    "answers_for",
    "aside",
    "assignable_posts",
    "assignable_units",
    "assists",
    "awaiting_approval",
    "brief_of",
    "cards_of",
    "case_to_divert",
    "changed_since_filed",
    "clocks_of_order",
    "confirmations_for",
    "contacts_of",
    "corrections",
    "counters",
    "counts",
    "crews_for",
    "decides",
    "difficulty_choices",
    "diversions",
    "emergencies",
    "fingerprint",
    "first_push_of",
    "first_push_with_clock",
    "freezes_at",
    "get_diversion",
    "get_extension",
    "get_on_behalf",
    "get_order",
    "get_push",
    "get_reinforcement",
    "get_row",
    "get_sheet",
    "grade_choices",
    "handover_of",
    "handover_page",
    "held_push",
    "is_order_side",
    "item_of",
    "items_of",
    "kept_pushes_for",
    "lanes",
    "last_events",
    "lead_proposal",
    "ledger",
    "ledger_cases",
    "listed",
    "may_approve",
    "missing_sheets",
    "no_orders_help",
    "officers_of",
    "on_behalf_count",
    "on_behalf_for",
    "open_file_of",
    "open_order",
    "open_pushes_for",
    "order_cards",
    "orders_of",
    "orders_visible_to",
    "own_task_id",
    "packet_for",
    "packet_of",
    "page_of",
    "pages_of",
    "pending_extensions",
    "phone_leaders",
    "possible_acts",
    "preview_of",
    "procedure_under_way",
    "pushes_visible_to",
    "receivers_of",
    "reinforcements_for",
    "report_draft_of",
    "results_page",
    "rows_asked",
    "second_acts",
    "second_push_of",
    "sheet_page",
    "sheets_visible_to",
    "sides_of",
    "sight_of",
    "sign_due_at",
    "since_midnight",
    "station_asked",
    "stations_for",
    "typed_before",
    "watches",
    "what_may",
    "written_words",
]

"""Pages of the routing stage; one private module per family."""

from routing.views import _assisting as assists
from routing.views import _counter_orders as counters
from routing.views import _diversions as diversions
from routing.views import _emergencies as emergencies
from routing.views import _on_behalf as on_behalf
from routing.views import _orders as orders
from routing.views import _phone_approvals as phone_approvals
from routing.views import _push_field as field
from routing.views import _reinforcements as reinforcements
from routing.views import _stepping_aside as aside
from routing.views import _watches as watches
from routing.views._approvals import approvals, confirm_case
from routing.views._handovers import handover, handover_print, handover_sign, handover_today
from routing.views._order_approvals import decide_extension, decide_lost, order_approvals
from routing.views._pushes import (
    push_add_text,
    push_arrive,
    push_cards,
    push_detail,
    push_feedback,
    push_list,
    push_reinforce,
    push_sign,
    push_withdraw,
)
from routing.views._sheets import (
    sheet,
    sheet_print,
    sheet_row,
    sheet_rows,
    sheet_sign,
    sheet_today,
    sheet_undo,
)
from routing.views._third_push import (
    divert,
    third_push,
    third_push_draft,
    third_push_draft_drop,
    third_push_preview,
)
from routing.views._tracking import (
    tracking_assign,
    tracking_contact,
    tracking_list,
    tracking_panel,
    tracking_settle,
    tracking_take_over,
)

__all__ = [
    "approvals",
    "aside",
    "assists",
    "confirm_case",
    "counters",
    "decide_extension",
    "decide_lost",
    "diversions",
    "divert",
    "emergencies",
    "field",
    "handover",
    "handover_print",
    "handover_sign",
    "handover_today",
    "on_behalf",
    "order_approvals",
    "orders",
    "phone_approvals",
    "push_add_text",
    "push_arrive",
    "push_cards",
    "push_detail",
    "push_feedback",
    "push_list",
    "push_reinforce",
    "push_sign",
    "push_withdraw",
    "reinforcements",
    "sheet",
    "sheet_print",
    "sheet_row",
    "sheet_rows",
    "sheet_sign",
    "sheet_today",
    "sheet_undo",
    "third_push",
    "third_push_draft",
    "third_push_draft_drop",
    "third_push_preview",
    "tracking_assign",
    "tracking_contact",
    "tracking_list",
    "tracking_panel",
    "tracking_settle",
    "tracking_take_over",
    "watches",
]

"""Which object stands behind an address, and who of 象珠 has it in reach: the scope half of the matrix.

The other half is `policy.MATRIX`. Who has the right but not the reach gets 404, who lacks the right 403.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final

from tests.doors.addresses import Door
from tests.doors.world import World

KEY: Final = "5c2f3a1e-1111-4222-8333-444455556666"
HOUSE: Final = {"community_officer", "station_command", "station_chief"}
POLICE: Final = HOUSE | {"bureau"}
LEADERS: Final = {"station_command", "station_chief"}
RECEIVERS: Final = {"centre", "county_centre"}

# object → who of the cast has it in reach; nobody of another station, street or county but for "assist".
REACH: Final[dict[str, set[str]]] = {
    "case tracked": POLICE | {"officer", "leader"},
    "case scene": POLICE | {"officer", "leader", "duty_commander", "dispatcher"},
    "case done": POLICE | {"leader", "officer"},
    "alert scene": POLICE | {"officer", "dispatcher", "duty_commander"},
    "push scene": POLICE | {"officer"},
    "reinforcement": LEADERS | {"dispatcher", "duty_commander"},
    "record": {"officer"},
    "order proposed": POLICE | {"officer"},
    "order sent": POLICE | RECEIVERS | {"officer"},
    "order accepted": POLICE | RECEIVERS | {"officer", "department", "grid_worker"},
    "order to_verify": POLICE | RECEIVERS | {"officer"},
    "order diverted": POLICE | RECEIVERS | {"officer"},
    "order pending": {"duty_commander"},
    "order watched": {"bureau"},
    "order counter": LEADERS | {"centre", "bureau"},
    # The one thing another station reads: what it is asked to help with.
    "assist": HOUSE | {f"other_{role}" for role in HOUSE},
    "recusal": LEADERS | {"bureau"},
    "dispute": LEADERS | {"bureau"},
    "extension": LEADERS,
    # The bureau reads why it is not its own to decide, until the station has nobody left.
    "lost": LEADERS | {"bureau"},
    "sheet": LEADERS | {"bureau"},
    # The station's roster: its own people, its bureau, the administrator.
    "roster": POLICE | {"officer", "system_admin"},
    "row": LEADERS,
    "session mediated": HOUSE | {"officer", "mediator"},
    "session agreed": HOUSE | {"officer", "mediator"},
    "case mediated": HOUSE | {"mediator"},
    "agreement": HOUSE | {"officer", "mediator"},
    "consultation": HOUSE,
    "decision": {"department"},
    "regrade": LEADERS,
    "follow_up": HOUSE | {"officer"},
    "supervision": LEADERS | {"bureau"},
    "batch": {"station_command"},
    # A set-aside message shows its body: its own station's command room, the duty desk, the bureau.
    "quarantine": {"station_command", "duty_commander", "bureau"},
    "notice": {"community_officer"},
    # Platforms belong to the bureau; deliveries to them are technical for the one, its own for the other.
    "letter": {"system_admin", "bureau"},
    "platform": {"system_admin", "bureau"},
    "difference": {"bureau"},
    "emergency": POLICE | {"officer", "leader", "duty_commander"},
    # The called units read their instruction, nothing of the case.
    "call": {"bureau", "centre", "department"},
    "clock tracked": POLICE | {"officer", "leader"},
    "unit_limit": {"bureau"},
    # Rules are the deployment's, of no unit.
    "replay": {"bureau", "security_admin"},
}

# An address's object, where the parameter alone does not tell.
OBJECTS: Final[dict[str, str]] = {
    "order_detail": "order accepted", "order_print": "order accepted", "order_notice": "order diverted",
    "order_approve": "order proposed", "order_reject": "order proposed", "order_accept": "order sent",
    "order_return": "order sent", "order_recall": "order sent", "order_verify": "order to_verify",
    "order_tried": "order to_verify", "order_lost": "order to_verify",
    "notice_deliver": "order diverted", "diversion_propose": "case scene",
    "diversion_confirm": "order pending", "diversion_refuse": "order pending",
    "diversion_call": "order pending", "watch_urge": "order watched", "watch_change": "order watched",
    "counter_detail": "order counter", "counter_accept": "order counter", "counter_return": "order counter",
    "counter_answer": "order counter",
    "order_phone": "order proposed", "order_written": "order proposed",
    "diversion": "case scene", "api-case-divert": "case scene",
    "record_print": "session agreed", "record_docx": "session agreed",
    "session_new": "case mediated", "agreement_new": "case mediated",
    "api-case-sessions": "case mediated", "api-case-agreements": "case mediated",
    "sheet": "", "sheet_print": "", "paper_file": "agreement", "sheet_row": "row",
    "decision_complete": "decision", "alert_import_batch": "batch", "alert_import_start": "batch",
    "alert_import_cancel": "batch", "alert_import_errors": "batch", "quarantine_detail": "quarantine",
    "quarantine_repair": "quarantine", "quarantine_drop": "quarantine",
    "api-platform-callbacks": "",
    "desk_draft": "", "desk_draft_drop": "", "desk_call": "", "api-source-alerts": "",
    "emergency_new": "case scene", "emergency_instruction": "call", "emergency_receive": "call",
    "sheet_rows": "sheet", "sheet_undo": "sheet", "decide_closing": "case done",
    "api-case-close": "case done",
}  # fmt: skip
BY_PARAMETER: Final = {
    "unit_code": "roster",
    "case_no": "case tracked", "alert_no": "alert scene", "push_id": "push scene", "no": "order accepted",
    "reinforcement_id": "reinforcement", "record_id": "record",
    "sheet_on": "sheet", "session_id": "session mediated", "number": "agreement",
    "consultation_id": "consultation", "regrade_id": "regrade", "extension_id": "extension",
    "lost_id": "lost",
    "recusal_id": "recusal", "dispute_id": "dispute",
    "follow_up_id": "follow_up", "supervision_id": "supervision", "notice_id": "notice",
    "letter_id": "letter", "code": "platform", "difference_id": "difference",
    "replay_id": "replay", "deadline_id": "clock tracked", "emergency_id": "emergency",
    "limit_id": "unit_limit", "assist_id": "assist",
}  # fmt: skip
QUERIES: Final = {
    "rule_part_new": "?kind=factor&name=weapon",
    "board_rows": "?figure=cleared&period=month&date=2026-03-24",
    "replay_cell": "?old=blue&new=blue",
    "agreement_cell": "?engine=blue&human=blue",
    "replay_estimate": "?days=30",
}


def parameters(door: Door) -> list[str]:
    """Names of what stands in the address."""
    return re.findall(r"<(?:\w+:)?(\w+)>", door.route)


def object_of(door: Door) -> str:
    """The object behind the address; "" for a page that shows each his own."""
    if door.name in OBJECTS:
        return OBJECTS[door.name]
    return next((BY_PARAMETER[name] for name in parameters(door) if name in BY_PARAMETER), "")


def arguments(door: Door, world: World) -> dict[str, Any]:
    """What fills the address in this world."""
    thing = object_of(door).partition(" ")[2]
    session = thing if thing in ("mediated", "agreed") else "mediated"
    at_hand: dict[str, Any] = {
        "shift_on": date(2026, 3, 24), "unit_code": "330784-XZ",
        "key": KEY, "source": "110", "station": "330784-XZ", "item": 1, "sheet_on": date(2026, 3, 24),
        "code": "grid",
        "number": world.no["agreement"], "paper_id": world.id["paper"], "row_id": world.id["row"],
        "decision_id": world.id["decision"], "entry_id": world.id["entry"],
        "verdict": "accept" if "supervision" in door.name else "approve",
        "party_id": world.id["visit_party" if "follow_up" in door.name else "session_party"],
        "pk": world.id["quarantine" if "quarantine" in door.name else "batch"],
        "session_id": world.id[f"session_{session}"],
        "push_id": world.id["push"], "no": world.no.get(thing, ""),
        "case_no": world.case[thing].case_no if thing in world.case else "",
        "alert_no": world.alert["scene"].alert_no, "part": "factor/weapon", "kind": "order.verify",
    }  # fmt: skip
    return {
        name: at_hand[name] if name in at_hand else world.id[name.removesuffix("_id")]
        for name in parameters(door)
    }

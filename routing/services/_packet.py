"""What leaves the police side: the least that the receiver needs, and nothing else (handbook 3).

Outside units get the *instruction* ("two staff, do not visit alone"), never what it is derived from:
no ID numbers, records, earlier alerts or risk tags.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any, Final

from dispute_hub.cases import selectors as cases
from dispute_hub.cases.models import Case, Party
from dispute_hub.common import masks
from intake import selectors as intake
from routing.models import WorkOrder

SAFETY: Final[dict[str, str]] = {
    "red": "请会同派出所民警两人以上上门，不得单独约见；遇人身危险立即拨打110。",
    "orange": "请两人以上上门，不单独约见；遇人身危险立即拨打110。",
    "yellow": "请注意双方情绪，必要时两人上门；遇人身危险立即拨打110。",
    "blue": "遇人身危险立即拨打110。",
}


def packet_of(order: WorkOrder, case: Case, *, clear: bool) -> dict[str, Any]:
    """The packet as the receiver sees it; names, phones and address in clear only after acceptance."""
    report = getattr(order, "report", None)
    return {
        "no": order.no,
        "case_no": case.case_no,
        "kind": order.kind,
        "grade": order.grade,
        "difficulty": order.difficulty,
        "summary": masks.redact(intake.first_narrative(case)),
        "item_code": case.item_code,
        "address": case.address if clear else masks.mask_address(case.address),
        "parties": [_party(party, clear=clear) for party in cases.parties(case)],
        "safety_instruction": SAFETY[case.colour or "blue"],
        "demand": order.demand,
        "work_done": masks.redact(report.work_done) if report else "",
        "suggestions": masks.redact(report.suggestions) if report else "",
    }


def _party(party: Party, *, clear: bool) -> dict[str, str]:
    return {
        "role": party.role,
        "name": party.name if clear else masks.mask_name(party.name),
        "known_as": party.known_as,
        "phone": party.phone if clear else masks.mask_phone(party.phone),
    }


def hash_of(packet: dict[str, Any]) -> str:
    """SHA-256 of the packet, kept to prove later what was sent."""
    canonical = json.dumps(packet, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()

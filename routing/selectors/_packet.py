"""What leaves the police side: the least that the receiver needs, and nothing else (handbook 3).

Outside units get the *instruction* ("two staff, do not visit alone"), never what it is derived from:
no ID numbers, records, earlier alerts, colour or factors. Family violence, mental health and minors'
data leave only as a statutory notice [law], so the summary of such a case is a neutral sentence.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Final, Literal

from dispute_hub.accounts.actor import Actor, PostActor
from dispute_hub.accounts.models import Role
from dispute_hub.cases import selectors as cases
from dispute_hub.cases.models import Case, Party, Status
from dispute_hub.common import masks
from intake.models import Alert
from routing.models import AnalysisReport, OrderKind, OrderStatus, WorkOrder
from triage import selectors as triage

# "place" is the grid worker's: address and text clear, names and numbers masked (handbook 3); "names" is
# the police's own: a phone number is one traced tap away in the case file, never simply on the page.
Sight = Literal["masked", "place", "names", "clear"]
NAMED: Final = ("names", "clear")

SAFETY: Final[dict[str, str]] = {
    "red": "请会同派出所民警两人以上上门，不得单独约见；遇人身危险立即拨打110。",
    "orange": "请两人以上上门，不单独约见；遇人身危险立即拨打110。",
    "yellow": "请注意双方情绪，必要时两人上门；遇人身危险立即拨打110。",
    "blue": "遇人身危险立即拨打110。",
}
PROTECTED_FACTORS: Final = ("domestic_violence", "order_breach", "mental_disorder", "child_taken")
PROTECTED_ITEM: Final = "P0401"
PROTECTED_FLAGS: Final = ("未成年", "家暴", "家庭暴力", "精神")
NEUTRAL: Final = "事项涉及依法受保护的信息，具体情况由派出所依法另行通报；请按下列要求开展工作。"


@dataclass(frozen=True, slots=True)
class Words:
    """Free text of an order's story, as clear or as masked as the packet beside it."""

    case: Case
    parties: list[Party]
    sight: Sight

    def text(self, said: str) -> str:
        return _masked_text(said, self.case, self.parties, self.sight)


def words_for(order: WorkOrder, case: Case, actor: Actor) -> Words:
    """How this post reads what was said about an order now."""
    return Words(case, list(cases.parties(case)), sight_of(order, case, actor))


def packet_of(
    order: WorkOrder, case: Case, *, sight: Sight, report: AnalysisReport | None = None
) -> dict[str, Any]:
    """The packet as its receiver sees it: masked before acceptance, names and phones in clear after.

    `report` stands in for the stored one in the preview of an order that is still being written.
    """
    report = report or getattr(order, "report", None)
    parties = list(cases.parties(case))
    alerts = list(Alert.objects.filter(case=case).order_by("received_at", "id")[:20])

    def text(said: str) -> str:
        return _masked_text(said, case, parties, sight)

    return {
        "no": order.no,
        "case_no": case.case_no,
        "kind": order.kind,
        "grade": order.grade,
        "difficulty": order.difficulty,
        "summary": NEUTRAL if is_protected(case, alerts) else text(alerts[0].narrative if alerts else ""),
        "item_code": case.item_code,
        "item_name": triage.item_name(case.item_code),
        "address": masks.mask_address(case.address) if sight == "masked" else case.address,
        "parties": [_party(party, sight) for party in parties],
        "safety_instruction": SAFETY[case.colour or "blue"],
        "demand": text(order.demand),
        "work_done": text(report.work_done) if report else "",
        "suggestions": text(report.suggestions) if report else "",
    }


def is_protected(case: Case, alerts: list[Alert]) -> bool:
    """Whether the facts of the case may leave only as a statutory notice (handbook 3)."""
    flagged = any(word in flag for alert in alerts for flag in alert.flags for word in PROTECTED_FLAGS)
    if flagged or case.item_code == PROTECTED_ITEM:
        return True
    found = triage.assessments(case)
    return any(assessment.has_factor(code) for assessment in found for code in PROTECTED_FACTORS)


def _party(party: Party, sight: Sight) -> dict[str, str]:
    return {
        "role": party.role,
        "role_name": party.get_role_display(),
        "name": party.name if sight in NAMED else masks.mask_name(party.name),
        "known_as": masks.redact(party.known_as),
        "phone": party.phone if sight == "clear" else masks.mask_phone(party.phone),
    }


def _masked_text(text: str, case: Case, parties: list[Party], sight: Sight) -> str:
    """Numbers never leave in free text; names and the address only where they stand clear beside it."""
    text = masks.redact(text)
    if sight not in NAMED:
        for party in parties:
            if len(party.name) > 1:
                text = text.replace(party.name, masks.mask_name(party.name))
    if sight == "masked" and len(case.address) > 3:
        text = text.replace(case.address, masks.mask_address(case.address))
    return text


def sight_of(order: WorkOrder, case: Case, actor: Actor) -> Sight:
    """How clearly this post sees the people of an order now; clear only while the order is in its hands."""
    if not isinstance(actor, PostActor):
        return "masked"
    if actor.role not in (Role.CENTRE, Role.COUNTY_CENTRE, Role.DEPARTMENT, Role.GRID_WORKER):
        return "names" if triage.reads_clear(actor, case) else "masked"
    # A settled case stays clear until it is closed, a notice while the case it tells of is open.
    stays = case.status == Status.SETTLED or (order.kind == OrderKind.NOTICE_ONLY and case.is_open)
    in_hand = order.status in (OrderStatus.ACCEPTED, OrderStatus.TO_VERIFY) or (
        order.status == OrderStatus.DONE and stays
    )
    unit_id = actor.post.unit_id
    theirs = order.addressee_id == unit_id or order.units.filter(unit_id=unit_id).exists()
    if not in_hand or not theirs:
        return "masked"
    return "place" if actor.role == Role.GRID_WORKER else "clear"


def packet_for(order: WorkOrder, case: Case, actor: Actor) -> dict[str, Any]:
    """The packet as this post sees it now."""
    return packet_of(order, case, sight=sight_of(order, case, actor))


def canonical(packet: dict[str, Any]) -> str:
    """The one writing of a packet that is kept and hashed."""
    return json.dumps(packet, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def hash_of(packet: dict[str, Any]) -> str:
    """SHA-256 of the packet, kept to prove later what was sent."""
    return hashlib.sha256(canonical(packet).encode()).hexdigest()

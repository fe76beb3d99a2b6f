"""The packet of a third push as it was filed, approved and sent: one content, one hash."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from dispute_hub.cases.models import Case
from routing.models import AnalysisReport, ThirdPushFiling, WorkOrder
from routing.selectors._packet import Sight, hash_of, packet_of

# The order gets its number when it is filed; everything else is fixed by what was read and confirmed.
NUMBERED: Final = ("no",)
FIELDS: Final[dict[str, str]] = {
    "case_no": "案件编号",
    "kind": "交办类型",
    "grade": "紧急程度",
    "difficulty": "难易程度",
    "summary": "案情摘要",
    "item_code": "事项代码",
    "item_name": "事项名称",
    "address": "地址",
    "parties": "当事人姓名、称谓、电话",
    "safety_instruction": "安全提示",
    "demand": "交办要求",
    "work_done": "已做工作",
    "suggestions": "意见建议",
}


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that stays with the police, and why."""

    name: str
    why: str


STAYS: Final = (
    Kept("身份证号", "交办不需要，任何时候不出公安"),
    Kept("预警色、风险因素和研判依据", "只给安全提示，不给其来源"),
    Kept("前科、以往警情", "与化解本次纠纷无关的记录不外传"),
    Kept("分析报告中的基本事实、原因分析、风险研判", "供内部审批，对方只收已做工作和意见建议"),
    Kept("出警人员、内部流转和审批意见", "内部工作信息"),
    Kept("家庭暴力、精神障碍、未成年人信息", "只能以法定通报另行告知"),
)


def content_of(packet: dict[str, Any]) -> dict[str, Any]:
    """The packet without the number it gets on the way."""
    return {name: value for name, value in packet.items() if name not in NUMBERED}


def content_hash(packet: dict[str, Any]) -> str:
    """SHA-256 over the content: what was read, approved and sent has the same one."""
    return hash_of(content_of(packet))


def filing_of(order: WorkOrder) -> ThirdPushFiling | None:
    """What was filed with a proposal; None for orders that are no third push."""
    return ThirdPushFiling.objects.filter(order=order).first()


def packet_now(order: WorkOrder, case: Case, *, sight: Sight = "clear") -> dict[str, Any]:
    """The packet as it would leave at this moment."""
    return packet_of(order, case, sight=sight)


def changed_since_filed(order: WorkOrder, case: Case) -> tuple[str, list[str]]:
    """Hash of the content now, and in words which fields differ from what was filed."""
    now = content_of(packet_of(order, case, sight="clear"))
    filing = filing_of(order)
    if filing is None or filing.packet_hash == hash_of(now):
        return hash_of(now), []
    filed = json.loads(filing.packet)
    return hash_of(now), [FIELDS.get(name, name) for name in now if now[name] != filed.get(name)]


@dataclass(frozen=True, slots=True)
class PacketPreview:
    """What the other side gets before and after 签收, and the hash of it; phones stay masked on the page."""

    before: dict[str, Any]
    after: dict[str, Any]
    hash: str


def preview_of(order: WorkOrder, case: Case, *, report: AnalysisReport | None = None) -> PacketPreview:
    """The preview of an order, also of one that is still being written (`report` stands in)."""
    before, after, clear = (
        packet_of(order, case, sight=sight, report=report) for sight in ("masked", "names", "clear")
    )
    return PacketPreview(before, after, content_hash(clear))

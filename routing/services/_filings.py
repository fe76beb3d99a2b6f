"""What goes with a proposal: the lawful kind of it, the packet that was read, and its comparison later."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases.models import Case
from dispute_hub.common.errors import Conflict, Invalid
from routing.models import OrderKind, ThirdPushFiling, WorkOrder
from routing.selectors._drafting import procedure_of
from routing.selectors._filings import changed_since_filed, content_hash, content_of, packet_now
from routing.selectors._packet import canonical


def lawful_kind(case: Case, wanted: str, *, both_applied: bool, applied_text: str) -> str:
    """三推交办 or 抄告, by the procedure under way (handbook 5); Invalid with the cure both ways.

    While 诉讼, 仲裁, 复议 or 信访 runs the order only informs, unless both parties applied in writing.
    """
    procedure = procedure_of(case)
    if not procedure:
        if wanted == OrderKind.NOTICE_ONLY:
            cure = "未登记在办程序，不能只作抄告。确有诉讼、仲裁、复议、信访的，请先在警情更正中登记。"
            raise Invalid("没有在办的法定程序，不能抄告。", fields={"kind": [cure]}, code="no_procedure")
        return OrderKind.THIRD_PUSH
    if both_applied:
        if not applied_text.strip():
            cure = "请写明双方何时、以何种方式申请调解。"
            raise Invalid("请登记双方的申请。", fields={"applied_text": [cure]}, code="application_missing")
        return OrderKind.THIRD_PUSH
    if wanted == OrderKind.THIRD_PUSH:
        cure = f"案件已有“{procedure}”，只能抄告。双方均书面申请调解的，请勾选并写明申请情况。"
        raise Invalid("已有法定程序，不能交办。", fields={"both_applied": [cure]}, code="procedure_under_way")
    return OrderKind.NOTICE_ONLY


def file(
    order: WorkOrder,
    case: Case,
    *,
    both_applied: bool,
    applied_text: str,
    seen: str,
    actor: PostActor,
    at: datetime,
) -> ThirdPushFiling:
    """Keep the packet as it was proposed; `seen` is the hash of what the officer confirmed he had read."""
    packet = packet_now(order, case)
    if seen and seen != content_hash(packet):
        raise Conflict("推送内容与您确认时不一致，请刷新预览，核对后重新确认。", code="packet_changed")
    procedure = procedure_of(case)
    return ThirdPushFiling.objects.create(
        order=order, packet=canonical(content_of(packet)), packet_hash=content_hash(packet),
        confirmed_by=actor.post if seen else None, confirmed_at=at if seen else None,
        procedure=procedure, both_applied=bool(procedure and both_applied),
        applied_text=applied_text.strip()[:500] if procedure and both_applied else "",
    )  # fmt: skip


def checked_packet(order: WorkOrder, case: Case, *, seen: str) -> dict[str, Any]:
    """The packet to send: the one filed, or the one the approver has `seen` since; Conflict otherwise.

    A 续报 or a correction after the proposal changes what would leave; nobody approves unread text.
    """
    now, changed = changed_since_filed(order, case)
    if seen != now and (seen or changed):
        what = "、".join(changed) or "推送内容"
        raise Conflict(f"提请后推送内容有变化（{what}），请打开交办单核对后再批准。", code="packet_changed")
    return packet_now(order, case)

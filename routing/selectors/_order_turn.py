"""该谁办 · 做什么 · 何时到期: the one answer the panel of an order always gives, for who reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dispute_hub.cases.models import Deadline, Party
from routing.models import OrderKind, OrderStatus, OrderUnit, WorkOrder

O = OrderStatus  # noqa: E741 - reads like the handbook's table
Clocks = dict[str, Deadline]

WAITING: Final[dict[str, tuple[str, str, str]]] = {
    O.PROPOSED: ("派出所领导", "审批三推（提请人不能审批自己的提请）", "order.approve"),
    O.TO_VERIFY: ("派出所责任民警", "分别联系双方当事人核查，属实办结，不属实退回办理", "order.verify"),
}


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One unit's part with its running clock; `is_own` for the post that reads the page."""

    task: OrderUnit
    clock: Deadline | None
    is_own: bool


@dataclass(frozen=True, slots=True)
class Turn:
    """Whose turn it is, to do what, by when; `act` is the form that stands open, "" for none of theirs."""

    who: str
    what: str
    clock: Deadline | None
    act: str = ""


def turn_of(
    order: WorkOrder,
    lines: Sequence[TaskLine],
    clocks: Clocks,
    *,
    uncalled: Sequence[Party],
    own_only: bool,
    is_lost: bool = False,
) -> Turn:
    """The next step. `uncalled` are the sides nobody has reached since 签收; `own_only` is a unit that sees
    its own part and no more; `is_lost`: a leader is asked whether somebody counts as 联系不上."""
    if own_only:
        return _own_turn(order, lines)
    if is_lost and order.status == O.TO_VERIFY:
        return Turn("派出所领导", "审批按失去联系办结的提请", clocks.get("order.verify"), "verify")
    if order.kind == OrderKind.DIVERSION and order.status == O.PROPOSED:
        return Turn("110值班长", "确认或不予确认分流", clocks.get("diversion.confirm"))
    if order.status in WAITING:
        who, what, kind = WAITING[order.status]
        filing = getattr(order, "filing", None)
        if order.status == O.PROPOSED and filing is not None and filing.risen_at is not None:
            who = "分局值班领导"
        return Turn(who, what, clocks.get(kind), "verify" if order.status == O.TO_VERIFY else "")
    if order.status == O.SENT:
        clock = clocks.get("order.accept") or clocks.get("diversion.accept")
        is_notice = order.kind == OrderKind.NOTICE_ONLY
        what = "签收；仅供知悉，无需办理" if is_notice else "签收；不属职责的注明原因退回"
        return Turn(order.addressee.name, what, clock, "accept")
    if order.status == O.ACCEPTED and order.kind != OrderKind.NOTICE_ONLY:
        return _working(order, lines, clocks, uncalled)
    return Turn("—", "已结束，无需办理", None)


def _own_turn(order: WorkOrder, lines: Sequence[TaskLine]) -> Turn:
    line = next((line for line in lines if line.is_own), None)
    if order.status != O.ACCEPTED or line is None:
        return Turn("—", "本单位已无待办任务", None)
    if line.task.is_open:
        return Turn(line.task.unit.name, line.task.task or "按交办要求办理", line.clock, "complete")
    return Turn(order.addressee.name, "本单位任务已办结，由其汇总报结", None)


def _working(order: WorkOrder, lines: Sequence[TaskLine], clocks: Clocks, uncalled: Sequence[Party]) -> Turn:
    centre, result = order.addressee.name, clocks.get("order.result")
    if uncalled and "order.contact" in clocks:
        missing = "、".join(dict.fromkeys(party.get_role_display() for party in uncalled))
        return Turn(
            centre, f"联系双方当事人，记录各自意见（还差：{missing}）", clocks["order.contact"], "contact"
        )
    waiting = [line for line in lines if line.task.is_open]
    if waiting:
        said = "；".join(f"{line.task.unit}：{line.task.task}" for line in waiting[:3])
        due = min((line.clock for line in waiting if line.clock), key=lambda one: one.due_at, default=result)
        return Turn("、".join(line.task.unit.name for line in waiting), said, due, "feedback")
    again = (
        f"第{order.verify_failed_count}次核查未通过，按核查意见继续办理后"
        if order.verify_failed_count
        else ""
    )
    if lines:
        return Turn(centre, f"{again}汇总各单位结果，报结送派出所核查", result, "settle")
    if order.addressee.kind in ("centre", "county_centre"):
        return Turn(centre, f"{again}分派牵头、协同单位，明确任务和日期", result, "assign")
    return Turn(centre, f"{again}办理并反馈结果，报结送派出所核查", result, "feedback")

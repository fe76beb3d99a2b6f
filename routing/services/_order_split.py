"""联动化解: an order split to a lead and assisting units, each with its own task and date."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Line, Unit
from dispute_hub.cases import deadlines, grants, lifecycle
from dispute_hub.cases.models import Case, Deadline
from dispute_hub.common.errors import Conflict, Invalid, OutOfScope
from dispute_hub.common.text import need_text
from dispute_hub.common.time import beijing_date, day_bounds
from routing.models import OrderStatus, OrderUnit, WorkOrder
from routing.selectors._drafting import assignable_by
from routing.services._order_machine import GRANT, end_sight, lock_in_hand, role_at, step, tell

CLOCK: Final = "order.task"
# More units than this on one quarrel are a matter for the county.
MOST_ASSISTING: Final = 8


@dataclass(frozen=True, slots=True)
class TaskDraft:
    """What one unit is to do and by which day.

    Without them what it was told before stands, for a new unit the order's own demand and result day.
    """

    unit: Unit
    part: str = OrderUnit.Part.ASSISTING
    task: str = ""
    due_on: date | None = None


@transaction.atomic
def assign_order(
    order: WorkOrder, *, tasks: Sequence[TaskDraft], actor: PostActor, at: datetime
) -> WorkOrder:
    """分类交办: exactly one lead, each unit its task; who stays keeps what it did, who left sees no more."""
    policy.require(actor, "order.assign", at=at)
    case, row = lock_in_hand(order, act="分派办理单位", receiver=actor)
    before = {entry.unit_id: entry for entry in row.units.select_for_update(of=("self",))}
    drafts = _checked(row, tasks, before, at=at)
    wanted = {draft.unit.pk for draft in drafts}
    for unit_id, entry in before.items():
        if unit_id not in wanted:
            _drop(case, row, entry, at=at)
    for draft in drafts:
        _write(case, row, draft, before.get(draft.unit.pk), at=at)
    step(row, OrderStatus.ACCEPTED, lead_unit=drafts[0].unit)
    lifecycle.record(
        case, "order.assigned", actor=actor, at=at, subject=row,
        data={
            "no": row.no, "lead": drafts[0].unit.name, "assisting": [one.unit.name for one in drafts[1:]],
        },
    )  # fmt: skip
    return row


def _checked(
    order: WorkOrder, tasks: Sequence[TaskDraft], before: Mapping[int, OrderUnit], *, at: datetime
) -> list[TaskDraft]:
    """The lead first, each unit once, with task and day filled in; Invalid names the row to mend."""
    leads = [one for one in tasks if one.part == OrderUnit.Part.LEAD]
    if len(leads) != 1 or len({one.unit.pk for one in tasks}) != len(tasks):
        said = "同一单位只能有一项任务，牵头单位只能有一个。" if leads else "请选择一个牵头单位。"
        raise Invalid(said, fields={"lead_unit": [said]})
    if len(tasks) > MOST_ASSISTING + 1:
        said = f"协同单位最多{MOST_ASSISTING}个，请合并任务；确需更多单位的，请报县级综治中心。"
        raise Invalid(said, fields={"assisting_units": [said]})
    first, last = beijing_date(at), _last_day(order, at=at)
    offered = {unit.pk for unit in assignable_by(order)} | before.keys()
    drafts, fields = [], {}
    others = [one for one in tasks if one.part != OrderUnit.Part.LEAD]
    for row, told in enumerate([*leads, *others]):
        unit_field, day_field = (f"unit_{row}", f"due_{row}") if row else ("lead_unit", "due_on")
        entry = before.get(told.unit.pk)
        draft = _filled(order, told, entry, first=first, last=last)
        if told.unit.pk not in offered:
            fields[unit_field] = [_not_offered(told.unit)]
        elif not _stands(draft, entry) and not first <= (draft.due_on or last) <= last:
            fields[day_field] = [f"{told.unit.name}的完成日期应在今天至{last:%m-%d}（交办单期限）之间。"]
        drafts.append(draft)
    if fields:
        raise Invalid("请改正标出的单位或日期。", fields=fields)
    return drafts


def _not_offered(unit: Unit) -> str:
    """The police side is never put to work by a centre's order; what it must do is a counter-order."""
    if unit.line == Line.POLICE:
        return f"请改选其他单位：{unit.name}。需要公安办理的，请用“反向交办”。"
    return f"请改选本县部门、调解组织或本街道的社区、网格：{unit.name}不能承办本单。"


def _filled(
    order: WorkOrder, told: TaskDraft, entry: OrderUnit | None, *, first: date, last: date
) -> TaskDraft:
    """What is not said stays as it was told before, for a new unit as the order asks."""
    task = (told.task or (entry.task if entry else order.demand))[:200]
    due_on = told.due_on or (entry.due_on if entry else None) or last
    if told.due_on is None and entry is not None and task != entry.task:
        # New work for a unit whose day is over gets the order's own day.
        due_on = due_on if due_on >= first else last
    return replace(told, task=task, due_on=due_on)


def _stands(draft: TaskDraft, entry: OrderUnit | None) -> bool:
    """Whether a unit is asked for nothing new; work that is done is opened again by a new task alone."""
    if entry is None or draft.task != entry.task:
        return False
    return not entry.is_open or draft.due_on == entry.due_on


def _last_day(order: WorkOrder, *, at: datetime) -> date:
    """The day on which the order's own result is due; today at the earliest."""
    running = Deadline.objects.filter(
        subject_kind="workorder", subject_id=order.pk, kind="order.result", state=Deadline.State.OPEN
    ).first()
    day = beijing_date(running.due_at - timedelta(seconds=1)) if running else beijing_date(at)
    return max(day, beijing_date(at))


def _write(case: Case, order: WorkOrder, draft: TaskDraft, entry: OrderUnit | None, *, at: datetime) -> None:
    """Put one task down. A new demand on a unit that was ready opens its part again."""
    is_new, is_changed = entry is None, not _stands(draft, entry)
    entry = entry or OrderUnit(order=order, unit=draft.unit, assigned_at=at)
    entry.part = draft.part
    if is_changed:
        entry.task, entry.due_on = draft.task, draft.due_on
        entry.done_at, entry.done_by, entry.done_text = None, None, ""
        entry.excused_at, entry.excused_text = None, ""
    entry.save()
    if is_changed and draft.due_on is not None:
        deadlines.end(entry, at=at)
        holder = deadlines.Holder(unit_id=draft.unit.pk, role=role_at(draft.unit))
        deadlines.start(
            case, entry, CLOCK, key=order.grade, holder=holder, at=at, due_at=day_bounds(draft.due_on)[1]
        )
    grants.give(case, GRANT, at=at, unit_id=draft.unit.pk)
    if is_changed and draft.unit.pk != order.addressee_id:
        said = "交办任务待办理" if is_new else "交办任务有调整"
        tell(order, "order.assigned", f"{said}：{order.no}", at=at, unit=draft.unit)


def _drop(case: Case, order: WorkOrder, entry: OrderUnit, *, at: datetime) -> None:
    deadlines.end(entry, at=at)
    if entry.unit_id != order.addressee_id:
        end_sight(case, order, [entry.unit_id], at=at)
    entry.delete()


def end_tasks(order: WorkOrder, *, at: datetime) -> None:
    """The order is over: no clock of its tasks runs on."""
    for entry in order.units.all():
        deadlines.end(entry, at=at)


def lock_task(
    order: WorkOrder, task_id: int, *, act: str, receiver: PostActor | None = None
) -> tuple[Case, WorkOrder, OrderUnit]:
    """Case, order and one open task of it; OutOfScope for a task of another order."""
    case, row = lock_in_hand(order, act=act, receiver=receiver)
    entries = row.units.select_for_update(of=("self",)).select_related("unit")
    entry = entries.filter(pk=task_id).first()
    if entry is None:
        raise OutOfScope("没有找到该任务，可能已重新分派。请刷新后查看。")
    if not entry.is_open:
        raise Conflict(f"{entry.unit}的任务已{'办结' if entry.done_at else '免办'}，无需再报。")
    return case, row, entry


@transaction.atomic
def complete_task(order: WorkOrder, *, task_id: int, text: str, actor: PostActor, at: datetime) -> OrderUnit:
    """A unit reports its own part done; for units without a log-in the centre may report it."""
    policy.require(actor, "order.feed_back", at=at)
    case, row, entry = lock_task(order, task_id, act="报任务办结")
    if actor.post.unit_id not in (entry.unit_id, row.addressee_id):
        raise OutOfScope("没有找到该任务，或不在当前岗位的查看范围内。")
    need_text(text, "请填写完成情况。", hint="做了什么、双方怎么说、有无遗留问题。")
    entry.done_at, entry.done_by, entry.done_text = at, actor.post, text[:1000]
    entry.save(update_fields=["done_at", "done_by", "done_text"])
    deadlines.meet(entry, CLOCK, at=at)
    data = {"no": row.no, "unit": entry.unit.name, "text": text}
    lifecycle.record(case, "order.task_done", actor=actor, at=at, subject=row, data=data)
    _tell_centre(row, at=at)
    return entry


@transaction.atomic
def excuse_task(order: WorkOrder, *, task_id: int, text: str, actor: PostActor, at: datetime) -> OrderUnit:
    """免办: the centre says why this part is not needed after all."""
    policy.require(actor, "order.assign", at=at)
    case, row, entry = lock_task(order, task_id, act="免办", receiver=actor)
    need_text(text, "请填写免办理由。")
    entry.excused_at, entry.excused_text = at, text[:400]
    entry.save(update_fields=["excused_at", "excused_text"])
    deadlines.end(entry, at=at)
    data = {"no": row.no, "unit": entry.unit.name, "text": text}
    lifecycle.record(case, "order.task_excused", actor=actor, at=at, subject=row, data=data)
    if entry.unit_id != row.addressee_id:
        tell(row, "order.task_excused", f"交办任务已免办：{row.no}", at=at, unit=entry.unit)
    return entry


def _tell_centre(order: WorkOrder, *, at: datetime) -> None:
    """The centre hears of every part done, and when nothing is left to wait for."""
    left = [entry for entry in order.units.all() if entry.is_open]
    said = f"还有{len(left)}个单位未办结" if left else "各单位均已办结，请报结送核查"
    tell(order, "order.task_done", f"交办任务有单位办结（{said}）：{order.no}", at=at, unit=order.addressee)


def refuse_unfinished(order: WorkOrder) -> None:
    """Joint settlement waits for everybody: Conflict while a unit's part is neither done nor excused."""
    left = [entry.unit.name for entry in order.units.select_related("unit") if entry.is_open]
    if left:
        raise Conflict(
            f"{'、'.join(left)}的任务尚未办结，不能报结。请待其办结，或在“联动办理”中注明免办理由。",
            code="tasks_open",
        )

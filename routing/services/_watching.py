"""盯办: every diverted order has somebody at the bureau who watches it until it ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Count

from dispute_hub.accounts import policy
from dispute_hub.accounts import selectors as people
from dispute_hub.accounts.actor import Actor, PostActor
from dispute_hub.accounts.models import DutyRoster, Post, Role
from dispute_hub.cases import deadlines, lifecycle
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseEvent
from dispute_hub.common.errors import Conflict, Invalid, OutOfScope
from dispute_hub.common.text import need_text
from dispute_hub.outbox import services as outbox
from routing.models import OPEN_ORDERS, OrderKind, OrderStatus, OrderWatch, WorkOrder
from routing.services._order_machine import role_at, tell

CLOCK: Final = "order.watch"
LEDGER: Final = "/watches/"
# A reminder every few minutes is noise; the clock's own ladder goes on anyway.
URGED_AGAIN_AFTER: Final = timedelta(hours=1)


def assign_watcher(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of order.sent: a diverted order gets its 盯办人, the least loaded of those on duty."""
    order = _order_of(event)
    if order.kind != OrderKind.DIVERSION or case.bureau_id is None:
        return
    post = _least_loaded(case.bureau_id, at)
    watch, is_new = OrderWatch.objects.get_or_create(
        order=order, defaults={"unit_id": case.bureau_id, "post": post, "assigned_at": at}
    )
    if not is_new:
        return
    _start_clock(case, watch, order, at=at)
    data = {"no": order.no, "watcher": post.user.full_name if post else ""}
    lifecycle.record(case, "order.watched", actor=actor, at=at, subject=order, cause=event, data=data)
    _tell_watcher(watch, order, "请盯办分流件" if post else "分流件无人盯办，请指定盯办人", at=at)


def _least_loaded(bureau_id: int, at: datetime) -> Post | None:
    """Who of the bureau's posts on duty watches fewest open orders; the longest in post of equals."""
    posts = people.on_duty(bureau_id, DutyRoster.Duty.DESK, at)
    open_ones = OrderWatch.objects.filter(unit=bureau_id, ended_at__isnull=True)
    load = dict(open_ones.values_list("post_id").annotate(number=Count("id")))
    return min(posts, key=lambda post: (load.get(post.pk, 0), post.pk), default=None)


def renew_watch(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of every sign of life of an order: the watcher's clock begins again."""
    watch = OrderWatch.objects.filter(order=event.subject_id, ended_at__isnull=True).first()
    if watch is not None:
        deadlines.meet(watch, CLOCK, at=at)
        _start_clock(case, watch, _order_of(event), at=at)


def end_watch(case: Case, *, event: CaseEvent, actor: Actor, at: datetime) -> None:
    """Follower of an order's end: nothing is left to watch."""
    watch = OrderWatch.objects.filter(order=event.subject_id, ended_at__isnull=True).first()
    if watch is None:
        return
    watch.ended_at = at
    watch.save(update_fields=["ended_at"])
    deadlines.end(watch, at=at)
    if event.kind == "order.returned":
        _tell_watcher(watch, _order_of(event), "盯办的分流件被退回", at=at)


@transaction.atomic
def change_watcher(
    order: WorkOrder, *, to: Post | None, text: str, actor: PostActor, at: datetime
) -> OrderWatch:
    """Somebody else of the bureau watches from now on; both hear of it, the timeline keeps why."""
    policy.require(actor, "watch.keep", at=at)
    case, row, watch = _lock(order, actor)
    if to is None or to.unit_id != watch.unit_id or to.role != Role.BUREAU:
        raise Invalid("请选择盯办人。", fields={"to": ["请选择本局防控办的在岗人员。"]})
    if to.pk == watch.post_id:
        raise Invalid("盯办人没有变化。", fields={"to": [f"{to.user.full_name}已是盯办人，请另选一人。"]})
    need_text(text, "请填写更换原因。")
    former = watch.post
    watch.post, watch.assigned_by, watch.assigned_at = to, actor.post, at
    watch.save(update_fields=["post", "assigned_by", "assigned_at"])
    deadlines.hand_over(watch, holder=deadlines.Holder(unit_id=watch.unit_id, post_id=to.pk))
    data = {"no": row.no, "watcher": to.user.full_name, "text": text}
    lifecycle.record(case, "order.watcher_changed", actor=actor, at=at, subject=row, data=data)
    _tell_watcher(watch, row, "您已接手盯办分流件", at=at)
    if former is not None:
        tell(
            row,
            "order.watched",
            f"盯办已交{to.user.full_name}：{row.no}",
            at=at,
            post_id=former.pk,
            link=LEDGER,
        )
    return watch


@transaction.atomic
def urge_order(order: WorkOrder, *, text: str, actor: PostActor, at: datetime) -> OrderWatch:
    """催办: whoever has the order in hand is told what the watcher misses; at most once an hour."""
    policy.require(actor, "watch.keep", at=at)
    case, row, watch = _lock(order, actor)
    need_text(text, "请填写催办内容。", hint="请写明缺什么、何时前反馈。")
    if watch.urged_at is not None and at - watch.urged_at < URGED_AGAIN_AFTER:
        raise Conflict("一小时内已催办过，请先电话联系承办单位。", code="urged_lately")
    watch.urged_at = at
    watch.save(update_fields=["urged_at"])
    data = {"no": row.no, "text": text}
    lifecycle.record(case, "order.urged", actor=actor, at=at, subject=row, data=data)
    message = outbox.Message(
        kind="order.urged",
        # A title goes to message services as well; the words are read on the order's page.
        title=f"催办：{row.no}",
        link=f"/orders/{row.no}/",
        urgency="important",
    )
    outbox.notify_many([(one, case.pk) for one in _in_hand(case, row, message)], at=at)
    return watch


def _in_hand(case: Case, order: WorkOrder, message: outbox.Message) -> list[outbox.Message]:
    """The units that have something to do now: those with an open task, the addressee, or the verifier."""
    if order.status == OrderStatus.TO_VERIFY:
        post_id = case.holder_post_id
        to_room = replace(message, unit_id=case.station_id, role=Role.STATION_COMMAND)
        return [replace(message, post_id=post_id) if post_id else to_room]
    units = [entry.unit for entry in order.units.select_related("unit") if entry.is_open]
    units = [order.addressee, *(unit for unit in units if unit.pk != order.addressee_id)]
    return [replace(message, unit_id=unit.pk, role=role_at(unit)) for unit in units]


def _lock(order: WorkOrder, actor: PostActor) -> tuple[Case, WorkOrder, OrderWatch]:
    """Case, order and its open watch at this very bureau; OutOfScope elsewhere, Conflict once it ended."""
    case = cases.lock(order.case_id)
    row = WorkOrder.objects.select_for_update(of=("self",)).select_related("addressee").get(pk=order.pk)
    row.case = case
    watch = (
        OrderWatch.objects.select_for_update(of=("self",))
        .select_related("post__user")
        .filter(order=row, unit=actor.post.unit_id)
        .first()
    )
    if watch is None:
        raise OutOfScope("没有找到该盯办件，或不在当前岗位的查看范围内。")
    if watch.ended_at is not None or row.status not in OPEN_ORDERS:
        raise Conflict("该件已结束，无需盯办。请刷新后查看。")
    return case, row, watch


def _order_of(event: CaseEvent) -> WorkOrder:
    if isinstance(event.subject, WorkOrder):
        return event.subject
    return WorkOrder.objects.select_related("addressee", "case").get(pk=event.subject_id or 0)


def _start_clock(case: Case, watch: OrderWatch, order: WorkOrder, *, at: datetime) -> None:
    role = "" if watch.post_id else Role.BUREAU
    holder = deadlines.Holder(unit_id=watch.unit_id, post_id=watch.post_id, role=role)
    deadlines.start(case, watch, CLOCK, key=order.grade, holder=holder, at=at)


def _tell_watcher(watch: OrderWatch, order: WorkOrder, title: str, *, at: datetime) -> None:
    unit_id = None if watch.post_id else watch.unit_id
    tell(
        order, "order.watched", f"{title}：{order.no}", at=at, post_id=watch.post_id, unit_id=unit_id,
        role="" if watch.post_id else Role.BUREAU, link=LEDGER,
    )  # fmt: skip

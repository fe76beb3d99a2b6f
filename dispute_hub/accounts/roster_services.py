"""Verbs of the roster: turns, a week copied, B岗, absences. Each leaves a trace in the access log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from django.db import transaction

from dispute_hub.accounts import policy, services
from dispute_hub.accounts import roster_selectors as roster
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Absence, DutyRoster, Post, Role, Unit, UnitKind
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from dispute_hub.common.text import need_text
from dispute_hub.common.time import BEIJING

Duty = DutyRoster.Duty
AWAY_AT_MOST: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Copied:
    """What became of a week: turns made, and why the others were not."""

    made: int
    left_out: list[str]


def _manage(unit: Unit, actor: PostActor, at: datetime) -> None:
    policy.require(actor, "roster.manage", at=at)
    if not roster.may_manage(actor, unit, at=at):
        raise NoRight("只能编排本单位的值班表；其他单位请联系其值班室或系统管理员。")


def _lend_leadership(actor: PostActor) -> None:
    """The chief's rights are lent by who holds them himself: a duty leader may not prolong his own night."""
    if actor.role not in (Role.STATION_CHIEF, Role.SYSTEM_ADMIN):
        raise NoRight("由非所领导担任值班领导，以及所领导、值班领导的B岗，由所领导或系统管理员指定。")


@transaction.atomic
def put_on_duty(
    unit: Unit,
    *,
    post: Post,
    duty: str,
    starts_at: datetime,
    ends_at: datetime,
    actor: PostActor,
    at: datetime,
) -> DutyRoster:
    """One more turn; the same turn again changes nothing.

    Raises Invalid at the field for who may not do this duty, a turn that is over, and one that overlaps
    another turn of the same person; NoRight for who would lend the chief's rights without holding them.
    """
    _manage(unit, actor, at)
    Unit.objects.select_for_update(of=("self",)).get(pk=unit.pk)
    if not roster.posts_for(unit, duty, at=at).filter(pk=post.pk).exists():
        raise Invalid("该人员不能担任此项值班。", fields={"post": ["请选择本单位相应岗位的人员。"]})
    if ends_at <= at or ends_at <= starts_at:
        raise Invalid("该班次已结束。", fields={"day": ["请选择今天或以后的班次。"]})
    theirs = DutyRoster.objects.filter(
        post__user=post.user_id, starts_at__lt=ends_at, ends_at__gt=starts_at
    ).select_related("unit", "post")
    for other in theirs:
        if (other.unit_id, other.post_id, other.duty, other.starts_at) == (unit.pk, post.pk, duty, starts_at):
            return other
        said = (
            f"{post.user.full_name}该时段已在{other.unit}排{other.get_duty_display()}，请先撤下或改选他人。"
        )
        raise Invalid("值班时间重叠。", fields={"post": [said]})
    if unit.kind == UnitKind.STATION and duty == Duty.LEADER and post.role != Role.STATION_CHIEF:
        _lend_leadership(actor)
    turn = DutyRoster.objects.create(unit=unit, post=post, duty=duty, starts_at=starts_at, ends_at=ends_at)
    data = {"act": "put_on_duty", "post": post.pk, "duty": duty, "starts_at": starts_at.isoformat()}
    _trace(unit, actor, data, at=at)
    return turn


@transaction.atomic
def take_off_duty(turn: DutyRoster, *, actor: PostActor, at: datetime) -> None:
    """A turn ahead is taken off, a running one ends now; what is over stays as it was."""
    _manage(turn.unit, actor, at)
    if turn.ends_at <= at:
        raise Conflict("该班次已结束，不能撤下。")
    data = {"act": "take_off_duty", "post": turn.post_id, "duty": turn.duty}
    if turn.starts_at >= at:
        turn.delete()
    else:
        turn.ends_at = at
        turn.save(update_fields=["ends_at"])
    _trace(turn.unit, actor, data, at=at)


@transaction.atomic
def copy_week(unit: Unit, *, to_on: date, actor: PostActor, at: datetime) -> Copied:
    """The turns of the week before `to_on`'s, seven days later; what cannot stand is told, not copied."""
    _manage(unit, actor, at)
    monday = roster.monday_of(to_on)
    start, end = roster.span_of(monday - timedelta(days=7), "day")[0], roster.span_of(monday, "day")[0]
    made, left_out = 0, []
    for turn in roster.turns_of(unit, start, end):
        if turn.starts_at < start:
            continue
        moved = {"starts_at": turn.starts_at + timedelta(days=7), "ends_at": turn.ends_at + timedelta(days=7)}
        try:
            put_on_duty(unit, post=turn.post, duty=turn.duty, actor=actor, at=at, **moved)
            made += 1
        except (Invalid, NoRight) as refusal:
            why = next(iter(refusal.fields.values()), [refusal.message])[0]
            begins = moved["starts_at"].astimezone(BEIJING)
            left_out.append(f"{turn.post.user.full_name} {begins:%m-%d}：{why}")
    if not made and not left_out:
        raise Invalid("上一周没有值班安排可复制。", fields={"to_on": ["请先编排上一周，或逐班添加。"]})
    return Copied(made, left_out)


@transaction.atomic
def name_stand_in(unit: Unit, *, post: Post, stand_in: Post | None, actor: PostActor, at: datetime) -> Post:
    """The B岗 of a post, or none. Refuses a chain that would come back to where it began.

    Raises NoRight where the B岗 may come to lead the duty and the actor is no chief himself.
    """
    _manage(unit, actor, at)
    staff = {one.pk for one in roster.staff_of(unit, at=at)}
    if post.pk not in staff or (stand_in is not None and stand_in.pk not in staff):
        raise Invalid("请选择本单位人员。", fields={"stand_in": ["A岗和B岗都应是本单位或所属责任区的人员。"]})
    Unit.objects.select_for_update(of=("self",)).get(pk=unit.pk)
    onward, names = stand_in, [post.user.full_name]
    while onward is not None:
        names.append(onward.user.full_name)
        if onward.pk == post.pk or len(names) > len(staff) + 1:
            raise Invalid("B岗不能循环。", fields={"stand_in": [f"{'→'.join(names)} 首尾相接，请改选他人。"]})
        onward = Post.objects.select_related("user").filter(pk=onward.stand_in_id or 0).first()
    if roster.lends_leadership(unit, post, at=at):
        _lend_leadership(actor)
    post.stand_in = stand_in
    post.save(update_fields=["stand_in"])
    data = {"act": "name_stand_in", "post": post.pk, "stand_in": stand_in.pk if stand_in else None}
    _trace(unit, actor, data, at=at)
    return post


@transaction.atomic
def note_absence(
    unit: Unit, *, post: Post, starts_at: datetime, ends_at: datetime, reason: str, actor: PostActor,
    at: datetime,
) -> Absence:  # fmt: skip
    """离岗: from now on whoever stands in for the post does its work until he is back."""
    _manage(unit, actor, at)
    if post.pk not in {one.pk for one in roster.staff_of(unit, at=at)}:
        raise Invalid("请选择本单位人员。", fields={"post": ["请选择本单位或所属责任区的人员。"]})
    if ends_at <= starts_at or ends_at <= at or ends_at - starts_at > AWAY_AT_MOST:
        raise Invalid("离岗时间有误。", fields={"until_on": ["结束日期应不早于开始日期，且不超过一年。"]})
    need_text(reason, "请填写离岗事由。", field="reason")
    absence = Absence.objects.create(
        post=post, starts_at=starts_at, ends_at=ends_at, reason=reason.strip()[:40],
        entered_by=actor.post, entered_at=at,
    )  # fmt: skip
    _trace(unit, actor, {"act": "note_absence", "post": post.pk}, at=at)
    return absence


@transaction.atomic
def end_absence(absence: Absence, unit: Unit, *, actor: PostActor, at: datetime) -> None:
    """Back earlier than noted, or noted by mistake."""
    _manage(unit, actor, at)
    if absence.starts_at >= at:
        absence.delete()
    else:
        absence.ends_at = min(absence.ends_at, at)
        absence.save(update_fields=["ends_at"])
    _trace(unit, actor, {"act": "end_absence", "post": absence.post_id}, at=at)


def _trace(unit: Unit, actor: PostActor, data: dict[str, object], *, at: datetime) -> None:
    services.trace("admin_act", actor, at=at, object_kind="roster", object_id=unit.code, data=data)

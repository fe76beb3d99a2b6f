"""One clock as its page shows it: the reckoning day by day, what moved it, what this person may do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Q

from dispute_hub.accounts import policy
from dispute_hub.accounts import selectors as accounts
from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases import clock_moves, clock_table, selectors
from dispute_hub.cases.models import ClockExtension, ClockPause, Deadline, UnitLimit
from dispute_hub.cases.services import EXTENDED_ELSEWHERE, MOST_EXTENSIONS, is_held_by
from dispute_hub.common.errors import OutOfScope

LIMIT_WORDS = {
    "minutes": "分钟",
    "hours": "小时",
    "natural_days": "天",
    "working_days": "个工作日",
    "working_hours": "个工作小时",
}


@dataclass(frozen=True, slots=True)
class ClockView:
    """Everything the page of one clock says."""

    row: Deadline
    name: str
    limit: str
    lines: tuple[str, ...]
    warnings: tuple[str, ...]
    pauses: list[ClockPause]
    extensions: list[ClockExtension]
    acts: frozenset[str]
    may_see_unit_limits: bool

    @property
    def pending(self) -> ClockExtension | None:
        """The request that waits for its decision."""
        return next((one for one in self.extensions if one.approved is None), None)


def get_clock(actor: PostActor, deadline_id: int, *, at: datetime) -> Deadline:
    """A clock of a case in reach, or one this post must meet; OutOfScope (404) alike otherwise."""
    mine = Q(holder_post=actor.post) | Q(
        holder_post__isnull=True, holder_unit=actor.post.unit_id, holder_role__in=["", actor.role]
    )
    within = Q(case__in=selectors.visible_to(actor, at=at).values("pk"))
    row = (
        Deadline.objects.filter(mine | within, ~Q(case__in=selectors.kept_away(actor)), pk=deadline_id)
        .select_related("case", "holder_unit", "holder_post__user")
        .first()
    )
    if row is None:
        raise OutOfScope("没有找到该时限，或不在当前岗位的查看范围内。")
    return row


def clock_view(row: Deadline, actor: PostActor, *, at: datetime) -> ClockView:
    """The clock with its reasons. Four queries whatever its history."""
    pauses = list(row.pauses.select_related("paused_by__user").order_by("paused_at"))
    extensions = list(row.extensions.select_related("proposer__user", "approver__user").order_by("id"))
    lines, warnings = reasons(row)
    return ClockView(
        row=row,
        name=clock_table.name_of(row.kind),
        limit=limit_words(row.limit),
        lines=lines,
        warnings=warnings,
        pauses=pauses,
        extensions=extensions,
        acts=_acts(row, extensions, actor, at)
        - ({"resume"} if any(one.standstill_id and not one.resumed_at for one in pauses) else set()),
        may_see_unit_limits=policy.allows(actor.role, "unit_limits.read"),
    )


def reasons(row: Deadline) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Lines and warnings in Chinese. An agreed date says so, after the rule it started from."""
    if row.limit == clock_moves.AGREED:
        return ("到期日由约定或计划确定，不按时限表推算。",), ()
    found = clock_moves.counted(row)
    found = replace(found, lines=(*_own_limit(row), *found.lines))
    if row.is_agreed and found.due_at != row.due_at:
        return (*found.lines, "现到期时刻经约定或审批确定，以批准的日期为准。"), found.warnings
    if found.due_at != row.due_at and row.paused_at is None:
        said = "现到期时刻按启动时的节假日安排计算，重新计算后将在此更新。"
        return found.lines, (*found.warnings, said)
    return found.lines, found.warnings


def _own_limit(row: Deadline) -> tuple[str, ...]:
    """That the station's own, stricter limit holds; nothing when the table's does."""
    tabled = clock_table.limit_of(row.kind, row.key)
    if not tabled or row.limit == tabled or row.case.station_id is None:
        return ()
    versions = UnitLimit.objects.filter(
        unit=row.case.station_id,
        kind=row.kind,
        key=row.key,
        limit=row.limit,
        status__in=["active", "retired"],
    )
    own = versions.select_related("unit").order_by("-version").first()
    if own is None:
        return ()
    said = f"按{own.unit}时限 {limit_words(own.limit)} 计算"
    return (f"{said}（第{own.version}版，严于全市 {limit_words(tabled)}）",)


def limit_words(limit: str) -> str:
    """ "3 working_days" as 3个工作日, "until 12:00" as 至下一个12:00, an agreed date as 约定."""
    amount, _, unit = limit.partition(" ")
    if amount == "until":
        return f"至下一个{unit}"
    return f"{amount}{LIMIT_WORDS[unit]}" if unit in LIMIT_WORDS else "约定日期"


def _acts(row: Deadline, extensions: list[ClockExtension], actor: PostActor, at: datetime) -> frozenset[str]:
    """What the page offers: only what the services would take now."""
    if row.state != Deadline.State.OPEN or row.is_safety:
        return frozenset()
    found = set()
    pending = next((one for one in extensions if one.approved is None), None)
    taken = sum(bool(one.approved) for one in extensions)
    if _may(actor, "clock.pause", at):
        found.add("resume" if row.paused_at else "pause")
    if pending and _may(actor, "clock.approve_extension", at) and pending.proposer_user_id != actor.user.pk:
        found.add("decide")
    may_ask = (
        _may(actor, "clock.extend", at) and is_held_by(row, actor) and row.kind not in EXTENDED_ELSEWHERE
    )
    if may_ask and not pending and taken < MOST_EXTENSIONS:
        found.add("extend")
    return frozenset(found)


def _may(actor: PostActor, act: str, at: datetime) -> bool:
    by_duty = act in policy.BY_DUTY_LEADER and accounts.leads_duty(actor.post, at)
    return policy.allows(actor.role, act) or by_duty

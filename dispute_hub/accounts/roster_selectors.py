"""值班表 as a page shows it: a week of a unit by duty and shift, gaps, overlaps, who stands in for whom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import QuerySet

from dispute_hub.accounts import policy
from dispute_hub.accounts import selectors as people
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Absence, DutyRoster, Post, Role, Unit, UnitKind
from dispute_hub.common.errors import OutOfScope
from dispute_hub.common.time import BEIJING, beijing_date, day_named, weekday

Duty = DutyRoster.Duty
# The shifts change at 08:30 (handbook 7) and twelve hours later.
SHIFTS: Final[dict[str, tuple[str, time, time]]] = {
    "day": ("白班", time(8, 30), time(20, 30)),
    "night": ("夜班", time(20, 30), time(8, 30)),
}
POLICE_DUTIES: Final = (UnitKind.STATION, UnitKind.RECEPTION, UnitKind.BUREAU)


@dataclass(frozen=True, slots=True)
class Cell:
    """One shift of one day for one duty."""

    day: date
    shift: str
    turns: list[DutyRoster]
    is_gap: bool
    is_now: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One duty and shift over the week; `name` as 值班领导 · 夜班."""

    duty: str
    shift: str
    name: str
    cells: list[Cell]


def span_of(day: date, shift: str) -> tuple[datetime, datetime]:
    """The instants of a shift that begins on this day."""
    _, start, end = SHIFTS[shift]
    ends_on = day if end > start else day + timedelta(days=1)
    return datetime.combine(day, start, BEIJING), datetime.combine(ends_on, end, BEIJING)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def units_for(actor: PostActor, *, at: datetime) -> QuerySet[Unit]:
    """Units whose roster the post may read: the administrator's all, the bureau's police, else its own."""
    policy.require(actor, "roster.read", at=at)
    units = Unit.objects.filter(kind__in=people.DUTIES, is_active=True).order_by("kind", "code")
    if actor.role == Role.SYSTEM_ADMIN:
        return units.filter(bureau=actor.unit.bureau_id) if actor.unit.bureau_id else units
    if actor.role == Role.BUREAU:
        return units.filter(bureau=actor.post.unit_id, kind__in=POLICE_DUTIES)
    own = actor.post.unit_id if actor.unit.kind in people.DUTIES else actor.unit.parent_id
    return units.filter(pk__in=[own] if own else [])


def get_unit(actor: PostActor, code: str, *, at: datetime) -> Unit:
    """One unit with a roster, or OutOfScope."""
    found = next((unit for unit in units_for(actor, at=at) if not code or unit.code == code), None)
    if found is None:
        raise OutOfScope("没有找到该单位的值班表，或不在当前岗位的查看范围内。")
    return found


def may_manage(actor: PostActor, unit: Unit, *, at: datetime) -> bool:
    """The administrator everywhere, others their own unit."""
    if not (policy.allows(actor.role, "roster.manage") or people.leads_duty(actor.post, at)):
        return False
    return actor.role == Role.SYSTEM_ADMIN or actor.post.unit_id == unit.pk


def lends_leadership(unit: Unit, post: Post, *, at: datetime) -> bool:
    """Whether who stands in for this post may come to lead the duty: its chief, a duty leader, their B岗."""
    if unit.kind != UnitKind.STATION:
        return False
    chiefs = people.live_posts(at).filter(unit=unit, role=Role.STATION_CHIEF)
    turns = DutyRoster.objects.filter(unit=unit, duty=Duty.LEADER, ends_at__gt=at)
    found: set[int] = set()
    onward = {*chiefs.values_list("pk", flat=True), *turns.values_list("post_id", flat=True)}
    while onward:
        found |= onward
        stand_ins = Post.objects.filter(pk__in=onward, stand_in__isnull=False)
        onward = set(stand_ins.values_list("stand_in_id", flat=True)) - found
    return post.pk in found


def posts_for(unit: Unit, duty: str, *, at: datetime) -> QuerySet[Post]:
    """Whose posts at the unit may do this duty."""
    roles = people.DUTIES.get(unit.kind, {}).get(duty, ())
    return people.live_posts(at).filter(unit=unit, role__in=roles)


def staff_of(unit: Unit, *, at: datetime) -> list[Post]:
    """Everybody with a post at the unit or its areas: who may stand in for whom."""
    held = people.live_posts(at).filter(unit__in=[unit.pk, *_areas(unit)])
    return list(held.select_related("user", "unit", "stand_in__user").order_by("unit", "role", "id"))


def _areas(unit: Unit) -> list[int]:
    children = unit.children.filter(kind=UnitKind.POLICE_AREA)
    return list(children.values_list("pk", flat=True))


def turns_of(unit: Unit, start: datetime, end: datetime) -> list[DutyRoster]:
    """Turns that touch the span."""
    turns = DutyRoster.objects.filter(unit=unit, starts_at__lt=end, ends_at__gt=start)
    return list(turns.select_related("post__user").order_by("starts_at", "id"))


def week_page(actor: PostActor, unit: Unit, day: date, *, at: datetime) -> dict[str, Any]:
    """A week of the unit; the number of queries grows with neither people nor turns."""
    monday = monday_of(day)
    days = [monday + timedelta(days=number) for number in range(7)]
    start, end = span_of(days[0], "day")[0], span_of(days[-1], "night")[1]
    turns, duties = turns_of(unit, start, end), people.DUTIES[unit.kind]
    lines = [_line(duty, shift, days, turns, at) for duty in duties for shift in SHIFTS]
    absences = _absences(unit, start, end, at)
    return {
        "at": at,
        "unit": unit,
        "units": list(units_for(actor, at=at)),
        "monday": monday,
        "before": monday - timedelta(days=7),
        "after": monday + timedelta(days=7),
        "days": [(day, weekday(day), day == beijing_date(at)) for day in days],
        "lines": lines,
        "gaps": sum(cell.is_gap for line in lines for cell in line.cells),
        "warnings": [*_overlaps(turns), *_away(turns, absences)],
        "on_now": [(Duty(duty).label, people.on_duty(unit.pk, duty, at)) for duty in duties],
        "staff": staff_of(unit, at=at),
        "absences": absences,
        "may_manage": may_manage(actor, unit, at=at),
    }


def _line(duty: str, shift: str, days: list[date], turns: list[DutyRoster], at: datetime) -> Line:
    mine = [turn for turn in turns if turn.duty == duty]
    return Line(
        duty, shift, f"{Duty(duty).label} · {SHIFTS[shift][0]}", [_cell(day, shift, mine, at) for day in days]
    )


def _cell(day: date, shift: str, turns: list[DutyRoster], at: datetime) -> Cell:
    start, end = span_of(day, shift)
    here = [turn for turn in turns if turn.starts_at < end and turn.ends_at > start]
    covered = start
    for turn in here:
        covered = max(covered, turn.ends_at) if turn.starts_at <= covered else covered
    # Where the week has no turn of the duty at all, everybody is on duty: no gap, no roster.
    return Cell(day, shift, here, bool(turns) and covered < end and end > at, start <= at < end)


def _overlaps(turns: list[DutyRoster]) -> list[str]:
    """One person on two duties at once."""
    found = []
    for number, one in enumerate(turns):
        for other in turns[number + 1 :]:
            same = one.post.user_id == other.post.user_id
            if same and one.starts_at < other.ends_at and other.starts_at < one.ends_at:
                begins = max(one.starts_at, other.starts_at).astimezone(BEIJING)
                duties = f"{one.get_duty_display()}与{other.get_duty_display()}"
                found.append(f"{one.post.user.full_name} {begins:%m-%d %H:%M} 起{duties}重叠")
    return found


def _away(turns: list[DutyRoster], absences: Iterable[Absence]) -> list[str]:
    """Somebody is on the roster while he is away."""
    return [
        f"{turn.post.user.full_name} {turn.starts_at.astimezone(BEIJING):%m-%d}"
        f" {turn.get_duty_display()}期间离岗（{absence.reason}）"
        for absence in absences
        for turn in turns
        if turn.post_id == absence.post_id
        and turn.starts_at < absence.ends_at
        and absence.starts_at < turn.ends_at
    ]


def _absences(unit: Unit, start: datetime, end: datetime, at: datetime) -> list[Absence]:
    rows = Absence.objects.filter(post__unit__in=[unit.pk, *_areas(unit)], ends_at__gt=min(start, at))
    return list(rows.filter(starts_at__lt=end).select_related("post__user").order_by("starts_at", "id"))


def turn_choices(unit: Unit, *, at: datetime) -> dict[str, Any]:
    """Duties of the unit and everybody who may do one of them."""
    duties = people.DUTIES[unit.kind]
    roles = {role for allowed in duties.values() for role in allowed}
    return {"duties": list(duties), "staff": list(people.live_posts(at).filter(unit=unit, role__in=roles))}


def get_turn(unit: Unit, turn_id: int) -> DutyRoster:
    """One turn of the unit, or OutOfScope."""
    turn = DutyRoster.objects.select_related("unit", "post__user").filter(unit=unit, pk=turn_id).first()
    if turn is None:
        raise OutOfScope("没有找到该班次，可能已被撤下。")
    return turn


def get_absence(unit: Unit, absence_id: int) -> Absence:
    """One absence of the unit's people, or OutOfScope."""
    rows = Absence.objects.filter(post__unit__in=[unit.pk, *_areas(unit)], pk=absence_id)
    absence = rows.first()
    if absence is None:
        raise OutOfScope("没有找到该离岗登记。")
    return absence


def day_asked(text: str, *, on: date) -> date:
    """The day in an address, or `on` for anything that is none."""
    try:
        return day_named(text)
    except ValueError:
        return on

"""The clock table: how long each thing may take, and its ladder of reminders. Data, not code.

Source of every figure: section 7 of the domain handbook, kept in `data/clocks.json` with a version.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from dispute_hub.cases import calendar, in_force, quiet_hours
from dispute_hub.cases.calendar import Pause
from dispute_hub.common import time

DATA = Path(__file__).parent / "data" / "clocks.json"


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of a clock's ladder: what happens, and when."""

    code: str
    at: datetime


@cache
def packaged() -> dict[str, Any]:
    """Version 1 of the table, as the product brings it."""
    loaded: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return loaded


_in_force: list[dict[str, Any]] = []
_of_units: dict[tuple[int, str, str], str] = {}


def table() -> dict[str, Any]:
    """The active clock table."""
    in_force.refresh()
    return _in_force[0] if _in_force else packaged()


def use(content: dict[str, Any] | None) -> None:
    """Work by this table from now on in this process; None is the packaged one.

    A version stored before a release knows none of the clocks the release brought: those come as packaged.
    """
    _in_force[:] = [completed(content)] if content else []


def completed(content: Mapping[str, Any]) -> dict[str, Any]:
    """A stored version with what releases brought since: clocks it does not know, rules of the ladder."""
    brought = packaged()
    return {
        **content,
        "clocks": {**brought["clocks"], **content["clocks"]},
        "ladder": {**brought["ladder"], **content["ladder"]},
    }


def name_of(kind: str) -> str:
    """The clock's Chinese name, as on pages and in notices."""
    return str(table()["clocks"][kind]["name"])


def superiors_of(kind: str, code: str) -> list[tuple[str, str]]:
    """Where a rung climbs to, as unit columns of the case and roles there: on a breach the superior,
    on an alarm those beside him as well; on every other rung nobody."""
    clock = table()["clocks"][kind]
    told = {"breached": [clock["superior"]], "alarmed": [clock["superior"], *clock.get("alarms", [])]}
    return [(str(unit), str(role)) for unit, role in told.get(code, [])]


def limit_of(kind: str, key: str) -> str:
    """The limit for a colour or grade, such as "3 working_days"; "" when there is no such clock."""
    return limit_in(table(), kind, key)


def use_unit_limits(limits: Mapping[tuple[int, str, str], str]) -> None:
    """Know these stricter limits of units from now on in this process: (unit, clock, key) → limit."""
    _of_units.clear()
    _of_units.update(limits)


def unit_limit(unit_id: int | None, kind: str, key: str) -> str:
    """The unit's own limit of a clock, "" when it has none."""
    in_force.refresh()
    return _of_units.get((unit_id, kind, key), "") if unit_id is not None else ""


def strictest(
    kind: str,
    key: str,
    unit_id: int | None,
    starts_at: datetime,
    *,
    of: Mapping[str, Any] | None = None,
) -> str:
    """The limit a clock of this unit that starts now runs by: its own where that ends no later.

    `of` another version of the table than the one in force.
    """
    limit, own = limit_in(of or table(), kind, key), unit_limit(unit_id, kind, key)
    if not (limit and own):
        return limit
    safety = is_safety(kind, key)
    return own if due_at(starts_at, own, safety=safety) <= due_at(starts_at, limit, safety=safety) else limit


def limit_in(content: Mapping[str, Any], kind: str, key: str) -> str:
    """The same in another version of the table."""
    limits = content["clocks"].get(kind, {}).get("limits", {})
    return str(limits.get(key, limits.get("", "")))


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """What two versions say otherwise: (clock, colour or grade, old limit, new limit)."""
    return [
        (kind, key, str(old["clocks"].get(kind, {}).get("limits", {}).get(key, "")), str(limit))
        for kind, clock in new["clocks"].items()
        for key, limit in clock["limits"].items()
        if old["clocks"].get(kind, {}).get("limits", {}).get(key) != limit
    ]


def is_safety(kind: str, key: str) -> bool:
    """Safety clocks never roll over and never sleep (handbook 7)."""
    clock = table()["clocks"][kind]
    return bool(clock.get("safety")) or key in clock.get("safety_keys", ())


def due_at(starts_at: datetime, limit: str, *, safety: bool, pauses: Sequence[Pause] = ()) -> datetime:
    """When a limit that starts now ends. Takes the calendar's units, and minutes and "until HH:MM"."""
    return explain(starts_at, limit, safety=safety, pauses=pauses).due_at


def explain(
    starts_at: datetime,
    limit: str,
    *,
    safety: bool,
    pauses: Sequence[Pause] = (),
    by: calendar.Calendar | None = None,
) -> calendar.Explanation:
    """The same with its reasons in Chinese; `by` another calendar than the one in force."""
    in_force.refresh()
    amount, _, unit = limit.partition(" ")
    if unit == "minutes":
        return calendar.explain_span(starts_at, _span(limit), f"{amount} 分钟", pauses=pauses)
    if amount == "until":
        span = _next_time_of_day(starts_at, unit) - starts_at
        return calendar.explain_span(starts_at, span, f"至下一个 {unit}", pauses=pauses)
    parsed = calendar.parse_limit(limit)
    return calendar.explain(starts_at, parsed, by, safety=safety, pauses=pauses)


def _next_time_of_day(starts_at: datetime, clock: str) -> datetime:
    hour, minute = map(int, clock.split(":"))
    local = starts_at.astimezone(time.BEIJING)
    noon = local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return noon if noon > local else noon + timedelta(days=1)


def ladder(kind: str, key: str, starts_at: datetime, due: datetime) -> list[Step]:
    """Every rung of this clock in order of time (handbook 7, Ladder)."""
    rules, clock = table()["ladder"], table()["clocks"][kind]
    steps = _warnings(rules, clock, starts_at, due) + [Step("breached", due)]
    if every := clock.get("repeats", {}).get(key):
        for number in range(1, rules["repeats"] + 1):
            steps.append(Step("repeated", due + number * _span(every)))
        steps.append(Step("alarmed", steps[-1].at + _span(every)))
        return steps
    supervise = rules["supervise_after"].get(key, rules["supervise_after"][""])
    steps.append(Step("supervision_due", due + _span(supervise)))
    steps.append(Step("naming_due", due + _span(rules["naming_after"])))
    return steps if is_safety(kind, key) else _awake(steps, rules["quiet"], due)


def _awake(steps: list[Step], quiet: dict[str, Any], due: datetime) -> list[Step]:
    """The rungs of an office clock with their waits; no warning waits beyond the end it warns of."""
    by, found = calendar.office_calendar(), list[Step]()
    for step in steps:
        at = quiet_hours.wake(step.at, step.code, quiet, by)
        at = step.at if step.code == "warned" and at >= due else at
        found.append(Step(step.code, max(at, found[-1].at) if found else at))
    return found


def _warnings(rules: dict[str, Any], clock: dict[str, Any], starts_at: datetime, due: datetime) -> list[Step]:
    whole = due - starts_at
    if whole < _span(rules["shortest_with_warnings"]):
        return []
    if "warn_after" in clock:
        at = [starts_at + _span(after) for after in clock["warn_after"]]
    else:
        at = [starts_at + whole * share for share in rules["warn_at"]]
    return [Step("warned", instant) for instant in at if instant < due]


def _span(text: str) -> timedelta:
    amount, _, unit = text.partition(" ")
    return timedelta(**{unit: float(amount)})

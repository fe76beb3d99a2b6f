"""Which rungs of an office clock's ladder wait for the morning or for a working day; data of the table.

Safety clocks never wait (handbook 7): they are not asked about here.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, time, timedelta
from typing import Any

from dispute_hub.cases.calendar import Calendar
from dispute_hub.common.time import BEIJING

NIGHT, REST_DAY = "night", "rest_day"
# What a rung may wait for, in the words of the page.
WAITS = {NIGHT: "夜间等到次日早晨", REST_DAY: "休息日等到下一个工作日早晨"}
STEPS = {
    "warned": "临期提醒",
    "breached": "超时通知上级",
    "supervision_due": "建议督办",
    "naming_due": "建议通报",
}


def wake(at: datetime, code: str, rules: dict[str, Any], calendar: Calendar) -> datetime:
    """When a rung is taken whose time has come at `at`: then, or on the morning it waits for.

    `rules` is `{"from": "21:00", "until": "08:00", "waits": {rung: [what it waits for]}}`.
    """
    waits: Collection[str] = rules["waits"].get(code, ())
    local = at.astimezone(BEIJING)
    evening, morning = time.fromisoformat(rules["from"]), time.fromisoformat(rules["until"])
    day, moved = local.date(), False
    if NIGHT in waits and not morning <= local.time() < evening:
        day, moved = day + timedelta(days=local.time() >= evening), True
    while REST_DAY in waits and not calendar.is_working_day(day):
        day, moved = day + timedelta(days=1), True
    return datetime.combine(day, morning, BEIJING) if moved else at

"""Which days and which clock table this process counts by: what people entered, read again every few seconds.

A limit is reckoned many times a request; the tables change a few times a year. Whatever was started by a
copy some seconds old is put right by the recount that follows every change (`clock_recount`).
"""

from __future__ import annotations

import time
from datetime import date
from typing import Any

from django.conf import settings

FRESH_WITHIN_SECONDS = 5.0
_read: dict[str, float] = {}


def refresh() -> None:
    """Read again what is older than a few seconds. Tests name the moment themselves (`reload`)."""
    within = getattr(settings, "HUB_CLOCKS_FRESH_WITHIN", FRESH_WITHIN_SECONDS)
    if within is not None and time.monotonic() - _read.get("at", float("-inf")) > within:
        reload()


def reload() -> None:
    """Read the overrides, the clock table and the limits of units in force now."""
    from dispute_hub.cases import calendar, clock_table

    _read["at"] = time.monotonic()
    calendar.use_overrides(overrides())
    clock_table.use(active_table())
    clock_table.use_unit_limits(unit_limits())


def overrides() -> dict[date, tuple[bool, str]]:
    """What people entered over the State Council's tables: day → (worked, reason). One query."""
    from dispute_hub.cases.models import CalendarOverride

    newest = CalendarOverride.objects.order_by("day", "-id").distinct("day")
    rows = newest.values_list("day", "worked", "reason")
    return {day: (worked, reason) for day, worked, reason in rows if worked is not None}


def active_table() -> dict[str, Any] | None:
    """The content of the clock table in force; None before the reference data is loaded. One query."""
    from dispute_hub.cases.models import ClockTable

    return ClockTable.objects.filter(status="active").values_list("content", flat=True).first()


def unit_limits() -> dict[tuple[int, str, str], str]:
    """The stricter limits of units in force: (unit, clock, colour or grade) → limit. One query."""
    from dispute_hub.cases.models import UnitLimit

    rows = UnitLimit.objects.filter(status="active").values_list("unit_id", "kind", "key", "limit")
    return {(unit_id, kind, key): limit for unit_id, kind, key, limit in rows if limit}

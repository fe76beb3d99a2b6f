"""The list behind a number: exactly the rows that were counted, read with the same declaration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from dispute_hub.cases.models import Case, Colour
from dispute_hub.common.errors import Invalid
from dispute_hub.common.paging import keyset_page
from reports.facts import FACTS, RATES, SPAN_FIGURES
from reports.periods import Period
from reports.selectors._territory import Territory
from reports.span_rows import SPAN_ROWS, unsettled_now

UNSETTLED = "unsettled"
REDS = "unsettled_red"


@dataclass(frozen=True, slots=True)
class CountedRow:
    """One counted thing: its case and the instant that put it into the period."""

    case: Case
    at: datetime


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of the rows of a figure."""

    code: str
    name: str
    base: str
    rows: list[CountedRow]
    next_cursor: str


def listing(
    code: str, territory: Territory, period: Period, *, at: datetime, cursor: str | None = None
) -> Listing:
    """One page of the rows behind a figure, newest first; Invalid (400) for a figure nobody declared.

    The rows of a rate are those of its numerator.
    """
    code = RATES[code].top if code in RATES else "cleared" if code == "clearance_rate" else code
    name, base = _words(code)
    rows, day, case = rows_of(code, territory.station_ids, period, at=at)
    if case != "pk":
        rows = rows.select_related(f"{case}__station", f"{case}__holder_unit")
    else:
        rows = rows.select_related("station", "holder_unit")
    page = keyset_page(rows, order=(f"-{day}", "-id"), cursor=cursor)
    found = [CountedRow(_at_end(row, case), getattr(row, day)) for row in page.rows]
    return Listing(code, name, base, found, page.next_cursor)


def rows_of(
    code: str, stations: list[int], period: Period, *, at: datetime
) -> tuple[QuerySet[Any], str, str]:
    """The rows of a figure, the column that puts them on a day, and the path to their case."""
    if code in SPAN_ROWS:
        return SPAN_ROWS[code](stations, period.start_at, period.until(at)), "opened_at", "pk"
    if code in (UNSETTLED, REDS):
        rows = unsettled_now(stations)
        return rows.filter(colour=Colour.RED) if code == REDS else rows, "opened_at", "pk"
    spec = FACTS[code]
    within = {f"{spec.day}__gte": period.start_at, f"{spec.day}__lt": period.end_at}
    rows = spec.rows(at).filter(**within, **{f"{spec.station}__in": stations})
    return rows, spec.day, spec.case


def _words(code: str) -> tuple[str, str]:
    own: Mapping[str, tuple[str, str]] = {
        **SPAN_FIGURES,
        UNSETTLED: ("待化解", "当前未化解的全部纠纷，不分周期"),
        REDS: ("未化解红色纠纷", "当前未化解、预警色为红的纠纷，不分周期"),
    }
    if code in own:
        return own[code]
    if code not in FACTS:
        raise Invalid("没有这个统计项，请从看板进入。", code="unknown_figure", status=400)
    return FACTS[code].name, FACTS[code].base


def _at_end(row: Any, path: str) -> Case:
    if path == "pk":
        found: Case = row
        return found
    for name in path.split("__"):
        row = getattr(row, name)
    end: Case = row
    return end

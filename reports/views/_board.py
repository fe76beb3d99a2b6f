"""清零看板: the board, the rows behind a number, the wall."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.common import time
from dispute_hub.common.paging import single_param
from reports import board_charts, selectors, services
from reports.periods import read_period


@door("board.read")
def board(request: HttpRequest) -> HttpResponse:
    """Figures of a day, week or month by station."""
    return render(request, "reports/board.html", _board(request))


@door("board.read")
def board_wall(request: HttpRequest) -> HttpResponse:
    """The same for a wall: dark, larger, without personal data, refreshing itself."""
    return render(request, "reports/board_wall.html", {**_board(request), "wall": True})


def _board(request: HttpRequest) -> dict[str, Any]:
    actor, at = actor_of(request), time.now()
    period = read_period(*_params(request, "period", "date"), today=time.beijing_date(at))
    territory = selectors.territory_of(actor, single_param(request, "unit"))
    services.count(territory.bureau_id, selectors.compared(period), selectors.shown_days(period), at=at)
    shown = selectors.board(territory, period, at=at)
    return board_charts.context_of(shown, actor, sort=request.GET.get("sort", ""))


def _params(request: HttpRequest, *names: str) -> list[str | None]:
    return [single_param(request, name) for name in names]


@door("board.list")
def board_rows(request: HttpRequest) -> HttpResponse:
    """Exactly the rows a number of the board was counted from."""
    actor, at = actor_of(request), time.now()
    code, span, day, unit = _params(request, "figure", "period", "date", "unit")
    period = read_period(span, day, today=time.beijing_date(at))
    territory = selectors.territory_of(actor, unit)
    found = selectors.listing(code or "", territory, period, at=at, cursor=request.GET.get("cursor"))
    said = {"listing": found, "rows": found.rows, "next_cursor": found.next_cursor, "period": period}
    said |= {"territory": territory, "board_url": board_charts.board_url(period, territory.chosen)}
    return render(request, "reports/board_rows.html", said)

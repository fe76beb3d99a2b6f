"""The board's charts as ECharts options: plain data, drawn by the browser without scripts of ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.urls import reverse

from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases.models import Colour
from reports.periods import Period
from reports.selectors import Board, change_of

MAIN: Final = (
    "alerts", "unsettled", "clearance_rate", "on_time_rate", "repeat_rate", "resolved_rate", "concluded_rate",
)  # fmt: skip
MORE: Final = (
    "scene_rate", "non_police_diverted_rate", "diverted_rate", "visit_rate", "content_rate",
    "disputes", "new", "repeated", "pushed", "verified_rate", "clocks_due",
)  # fmt: skip


def tiles(shown: Board, codes: Iterable[str] = MAIN + MORE) -> list[dict[str, Any]]:
    """Figures as tiles: value, base on hover, 同比 and 环比, and the list behind the number."""
    return [_tile(shown, code) for code in codes]


def _tile(shown: Board, code: str) -> dict[str, Any]:
    url = rows_url(shown, code) if shown.territory.may_list else ""
    if code == "unsettled":
        base = "当前未化解的全部纠纷，不分周期"
        return {"label": "待化解", "value": shown.unsettled, "unit": "起", "base": base, "url": url}
    figure = shown.figures[code]
    parts = f"（{figure.parts[0]}/{figure.parts[1]}）" if figure.is_rate else ""
    return {
        "label": figure.name,
        "value": "—" if figure.now is None else figure.now,
        "unit": "%" if figure.is_rate and figure.now is not None else "" if figure.is_rate else "起",
        "base": f"{figure.base}{parts}",
        "change": f"环比\u00a0{change_of(figure, figure.before)}　同比\u00a0{change_of(figure, figure.year)}",
        "url": url,
    }


def rows_url(shown: Board, code: str, unit: str = "") -> str:
    """The list behind a figure of this board, or of one station of it."""
    day = shown.period.first_on.isoformat()
    unit = unit or shown.territory.chosen
    return f"{reverse('board_rows')}?figure={code}&period={shown.period.span}&date={day}&unit={unit}"


def board_url(period: Period, unit: str) -> str:
    """The board of a period."""
    day = period.first_on.isoformat()
    return f"{reverse('board')}?period={period.span}&date={day}&unit={unit}"


def trend(shown: Board) -> dict[str, Any]:
    """Dispute alerts of thirty days, stacked by colour."""
    return {
        "legend": {"top": 0, "data": [f"{colour.label}色" for colour in Colour]},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": [f"{day:%m-%d}" for day in shown.trend_days]},
        "yAxis": {"type": "value", "minInterval": 1},
        "series": [
            {
                "type": "bar",
                "stack": "alerts",
                "name": f"{colour.label}色",
                "risk": colour.value,
                "data": shown.trend[colour.value],
            }
            for colour in Colour
        ],
    }


def funnel(shown: Board) -> dict[str, Any]:
    """How many of the three pushes went out in the period."""
    names = {"push_first": "一推送", "push_second": "二推送", "push_third": "三推送"}
    urls = {name: rows_url(shown, code) for code, name in names.items()} if shown.territory.may_list else {}
    return _bars("推送", {name: shown.figures[code].now or 0 for code, name in names.items()}) | {
        "urls": urls
    }


def ages(shown: Board) -> dict[str, Any]:
    """How long what is open has been open."""
    return _bars("未化解", dict(shown.ages))


def _bars(name: str, values: Mapping[str, float]) -> dict[str, Any]:
    """Lying bars, the first on top, each with its number."""
    return {
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "value", "minInterval": 1},
        "yAxis": {"type": "category", "inverse": True, "data": list(values)},
        "series": [
            {
                "type": "bar",
                "name": name,
                "data": list(values.values()),
                "barMaxWidth": 28,
                "label": {"show": True, "position": "right", "textBorderWidth": 0, "color": "inherit"},
            }
        ],
    }


def heat_rows(shown: Board, *, sort: str) -> list[dict[str, Any]]:
    """The stations with links to their lists; sorted by code, or by a column, the worst first."""
    ranks = {
        "due": lambda row: -row.due,
        "cleared": lambda row: -row.cleared,
        "left": lambda row: -row.left,
        "rate": lambda row: 101 if row.rate is None else row.rate,
    }
    rows = sorted(shown.heat, key=ranks[sort]) if sort in ranks else shown.heat
    listed = shown.territory.may_list
    return [
        {
            "unit": row.unit,
            "rate": row.rate,
            # Written here: a browser reads the value of a bar with a point, whatever the page's language.
            "rate_value": f"{row.rate or 0:.1f}",
            "rate_text": f"{row.rate or 0:.1f}%",
            "cells": [
                (title, getattr(row, code), rows_url(shown, code, str(row.unit.code)) if listed else "")
                for code, title in (("due", "应清"), ("cleared", "已清"), ("left", "未清"))
            ],
        }
        for row in rows
        if row.unit is not None
    ]


def columns(shown: Board, *, sort: str) -> list[dict[str, Any]]:
    """Heads of the heat table: each sorts by itself."""
    named = (("", "派出所"), ("due", "应清"), ("cleared", "已清"), ("left", "未清"), ("rate", "清零率"))
    day, unit = shown.period.first_on.isoformat(), shown.territory.chosen
    return [
        {
            "title": title,
            "css": "hub-num" if code else "",
            "url": f"?period={shown.period.span}&date={day}&unit={unit}&sort={code}",
            "sorted": "other" if code == sort and code else "",
        }
        for code, title in named
    ]


def tabs(shown: Board) -> list[dict[str, Any]]:
    """The switch 日/周/月."""
    day = shown.period.last_on.isoformat()
    return [
        {"title": title, "url": f"?period={span}&date={day}&unit={shown.territory.chosen}",
         "is_current": span == shown.period.span}
        for span, title in (("day", "日"), ("week", "周"), ("month", "月"))
    ]  # fmt: skip


def context_of(shown: Board, actor: PostActor, *, sort: str = "") -> dict[str, Any]:
    """Everything the board's templates show."""
    return {
        "board": shown,
        "tiles": tiles(shown, MAIN),
        "more_tiles": tiles(shown, MORE),
        "rows": heat_rows(shown, sort=sort),
        "columns": columns(shown, sort=sort),
        "tabs": tabs(shown),
        "trend": trend(shown),
        "funnel": funnel(shown),
        "ages": ages(shown),
        "earlier": shown.period.before().first_on.isoformat(),
        "later": shown.period.after().first_on.isoformat(),
        "actor": actor,
    }

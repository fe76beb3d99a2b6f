"""The agreement report as people read it: figures with their base, filters, the table of a file."""

from __future__ import annotations

from typing import Any

from dispute_hub.cases.models import Colour
from triage.selectors import Agreement, AgreementSpan


def share(part: int, whole: int) -> str:
    """ "83.3%", and — where there is no base."""
    return f"{part * 100 / whole:.1f}%" if whole else "—"


def colour_name(colour: str) -> str:
    return str(Colour(colour).label) if colour else "无"


def figures_of(found: Agreement) -> list[dict[str, Any]]:
    """The four figures of the head, each with its base."""
    return [
        {
            "label": "红色准确率",
            "value": share(found.kept_reds, found.engine_reds),
            "base": f"系统判红 {found.engine_reds} 件中，人工仍为红 {found.kept_reds} 件",
        },
        {
            "label": "红色查全率",
            "value": share(found.found_reds, found.true_reds),
            "base": f"人工为红或转为刑事案件 {found.true_reds} 件中，系统判红 {found.found_reds} 件",
        },
        {
            "label": "人工调整率",
            "value": share(found.overridden, found.total),
            "base": f"案件 {found.total} 件中，人工调整预警色 {found.overridden} 件",
        },
        {
            "label": "漏判红色",
            "value": found.true_reds - found.found_reds,
            "unit": "件",
            "base": "见下方清单",
        },
    ]


def filters_of(span: AgreementSpan) -> list[dict[str, Any]]:
    """The filter bar; a station is chosen where there are several."""
    months = [(month, month) for month in span.months]
    bar: list[dict[str, Any]] = [
        {"name": "month", "label": "月份", "choices": months, "value": f"{span.month:%Y-%m}"}
    ]
    if len(span.stations) > 1:
        choices = [(unit.code, str(unit)) for unit in span.stations]
        value = span.station.code if span.station else ""
        bar.append({"name": "station", "label": "派出所", "choices": choices, "value": value})
    return bar


def table_of(span: AgreementSpan, found: Agreement) -> list[list[Any]]:
    """The figures by station as rows of a file, the head first."""
    head = ["单位", "案件数", "系统判红", "人工仍为红", "应为红", "系统查到", "人工调整"]
    stations = [span.station] if span.station else span.stations
    rows = [[str(unit), *_numbers(found.of_station(unit.pk))] for unit in stations]
    cells = [
        [f"系统{colour_name(cell.engine)}→人工{colour_name(cell.human)}", cell.count]
        for _, row, _ in found.rows
        for cell in row
        if cell.count
    ]
    return [head, *rows, ["合计", *_numbers(found)], [], ["系统→人工", "件数"], *cells]


def _numbers(found: Agreement) -> list[int]:
    return [
        found.total, found.engine_reds, found.kept_reds, found.true_reds, found.found_reds, found.overridden,
    ]  # fmt: skip

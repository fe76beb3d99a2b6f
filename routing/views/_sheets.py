"""每日汇总: the chief's morning; sign, act on rows, print, hand the shift over."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.common import time
from routing import selectors, services


def _sheet(request: HttpRequest, sheet_on: date) -> dict[str, Any]:
    actor, at = actor_of(request), time.now()
    station = selectors.station_asked(actor, request.GET.get("station", ""), at=at)
    return selectors.sheet_page(actor, station, sheet_on, at=at)


@door("sheet.read")
def sheet_today(request: HttpRequest) -> HttpResponse:
    """This morning's sheet."""
    return render(request, "routing/sheet_page.html", _sheet(request, time.beijing_date(time.now())))


@door("sheet.read")
def sheet(request: HttpRequest, sheet_on: date) -> HttpResponse:
    """The sheet of any morning."""
    return render(request, "routing/sheet_page.html", _sheet(request, sheet_on))


@door("sheet.read")
def sheet_print(request: HttpRequest, sheet_on: date) -> HttpResponse:
    """A4 landscape, both parts, as frozen."""
    return render(request, "routing/sheet_print.html", _sheet(request, sheet_on))


@door("sheet.sign", "POST")
def sheet_sign(request: HttpRequest, sheet_on: date) -> HttpResponse:
    """审签."""
    actor, at = actor_of(request), time.now()
    found = selectors.get_sheet(actor, actor.unit.code, sheet_on, at=at)
    services.sign_sheet(found, actor=actor, at=at)
    messages.success(request, "每日汇总已审签。")
    return redirect("sheet", sheet_on=sheet_on)


@door("case.assign")
def sheet_row(request: HttpRequest, sheet_on: date, row_id: int) -> HttpResponse:
    """One row in the side panel: whom to assign it to, and what happened last."""
    actor, at = actor_of(request), time.now()
    row = selectors.get_row(actor, sheet_on, row_id, at=at)
    said = {"row": row, "events": selectors.last_events(row.case), "sheet_on": sheet_on}
    said["officers"] = selectors.officers_of(row.sheet.station_id, at=at)
    return render(request, "routing/_sheet_row_panel.html", said)


@door("case.assign", "POST")
def sheet_rows(request: HttpRequest, sheet_on: date) -> HttpResponse:
    """分派, 提请三推, 提交会商, 已阅 for the ticked rows; the answer tells each row's result."""
    actor, at = actor_of(request), time.now()
    found = selectors.get_sheet(actor, actor.unit.code, sheet_on, at=at)
    asked = selectors.rows_asked(found, request.POST, at=at)
    results = services.act_on_rows(found, actor=actor, at=at, **asked)
    said = selectors.results_page(found, results, undoes=asked["act"])
    return render(request, "routing/_sheet_results.html", said)


@door("case.assign", "POST")
def sheet_undo(request: HttpRequest, sheet_on: date) -> HttpResponse:
    """撤销 what the last act on these rows did."""
    actor, at = actor_of(request), time.now()
    found = selectors.get_sheet(actor, actor.unit.code, sheet_on, at=at)
    asked = selectors.rows_asked(found, request.POST, at=at)
    undone = services.undo_on_rows(found, row_ids=asked["row_ids"], act=asked["act"], actor=actor, at=at)
    return render(request, "routing/_sheet_results.html", selectors.results_page(found, undone, undoes=""))

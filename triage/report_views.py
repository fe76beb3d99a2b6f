"""研判符合情况: engine against people, the page from which the next version of the rules is made."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dispute_hub.accounts import policy
from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.common import time
from dispute_hub.common.paging import keyset_page, single_param
from triage import selectors
from triage.report_words import figures_of, filters_of, table_of


@door("triage.report")
def agreement(request: HttpRequest) -> HttpResponse:
    """Matrix, figures, misses first, items; who has no right to cases sees the figures alone."""
    span, may_list = _span(request), policy.allows(actor_of(request).role, "triage.report_list")
    found = selectors.agreement(span)
    said = {
        "span": span, "found": found, "may_list": may_list, "shares": figures_of(found),
        "filters": filters_of(span), "query": _query(span), "items": selectors.items_confirmed(span),
        "misses": selectors.missed_reds(span) if may_list else [],
        "stations": [] if span.station else [(unit, found.of_station(unit.pk)) for unit in span.stations],
        "colours": selectors.AGREEMENT_COLOURS,
    }  # fmt: skip
    return render(request, "triage/agreement_page.html", said)


@door("triage.report_list")
def agreement_cell(request: HttpRequest) -> HttpResponse:
    """The cases behind one cell of the matrix."""
    span = _span(request)
    engine, human = (single_param(request, name) or "" for name in ("engine", "human"))
    rows = selectors.agreement_rows(span, engine=engine, human=human)
    cursor = request.GET.get("cursor")
    page = keyset_page(rows, order=("-opened_at", "-id"), cursor=cursor)
    said = {"span": span, "engine": engine, "human": human, "query": _query(span), "rows": page.rows}
    return render(request, "triage/agreement_cell.html", said | {"next_cursor": page.next_cursor})


@door("triage.report")
def agreement_table(request: HttpRequest) -> HttpResponse:
    """The figures by station as a CSV file; no case is named in it."""
    span = _span(request)
    text = io.StringIO()
    csv.writer(text).writerows(table_of(span, selectors.agreement(span)))
    # The byte order mark tells spreadsheets that this is UTF-8.
    answer = HttpResponse(("\ufeff" + text.getvalue()).encode(), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="agreement-{span.month:%Y-%m}.csv"'
    return answer


def _span(request: HttpRequest) -> Any:
    month, station = (single_param(request, name) or "" for name in ("month", "station"))
    return selectors.span_of(actor_of(request), month=month, station=station, at=time.now())


def _query(span: Any) -> str:
    station = f"&station={span.station.code}" if span.station else ""
    return f"month={span.month:%Y-%m}{station}"

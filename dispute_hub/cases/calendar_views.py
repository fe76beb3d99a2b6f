"""节假日: a year of days, and the way to change one in two steps."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.cases import calendar_selectors as selectors
from dispute_hub.cases import services
from dispute_hub.cases.forms import CalendarForm
from dispute_hub.common import time
from dispute_hub.common.paging import keyset_page, single_param


@door("calendar.manage", "GET", "POST")
def calendar(request: HttpRequest) -> HttpResponse:
    """The year; a POST previews first and counts when it is confirmed."""
    if request.method == "GET":
        return _page(request, CalendarForm(initial={"first": single_param(request, "day"), "worked": "rest"}))
    actor, at, form = actor_of(request), time.now(), CalendarForm(request.POST)
    if not request.POST.get("confirmed"):
        preview = form.submit(partial(selectors.preview_change, at=at))
        return _page(request, form, preview)
    if form.submit(partial(services.change_calendar, actor=actor, at=at)) is None:
        return _page(request, form)
    messages.success(request, "已调整。未结时限正在后台重新计算，进度见本页下方。")
    return HttpResponseRedirect(f"{reverse('calendar')}?year={form.cleaned_data['first'].year}")


def _page(request: HttpRequest, form: CalendarForm, preview: Any = None) -> HttpResponse:
    year = selectors.year_of(single_param(request, "year"), on=time.beijing_date(time.now()))
    entries = keyset_page(selectors.entries(year), order=("-id",), cursor=request.GET.get("cursor"))
    said = {
        "year": year,
        "months": selectors.months_of(year),
        "warning": selectors.warning_for(year),
        "entries": entries.rows,
        "next_cursor": entries.next_cursor,
        "recounts": selectors.last_recounts(),
        "form": form,
        "preview": preview,
    }
    return render(request, "cases/calendar.html", said, status=form.status)

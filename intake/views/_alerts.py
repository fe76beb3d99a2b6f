"""今日警情 and one alert: its versions, 续报, dispatch, 并入 and 拆出, clear values on request."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from dispute_hub.accounts.doors import actor_of, door, polled
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Colour
from dispute_hub.common import time
from dispute_hub.common.paging import Page, keyset_page
from intake import selectors, services
from intake.forms import ReasonForm, StationForm, TextForm
from intake.models import Alert, DispatchStatus
from intake.views._shown import card, shown, versions


@door("alert.read")
def alerts_today(request: HttpRequest) -> HttpResponse:
    """Every alert in sight of this post, newest first; the first page stays live."""
    said = _list(request)
    colours = [("", "全部"), *Colour.choices]
    said["filters"] = [
        _filter("dispatch", "派警", DispatchStatus.choices, request),
        _filter("colour", "预警色", colours[1:], request),
        {"name": "on", "label": "日期", "type": "date", "value": _day(request)},
    ]
    return render(request, "intake/alert_list.html", said)


def _filter(name: str, label: str, choices: Any, request: HttpRequest) -> dict[str, Any]:
    return {"name": name, "label": label, "choices": choices, "value": request.GET.get(name, "")}


@polled
@door("alert.read")
def alert_rows(request: HttpRequest) -> HttpResponse:
    """The rows alone, fetched again every few seconds."""
    return render(request, "intake/_alert_rows.html", _list(request))


def _day(request: HttpRequest) -> str:
    """Today unless another day, or none at all, is asked for."""
    return request.GET.get("on", time.beijing_date(time.now()).isoformat())


def _list(request: HttpRequest) -> dict[str, Any]:
    at = time.now()
    alerts = selectors.filter_alerts(
        selectors.alerts_visible_to(actor_of(request), at=at),
        dispatch=request.GET.get("dispatch", ""),
        colour=request.GET.get("colour", ""),
        on=_day(request),
    )
    page: Page[Alert] = keyset_page(alerts, cursor=request.GET.get("cursor"))
    return {"rows": shown(page.rows), "next_cursor": page.next_cursor}


@door("alert.read")
def alert_detail(request: HttpRequest, alert_no: str) -> HttpResponse:
    return _detail(request, alert_no)


@door("alert.read")
def alert_card(request: HttpRequest, alert_no: str) -> HttpResponse:
    """One alert beside the list: colour with its sentence, marked words, earlier calls."""
    actor, at = actor_of(request), time.now()
    said = card(selectors.get_alert(actor, alert_no, at=at), actor=actor, at=at)
    return render(request, "intake/_alert_card.html", said)


def _detail(request: HttpRequest, alert_no: str, **forms_: forms.Form) -> HttpResponse:
    actor, at = actor_of(request), time.now()
    alert = selectors.get_alert(actor, alert_no, at=at)
    said = card(alert, actor=actor, at=at)
    said |= {
        "versions": versions(alert),
        "text_form": TextForm(),
        "station_form": StationForm(stations=selectors.stations_of(actor)),
        "reason_form": ReasonForm(),
        **forms_,
    }
    status = max((form.status for form in forms_.values()), default=200)  # type: ignore[attr-defined]
    return render(request, "intake/alert_detail.html", said, status=status)


def _done(request: HttpRequest, alert: Alert, words: str) -> HttpResponse:
    messages.success(request, words)
    return HttpResponseRedirect(reverse("alert_detail", args=[alert.alert_no]))


@door("alert.log", "POST")
def add_text(request: HttpRequest, alert_no: str) -> HttpResponse:
    """续报."""
    actor, at = actor_of(request), time.now()
    alert = selectors.get_alert(actor, alert_no, at=at)
    form = TextForm(request.POST)
    done = form.submit(partial(services.add_text, alert, actor=actor, at=at))
    if done is None:
        return _detail(request, alert_no, text_form=form)
    return _done(request, alert, "续报已发出，处警民警可见。")


@door("alert.dispatch", "POST")
def dispatch(request: HttpRequest, alert_no: str) -> HttpResponse:
    """派警 to a station."""
    actor, at = actor_of(request), time.now()
    alert = selectors.get_alert(actor, alert_no, at=at)
    form = StationForm(request.POST, stations=selectors.stations_of(actor))
    done = form.submit(partial(services.dispatch, alert, actor=actor, at=at))
    if done is None:
        return _detail(request, alert_no, station_form=form)
    return _done(request, alert, f"已派往{form.wanted()['station']}。")


@door("alert.attach", "POST")
def attach(request: HttpRequest, alert_no: str) -> HttpResponse:
    """并入 an earlier case; undone on the same page."""
    actor, at = actor_of(request), time.now()
    alert = selectors.get_alert(actor, alert_no, at=at)
    case = selectors.case_of_attaching(request.POST.get("case_no", ""), actor=actor, at=at)
    services.attach(alert, to=case, actor=actor, at=at)
    return _done(request, alert, f"已并入 {case.case_no}，可在本页拆出。")


@door("alert.attach", "POST")
def detach(request: HttpRequest, alert_no: str) -> HttpResponse:
    """拆出."""
    actor, at = actor_of(request), time.now()
    alert = selectors.get_alert(actor, alert_no, at=at)
    form = ReasonForm(request.POST)
    done = form.submit(partial(services.detach, alert, actor=actor, at=at))
    if done is None:
        return _detail(request, alert_no, reason_form=form)
    return _done(request, alert, f"已拆出，现为案件 {done.case.case_no}。")


@door("case.reveal", "POST")
def reveal(request: HttpRequest, alert_no: str) -> HttpResponse:
    """The caller's number in clear for a minute, with a trace."""
    actor, at = actor_of(request), time.now()
    alert, purpose = selectors.get_alert(actor, alert_no, at=at), request.POST.get("purpose", "")
    shown = cases.reveal(alert, case=alert.case, field="reporter_phone", purpose=purpose, actor=actor, at=at)
    return render(request, "components/revealed_value.html", {"shown": shown})

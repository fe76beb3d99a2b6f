"""反向交办: what a centre sent to the police, and the station's signature, return or result."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from dispute_hub.accounts import policy
from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.common import time
from dispute_hub.common.paging import keyset_page
from routing import forms, selectors, services
from routing.models import WorkOrder

COLUMNS = ("编号", "情况", "交办单位", "承办派出所", "状态", "时限", "办理")


@door("counter.read")
def counter_list(request: HttpRequest) -> HttpResponse:
    """Those of this unit, the newest first."""
    actor = actor_of(request)
    rows = selectors.counters.counter_orders(actor, at=time.now())
    page = keyset_page(rows, order=selectors.counters.NEWEST_FIRST, cursor=request.GET.get("cursor"))
    clocks = selectors.counters.clocks_for(page.rows)
    said = {
        "rows": [(order, selectors.counters.state_of(order), clocks.get(order.pk)) for order in page.rows],
        "next_cursor": page.next_cursor,
        "columns": [{"title": title} for title in COLUMNS],
        "may_send": policy.allows(actor.role, "counter.send"),
    }
    return render(request, "routing/counter_list.html", said)


@door("counter.send", "GET", "POST")
def counter_new(request: HttpRequest) -> HttpResponse:
    """A police-type matter, about an order in hand (`?about=`) or fresh."""
    actor, at = actor_of(request), time.now()
    about = selectors.counters.about_order(actor, request.GET.get("about", ""), at=at)
    stations = selectors.counters.stations_of_centre(actor.unit)
    form = forms.CounterForm.on(stations, about, request.POST if request.method == "POST" else None)
    made = form.submit(partial(services.send_counter_order, actor=actor, at=at)) if form.is_bound else None
    if made is None:
        said = {"form": form, "about": about}
        return render(request, "routing/counter_new.html", said, status=form.status)
    urgent = made.grade == "extra_urgent"
    messages.success(request, "已转警情并派警。" if urgent else "已交派出所，24小时内签收。")
    return HttpResponseRedirect(f"/counter-orders/{made.no}/")


@door("counter.read")
def counter_detail(request: HttpRequest, no: str) -> HttpResponse:
    """What was asked, and where it stands."""
    actor, at = actor_of(request), time.now()
    return _page(request, selectors.counters.get_counter_order(actor, no, at=at))


def _page(request: HttpRequest, order: WorkOrder, *, name: str = "", form: Any = None) -> HttpResponse:
    actor = actor_of(request)
    said = {
        "order": order,
        "state": selectors.counters.state_of(order),
        "clock": selectors.counters.clocks_for([order]).get(order.pk),
        "acts": forms.counter_forms(order, refused={name: form}) if _answers(actor, order) else {},
        "opened": name,
        "is_police": policy.allows(actor.role, "counter.accept"),
    }
    return render(request, "routing/counter_detail.html", said, status=form.status if form else 200)


def _answers(actor: Any, order: WorkOrder) -> bool:
    here = order.addressee_id == actor.post.unit_id
    return here and policy.allows(actor.role, "counter.accept")


def _act(name: str, service: Any, said: str) -> Any:
    """A door for one act of the station."""

    @door("counter.accept", "POST")
    def view(request: HttpRequest, no: str) -> HttpResponse:
        actor, at = actor_of(request), time.now()
        order = selectors.counters.get_counter_order(actor, no, at=at)
        form = forms.COUNTER_FORMS[name](request.POST)
        if form.submit(partial(service, order, actor=actor, at=at)) is None:
            order = selectors.counters.get_counter_order(actor, no, at=at)
            return _page(request, order, name=name, form=form)
        messages.success(request, said)
        return HttpResponseRedirect(f"/counter-orders/{order.no}/")

    view.__name__ = f"counter_{name}"
    return view


accept = _act("accept", services.accept_counter_order, "已签收，请按期反馈结果。")
return_ = _act("return", services.return_counter_order, "已退回，综治中心已收到提醒。")
answer = _act("answer", services.answer_counter_order, "结果已反馈综治中心。")

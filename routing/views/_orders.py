"""交办单: lanes and list, the page of one order with the acts possible now, its papers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.common import time
from dispute_hub.common.paging import keyset_page
from routing import forms, selectors, services
from routing.models import OrderStatus, WorkOrder

DONE_WORDS = {
    "approve": "已批准并发出，接收单位已收到提醒。",
    "reject": "已退回提请人修改。",
    "accept": "已签收，当事人联系方式已显示，请按时联系双方。",
    "return": "已退回，派出所已收到提醒。",
    "recall": "已撤回，案件回到责任民警处。",
    "assign": "已分派，办理单位已收到提醒。",
    "contact": "联系情况已记录。",
    "complete": "任务已报办结，综治中心已收到提醒。",
    "task_done": "该单位任务已办结。",
    "task_excuse": "该单位任务已免办。",
    "feedback": "进展已填报。",
    "extend": "延期申请已提交，批准前按原期限办理。",
    "settle": "已报结，待派出所核查双方当事人。",
    "verify": "核查结果已提交。",
    "tried": "联系未果已登记。",
    "lost": "已提请所领导审批，批准前仍可提交核查结果。",
}
BACK = {"approvals": "/approvals/"}


# Five fit 1440 px; what waits for approval has its own page and stands in the head.
LANES_SHOWN = 5
COLUMNS = ("编号", "等级", "事项", "状态", "接收单位", "提请", "时限", "办理")


@door("order.read")
def order_list(request: HttpRequest) -> HttpResponse:
    """The orders of this post: lanes with counts, or with `?view=list` a table."""
    if request.GET.get("view") == "list":
        return _table(request)
    actor = actor_of(request)
    found = selectors.lanes(actor, at=time.now())
    said = {
        "lanes": found[-LANES_SHOWN:],
        "is_empty": not any(lane.count for lane in found),
        "empty_help": selectors.no_orders_help(actor),
        "may": _may(actor.role),
        "head_figures": [
            {"label": lane.title, "value": lane.count, "url": lane.more_url} for lane in found[:4]
        ],
    }
    return render(request, "routing/order_list.html", said)


def _may(role: str) -> dict[str, bool]:
    """Which ledgers beside the orders this post has."""
    return {"counters": policy.allows(role, "counter.read"), "watches": policy.allows(role, "watch.keep")}


def _table(request: HttpRequest) -> HttpResponse:
    actor, status = actor_of(request), request.GET.get("status", "")
    lane = "" if status else request.GET.get("lane", "")
    at = time.now()
    rows = selectors.of_lane(actor, lane, at=at) if lane else selectors.listed(actor, status=status, at=at)
    page = keyset_page(rows, order=("-proposed_at", "-id"), cursor=request.GET.get("cursor"))
    said = {
        "rows": selectors.order_cards(page.rows, actor),
        "next_cursor": page.next_cursor,
        "columns": [{"title": title, "css": "hub-optional" if title == "提请" else ""} for title in COLUMNS],
        "filters": [{"name": "status", "label": "状态", "value": status, "choices": OrderStatus.choices}],
        "kept": [("view", "list"), *([("lane", lane)] if lane else [])],
    }
    return render(request, "routing/order_table.html", said)


@door("order.read")
def order_detail(request: HttpRequest, no: str) -> HttpResponse:
    """矛盾纠纷警情交办单."""
    actor, at = actor_of(request), time.now()
    if selectors.counters.is_counter_order(actor, no, at=at):
        return HttpResponseRedirect(f"/counter-orders/{no}/")
    return _page(request, selectors.get_order(actor, no, at=at), actor)


@door("order.read")
def order_print(request: HttpRequest, no: str) -> HttpResponse:
    """The order on paper, with the receiver's masks."""
    actor, at = actor_of(request), time.now()
    page = selectors.page_of(selectors.get_order(actor, no, at=at), actor, at=at)
    return render(request, "routing/order_print.html", {"page": page, "order": page.order})


def _page(
    request: HttpRequest, order: WorkOrder, actor: PostActor, *, name: str = "", form: Any = None
) -> HttpResponse:
    page = selectors.page_of(order, actor, at=time.now())
    shown = forms.order_forms(page, refused={name: form})
    said = {
        "page": page,
        "order": order,
        "packet": page.packet,
        "acts": shown,
        "opened": name,
        "refused": form if name not in shown else None,
    }
    return render(request, "routing/order_detail.html", said, status=form.status if form else 200)


def _act(name: str, act: str, service: Callable[..., Any]) -> Callable[..., HttpResponse]:
    """A door for one act on an order; refused, the page comes back with what was typed."""

    @door(act, "GET", "POST")
    def view(request: HttpRequest, no: str) -> HttpResponse:
        actor, at = actor_of(request), time.now()
        order = selectors.get_order(actor, no, at=at)
        if request.method != "POST":
            return HttpResponseRedirect(f"/orders/{order.no}/")
        units, sides = selectors.assignable_by(order), selectors.sides_of(order.case_id)
        form = forms.order_form(name, units, request.POST, sides=sides)
        if form.submit(partial(service, order, actor=actor, at=at)) is None:
            return _page(request, selectors.get_order(actor, no, at=at), actor, name=name, form=form)
        messages.success(request, DONE_WORDS[name])
        return HttpResponseRedirect(BACK.get(request.POST.get("back", ""), f"/orders/{order.no}/"))

    view.__name__ = f"order_{name}"
    return view


def _own_task(order: WorkOrder, *, text: str, actor: PostActor, at: Any) -> Any:
    task_id = selectors.own_task_id(order, actor)
    return services.complete_task(order, task_id=task_id, text=text, actor=actor, at=at)


def _task_act(name: str, act: str, service: Callable[..., Any]) -> Callable[..., HttpResponse]:
    """A door for the centre's word on one unit's part: done for it, or not needed."""

    @door(act, "POST")
    def view(request: HttpRequest, no: str, task_id: int) -> HttpResponse:
        actor, at = actor_of(request), time.now()
        order = selectors.get_order(actor, no, at=at)
        form = forms.TaskForm(request.POST)
        if form.submit(partial(service, order, task_id=task_id, actor=actor, at=at)) is None:
            return _page(request, order, actor, name=name, form=form)
        messages.success(request, DONE_WORDS[name])
        return HttpResponseRedirect(f"/orders/{order.no}/#tasks")

    view.__name__ = f"order_{name}"
    return view


task_done = _task_act("task_done", "order.feed_back", services.complete_task)
task_excuse = _task_act("task_excuse", "order.assign", services.excuse_task)
complete = _act("complete", "order.feed_back", _own_task)
approve = _act("approve", "third_push.approve", services.approve_order)
reject = _act("reject", "third_push.approve", services.reject_order)
accept = _act("accept", "order.accept", services.accept_order)
return_ = _act("return", "order.return", services.return_order)
recall = _act("recall", "order.recall", services.recall_order)
assign = _act("assign", "order.assign", services.assign_order)
feedback = _act("feedback", "order.feed_back", services.feed_back_order)
extend = _act("extend", "order.extend", services.extend_order)
contact = _act("contact", "order.contact", services.record_order_contact)
settle = _act("settle", "order.settle", services.settle_order)
verify = _act("verify", "order.verify", services.verify_order)
tried = _act("tried", "order.verify", services.record_try)
lost = _act("lost", "order.verify", services.propose_lost_contact)

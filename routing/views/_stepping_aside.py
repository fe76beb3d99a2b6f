"""回避, 管辖争议 and 指定办理单位: their pages, and the list of what waits for a leader or the bureau."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.accounts.models import Unit
from dispute_hub.cases.selectors import get_case
from dispute_hub.common import time
from routing import forms, selectors, services

Item = dict[str, Any]


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


@door("jurisdiction.raise", "GET", "POST")
def jurisdiction(request: HttpRequest, case_no: str) -> HttpResponse:
    """提出管辖争议: until the bureau decides the first station goes on with the case."""
    actor, at = actor_of(request), time.now()
    case = get_case(actor, case_no, at=at)
    form = forms.JurisdictionForm.on(case, _posted(request))
    if (
        not form.is_bound
        or form.submit(partial(services.raise_jurisdiction, case, actor=actor, at=at)) is None
    ):
        said = {"case": case, "form": form, "note": "裁定前由本所继续承办，不得推诿；分局4小时内裁定。"}
        return render(request, "routing/stepping_aside_form.html", said, status=form.status)
    messages.success(request, "已提交分局裁定，裁定前请继续办理。")
    return HttpResponseRedirect(f"/cases/{case.case_no}/")


@door("recusal.declare", "GET", "POST")
def recusal(request: HttpRequest, case_no: str) -> HttpResponse:
    """申报回避, for oneself or a colleague."""
    actor, at = actor_of(request), time.now()
    case = get_case(actor, case_no, at=at)
    staff = selectors.aside.staff_of(case, at=at)
    form = forms.RecusalForm.on(staff, actor.user.pk, _posted(request))
    if not form.is_bound or form.submit(partial(services.declare_recusal, case, actor=actor, at=at)) is None:
        note = "批准前请继续办理；民警被投诉的，由分局审批并指定其他派出所办理。"
        said = {
            "case": case,
            "form": form,
            "note": note,
            "recusals": selectors.aside.recusals_of(case, actor),
        }
        return render(request, "routing/stepping_aside_form.html", said, status=form.status)
    messages.success(request, "回避已申报，等待审批。")
    return HttpResponseRedirect(f"/cases/{case.case_no}/")


@door("recusal.read")
def stepping_aside(request: HttpRequest) -> HttpResponse:
    """What waits: recusals for a leader, disputes of jurisdiction for the bureau."""
    return _list(request)


@door("recusal.approve", "POST")
def recusal_decide(request: HttpRequest, recusal_id: int, verdict: str) -> HttpResponse:
    """Approve or refuse a recusal; one complained of needs the station that takes the case."""
    actor, at = actor_of(request), time.now()
    row = selectors.aside.get_recusal(actor, recusal_id)
    form = forms.StationForm.among(_stations(actor), row.place, request.POST)
    decide = partial(services.decide_recusal, row, approved=verdict == "approve", actor=actor, at=at)
    if form.submit(decide) is None:
        return _list(request, refused=(row.place, form))
    messages.success(request, "回避审批结果已告知本人。")
    return HttpResponseRedirect("/approvals/aside/")


@door("jurisdiction.decide", "POST")
def complained_move(request: HttpRequest, recusal_id: int) -> HttpResponse:
    """The move an approved complaint still owes."""
    actor, at = actor_of(request), time.now()
    row = selectors.aside.get_recusal(actor, recusal_id)
    form = forms.MoveForm.among(_stations(actor), f"move-{row.pk}", request.POST)
    if form.submit(partial(services.move_complained, row, actor=actor, at=at)) is None:
        return _list(request, refused=(f"move-{row.pk}", form))
    messages.success(request, "案件已移交，承办派出所已收到提醒。")
    return HttpResponseRedirect("/approvals/aside/")


@door("jurisdiction.decide", "POST")
def complaint_assign(request: HttpRequest, case_no: str) -> HttpResponse:
    """指定办理单位 for a complaint about officers."""
    actor, at = actor_of(request), time.now()
    case = get_case(actor, case_no, at=at)
    form = forms.MoveForm.among(_stations(actor), f"complaint-{case.pk}", request.POST)
    if form.submit(partial(services.assign_complaint, case, actor=actor, at=at)) is None:
        return _list(request, refused=(f"complaint-{case.pk}", form))
    messages.success(request, "已指定办理单位并派警。")
    return HttpResponseRedirect("/approvals/aside/")


@door("jurisdiction.decide", "POST")
def jurisdiction_decide(request: HttpRequest, dispute_id: int) -> HttpResponse:
    """The bureau's word on jurisdiction."""
    actor, at = actor_of(request), time.now()
    row = selectors.aside.get_dispute(actor, dispute_id)
    form = forms.StationForm.among(_stations(actor), row.place, request.POST)
    if form.submit(partial(services.decide_jurisdiction, row, actor=actor, at=at)) is None:
        return _list(request, refused=(row.place, form))
    messages.success(request, "管辖已裁定，双方派出所已收到提醒。")
    return HttpResponseRedirect("/approvals/aside/")


def _stations(actor: PostActor) -> list[Unit]:
    return list(selectors.aside.stations_of(actor.unit.bureau_id or actor.post.unit_id))


def _list(request: HttpRequest, *, refused: tuple[str, forms.StationForm] | None = None) -> HttpResponse:
    """Each row with its form; a refused one stands in its row, or at the head when that is gone."""
    actor = actor_of(request)
    given = dict([refused] if refused else [])
    said = {
        **_rows(actor, given),
        "lost": next(iter(given.values()), None),
        "movable": services.MOVABLE,
        "may_judge": policy.allows(actor.role, "jurisdiction.decide"),
        "layout": "routing/order_bare.html" if "HX-Request" in request.headers else "base.html",
    }
    status = refused[1].status if refused else 200
    return render(request, "routing/stepping_aside.html", said, status=status)


def _rows(actor: PostActor, given: dict[str, forms.StationForm]) -> dict[str, list[Item]]:
    """What waits, each with its form: taken out of `given`, or a new one."""
    aside, unit_id = selectors.aside, actor.post.unit_id
    rows: dict[str, list[tuple[Any, str, str]]] = {
        "recusals": [(row, row.place, "") for row in aside.open_recusals(actor)],
        "disputes": [(row, row.place, row.proposed_code) for row in aside.open_disputes(actor)],
    }
    if policy.allows(actor.role, "jurisdiction.decide"):
        kept = aside.waiting_complaints(unit_id)
        rows["complaints"] = [(case, f"complaint-{case.pk}", "") for case in kept]
        rows["moves"] = [(row, f"move-{row.pk}", "") for row in aside.waiting_moves(unit_id)]
    return _with_forms(rows, given, _stations(actor))


def _with_forms(
    rows: dict[str, list[tuple[Any, str, str]]], given: dict[str, forms.StationForm], stations: list[Unit]
) -> dict[str, list[Item]]:
    fresh = partial(forms.StationForm.among, stations)
    return {
        name: [
            {"row": row, "form": given.pop(place, None) or fresh(place, to=to)} for row, place, to in found
        ]
        for name, found in rows.items()
    }


@door("order.redirect", "GET", "POST")
def order_redirect(request: HttpRequest, no: str) -> HttpResponse:
    """指定办理单位: the county centre names who takes an order that came back twice."""
    actor, at = actor_of(request), time.now()
    order = selectors.get_order(actor, no, at=at)
    form = forms.RedirectForm.within(actor.post.unit_id, _posted(request))
    if not form.is_bound or form.submit(partial(services.redirect_order, order, actor=actor, at=at)) is None:
        said = {"order": order, "form": form, "came_back": selectors.came_back(order.case)}
        return render(request, "routing/third_push_redirect.html", said, status=form.status)
    messages.success(request, "已指定办理单位并发出。")
    return HttpResponseRedirect(f"/orders/{order.no}/")

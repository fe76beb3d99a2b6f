"""跟踪化解台账: the ledger in groups, and the side panel in which a case is worked on."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case
from dispute_hub.cases.selectors import get_case
from dispute_hub.common import time
from dispute_hub.common.forms import SubmittedForm
from dispute_hub.common.paging import keyset_page
from routing import selectors, services
from routing.forms import AssignForm, ContactForm, SettleForm

PAGE_ROWS = 100


@door("push.read")
def tracking_list(request: HttpRequest) -> HttpResponse:
    """Tracked cases by when something is due."""
    actor, at = actor_of(request), time.now()
    page = keyset_page(
        selectors.ledger_cases(actor, at=at),
        order=selectors.LEDGER_ORDER,
        cursor=request.GET.get("cursor"),
        size=PAGE_ROWS,
    )
    said = {"groups": selectors.ledger(page.rows, actor, at=at), "next_cursor": page.next_cursor}
    return render(request, "routing/tracking_list.html", said)


@door("push.read")
def tracking_panel(request: HttpRequest, case_no: str) -> HttpResponse:
    """One case in the side panel: what happened last, what may be done."""
    return _panel(request, get_case(actor_of(request), case_no, at=time.now()))


@door("case.contact", "POST")
def tracking_contact(request: HttpRequest, case_no: str) -> HttpResponse:
    """电话记录 or 走访."""
    actor, at = actor_of(request), time.now()
    case = get_case(actor, case_no, at=at)
    form = ContactForm(request.POST)
    if form.submit(partial(services.record_contact, case, actor=actor, at=at)) is not None:
        return _done(request, f"{case_no} 联系情况已记录。")
    return _panel(request, case, contact=form)


@door("case.settle", "POST")
def tracking_settle(request: HttpRequest, case_no: str) -> HttpResponse:
    """已化解."""
    actor, at = actor_of(request), time.now()
    case = get_case(actor, case_no, at=at)
    form = SettleForm(request.POST)
    if form.submit(partial(cases.settle, case, actor=actor, at=at)) is not None:
        return _done(request, f"{case_no} 已化解，回访计划已生成。")
    return _panel(request, case, settle=form)


@door("case.assign", "POST")
def tracking_assign(request: HttpRequest, case_no: str) -> HttpResponse:
    """分派 away from the sheet, at any hour."""
    actor, at = actor_of(request), time.now()
    case = get_case(actor, case_no, at=at)
    form = AssignForm.of(case, at=at, data=request.POST)
    if form.submit(partial(services.assign_case, case, actor=actor, at=at)) is not None:
        return _done(request, f"{case_no} 已分派给{form.cleaned_data['post'].user.full_name}。")
    return _panel(request, case, assign=form)


@door("push.sign", "POST")
def tracking_take_over(request: HttpRequest, case_no: str) -> HttpResponse:
    """接手 what the duty crew held for the night."""
    actor, at = actor_of(request), time.now()
    push = selectors.held_push(get_case(actor, case_no, at=at))
    services.take_over(push, actor=actor, at=at)
    return _done(request, f"{case_no} 已接手，由您负责跟踪化解。")


def _done(request: HttpRequest, text: str) -> HttpResponse:
    """The ledger again: rows move between groups, so the page is read anew."""
    messages.success(request, text)
    if "HX-Request" in request.headers:
        return HttpResponse(headers={"HX-Redirect": "/tracking/"})
    return HttpResponse(status=303, headers={"Location": "/tracking/"})


def _panel(request: HttpRequest, case: Case, **refused: SubmittedForm) -> HttpResponse:
    """The side panel; a refused form takes the place of its empty one."""
    at = time.now()
    said = {
        "case": case,
        "events": selectors.last_events(case),
        "contact": ContactForm(auto_id="id_contact_%s"),
        "settle": SettleForm(initial={"row_version": case.version}, auto_id="id_settle_%s"),
        "assign": AssignForm.of(case, at=at),
        "row_version": case.version,
        "layout": "routing/tracking_bare.html" if "HX-Request" in request.headers else "base.html",
        **selectors.second_acts(actor_of(request), case, at=at),
        **refused,
    }
    status = next((form.status for form in refused.values()), 200)
    return render(request, "routing/tracking_panel.html", said, status=status)

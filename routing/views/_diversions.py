"""分流 at the desk: proposed by who took the call, decided by the duty commander; its notice delivered."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from dispute_hub.accounts import policy
from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.common import time
from routing import forms, selectors, services
from routing.models import WorkOrder

DIVERSIONS = "/diversions/"
ROW_FORMS = (forms.RefuseDiversionForm, forms.ThreePartyCallForm)


@door("diversion.propose", "GET", "POST")
def diversion_propose(request: HttpRequest, case_no: str) -> HttpResponse:
    """The dispatcher proposes; dispatch goes on until the commander confirms."""
    actor, at = actor_of(request), time.now()
    case = selectors.case_to_divert(actor, case_no, at=at)
    form = forms.ProposeDiversionForm.on(case, request.POST if request.method == "POST" else None)
    propose = partial(services.propose_diversion, case, actor=actor, at=at)
    if not form.is_bound or form.submit(propose) is None:
        said = {"case": case, "form": form, "item": selectors.item_of(case), "is_proposal": True}
        return render(request, "routing/diversion.html", said, status=form.status)
    messages.success(request, "已提请分流，值班长10分钟内确认；确认前照常派警。")
    return HttpResponseRedirect("/alerts/")


@door("diversion.confirm")
def diversion_list(request: HttpRequest) -> HttpResponse:
    """What waits for the commander of this desk, and what was decided today."""
    return _list(request)


def _list(request: HttpRequest, *, no: str = "", form: Any = None) -> HttpResponse:
    actor, at = actor_of(request), time.now()
    found = selectors.diversions.waiting_diversions(actor)
    stands = isinstance(form, ROW_FORMS) and any(proposal.order.no == no for proposal in found)
    said = {
        "proposals": [
            (proposal, *_row_forms(proposal.order, form if proposal.order.no == no else None))
            for proposal in found
        ],
        "decided": selectors.diversions.decided_diversions(actor, at=at),
        "opened": no,
        # A refusal stands in its row; without one (decided meanwhile) at the head of the page.
        "refused": None if stands else form,
    }
    return render(request, "routing/diversion_list.html", said, status=form.status if form else 200)


def _row_forms(order: WorkOrder, refused: Any) -> list[Any]:
    """不予分流 and 三方通话 of one row; a refused one stands in with what was typed."""
    return [
        refused if isinstance(refused, kind) else kind(auto_id=f"id_{kind.__name__}_{order.pk}_%s")
        for kind in ROW_FORMS
    ]


@door("diversion.confirm", "POST")
def diversion_confirm(request: HttpRequest, no: str) -> HttpResponse:
    """One key: it goes out."""
    order = selectors.diversions.get_proposal(actor_of(request), no)
    return _act(
        request,
        order,
        forms.OrderForm(request.POST),
        services.confirm_diversion,
        "已确认分流，派出所已收到抄送。",
    )


@door("diversion.confirm", "POST")
def diversion_refuse(request: HttpRequest, no: str) -> HttpResponse:
    """Not diverted; the reason goes to who proposed it."""
    order = selectors.diversions.get_proposal(actor_of(request), no)
    form = forms.RefuseDiversionForm(request.POST)
    return _act(request, order, form, services.refuse_diversion, "不予分流，提请人和派出所已收到提醒。")


@door("diversion.confirm", "POST")
def diversion_call(request: HttpRequest, no: str) -> HttpResponse:
    """三方通话."""
    order = selectors.diversions.get_proposal(actor_of(request), no)
    form = forms.ThreePartyCallForm(request.POST)
    return _act(request, order, form, services.note_three_party_call, "三方通话已记录。")


def _act(request: HttpRequest, order: WorkOrder, form: Any, service: Any, said: str) -> HttpResponse:
    if form.submit(partial(service, order, actor=actor_of(request), at=time.now())) is None:
        return _list(request, no=order.no, form=form)
    messages.success(request, said)
    return HttpResponseRedirect(DIVERSIONS)


@door("order.read")
def order_notice(request: HttpRequest, no: str) -> HttpResponse:
    """移交告知单, to read and to print."""
    return _notice(request, no, None)


@door("notice.deliver", "POST")
def notice_deliver(request: HttpRequest, no: str) -> HttpResponse:
    """How the parties were told."""
    actor, at = actor_of(request), time.now()
    order = selectors.get_diversion(actor, no, at=at)
    form = forms.DeliverForm(request.POST)
    if form.submit(partial(services.deliver_notice, order, actor=actor, at=at)) is None:
        return _notice(request, no, form)
    messages.success(request, "送达情况已登记。")
    return HttpResponseRedirect(f"/orders/{order.no}/notice/")


def _notice(request: HttpRequest, no: str, form: Any) -> HttpResponse:
    actor, at = actor_of(request), time.now()
    order = selectors.get_diversion(actor, no, at=at)
    said = {
        "order": order,
        "notice": order.notice,
        "packet": selectors.packet_for(order, order.case, actor),
        "alert_no": selectors.diversions.alert_no_of(order),
        "form": form or forms.DeliverForm(),
        "may_deliver": policy.allows(actor.role, "notice.deliver"),
    }
    return render(request, "routing/order_notice.html", said, status=form.status if form else 200)

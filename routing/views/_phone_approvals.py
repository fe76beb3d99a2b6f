"""先推后批: the page that records a leader's answer by telephone, and his written word afterwards."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.common import time
from routing import forms, selectors, services


@door("third_push.record_phone", "GET", "POST")
def order_phone(request: HttpRequest, no: str) -> HttpResponse:
    """Who was asked, when, what he said; a yes sends the 特急 order at once."""
    actor, at = actor_of(request), time.now()
    order = selectors.get_order(actor, no, at=at)
    leaders = selectors.phone_leaders(order, at=at, besides=[actor.user.pk])
    form = forms.PhoneForm.on(leaders, request.POST if request.method == "POST" else None, at=at)
    record = partial(services.record_phone_approval, order, actor=actor, at=at)
    if not form.is_bound or form.submit(record) is None:
        seen, changed = selectors.changed_since_filed(order, order.case)
        form.show(seen)
        said = {
            "order": order, "form": form, "leaders": leaders, "changed": changed,
            "packet": selectors.packet_for(order, order.case, actor),
        }  # fmt: skip
        return render(request, "routing/third_push_phone.html", said, status=form.status)
    messages.success(request, "电话请示已记录；同意的已立即发出，请提醒领导次日12:00前补办书面审批。")
    return HttpResponseRedirect(f"/orders/{order.no}/")


@door("third_push.approve", "POST")
def order_written(request: HttpRequest, no: str, verdict: str) -> HttpResponse:
    """补书面审批: confirmed, or refused with the reason."""
    actor, at = actor_of(request), time.now()
    order = selectors.get_order(actor, no, at=at)
    form = forms.DecideForm(request.POST)
    decide = partial(services.decide_in_writing, order, agreed=verdict == "approve", actor=actor, at=at)
    made = form.submit(decide)
    if made is None:
        said = {"order": order, "form": form, "verdict": verdict}
        return render(request, "routing/third_push_written.html", said, status=form.status)
    messages.success(request, f"书面审批已补办：{made.get_verdict_display()}。")
    return HttpResponseRedirect("/approvals/")

"""交接班单: both sides of a shift, item by item."""

from __future__ import annotations

from datetime import date
from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.common import time
from routing import selectors, services
from routing.forms import HandoverForm


@door("handover.read")
def handover_today(request: HttpRequest) -> HttpResponse:
    """This morning's hand-over."""
    return _page(request, time.beijing_date(time.now()))


@door("handover.read")
def handover(request: HttpRequest, shift_on: date) -> HttpResponse:
    """The hand-over of any morning, as it was signed."""
    return _page(request, shift_on)


@door("handover.read")
def handover_print(request: HttpRequest, shift_on: date) -> HttpResponse:
    """A4 landscape."""
    said = selectors.handover_page(actor_of(request), shift_on, at=time.now())
    return render(request, "routing/handover_print.html", said)


@door("handover.sign", "POST")
def handover_sign(request: HttpRequest) -> HttpResponse:
    """The outgoing side signs first, then the incoming one, item by item."""
    actor, at, form = actor_of(request), time.now(), HandoverForm(request.POST)
    sign = partial(services.sign_handover, actor.unit, actor=actor, at=at)
    if form.submit(sign) is None:
        return _page(request, time.beijing_date(at), form)
    messages.success(request, "交接班单已签字。")
    return redirect("handover_today")


def _page(request: HttpRequest, shift_on: date, form: HandoverForm | None = None) -> HttpResponse:
    said = selectors.handover_page(actor_of(request), shift_on, at=time.now())
    said["form"] = form or HandoverForm()
    said["ticked"] = said["form"].ticked
    return render(request, "routing/handover.html", said, status=said["form"].status)

"""待确认代签: the officer's word on what the station recorded for him."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.common import time
from routing import selectors, services
from routing.forms import ObjectionForm


@door("push.confirm_on_behalf")
def on_behalf_list(request: HttpRequest) -> HttpResponse:
    """What waits, oldest first."""
    return _list(request)


@door("push.confirm_on_behalf", "POST")
def on_behalf_confirm(request: HttpRequest, record_id: int) -> HttpResponse:
    """确认, or 异议 with its reason."""
    actor, at = actor_of(request), time.now()
    confirm = partial(
        services.confirm_on_behalf, selectors.get_on_behalf(actor, record_id), actor=actor, at=at
    )
    if "objection" not in request.POST:
        confirm()
        return _done(request, "已确认。")
    form = ObjectionForm(request.POST, auto_id=f"objection-{record_id}-%s")
    if form.submit(confirm) is not None:
        return _done(request, "异议已告知综合指挥室和所领导。")
    return _list(request, refused=(record_id, form))


def _done(request: HttpRequest, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("on_behalf_list")


def _list(request: HttpRequest, refused: tuple[int, ObjectionForm] | None = None) -> HttpResponse:
    given = dict([refused]) if refused else {}
    rows = [
        {"row": row, "form": given.get(row.pk) or ObjectionForm(auto_id=f"objection-{row.pk}-%s")}
        for row in selectors.on_behalf_for(actor_of(request))
    ]
    status = refused[1].status if refused else 200
    return render(request, "routing/on_behalf_list.html", {"rows": rows}, status=status)

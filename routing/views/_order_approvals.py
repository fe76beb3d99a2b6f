"""Fragment of 审批: third pushes, later dates and 联系不上 that wait for a leader, with what to decide."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.common import time
from dispute_hub.common.paging import keyset_page
from routing import forms, selectors, services
from routing.models import LostContact, OrderExtension

OLDEST_FIRST = ("proposed_at", "id")
# Two dozen unwritten approvals at once would be a scandal, not a list.
MOST_WORDS = 24


@door("sheet.read")
def order_approvals(request: HttpRequest) -> HttpResponse:
    """Third pushes and later dates; the command room reads them, a leader decides."""
    return _fragment(request, actor_of(request))


def _fragment(
    request: HttpRequest,
    actor: PostActor,
    *,
    refused: Any = None,
    row: OrderExtension | LostContact | None = None,
) -> HttpResponse:
    waiting = _waiting(actor, request.GET.get("cursor"))
    rows = [*waiting["extensions"], *(card.row for card in waiting["lost"])]
    said = {
        **waiting,
        **_decides(actor),
        "refused": refused,
        "refused_row": row,
        "is_gone": refused is not None and row not in rows,
        "layout": "routing/order_bare.html" if "HX-Request" in request.headers else "base.html",
    }
    return render(request, "routing/order_approvals.html", said, status=refused.status if refused else 200)


def _waiting(actor: PostActor, cursor: str | None) -> dict[str, Any]:
    at = time.now()
    lost = keyset_page(selectors.pending_lost(actor, at=at), order=OLDEST_FIRST).rows
    orders = keyset_page(selectors.awaiting_approval(actor), order=OLDEST_FIRST, cursor=cursor)
    return {
        "cards": selectors.order_cards(orders.rows, actor),
        "next_url": _next_url(orders.next_cursor),
        "extensions": keyset_page(selectors.pending_extensions(actor), order=OLDEST_FIRST).rows,
        "lost": selectors.lost_cards(lost, at=at),
        "words": selectors.written_words(actor)[:MOST_WORDS],
    }


def _decides(actor: PostActor) -> dict[str, bool]:
    at = time.now()
    return {
        "decides": selectors.decides(actor, at=at), "extends": selectors.decides_extensions(actor, at=at)
    }  # fmt: skip


def _next_url(cursor: str) -> str:
    """The fragment stands in 审批: what comes next is a page of its own."""
    return f"{reverse('order_approvals')}?{urlencode({'cursor': cursor})}" if cursor else ""


@door("order.approve_extension", "POST")
def decide_extension(request: HttpRequest, extension_id: int, verdict: str) -> HttpResponse:
    """Grant or refuse a later date."""
    actor, at = actor_of(request), time.now()
    extension = selectors.get_extension(actor, extension_id)
    form = forms.DecideInListForm(request.POST)
    act = partial(services.decide_extension, extension, approved=verdict == "approve", actor=actor, at=at)
    if form.submit(act) is None:
        return _fragment(request, actor, refused=form, row=extension)
    messages.success(request, "延期审批结果已告知承办单位。")
    return HttpResponseRedirect("/approvals/")


@door("order.approve_lost_contact", "POST")
def decide_lost(request: HttpRequest, lost_id: int, verdict: str) -> HttpResponse:
    """End an order whose parties cannot be reached, or send the officer on looking."""
    actor, at = actor_of(request), time.now()
    lost = selectors.get_lost(actor, lost_id)
    form = forms.DecideInListForm(request.POST)
    act = partial(services.decide_lost_contact, lost, approved=verdict == "approve", actor=actor, at=at)
    if form.submit(act) is None:
        return _fragment(request, actor, refused=form, row=lost)
    messages.success(request, "审批结果已告知提请人。")
    return HttpResponseRedirect("/approvals/")

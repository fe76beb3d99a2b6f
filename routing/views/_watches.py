"""盯办台账: the bureau's watchers, overdue first, with 催办 and 更换盯办人 in the row."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.accounts.models import Post
from dispute_hub.common import time
from dispute_hub.common.paging import keyset_page
from routing import forms, selectors, services
from routing.models import OrderWatch, WorkOrder


@door("watch.keep")
def watch_list(request: HttpRequest) -> HttpResponse:
    """Mine, or with `?whose=all` the whole bureau's."""
    return _ledger(request)


def _ledger(request: HttpRequest, *, no: str = "", form: Any = None) -> HttpResponse:
    mine = request.GET.get("whose") != "all" and not no
    found = selectors.watches.watches(actor_of(request), mine=mine)
    page = keyset_page(found, order=selectors.watches.WATCH_ORDER, cursor=request.GET.get("cursor"))
    said = {
        "rows": _rows(request, page.rows, no=no, refused=form),
        "next_cursor": page.next_cursor,
        "is_mine": mine,
        "opened": no,
        # A refusal stands in its row; without one (ended meanwhile) at the head of the page.
        "refused": None if any(watch.order.no == no for watch in page.rows) else form,
    }
    return render(request, "routing/watch_list.html", said, status=form.status if form else 200)


def _rows(request: HttpRequest, found: list[OrderWatch], *, no: str, refused: Any) -> list[Any]:
    """Each row with its two forms; a refused one stands in with what was typed."""
    at = time.now()
    posts = selectors.watches.watchers_of(actor_of(request), at=at)

    def row_forms(row: Any) -> tuple[Any, Any]:
        kept = refused if row.order.no == no else None
        urge = kept if isinstance(kept, forms.UrgeForm) else None
        watcher = kept if isinstance(kept, forms.WatcherForm) else None
        return (
            urge or forms.UrgeForm(auto_id=f"id_urge_{row.watch.pk}_%s"), watcher or _watcher_form(row, posts)
        )  # fmt: skip

    return [(row, *row_forms(row)) for row in selectors.watches.watch_rows(found, at=at)]


def _watcher_form(row: Any, posts: list[Post]) -> forms.WatcherForm:
    return forms.WatcherForm(auto_id=f"id_watcher_{row.watch.pk}_%s").among(posts)


@door("watch.keep", "POST")
def watch_urge(request: HttpRequest, no: str) -> HttpResponse:
    """催办."""
    order = selectors.watches.get_watched(actor_of(request), no)
    return _act(
        request, order, forms.UrgeForm(request.POST), services.urge_order, "已催办，承办单位已收到提醒。"
    )


@door("watch.keep", "POST")
def watch_change(request: HttpRequest, no: str) -> HttpResponse:
    """更换盯办人, with why."""
    actor, at = actor_of(request), time.now()
    order = selectors.watches.get_watched(actor, no)
    form = forms.WatcherForm(request.POST).among(selectors.watches.watchers_of(actor, at=at))
    return _act(request, order, form, services.change_watcher, "盯办人已更换。")


def _act(request: HttpRequest, order: WorkOrder, form: Any, service: Any, said: str) -> HttpResponse:
    if form.submit(partial(service, order, actor=actor_of(request), at=time.now())) is None:
        return _ledger(request, no=order.no, form=form)
    messages.success(request, said)
    return HttpResponseRedirect("/watches/")

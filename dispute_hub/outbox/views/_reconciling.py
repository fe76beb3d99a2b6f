"""对账: what our books and the platforms' do not agree on, why, and one act that cures it."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.common import time
from dispute_hub.common.forms import SubmittedForm
from dispute_hub.common.paging import keyset_page, single_param
from dispute_hub.outbox import selectors, services
from dispute_hub.outbox.forms import CureForm, ReconcileForm
from dispute_hub.outbox.models import Difference
from dispute_hub.outbox.topics import title_of

ORDER = ("-found_at", "-id")
DID = {
    "resent": "已重新排入投递，消息编号不变。",
    "taken": "已采用对方状态。",
    "noted": "已备注并关闭。",
}


@door("reconciliation.read")
def reconciliation(request: HttpRequest) -> HttpResponse:
    """The list of open differences, newest first."""
    return _list(request, None)


def _list(request: HttpRequest, form: SubmittedForm | None, *, refused_id: int = 0) -> HttpResponse:
    actor = actor_of(request)
    wanted = {name: single_param(request, name) or "" for name in ("target", "cause", "closed")}
    rows = selectors.differences_of(actor, **wanted)
    page = keyset_page(rows, order=ORDER, cursor=single_param(request, "cursor"))
    said = _frame(request, wanted) | {
        "rows": [(row, title_of(row.row.topic) if row.row else "", _ways(row)) for row in page.rows],
        "next_cursor": page.next_cursor,
        "runs": selectors.last_runs(actor, at=time.now()),
        "form": form,
        "refused_id": refused_id,
    }
    return render(request, "outbox/reconciliation.html", said, status=form.status if form else 200)


def _frame(request: HttpRequest, wanted: dict[str, str]) -> dict[str, Any]:
    """What stands around the list: filters, the way back to it, and what this post may do there."""
    actor = actor_of(request)
    return {
        "filters": _filters(wanted, selectors.names_of_targets(actor)),
        "is_narrowed": any(wanted.values()),
        "kept_query": f"?{request.GET.urlencode()}" if request.GET else "",
        "is_curer": selectors.may(actor, "reconciliation.cure"),
        "is_runner": selectors.may(actor, "reconciliation.run"),
    }


def _ways(row: Difference) -> list[str]:
    return [cure for cure in services.CURES[row.cause] if cure != Difference.Cure.NOTED]


def _filters(wanted: dict[str, str], names: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"name": "target", "label": "对接平台", "value": wanted["target"], "choices": list(names.items())},
        {"name": "cause", "label": "差异", "value": wanted["cause"], "choices": Difference.Cause.choices},
        {"name": "closed", "label": "状态", "value": wanted["closed"], "choices": [("1", "已处理")]},
    ]


@door("reconciliation.run", "POST")
def reconciliation_run(request: HttpRequest) -> HttpResponse:
    """立即对账: of one platform or of all."""
    form = ReconcileForm(request.POST)
    ask = partial(services.ask_reconciliation, actor=actor_of(request), at=time.now())
    number = form.submit(ask)
    if number is None:
        return _list(request, form)
    messages.success(request, f"已开始与{number}个平台对账，完成后差异列在此页，请稍后刷新。")
    return HttpResponseRedirect(reverse("reconciliation"))


@door("reconciliation.cure", "POST")
def difference_cure(request: HttpRequest, difference_id: int) -> HttpResponse:
    """One difference, one act; the address carries filters and page, so that the list stays where it was."""
    actor, form = actor_of(request), CureForm(request.POST)
    shown = selectors.get_difference(actor, difference_id)
    done = form.submit(partial(services.cure_difference, shown, actor=actor, at=time.now()))
    if done is None:
        return _list(request, form, refused_id=difference_id)
    messages.success(request, DID[done.cure])
    return HttpResponseRedirect(reverse("reconciliation", query=request.GET or None))

"""办结审批: grave cases whose follow-up is over, as a fragment of 审批."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case
from dispute_hub.cases.selectors import get_case
from dispute_hub.common import time
from dispute_hub.common.paging import keyset_page
from followup import selectors, services
from followup.forms import RefuseCloseForm

SAID = {"approve": "已批准办结。", "return": "已退回，责任民警3天内再回访一次。"}


@door("case.approve_close")
def closing_list(request: HttpRequest) -> HttpResponse:
    """Closings that wait for this chief, the answers of both sides in sight."""
    return _list(request)


def _list(request: HttpRequest, *, message: str = "", refused: Any = None) -> HttpResponse:
    rows = selectors.closings(actor_of(request), at=time.now())
    page = keyset_page(rows, order=("close_proposed_at", "id"), cursor=request.GET.get("cursor"))
    said = {"page": page, "message": message, "form": refused}
    return render(request, "followup/_closing_list.html", said, status=refused.status if refused else 200)


@door("case.approve_close", "POST")
def decide_closing(request: HttpRequest, case_no: str, verdict: str) -> HttpResponse:
    """Close the case, or have the parties asked once more; answers with the list that is left."""
    actor, at = actor_of(request), time.now()
    case = get_case(actor, case_no, at=at)
    form = RefuseCloseForm(request.POST)
    act = {"approve": _approve, "return": services.refuse_close}[verdict]
    if form.submit(partial(act, case, actor=actor, at=at)) is None:
        return _list(request, refused=form)
    if "HX-Request" in request.headers:
        return _list(request, message=SAID[verdict])
    return HttpResponseRedirect("/approvals/")


def _approve(case: Case, *, reason: str, actor: PostActor, at: datetime) -> Any:
    """An approval takes no reason; what was typed beside the button stays unread."""
    return cases.approve_close(case, actor=actor, at=at)

"""工作台: what must this post do now."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.accounts.policy import allows
from dispute_hub.common import time
from reports import selectors
from reports.menu import beyond, entries_for
from reports.selectors import is_outside


@door("worklist.read")
def workbench(request: HttpRequest) -> HttpResponse:
    """The start page of every role: its work, most urgent first, and the way to its pages."""
    actor, at = actor_of(request), time.now()
    found = selectors.worklist(actor, at=at, cursor=request.GET.get("cursor"))
    said = {
        "rows": found.rows,
        "next_cursor": found.next_cursor,
        "groups": selectors.grouped(found.rows, at=at),
        "pages": [one for one in entries_for(actor.role, "/") if one.url != "/"] + beyond(actor.role),
        "is_outside": is_outside(actor),
        "has_live": allows(actor.role, "live.read"),
    }
    return render(request, "reports/workbench.html", said)

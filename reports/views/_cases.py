"""案件查询 and 案件档案."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.cases.selectors import get_case
from dispute_hub.common import time
from reports import selectors, services
from reports.forms import filters_of, read_filter, read_party


@door("case.read")
def case_list(request: HttpRequest) -> HttpResponse:
    """The cases in sight of this post, newest first."""
    actor, at = actor_of(request), time.now()
    outside = selectors.is_outside(actor)
    wanted = read_filter(request, is_outside=outside)
    page = selectors.case_page(actor, wanted, at=at, cursor=request.GET.get("cursor"))
    stations, items = selectors.stations_to_choose(actor), selectors.items_to_choose()
    said = {
        "rows": page.rows,
        "next_cursor": page.next_cursor,
        "filters": filters_of(wanted, is_outside=outside, stations=stations, items=items),
        "is_outside": outside,
    }
    return render(request, "reports/case_list.html", said)


@door("case.read")
def case_file(request: HttpRequest, case_no: str) -> HttpResponse:
    """Everything about one case that this post may read; the other side is led to its order."""
    actor, at = actor_of(request), time.now()
    order = selectors.order_in_sight(actor, case_no, at=at)
    if order is not None:
        return HttpResponseRedirect(f"/orders/{order.no}/")
    topic = request.GET.get("topic", "")
    file = selectors.case_file(actor, case_no, topic=topic, at=at)
    actions = selectors.actions_for(actor, file.case, file.parts)
    said = {"file": file, "case": file.case, "actions": actions, "tabs": selectors.topic_tabs(topic)}
    return render(request, "reports/case_file.html", said)


@door("case.reveal", "POST")
def reveal(request: HttpRequest, case_no: str) -> HttpResponse:
    """One field of one party in clear, for a purpose, under a trace."""
    actor, at = actor_of(request), time.now()
    case = get_case(actor, case_no, at=at)
    shown = services.reveal(
        case,
        party_id=read_party(request),
        field=request.GET.get("field", ""),
        purpose=request.POST.get("purpose", ""),
        actor=actor,
        at=at,
    )
    return render(request, "components/revealed_value.html", {"shown": shown})

"""Pages and side panels of triage: an assessment, colour and level, lowerings to decide."""

from __future__ import annotations

from functools import partial

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.cases.selectors import get_case
from dispute_hub.common import time
from dispute_hub.common.paging import keyset_page
from triage import selectors, services
from triage.forms import ColourForm, DecisionForm, LevelForm


@door("assessment.read")
def assessment(request: HttpRequest, case_no: str) -> HttpResponse:
    """The newest assessment of a case, as a side panel."""
    actor = actor_of(request)
    case = get_case(actor, case_no, at=time.now())
    card = selectors.latest_card(case, clear=selectors.reads_clear(actor, case))
    said = {"layout": _layout(request), "case": case, "card": card, "title": "研判"}
    return render(request, "triage/assessment_panel.html", said)


@door("assessment.read")
def colour_history(request: HttpRequest, case_no: str) -> HttpResponse:
    """Where the case stood from when on, with the small step chart."""
    case = get_case(actor_of(request), case_no, at=time.now())
    steps = selectors.colour_history(case)
    said = {"case": case, "steps": steps, "option": selectors.colour_chart(steps)}
    said |= {"looks": selectors.looks(case), "regrades": selectors.regrades(case)}
    return render(request, "triage/_colour_history.html", said)


@door("colour.raise", "GET", "POST")
def change_colour(request: HttpRequest, case_no: str) -> HttpResponse:
    """Raise the colour, or ask to lower it."""
    return _change(request, case_no, ColourForm)


@door("level.propose", "GET", "POST")
def change_level(request: HttpRequest, case_no: str) -> HttpResponse:
    """Raise the level, or ask to lower it."""
    return _change(request, case_no, LevelForm)


def _change(request: HttpRequest, case_no: str, kind: type[ColourForm | LevelForm]) -> HttpResponse:
    actor, at = actor_of(request), time.now()
    case = get_case(actor, case_no, at=at)
    form = kind(request.POST if request.method == "POST" else None)
    made = form.submit(partial(services.regrade, case, actor=actor, at=at)) if form.is_bound else None
    said = {"layout": _layout(request), "case": case, "form": form, "title": form.title, "regrade": made}
    template = "triage/regrade_done.html" if made else "triage/regrade_form.html"
    return render(
        request, template, said | {"row_version": case.version}, status=200 if made else form.status
    )


def _layout(request: HttpRequest) -> str:
    """A side panel for htmx, a page of its own for a browser that opened the address itself."""
    return "triage/bare.html" if "HX-Request" in request.headers else "base.html"


@door("grade.approve")
def pending_regrades(request: HttpRequest) -> HttpResponse:
    """Lowerings that wait for this chief: a fragment of 审批."""
    return _pending(request, actor_of(request))


def _pending(request: HttpRequest, actor: PostActor, *, message: str = "", status: int = 200) -> HttpResponse:
    rows = selectors.pending_regrades(actor, at=time.now())
    page = keyset_page(rows, order=("proposed_at", "id"), cursor=request.GET.get("cursor"))
    said = {"page": page, "message": message, "form": DecisionForm()}
    return render(request, "triage/_regrade_list.html", said, status=status)


@door("grade.approve", "POST")
def decide_regrade(request: HttpRequest, regrade_id: int, verdict: str) -> HttpResponse:
    """Grant or refuse one lowering; answers with the list that is left."""
    actor, at = actor_of(request), time.now()
    made = selectors.get_regrade(actor, regrade_id, at=at)
    text, approve = request.POST.get("text", ""), verdict == "approve"
    services.decide_regrade(made.pk, approve=approve, text=text, actor=actor, at=at)
    said = "已同意降级。" if approve else "已退回申请，理由已告知申请人。"
    if "HX-Request" in request.headers:
        return _pending(request, actor, message=said)
    return HttpResponseRedirect("/approvals/")

"""督办: proposed by a clock, issued, answered, checked and struck off."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.common import time
from dispute_hub.common.forms import SubmittedForm
from dispute_hub.common.paging import keyset_page
from followup import selectors, services
from followup.forms import AnswerForm, CheckForm, IssueForm, VerdictForm
from followup.models import Supervision


@door("supervision.read")
def supervision_list(request: HttpRequest) -> HttpResponse:
    """What is proposed, issued and answered; what is over behind its tab."""
    actor, at, state = actor_of(request), time.now(), request.GET.get("state", "")
    rows = selectors.in_state(selectors.supervisions_visible_to(actor, at=at), state)
    page = keyset_page(rows, order=("-proposed_at", "-id"), cursor=request.GET.get("cursor"))
    url = reverse("supervision_list")
    tabs = [
        {"title": title, "url": f"{url}?state={code}" if code else url, "is_current": code == state}
        for code, title in selectors.STATES
    ]
    said = {"page": page, "next_cursor": page.next_cursor, "tabs": tabs}
    return render(request, "followup/supervision_list.html", said)


@door("supervision.read")
def supervision_detail(request: HttpRequest, supervision_id: int) -> HttpResponse:
    supervision = selectors.get_supervision(actor_of(request), supervision_id, at=time.now())
    return _detail(request, supervision)


def _detail(request: HttpRequest, supervision: Supervision, **bound: Any) -> HttpResponse:
    acts = selectors.acts_on(actor_of(request), supervision)
    shown = {"issue": IssueForm(), "drop": VerdictForm(), "answer": AnswerForm(), "check": CheckForm()}
    said = {
        "supervision": supervision,
        "case": supervision.case,
        "clock": selectors.answer_clock(supervision),
        "forms": {name: bound.get(name, form) for name, form in shown.items() if name in acts},
    }
    status = max((form.status for form in bound.values()), default=200)
    return render(request, "followup/supervision_detail.html", said, status=status)


def _act(
    request: HttpRequest, supervision_id: int, name: str, form: SubmittedForm, act: Callable[..., Any]
) -> HttpResponse:
    actor, at = actor_of(request), time.now()
    supervision = selectors.get_supervision(actor, supervision_id, at=at)
    done = form.submit(partial(act, supervision, actor=actor, at=at))
    if done is None:
        return _detail(request, supervision, **{name: form})
    messages.success(request, f"已办理，督办单当前为“{done.get_status_display()}”。")
    return HttpResponseRedirect(reverse("supervision_detail", args=[supervision_id]))


@door("supervision.issue", "POST")
def issue(request: HttpRequest, supervision_id: int) -> HttpResponse:
    """签发."""
    return _act(request, supervision_id, "issue", IssueForm(request.POST), services.issue_supervision)


@door("supervision.issue", "POST")
def drop(request: HttpRequest, supervision_id: int) -> HttpResponse:
    """不予签发."""
    return _act(request, supervision_id, "drop", VerdictForm(request.POST), services.drop_supervision)


@door("supervision.answer", "POST")
def answer(request: HttpRequest, supervision_id: int) -> HttpResponse:
    """答复."""
    return _act(request, supervision_id, "answer", AnswerForm(request.POST), services.answer_supervision)


@door("supervision.issue", "POST")
def check(request: HttpRequest, supervision_id: int, verdict: str) -> HttpResponse:
    """销号, or 退回 for another answer."""
    act = partial(services.close_supervision, accepted=verdict == "accept")
    return _act(request, supervision_id, "check", CheckForm(request.POST), act)

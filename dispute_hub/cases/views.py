"""Pages of one clock: why this instant, what moved it, and the acts on it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.cases import clock_selectors, services
from dispute_hub.cases.forms import DecisionForm, ExtensionForm, PauseForm, ResumeForm
from dispute_hub.common import time
from dispute_hub.common.errors import Conflict
from dispute_hub.common.forms import SubmittedForm

FORMS: dict[str, type[SubmittedForm]] = {
    "pause": PauseForm,
    "resume": ResumeForm,
    "extend": ExtensionForm,
    "decide": DecisionForm,
}


@door("clock.read")
def clock(request: HttpRequest, deadline_id: int) -> HttpResponse:
    """为什么是这一刻: the reckoning of one clock."""
    return _page(request, deadline_id)


def _page(request: HttpRequest, deadline_id: int, act: str = "", form: Any = None) -> HttpResponse:
    actor, at = actor_of(request), time.now()
    row = clock_selectors.get_clock(actor, deadline_id, at=at)
    view = clock_selectors.clock_view(row, actor, at=at)
    forms = {name: form if name == act else FORMS[name]() for name in view.acts | {act} if name in FORMS}
    said = {"view": view, "row": row, "case": row.case, "forms": forms}
    return render(request, "cases/clock.html", said, status=form.status if form else 200)


@door("clock.pause", "POST")
def clock_pause(request: HttpRequest, deadline_id: int) -> HttpResponse:
    """暂停."""
    return _act(request, deadline_id, "pause", services.pause_clock, "已暂停，恢复后按剩余时限继续。")


@door("clock.pause", "POST")
def clock_resume(request: HttpRequest, deadline_id: int) -> HttpResponse:
    """恢复."""
    return _act(request, deadline_id, "resume", services.resume_clock, "已恢复计时，新到期时刻见下。")


@door("clock.extend", "POST")
def clock_extend(request: HttpRequest, deadline_id: int) -> HttpResponse:
    """申请延期."""
    said = "延期申请已提交，批准前按原期限办理。"
    return _act(request, deadline_id, "extend", services.ask_clock_extension, said)


@door("clock.approve_extension", "POST")
def clock_decide(request: HttpRequest, deadline_id: int) -> HttpResponse:
    """审批延期."""
    return _act(request, deadline_id, "decide", _decide, "已办理延期审批。")


def _decide(row: Any, **given: Any) -> Any:
    pending = row.extensions.filter(approved__isnull=True).first()
    if pending is None:
        raise Conflict("没有待审批的延期申请。", code="nothing_to_decide")
    return services.decide_clock_extension(pending, **given)


def _act(
    request: HttpRequest, deadline_id: int, name: str, act: Callable[..., Any], said: str
) -> HttpResponse:
    actor, at = actor_of(request), time.now()
    row, form = clock_selectors.get_clock(actor, deadline_id, at=at), FORMS[name](request.POST)
    if form.submit(partial(act, row, actor=actor, at=at)) is None:
        return _page(request, deadline_id, name, form)
    messages.success(request, said)
    return HttpResponseRedirect(row.why_url)

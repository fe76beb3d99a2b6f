"""应急处置: offered, set, commanded, reported, ended; and what the called units see of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render

from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.common import time
from dispute_hub.common.forms import SubmittedForm
from routing import services
from routing.forms import BeginForm, CommanderForm, EndForm, ReportForm
from routing.selectors import emergencies as selectors


@door("emergency.read")
def emergency_list(request: HttpRequest) -> HttpResponse:
    """What runs, where it may be set, what has ended lately."""
    shown = selectors.emergency_list(actor_of(request), at=time.now())
    return render(request, "routing/emergency_list.html", {"shown": shown})


@door("emergency.command", "GET", "POST")
def emergency_new(request: HttpRequest, case_no: str) -> HttpResponse:
    """启动应急处置 for a case; one that is commanded already leads to its page."""
    actor, at = actor_of(request), time.now()
    case = selectors.case_to_command(actor, case_no, at=at)
    running = selectors.running_of(case)
    if running is not None:
        return redirect("emergency_detail", running.pk)
    form = _begin_form(request, case, at)
    begin = partial(services.begin_emergency, case, actor=actor, at=at)
    made = form.submit(begin) if form.is_bound else None
    if made is not None:
        messages.success(request, "已启动应急处置，相关单位已收到指令。")
        return redirect("emergency_detail", made.pk)
    said = {"case": case, "form": form, "ground": selectors.ground_words(case)}
    return render(request, "routing/emergency_new.html", said, status=form.status)


def _begin_form(request: HttpRequest, case: Any, at: Any) -> BeginForm:
    data = request.POST if request.method == "POST" else None
    commanders, departments = selectors.commanders_for(case, at=at), selectors.departments_of(case)
    return BeginForm.among(commanders, departments, data, **selectors.first_guess(case))


@door("emergency.read")
def emergency_detail(request: HttpRequest, emergency_id: int) -> HttpResponse:
    """One emergency: who commands, what was reported, who has confirmed."""
    return _page(request, emergency_id)


def _page(request: HttpRequest, emergency_id: int, name: str = "", form: Any = None) -> HttpResponse:
    """The page; whoever came too late with an act (`late`) reads why, and keeps what he wrote."""
    actor, at = actor_of(request), time.now()
    row = selectors.get_emergency(actor, emergency_id, at=at)
    page = selectors.emergency_page(row, actor)
    commanders = selectors.commanders_for(row.case, at=at) if "commander" in page.acts else []
    if isinstance(form, ReportForm):
        form.due_again(page.due_kind)
    fresh = {
        "report": ReportForm(initial={"expected": page.due_kind}),
        "commander": CommanderForm.among(commanders),
        "end": EndForm(),
    }
    forms = {key: form if key == name else one for key, one in fresh.items() if key in page.acts}
    late = None if name in forms else form
    said = {"page": page, "row": row, "case": row.case, "forms": forms, "late": late}
    return render(request, "routing/emergency.html", said, status=form.status if form else 200)


@door("emergency.report", "POST")
def emergency_report(request: HttpRequest, emergency_id: int) -> HttpResponse:
    """首报, 续报, 终报."""
    form = ReportForm(request.POST)
    return _act(request, emergency_id, "report", form, services.report_emergency, "报告已提交。")


@door("emergency.command", "POST")
def emergency_commander(request: HttpRequest, emergency_id: int) -> HttpResponse:
    """更换现场指挥."""
    actor, at = actor_of(request), time.now()
    row = selectors.get_emergency(actor, emergency_id, at=at)
    form = CommanderForm.among(selectors.commanders_for(row.case, at=at), request.POST)
    said = "已更换现场指挥，原指挥和接任人均已收到通知。"
    return _act(request, emergency_id, "commander", form, services.change_commander, said)


@door("emergency.command", "POST")
def emergency_end(request: HttpRequest, emergency_id: int) -> HttpResponse:
    """解除应急处置."""
    said = "应急处置已解除，案件时限恢复计时。"
    return _act(request, emergency_id, "end", EndForm(request.POST), services.end_emergency, said)


def _act(
    request: HttpRequest,
    emergency_id: int,
    name: str,
    form: SubmittedForm,
    act: Callable[..., Any],
    said: str,
) -> HttpResponse:
    actor, at = actor_of(request), time.now()
    row = selectors.get_emergency(actor, emergency_id, at=at)
    if form.submit(partial(act, row, actor=actor, at=at)) is None:
        return _page(request, emergency_id, name, form)
    messages.success(request, said)
    return redirect("emergency_detail", emergency_id)


@door("emergency.receive")
def emergency_instruction(request: HttpRequest, emergency_id: int) -> HttpResponse:
    """What a called unit gets: the instruction without personal data."""
    call = selectors.get_call(actor_of(request), emergency_id)
    return render(request, "routing/emergency_instruction.html", {"call": call, "row": call.emergency})


@door("emergency.receive", "POST")
def emergency_receive(request: HttpRequest, emergency_id: int) -> HttpResponseRedirect:
    """确认指令."""
    actor, at = actor_of(request), time.now()
    call = selectors.get_call(actor, emergency_id)
    services.receive_emergency_call(call.emergency, actor=actor, at=at)
    messages.success(request, "已确认收到指令。")
    return redirect("emergency_instruction", emergency_id)

"""协助二推送: asked from a case, signed, answered and withdrawn on one page."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.cases.selectors import get_case
from dispute_hub.common import time
from dispute_hub.common.paging import keyset_page
from routing import forms, selectors, services

PAGE_ROWS = 50


@door("assist.read")
def assist_list(request: HttpRequest) -> HttpResponse:
    """What this station is asked for and what it asked of others, newest first."""
    return _list(request)


@door("assist.ask", "GET", "POST")
def assist_new(request: HttpRequest, case_no: str) -> HttpResponse:
    """请求户籍地/居住地派出所协助."""
    actor, at = actor_of(request), time.now()
    case = get_case(actor, case_no, at=at)
    posted = request.POST if request.method == "POST" else None
    form = forms.AssistForm.on(case, selectors.assists.parties_to_name(case, actor), posted)
    if not form.is_bound or form.submit(partial(services.ask_assistance, case, actor=actor, at=at)) is None:
        note = "本所首接负责、继续主办；对方24小时内签收，3个工作日内反馈，只看到本请求，看不到案件。"
        said = {"case": case, "form": form, "note": note}
        return render(request, "routing/stepping_aside_form.html", said, status=form.status)
    messages.success(request, "协助请求已发出，对方派出所已收到提醒。")
    return HttpResponseRedirect("/assists/")


def _act(name: str, right: str, service: Any, said: str) -> Any:
    """A door for one act on a task."""

    @door(right, "POST")
    def view(request: HttpRequest, assist_id: int) -> HttpResponse:
        actor, at = actor_of(request), time.now()
        row = selectors.assists.get_assisting(actor, assist_id, at=at)
        form = forms.ASSIST_FORMS[name](request.POST)
        if form.submit(partial(service, row, actor=actor, at=at)) is None:
            return _list(request, refused=(row.pk, name, form))
        messages.success(request, said)
        return HttpResponseRedirect("/assists/")

    view.__name__ = f"assist_{name}"
    return view


assist_sign = _act("sign", "assist.answer", services.sign_assistance, "已签收，请在3个工作日内反馈。")
assist_answer = _act("answer", "assist.answer", services.answer_assistance, "已反馈主办派出所。")
assist_withdraw = _act("withdraw", "assist.ask", services.withdraw_assistance, "协助请求已撤回。")


def _list(request: HttpRequest, *, refused: tuple[int, str, Any] | None = None) -> HttpResponse:
    actor, at = actor_of(request), time.now()
    page = keyset_page(
        selectors.assists.assisting_pushes(actor, at=at),
        order=selectors.assists.NEWEST_FIRST,
        cursor=request.GET.get("cursor"),
        size=PAGE_ROWS,
    )
    tasks = selectors.assists.tasks_of(page.rows, actor, at=at)
    said = {"items": [(task, _forms(task, refused)) for task in tasks], "next_cursor": page.next_cursor}
    return render(request, "routing/assist_list.html", said, status=refused[2].status if refused else 200)


def _forms(task: Any, refused: tuple[int, str, Any] | None) -> dict[str, Any]:
    mine = {refused[1]: refused[2]} if refused and refused[0] == task.row.pk else {}
    return forms.assist_forms(task, refused=mine)

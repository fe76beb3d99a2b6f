"""增援请求: what the command room and the 110 desk answer."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.common import time
from routing import selectors, services
from routing.forms import AnswerForm
from routing.models import Reinforcement


@door("reinforcement.answer")
def reinforcement_list(request: HttpRequest) -> HttpResponse:
    """Open requests first, each with its answer; then what became of those of the last day."""
    return _list(request)


@door("reinforcement.answer", "POST")
def reinforcement_answer(request: HttpRequest, reinforcement_id: int) -> HttpResponse:
    """派增援."""
    actor, at = actor_of(request), time.now()
    row = selectors.get_reinforcement(actor, reinforcement_id, at=at)
    form = _form(row, selectors.crews_for([row], at=at), request.POST)
    if form.submit(partial(services.answer_reinforcement, row, actor=actor, at=at)) is not None:
        messages.success(request, "增援已派，请求人和被派民警已收到通知。")
        return redirect("reinforcement_list")
    return _list(request, refused=(row.pk, form))


def _list(request: HttpRequest, refused: tuple[int, AnswerForm] | None = None) -> HttpResponse:
    at = time.now()
    rows = selectors.reinforcements_for(actor_of(request), at=at)
    crews = selectors.crews_for([row for row in rows if row.is_open], at=at)
    forms = {row.pk: _form(row, crews) for row in rows if row.is_open} | dict([refused] if refused else [])
    said = {"rows": [{"row": row, "form": forms.get(row.pk)} for row in rows]}
    status = refused[1].status if refused else 200
    return render(request, "routing/reinforcement_list.html", said, status=status)


def _form(row: Reinforcement, crews: dict[int, list[tuple[str, str]]], data: Any = None) -> AnswerForm:
    return AnswerForm(data, crews=crews[row.pk], auto_id=f"answer-{row.pk}-%s")

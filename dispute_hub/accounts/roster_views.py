"""值班表: a week of a unit, and the ways to change it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from dispute_hub.accounts import roster_selectors as selectors
from dispute_hub.accounts import roster_services as services
from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.accounts.models import Unit
from dispute_hub.accounts.roster_forms import AbsenceForm, StandInForm, TurnForm, WeekForm
from dispute_hub.common import time
from dispute_hub.common.forms import SubmittedForm


@door("roster.read")
def roster(request: HttpRequest) -> HttpResponse:
    """The own unit's roster."""
    return _page(request, selectors.get_unit(actor_of(request), "", at=time.now()))


@door("roster.read")
def roster_of(request: HttpRequest, unit_code: str) -> HttpResponse:
    """The roster of any unit in reach."""
    return _page(request, selectors.get_unit(actor_of(request), unit_code, at=time.now()))


@door("roster.manage", "POST")
def roster_turn(request: HttpRequest, unit_code: str) -> HttpResponse:
    """One more turn."""
    actor, at = actor_of(request), time.now()
    unit = selectors.get_unit(actor, unit_code, at=at)
    form = TurnForm(request.POST, **selectors.turn_choices(unit, at=at), auto_id=TurnForm.auto_ids)
    if form.submit(partial(services.put_on_duty, unit, actor=actor, at=at)) is None:
        return _page(request, unit, form)
    return _done(request, unit, "已排入值班表。")


@door("roster.manage", "POST")
def roster_turn_end(request: HttpRequest, unit_code: str, turn_id: int) -> HttpResponse:
    """撤下."""
    actor, at = actor_of(request), time.now()
    unit = selectors.get_unit(actor, unit_code, at=at)
    services.take_off_duty(selectors.get_turn(unit, turn_id), actor=actor, at=at)
    return _done(request, unit, "已撤下该班次。")


@door("roster.manage", "POST")
def roster_copy(request: HttpRequest, unit_code: str) -> HttpResponse:
    """复制上一周."""
    actor, at, form = actor_of(request), time.now(), WeekForm(request.POST)
    unit = selectors.get_unit(actor, unit_code, at=at)
    copied = form.submit(partial(services.copy_week, unit, actor=actor, at=at))
    if copied is None:
        return _page(request, unit, form)
    for text in copied.left_out[:10]:
        messages.warning(request, f"未复制：{text}")
    return _done(request, unit, f"已复制上一周 {copied.made} 个班次。")


@door("roster.manage", "POST")
def roster_stand_in(request: HttpRequest, unit_code: str) -> HttpResponse:
    """B岗."""
    return _change(request, unit_code, StandInForm, services.name_stand_in, "B岗已保存。")


@door("roster.manage", "POST")
def roster_absence(request: HttpRequest, unit_code: str) -> HttpResponse:
    """离岗."""
    return _change(request, unit_code, AbsenceForm, services.note_absence, "离岗已登记，期间由B岗承担。")


def _change(
    request: HttpRequest,
    unit_code: str,
    kind: type[StandInForm | AbsenceForm],
    act: Callable[..., Any],
    said: str,
) -> HttpResponse:
    actor, at = actor_of(request), time.now()
    unit = selectors.get_unit(actor, unit_code, at=at)
    form = kind(request.POST, staff=selectors.staff_of(unit, at=at), auto_id=kind.auto_ids)
    if form.submit(partial(act, unit, actor=actor, at=at)) is None:
        return _page(request, unit, form)
    return _done(request, unit, said)


@door("roster.manage", "POST")
def roster_absence_end(request: HttpRequest, unit_code: str, absence_id: int) -> HttpResponse:
    """Back, or noted by mistake."""
    actor, at = actor_of(request), time.now()
    unit = selectors.get_unit(actor, unit_code, at=at)
    services.end_absence(selectors.get_absence(unit, absence_id), unit, actor=actor, at=at)
    return _done(request, unit, "已销假返岗。")


def _page(request: HttpRequest, unit: Unit, refused: SubmittedForm | None = None) -> HttpResponse:
    actor, at = actor_of(request), time.now()
    day = _week_asked(request, at)
    said = selectors.week_page(actor, unit, day, at=at)
    said["form"] = refused
    said["forms"] = _forms(said, unit, refused, at) if said["may_manage"] else []
    return render(request, "accounts/roster.html", said, status=refused.status if refused else 200)


def _forms(said: dict[str, Any], unit: Unit, refused: SubmittedForm | None, at: Any) -> list[Any]:
    """(form, address) of what may be changed; the refused one as it was typed."""
    more: dict[str, Any] = {"initial": {"week": said["monday"].isoformat()}}
    made = {
        "roster_turn": TurnForm(**selectors.turn_choices(unit, at=at), auto_id=TurnForm.auto_ids, **more),
        "roster_stand_in": StandInForm(staff=said["staff"], auto_id=StandInForm.auto_ids, **more),
        "roster_absence": AbsenceForm(staff=said["staff"], auto_id=AbsenceForm.auto_ids, **more),
    }
    return [
        (refused if refused and type(refused) is type(form) else form, reverse(name, args=[unit.code]))
        for name, form in made.items()
    ]


def _week_asked(request: HttpRequest, at: datetime) -> date:
    """The week on the page: in the address, or in the form that was sent from it."""
    said = request.POST if request.method == "POST" else request.GET
    return selectors.day_asked(said.get("week", ""), on=time.beijing_date(at))


def _done(request: HttpRequest, unit: Unit, text: str) -> HttpResponse:
    messages.success(request, text)
    week = _week_asked(request, time.now())
    return HttpResponseRedirect(f"{reverse('roster_of', args=[unit.code])}?week={week.isoformat()}")

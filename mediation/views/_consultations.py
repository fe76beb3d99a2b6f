"""Pages of consultations: the list, one meeting, and the tasks that came of it."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.common import time
from dispute_hub.common.paging import keyset_page
from mediation import selectors, services
from mediation.forms import (
    AgendaForm,
    CompletionForm,
    ConveneConsultationForm,
    DecisionForm,
    MinutesForm,
)


@door("consultation.read", "GET", "POST")
def consultation_list(request: HttpRequest) -> HttpResponse:
    """会商: meetings of the own unit; who may, convenes the next one here."""
    actor, at = actor_of(request), time.now()
    levels, post = selectors.levels_of(actor), request.POST if request.method == "POST" else None
    form = ConveneConsultationForm(post, levels=levels, today=time.beijing_date(at))
    act = partial(services.convene_consultation, actor=actor, at=at)
    made = form.submit(act) if form.is_bound else None
    if made is not None:
        return redirect("consultation_detail", made.pk)
    rows = selectors.consultations_visible_to(actor)
    page = keyset_page(rows, order=("-held_on", "-id"), cursor=request.GET.get("cursor"))
    owed = selectors.open_decisions(actor)[:5]
    said = {"page": page, "form": form, "levels": levels, "owed": owed}
    return render(request, "mediation/consultation_list.html", said, status=form.status)


@door("consultation.read")
def consultation_detail(request: HttpRequest, consultation_id: int) -> HttpResponse:
    """One meeting: agenda, suggestions by rule, decisions, minutes."""
    return _detail(request, consultation_id)


def _detail(request: HttpRequest, consultation_id: int, *, status: int = 200, **bound: Any) -> HttpResponse:
    actor, at = actor_of(request), time.now()
    consultation = selectors.get_consultation(actor, consultation_id)
    within = selectors.agenda_candidates(actor, at=at)
    forms = {"agenda_form": AgendaForm(within=within, at=at), "minutes_form": MinutesForm()}
    said = {**selectors.consultation_page(actor, consultation, at=at), **forms, **bound}
    return render(request, "mediation/consultation_detail.html", said, status=status)


@door("consultation.convene", "POST")
def add_to_agenda(request: HttpRequest, consultation_id: int) -> HttpResponse:
    """Put suggested cases, or one more by its number, on the agenda."""
    actor, at = actor_of(request), time.now()
    consultation = selectors.get_consultation(actor, consultation_id)
    form = AgendaForm(request.POST, within=selectors.agenda_candidates(actor, at=at), at=at)
    made = form.submit(partial(services.put_many_on_agenda, consultation, actor=actor, at=at))
    if made is None:
        return _detail(request, consultation_id, status=form.status, agenda_form=form)
    messages.success(request, f"已列入议程 {len(made)} 件。")
    return redirect("consultation_detail", consultation_id)


@door("consultation.convene", "GET", "POST")
def decide(request: HttpRequest, consultation_id: int, entry_id: int) -> HttpResponse:
    """One task for one case: a side panel, or a page of its own."""
    actor, at = actor_of(request), time.now()
    entry = selectors.get_entry(selectors.get_consultation(actor, consultation_id), entry_id)
    post = request.POST if request.method == "POST" else None
    form = DecisionForm(post, owners=selectors.owners_for(actor), initial={"points": entry.points})
    made = form.submit(partial(services.decide, entry, actor=actor, at=at)) if form.is_bound else None
    if made is None:
        layout = "mediation/bare.html" if "HX-Request" in request.headers else "base.html"
        said = {"layout": layout, "entry": entry, "form": form}
        return render(request, "mediation/decision_form.html", said, status=form.status)
    messages.success(request, f"已交办 {made.unit}：{made.task[:30]}")
    return _after(request, f"/consultations/{consultation_id}/")


def _after(request: HttpRequest, url: str) -> HttpResponse:
    """To the page behind a panel: htmx follows a header, a browser a redirect."""
    if "HX-Request" not in request.headers:
        return redirect(url)
    return HttpResponse(status=204, headers={"HX-Redirect": url})


@door("consultation.convene", "POST")
def close(request: HttpRequest, consultation_id: int) -> HttpResponse:
    """Sign the minutes."""
    actor, at = actor_of(request), time.now()
    consultation, form = selectors.get_consultation(actor, consultation_id), MinutesForm(request.POST)
    made = form.submit(partial(services.close_consultation, consultation, actor=actor, at=at))
    if made is None:
        return _detail(request, consultation_id, status=form.status, minutes_form=form)
    messages.success(request, "会商纪要已保存，议程不再变动。")
    return redirect("consultation_detail", consultation_id)


@door("decision.complete")
def decision_list(request: HttpRequest) -> HttpResponse:
    """会商任务 that the own unit still owes."""
    return _owed(request)


def _owed(request: HttpRequest, *, status: int = 200, **bound: Any) -> HttpResponse:
    rows = selectors.open_decisions(actor_of(request))
    page = keyset_page(rows, order=("due_at", "id"), cursor=request.GET.get("cursor"))
    said = {"page": page, "form": CompletionForm(), **bound}
    return render(request, "mediation/decision_list.html", said, status=status)


@door("decision.complete", "POST")
def complete(request: HttpRequest, decision_id: int) -> HttpResponse:
    """The owner says what was done."""
    actor, at = actor_of(request), time.now()
    decision, form = selectors.get_decision(actor, decision_id), CompletionForm(request.POST)
    made = form.submit(partial(services.complete_decision, decision, actor=actor, at=at))
    if made is None:
        return _owed(request, status=form.status, form=form, refused_id=decision_id)
    messages.success(request, "会商任务已完成。")
    return redirect("decision_list")

"""接警台: calls being typed, alive while they are; the centre's alerts below."""

from __future__ import annotations

import uuid
from dataclasses import replace
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from dispute_hub.accounts.doors import actor_of, door, polled
from dispute_hub.common import time
from dispute_hub.common.text import normalise
from intake import selectors, services
from intake.api import item_class, report_of
from intake.forms import CallForm
from intake.models import DeskDraft
from intake.views._shown import shown, shown_earlier, taken_words
from triage import engine
from triage import selectors as triage
from triage import services as assessing

SKIPPED = ("csrfmiddlewaretoken", "form_token", "act")
STRIP_ROWS = 8
ITEM_KEYS = ("F1", "F2", "F3")
# Where a row opens: beside the stream in 伴随模式, in the side panel under a call.
MACHINE = "machine"
TARGETS = {"machine": "#desk-card"}
ATTACH_KEYS = ("F4", "F6", "F7")


@door("alert.log")
def desk(request: HttpRequest) -> HttpResponse:
    """The call named in the address, `machine` for 伴随模式; else to where this post was last."""
    wanted = request.GET.get("call", "")
    opened = selectors.call_at(wanted, actor=actor_of(request))
    if opened is None and wanted != MACHINE:
        return HttpResponseRedirect(f"{reverse('desk')}?call={_next_call(request)}")
    key, draft = opened or (uuid.uuid4(), None)
    return _page(request, _form(request, draft), key=key, companion=opened is None)


def _next_call(request: HttpRequest) -> str:
    """A new call has its key in the address before anything is typed, so that a reload finds it again."""
    if request.GET.get("call"):
        return str(uuid.uuid4())
    calls = selectors.open_calls(actor_of(request))
    if calls:
        return str(calls[-1].key)
    return MACHINE if selectors.has_machine(actor_of(request)) else str(uuid.uuid4())


def _form(request: HttpRequest, draft: DeskDraft | None) -> CallForm:
    stations = selectors.stations_of(actor_of(request))
    content = services.content_of(draft) if draft else {}
    first = {name: values if name == "flags" else values[-1] for name, values in content.items() if values}
    return CallForm(stations=stations, initial=first)


def _page(
    request: HttpRequest, form: CallForm, *, key: uuid.UUID, companion: bool = False, status: int = 200
) -> HttpResponse:
    calls = selectors.open_calls(actor_of(request))
    sent = next((call.alert for call in calls if call.key == key), None)
    said = {"form": form, "call_key": key, "companion": companion, "sent": sent, "page": _today(request)}
    said["tabs"] = _tabs(calls, key, companion)
    return render(request, "intake/desk.html", said, status=status)


def _tabs(calls: list[DeskDraft], key: uuid.UUID, companion: bool) -> list[dict[str, Any]]:
    """伴随模式, each open call by its place, and a new one."""
    here = reverse("desk")
    tabs = [{"title": "伴随模式", "url": f"{here}?call=machine", "is_current": companion}]
    for number, call in enumerate(calls, start=1):
        words = (services.content_of(call).get("address") or [""])[-1][:10] or "未填地址"
        title = f"来电{number} {words}" + ("（已派）" if call.alert_id else "")
        current = not companion and call.key == key
        tabs.append({"title": title, "url": f"{here}?call={call.key}", "is_current": current})
    is_new = not companion and key not in {call.key for call in calls}
    return [*tabs, {"title": "新来电", "url": f"{here}?call=new", "is_current": is_new}]


def _today(request: HttpRequest) -> dict[str, Any]:
    rows = selectors.alerts_of_day(actor_of(request), on=time.beijing_date(time.now()), at=time.now())
    return {"rows": shown(rows[:STRIP_ROWS])}


@polled
@door("alert.read")
def strip(request: HttpRequest) -> HttpResponse:
    """The centre's newest alerts, fetched every few seconds."""
    target = TARGETS.get(request.GET.get("in", ""), "#hub-panel")
    return render(request, "intake/_strip.html", {"page": _today(request), "target": target})


@door("alert.log", "POST")
def preview(request: HttpRequest) -> HttpResponse:
    """What the desk shows while somebody speaks: colour, marks, gaps, earlier calls. Stores nothing."""
    actor, at = actor_of(request), time.now()
    form = CallForm(request.POST, stations=selectors.stations_of(actor))
    form.is_valid()
    facts = form.facts(at=at)
    earlier = selectors.earlier_alerts(facts, actor=actor, at=at, but=_sent(request))
    priors = tuple(
        engine.Prior(row.alert.received_at, row.alert.narrative, row.alert.outcome or "none")
        for row in earlier
        if row.why == "people" and not row.same_event
    )
    report = replace(report_of(facts, source="110"), priors=priors)
    verdict = assessing.preview(report) if normalise(facts.narrative) else None
    return render(request, "intake/_live.html", _live(form, verdict, earlier))


def _sent(request: HttpRequest) -> int | None:
    text = request.POST.get("sent", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else None


def _live(form: CallForm, verdict: engine.Verdict | None, earlier: list[Any]) -> dict[str, Any]:
    chosen = form.cleaned_data.get("stated_item", "")
    said: dict[str, Any] = {"missing": form.missing(), "verdict": verdict, "chosen": chosen}
    if verdict is not None:
        codes = [verdict.item, *verdict.alternatives][:3]
        said["segments"] = engine.mark(form.cleaned_data.get("narrative", ""), verdict.factors)
        said["items"] = [
            (key, code, triage.item_name(code)) for key, code in zip(ITEM_KEYS, codes, strict=False)
        ]
    rows = shown_earlier(earlier)
    keys = [*ATTACH_KEYS, *([""] * len(rows))]
    said["earlier"] = list(zip(keys, rows, strict=False))
    said["attach_to"] = form.cleaned_data.get("attach_to", "")
    return said


@door("alert.log", "POST")
def take_call(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """F9 先派警 keeps the call open; F10 保存 takes the next one."""
    actor, at = actor_of(request), time.now()
    is_last = request.POST.get("act") == "next"
    form = CallForm(request.POST, stations=selectors.stations_of(actor))
    save = partial(
        services.save_call, key, content=_content(request), is_last=is_last,
        classify=item_class, actor=actor, at=at,
    )  # fmt: skip
    alert = form.submit(lambda **given: save(form.facts(at=at), attach_to=given["attach_to"]))
    if alert is None:
        return _page(request, form, key=key, status=form.status)
    messages.success(request, taken_words(alert))
    return HttpResponseRedirect(f"{reverse('desk')}?call={'new' if is_last else key}")


def _content(request: HttpRequest) -> dict[str, list[str]]:
    return {
        name: [str(value) for value in values] for name, values in request.POST.lists() if name not in SKIPPED
    }


@door("alert.log", "POST")
def save_draft(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The desk's autosave."""
    services.save_draft(key, content=_content(request), actor=actor_of(request), at=time.now())
    return HttpResponse(status=204)


@door("alert.log", "POST")
def drop_draft(request: HttpRequest, key: uuid.UUID) -> HttpResponse:
    """The call was nothing: its text goes, the tab closes."""
    services.drop_draft(key, actor=actor_of(request), at=time.now())
    return HttpResponseRedirect(f"{reverse('desk')}?call=new")

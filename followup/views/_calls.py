"""回访: the list by date, one call with both sides, the number behind a tap, a waiver."""

from __future__ import annotations

from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from dispute_hub.accounts import policy
from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.common import time
from dispute_hub.common.paging import keyset_page
from followup import selectors, services
from followup.forms import CallForm, SafeContactForm, WaiveForm
from followup.models import FollowUp
from followup.plans import is_quiet


@door("follow_up.read")
def follow_up_list(request: HttpRequest) -> HttpResponse:
    """What this post has to ask, by date; the station's for its leading posts."""
    actor, at, group = actor_of(request), time.now(), request.GET.get("group", "")
    worklist = selectors.worklist(actor, at=at)
    counts = selectors.counts(worklist, at=at)
    rows = selectors.in_group(worklist, group, at=at)
    page = keyset_page(rows, order=("due_at", "id"), cursor=request.GET.get("cursor"))
    groups = selectors.grouped(selectors.rows_of(page.rows), at=at)
    said = {"groups": groups, "next_cursor": page.next_cursor, "tabs": _tabs(counts, group)}
    return render(request, "followup/follow_up_list.html", said)


def _tabs(counts: dict[str, int], group: str) -> list[dict[str, Any]]:
    url = reverse("follow_up_list")
    shown = [("", "全部", sum(counts.values()))]
    shown += [(code, title, counts[code]) for code, title in selectors.GROUPS.items()]
    tabs: list[dict[str, Any]] = [
        {"title": title, "url": f"{url}?group={code}" if code else url, "count": count,
         "is_current": code == group}
        for code, title, count in shown
    ]  # fmt: skip
    return [*tabs, {"title": "已回访", "url": reverse("follow_up_done"), "is_current": group == "done"}]


@door("follow_up.read")
def follow_up_done(request: HttpRequest) -> HttpResponse:
    """What was asked already, newest first."""
    actor, at = actor_of(request), time.now()
    counts = selectors.counts(selectors.worklist(actor, at=at), at=at)
    rows = selectors.finished(actor, at=at)
    page = keyset_page(rows, order=("-done_at", "-id"), cursor=request.GET.get("cursor"))
    groups = selectors.as_one("已回访", selectors.rows_of(page.rows))
    said = {"groups": groups, "next_cursor": page.next_cursor, "tabs": _tabs(counts, "done")}
    return render(request, "followup/follow_up_list.html", said)


@door("follow_up.read")
def follow_up_call(request: HttpRequest, follow_up_id: int) -> HttpResponse:
    """One follow-up in call mode, or what it found."""
    follow_up = selectors.get_follow_up(actor_of(request), follow_up_id, at=time.now())
    return _call(request, follow_up)


def _call(request: HttpRequest, follow_up: FollowUp, **bound: Any) -> HttpResponse:
    actor, at = actor_of(request), time.now()
    card = selectors.card_of(follow_up, actor, at=at)
    forms_: dict[str, forms.Form] = {
        "form": _form(follow_up, card.asked),
        "waive_form": WaiveForm(),
        "safe_form": SafeContactForm(initial={"text": follow_up.safe_contact}),
        **bound,
    }
    status = max((form.status for form in bound.values()), default=200)
    said = {"card": card, "follow_up": follow_up, "case": follow_up.case, "is_quiet": is_quiet(at), **forms_}
    said["may_waive"] = card.is_open and policy.allows(actor.role, "follow_up.waive")
    return render(request, "followup/follow_up_call.html", said, status=status)


def _form(follow_up: FollowUp, asked: set[str], typed: Any = None) -> CallForm:
    with_agreement = selectors.has_agreement(follow_up.case)
    return CallForm(typed, follow_up=follow_up, asked=asked, with_agreement=with_agreement)


@door("follow_up.record", "POST")
def record_result(request: HttpRequest, follow_up_id: int) -> HttpResponse:
    """What both sides said, or that they were not reached."""
    actor, at = actor_of(request), time.now()
    follow_up = selectors.get_follow_up(actor, follow_up_id, at=at)
    form = _form(follow_up, selectors.asked_sides(follow_up), request.POST)
    done = form.submit(partial(services.record_result, follow_up, actor=actor, at=at))
    if done is None:
        return _call(request, follow_up, form=form)
    messages.success(request, selectors.told(done))
    onward = selectors.next_after(actor, done, at=at) if request.POST.get("act") == "next" else done
    return _to(onward)


def _to(follow_up: FollowUp | None) -> HttpResponse:
    url = reverse("follow_up_call", args=[follow_up.pk]) if follow_up else reverse("follow_up_list")
    return HttpResponseRedirect(url)


@door("follow_up.record", "POST")
def safe_contact(request: HttpRequest, follow_up_id: int) -> HttpResponse:
    """Keep how a party may be reached without danger."""
    actor, at = actor_of(request), time.now()
    follow_up = selectors.get_follow_up(actor, follow_up_id, at=at)
    form = SafeContactForm(request.POST)
    if form.submit(partial(services.record_safe_contact, follow_up, actor=actor, at=at)) is None:
        return _call(request, follow_up, safe_form=form)
    messages.success(request, "安全联系方式已保存，只在回访页显示。")
    return _to(follow_up)


@door("follow_up.waive", "POST")
def waive(request: HttpRequest, follow_up_id: int) -> HttpResponse:
    """A chief ends one follow-up with a reason."""
    actor, at = actor_of(request), time.now()
    follow_up = selectors.get_follow_up(actor, follow_up_id, at=at)
    form = WaiveForm(request.POST)
    if form.submit(partial(services.waive, follow_up, actor=actor, at=at)) is None:
        return _call(request, follow_up, waive_form=form)
    messages.success(request, "已免除该次回访，理由已留痕。")
    return HttpResponseRedirect(reverse("follow_up_list"))


@door("follow_up.record", "POST")
def reveal(request: HttpRequest, follow_up_id: int, party_id: int) -> HttpResponse:
    """A party's number in clear for a minute, with a trace."""
    actor, at = actor_of(request), time.now()
    follow_up = selectors.get_follow_up(actor, follow_up_id, at=at)
    party = selectors.get_party(follow_up, party_id)
    purpose = request.POST.get("purpose", "")
    shown = services.reveal_phone(follow_up, party=party, purpose=purpose, actor=actor, at=at)
    return render(request, "components/revealed_value.html", {"shown": shown})

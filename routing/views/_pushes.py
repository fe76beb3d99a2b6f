"""待办警情: cards for a phone; sign, arrive, ask for help, tell more, feed back."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render

from dispute_hub.accounts.doors import actor_of, door, polled
from dispute_hub.common import time
from dispute_hub.common.forms import SubmittedForm
from dispute_hub.common.paging import keyset_page
from routing import selectors, services
from routing.forms import CrewTextForm, FeedbackForm, OnBehalfForm, ReinforcementForm

MOST_CARDS = 20
UNCHANGED = 204
# Several forms stand on one page; their fields need names of their own.
IDS = {"on_behalf": "behalf-%s", "reinforce": "reinforce-%s", "add_text": "tell-%s"}


def _cards(request: HttpRequest) -> dict[str, Any]:
    pushes = selectors.open_pushes_for(actor_of(request), at=time.now())
    order = ("-gravity", "issued_at", "id")
    page = keyset_page(pushes, order=order, cursor=request.GET.get("cursor"), size=MOST_CARDS)
    cards = selectors.cards_of(actor_of(request), page.rows)
    said = {"cards": cards, "next_cursor": page.next_cursor, "seen": selectors.fingerprint(page.rows)}
    return said | {"to_confirm": selectors.on_behalf_count(actor_of(request))}


@door("push.read")
def push_list(request: HttpRequest) -> HttpResponse:
    """The cards of everything this post has to do now, gravest first."""
    return render(request, "routing/push_list.html", _cards(request))


@polled
@door("push.read")
def push_cards(request: HttpRequest) -> HttpResponse:
    """The cards again for a page that polls; 204 while nothing on them changed."""
    said = _cards(request)
    if said["seen"] == request.GET.get("seen"):
        return HttpResponse(status=UNCHANGED)
    return render(request, "routing/_push_cards.html", said)


@door("push.read")
def push_detail(request: HttpRequest, push_id: int) -> HttpResponse:
    """One push with what may be done about it now."""
    return _detail(request, push_id)


@door("push.sign", "POST")
def push_sign(request: HttpRequest, push_id: int) -> HttpResponse:
    """签收, for oneself or (with a police number) on behalf of a crew."""
    actor, at = actor_of(request), time.now()
    push = selectors.get_push(actor, push_id, at=at)
    sign = partial(services.sign_push, push, actor=actor, at=at)
    if "on_behalf_of" not in request.POST:
        sign()
        return _done(request, push_id, "已签收。")
    form = OnBehalfForm(request.POST, auto_id=IDS["on_behalf"])
    if form.submit(sign) is not None:
        return _done(request, push_id, "已代签收。")
    return _detail(request, push_id, on_behalf=form)


@door("push.arrive", "POST")
def push_arrive(request: HttpRequest, push_id: int) -> HttpResponse:
    """到达现场; the command room says how it heard."""
    actor, at = actor_of(request), time.now()
    push = selectors.get_push(actor, push_id, at=at)
    services.arrive(push, actor=actor, at=at, how=request.POST.get("how", ""))
    return _done(request, push_id, "已记录到达现场。")


@door("push.reinforce", "POST")
def push_reinforce(request: HttpRequest, push_id: int) -> HttpResponse:
    """请求增援."""
    actor, at = actor_of(request), time.now()
    push = selectors.get_push(actor, push_id, at=at)
    form = ReinforcementForm(request.POST, auto_id=IDS["reinforce"])
    if form.submit(partial(services.ask_reinforcement, push, actor=actor, at=at)) is not None:
        return _done(request, push_id, "增援请求已发往综合指挥室、110和值班所领导。")
    return _detail(request, push_id, reinforce=form)


@door("push.reinforce", "POST")
def push_withdraw(request: HttpRequest, push_id: int) -> HttpResponse:
    """撤回增援."""
    actor, at = actor_of(request), time.now()
    services.withdraw_reinforcement(selectors.get_push(actor, push_id, at=at), actor=actor, at=at)
    return _done(request, push_id, "已撤回增援。")


@door("push.add_text", "POST")
def push_add_text(request: HttpRequest, push_id: int) -> HttpResponse:
    """续报 from the scene."""
    actor, at = actor_of(request), time.now()
    push = selectors.get_push(actor, push_id, at=at)
    form = CrewTextForm(request.POST, auto_id=IDS["add_text"])
    if form.submit(partial(services.add_crew_text, push, actor=actor, at=at)) is not None:
        return _done(request, push_id, "续报已提交，已重新研判并告知同车和指挥室。")
    return _detail(request, push_id, add_text=form)


@door("push.feed_back", "POST")
def push_feedback(request: HttpRequest, push_id: int) -> HttpResponse:
    """反馈 with one of ten outcomes; a refused one comes back with its text."""
    actor, at = actor_of(request), time.now()
    push = selectors.get_push(actor, push_id, at=at)
    form = FeedbackForm(request.POST)
    if form.submit(partial(services.feed_back, push, actor=actor, at=at)) is not None:
        messages.success(request, f"{push.case.case_no} 反馈已提交。")
        return redirect("push_list")
    return _detail(request, push_id, feedback=form)


def _done(request: HttpRequest, push_id: int, text: str) -> HttpResponseRedirect:
    messages.success(request, text)
    return redirect("push_detail", push_id)


def _detail(request: HttpRequest, push_id: int, **refused: SubmittedForm) -> HttpResponse:
    """The page of a push; a refused form takes the place of its empty one."""
    actor, at = actor_of(request), time.now()
    push = selectors.get_push(actor, push_id, at=at)
    said = selectors.pages_of(actor, [push], at=at)[0] | blank_forms() | refused
    status = next((form.status for form in refused.values()), 200)
    return render(request, "routing/push_detail.html", said, status=status)


def blank_forms() -> dict[str, Any]:
    """What may be filled in on a push, by the names its page knows."""
    return {
        "feedback": FeedbackForm(),
        "on_behalf": OnBehalfForm(auto_id=IDS["on_behalf"]),
        "reinforce": ReinforcementForm(auto_id=IDS["reinforce"]),
        "add_text": CrewTextForm(auto_id=IDS["add_text"]),
    }

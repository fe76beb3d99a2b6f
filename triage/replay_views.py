"""Pages of the replay: try a version on stored alerts, how far it is, what would change."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from dispute_hub.accounts import policy
from dispute_hub.accounts.doors import STOP_POLLING, actor_of, door, polled
from dispute_hub.common import time
from dispute_hub.common.paging import keyset_page, single_param
from triage import selectors, services
from triage.models import Replay
from triage.replay_forms import ReplayForm


@door("rules.manage", "GET", "POST")
def replay_start(request: HttpRequest, rule_set_id: int) -> HttpResponse:
    """Choose the days, see how long it takes, start; below, what was tried before."""
    actor, at = actor_of(request), time.now()
    rule_set = selectors.get_rules_to_try(rule_set_id)
    form = ReplayForm(request.POST if request.method == "POST" else None, at=at)
    start = partial(services.request_replay, rule_set, actor=actor, at=at)
    made = form.submit(start) if form.is_bound else None
    if made is not None:
        messages.success(request, f"已开始试算 {made.total} 条警情，可离开本页，完成后另行提醒。")
        return HttpResponseRedirect(reverse("replay", args=[made.pk]))
    said = {"rule_set": rule_set, "form": form, "replays": selectors.last_replays(rule_set)}
    return render(request, "triage/replay_start.html", said, status=form.status)


@door("rules.manage")
def replay_estimate(request: HttpRequest, rule_set_id: int) -> HttpResponse:
    """How many alerts the chosen days hold and how long they take: a fragment beside the form."""
    rule_set = selectors.get_rules_to_try(rule_set_id)
    form = ReplayForm(request.GET, at=time.now())
    found = form.submit(partial(services.estimate_replay, rule_set))
    text = selectors.duration_text(found.seconds) if found else ""
    said = {"form": form, "estimate": found, "text": text}
    return render(request, "triage/_replay_estimate.html", said)


@door("rules.manage")
def replay(request: HttpRequest, replay_id: int) -> HttpResponse:
    """One replay: how far it is, old colour × new colour."""
    return render(request, "triage/replay_page.html", _shown(request, selectors.get_replay(replay_id)))


@polled
@door("rules.manage")
def replay_progress(request: HttpRequest, replay_id: int) -> HttpResponse:
    """The same as a fragment, fetched again while it runs."""
    found = selectors.get_replay(replay_id)
    status = 200 if found.state in selectors.UNDER_WAY else STOP_POLLING
    return render(request, "triage/_replay_state.html", _shown(request, found), status=status)


def _shown(request: HttpRequest, found: Replay) -> dict[str, Any]:
    pace = selectors.replay_pace(found)
    return {
        "replay": found,
        "is_under_way": found.state in selectors.UNDER_WAY,
        "pace": pace,
        "left": selectors.duration_text(pace.left) if pace.left is not None else "",
        "changes": selectors.replay_changes(found),
        "may_list": policy.allows(actor_of(request).role, "replay.list"),
    }


@door("replay.list")
def replay_cell(request: HttpRequest, replay_id: int) -> HttpResponse:
    """The alerts behind one cell of the table, those of the own territory."""
    found = selectors.get_replay(replay_id)
    old, new = single_param(request, "old") or "", single_param(request, "new") or ""
    rows = selectors.cell_rows(found, actor_of(request), old=old, new=new, at=time.now())
    page = keyset_page(rows, order=("-id",), cursor=request.GET.get("cursor"))
    said = {"replay": found, "old": old, "new": new, "page": page, "next_cursor": page.next_cursor}
    return render(request, "triage/replay_cell.html", said | {"rows": selectors.with_names(page.rows)})


@door("rules.manage", "POST")
def replay_stop(request: HttpRequest, replay_id: int) -> HttpResponse:
    found = selectors.get_replay(replay_id)
    services.stop_replay(found, actor=actor_of(request), at=time.now())
    messages.success(request, "已停止试算，已算部分仍可查看。")
    return HttpResponseRedirect(reverse("replay", args=[found.pk]))

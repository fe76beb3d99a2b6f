"""投递失败待处理: what was given up, why, and another try."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.common import time
from dispute_hub.common.paging import keyset_page, single_param
from dispute_hub.outbox import selectors, services
from dispute_hub.outbox.forms import AsideForm, ReplayForm
from dispute_hub.outbox.models import OutboxRow
from dispute_hub.outbox.topics import title_of

ASIDE = OutboxRow.State.ASIDE
ORDER = ("-created_at", "-id")


@door("delivery.replay")
def dead_letters(request: HttpRequest) -> HttpResponse:
    """The list, newest first, searched by message id, kind or reason."""
    return _list(request, ReplayForm())


def _list(request: HttpRequest, form: ReplayForm | AsideForm) -> HttpResponse:
    actor = actor_of(request)
    names = selectors.names_of_targets(actor)
    wanted = {name: (single_param(request, name) or "").strip() for name in ("q", "target", "state")}
    listed = selectors.aside_rows_of if wanted["state"] == ASIDE else selectors.dead_rows_of
    rows = listed(actor, words=wanted["q"], target=wanted["target"]).defer("payload")
    page = keyset_page(rows, order=ORDER, cursor=single_param(request, "cursor"))
    said = {
        "rows": _told(page.rows, names),
        "next_cursor": page.next_cursor,
        "wanted": wanted,
        "target_name": names.get(wanted["target"], ""),
        "form": form,
        "filters": _filters(wanted, names),
    }
    return render(request, "outbox/dead_letters.html", said, status=form.status)


def _told(rows: list[OutboxRow], names: dict[str, str]) -> list[dict[str, Any]]:
    """Each with its platform, what it is about, why it no longer holds, and who took it from the list."""
    passed = selectors.overtaken(row for row in rows if row.state != ASIDE)
    asides = selectors.asides_of(rows)
    return [
        {
            "row": row, "name": names.get(row.target, "系统内部"), "topic": title_of(row.topic),
            "passed": passed.get(row.pk), "aside": asides.get(row.pk),
        }
        for row in rows
    ]  # fmt: skip


def _filters(wanted: dict[str, str], names: dict[str, str]) -> list[dict[str, Any]]:
    aside = [(ASIDE, "不再投递")]
    return [
        {"name": "q", "label": "消息编号、类型或原因", "value": wanted["q"]},
        {"name": "target", "label": "对接平台", "value": wanted["target"], "choices": list(names.items())},
        {"name": "state", "label": "状态", "value": wanted["state"], "choices": aside, "blank": "待处理"},
    ]


@door("delivery.replay")
def dead_letter(request: HttpRequest, letter_id: int) -> HttpResponse:
    """One of them: its tries with their reasons, and its body behind masks."""
    actor = actor_of(request)
    row = selectors.get_given_up(actor, letter_id)
    [told] = _told([row], selectors.names_of_targets(actor))
    said = told | {"tries": selectors.tries_of(row), "body": selectors.masked_body(row, actor)}
    return render(request, "outbox/dead_letter.html", said)


@door("delivery.replay", "POST")
def dead_replay(request: HttpRequest) -> HttpResponse:
    """重新投递: the ticked ones, or all of one platform."""
    actor, form = actor_of(request), ReplayForm(request.POST)
    handled = form.submit(partial(services.replay_chosen, actor=actor, at=time.now()))
    if handled is None:
        return _list(request, form)
    messages.success(request, f"已将{handled.number}条重新排入投递，消息编号不变，结果稍后可在此查看。")
    if handled.left:
        messages.warning(request, f"另有{len(handled.left)}条已不适用，未重新投递，原因见各条所列。")
    if handled.waiting:
        messages.info(request, f"该平台还有{handled.waiting}条未处理，可再次全部重新投递。")
    return HttpResponseRedirect(reverse("dead_letters"))


@door("delivery.replay", "POST")
def dead_set_aside(request: HttpRequest) -> HttpResponse:
    """不再投递: the ticked ones that will never hold again leave the list."""
    actor, form = actor_of(request), AsideForm(request.POST)
    handled = form.submit(partial(services.set_aside, actor=actor, at=time.now()))
    if handled is None:
        return _list(request, form)
    messages.success(request, f"已将{handled.number}条移出列表，不再投递。")
    if handled.left:
        messages.warning(request, f"另有{len(handled.left)}条仍然有效或尚未办结，未移出列表。")
    return HttpResponseRedirect(reverse("dead_letters"))

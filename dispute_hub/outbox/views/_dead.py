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

ORDER = ("-created_at", "-id")


@door("delivery.replay")
def dead_letters(request: HttpRequest) -> HttpResponse:
    """The list, newest first, searched by message id, kind or reason."""
    return _list(request, ReplayForm())


def _list(request: HttpRequest, form: ReplayForm | AsideForm) -> HttpResponse:
    actor = actor_of(request)
    words, target = single_param(request, "q") or "", single_param(request, "target") or ""
    rows = selectors.dead_rows_of(actor, words=words.strip(), target=target)
    page = keyset_page(rows.defer("payload"), order=ORDER, cursor=single_param(request, "cursor"))
    names = selectors.names_of_targets(actor)
    said = {
        "rows": _told(page.rows, names),
        "next_cursor": page.next_cursor,
        "target": target,
        "target_name": names.get(target, ""),
        "form": form,
        "filters": _filters(words, target, names),
    }
    return render(request, "outbox/dead_letters.html", said, status=form.status)


def _told(rows: list[OutboxRow], names: dict[str, str]) -> list[tuple[OutboxRow, str, str, str]]:
    """Each with its platform, what it is about, and why it no longer holds."""
    reasons = selectors.overtaken(rows)
    return [
        (row, names.get(row.target, "系统内部"), title_of(row.topic), reasons.get(row.pk, "")) for row in rows
    ]


def _filters(words: str, target: str, names: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"name": "q", "label": "消息编号、类型或原因", "value": words},
        {"name": "target", "label": "对接平台", "value": target, "choices": list(names.items())},
    ]


@door("delivery.replay")
def dead_letter(request: HttpRequest, letter_id: int) -> HttpResponse:
    """One of them: its tries with their reasons, and its body behind masks."""
    actor = actor_of(request)
    row = selectors.get_dead_row(actor, letter_id)
    said = {
        "row": row,
        "topic": title_of(row.topic),
        "target_name": selectors.names_of_targets(actor).get(row.target, "系统内部"),
        "tries": selectors.tries_of(row),
        "body": selectors.masked_body(row, actor),
        "reason": selectors.overtaken([row]).get(row.pk, ""),
    }
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
    return HttpResponseRedirect(reverse("dead_letters"))


@door("delivery.replay", "POST")
def dead_set_aside(request: HttpRequest) -> HttpResponse:
    """不再投递: the ticked ones whose matter no longer stands leave the list."""
    actor, form = actor_of(request), AsideForm(request.POST)
    handled = form.submit(partial(services.set_aside, actor=actor, at=time.now()))
    if handled is None:
        return _list(request, form)
    messages.success(request, f"已将{handled.number}条移出列表，不再投递。")
    if handled.left:
        messages.warning(request, f"另有{len(handled.left)}条仍然有效，请重新投递。")
    return HttpResponseRedirect(reverse("dead_letters"))

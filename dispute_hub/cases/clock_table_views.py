"""时限表: versions, one version with what it would move, its limits, and the way into force."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.cases import clock_table_selectors as selectors
from dispute_hub.cases import services
from dispute_hub.cases.forms import LadderForm, LimitsForm, TableNoteForm
from dispute_hub.common import time
from dispute_hub.common.errors import OutOfScope
from dispute_hub.common.forms import SubmittedForm


@door("clocks.manage")
def clock_table(request: HttpRequest) -> HttpResponse:
    """Every version, and the limits in force."""
    versions = list(selectors.versions())
    active = next((row for row in versions if row.status == "active"), None)
    rows = selectors.clock_rows(active.content) if active else []
    said = {"versions": versions, "active": active, "rows": rows}
    return render(request, "cases/clock_tables.html", said)


@door("clocks.manage")
def clock_table_version(request: HttpRequest, table_id: int) -> HttpResponse:
    """One version: what differs from the one before, what it would move, its limits."""
    return _page(request, table_id)


def _page(request: HttpRequest, table_id: int, form: SubmittedForm | None = None) -> HttpResponse:
    shown = selectors.get_version(table_id)
    said = {
        "shown": shown,
        "rows": selectors.clock_rows(shown.content),
        "ladder": selectors.ladder_rows(shown.content),
        "differences": selectors.diff(shown.based_on, shown),
        "preview": selectors.preview(shown),
        "acts": selectors.acts(shown, actor_of(request)),
        "form": form,
        "note_form": form if isinstance(form, TableNoteForm) else TableNoteForm(),
        "act_form": SubmittedForm(),
    }
    return render(request, "cases/clock_table.html", said, status=form.status if form else 200)


@door("clocks.manage", "GET", "POST")
def clock_limits(request: HttpRequest, table_id: int, kind: str) -> HttpResponse:
    """The limits of one clock of a draft."""
    shown, actor, at = selectors.get_version(table_id), actor_of(request), time.now()
    if shown.status != "draft":
        raise OutOfScope("只有草稿可以修改。")
    data = request.POST if request.method == "POST" else None
    form = LimitsForm(**selectors.form_parts(shown, kind), data=data, initial={"row_version": shown.edit_no})
    edit = partial(services.edit_clock, shown, kind=kind, actor=actor, at=at)
    if form.is_bound and form.submit(edit) is not None:
        messages.success(request, "已保存到草稿。")
        return HttpResponseRedirect(reverse("clock_table_version", args=[table_id]))
    said = {"shown": shown, "form": form, "title": shown.content["clocks"][kind]["name"]}
    return render(request, "cases/clock_limits.html", said, status=form.status)


@door("clocks.manage", "GET", "POST")
def clock_ladder(request: HttpRequest, table_id: int) -> HttpResponse:
    """The ladder of a draft: when people are asked to act, and what waits over rest days."""
    shown, actor, at = selectors.get_version(table_id), actor_of(request), time.now()
    if shown.status != "draft":
        raise OutOfScope("只有草稿可以修改。")
    data = request.POST if request.method == "POST" else None
    form = LadderForm(data, initial={**selectors.ladder_initial(shown.content), "row_version": shown.edit_no})
    if form.is_bound and form.submit(partial(services.edit_ladder, shown, actor=actor, at=at)) is not None:
        messages.success(request, "已保存到草稿。")
        return HttpResponseRedirect(reverse("clock_table_version", args=[table_id]))
    said = {"shown": shown, "form": form, "title": "催办阶梯"}
    return render(request, "cases/clock_limits.html", said, status=form.status)


@door("clocks.manage", "POST")
def clock_table_draft(request: HttpRequest, table_id: int) -> HttpResponse:
    """Draft a new version from this one."""
    shown, form = selectors.get_version(table_id), TableNoteForm(request.POST)
    draft = partial(services.draft_clock_table, shown, actor=actor_of(request), at=time.now())
    made = form.submit(draft)
    if made is None:
        return _page(request, table_id, form)
    messages.success(request, f"已起草第{made.version}版，可逐项修改。")
    return HttpResponseRedirect(reverse("clock_table_version", args=[made.pk]))


@door("clocks.manage", "POST")
def clock_table_preview(request: HttpRequest, table_id: int) -> HttpResponse:
    """重新测算."""
    return _act(request, table_id, services.preview_clock_table, "已重新测算。")


@door("clocks.manage", "POST")
def clock_table_activate(request: HttpRequest, table_id: int) -> HttpResponse:
    """启用: the second person."""
    said = "已启用。未结时限正在后台重新计算。"
    return _act(request, table_id, services.activate_clock_table, said)


@door("clocks.manage", "POST")
def clock_table_discard(request: HttpRequest, table_id: int) -> HttpResponse:
    """作废."""
    return _act(request, table_id, services.discard_clock_table, "草稿已作废。")


def _act(request: HttpRequest, table_id: int, act: Callable[..., Any], said: str) -> HttpResponse:
    shown, form = selectors.get_version(table_id), SubmittedForm(request.POST)
    if form.submit(partial(act, shown, actor=actor_of(request), at=time.now())) is None:
        return _page(request, table_id, form)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("clock_table_version", args=[table_id]))

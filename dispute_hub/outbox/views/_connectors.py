"""来源与对接: who sends to us, where we send to, how it fares; settings that two people make."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from dispute_hub.accounts.doors import actor_of, door
from dispute_hub.common import time
from dispute_hub.common.forms import SubmittedForm
from dispute_hub.outbox import selectors, services
from dispute_hub.outbox.forms import ConnectorForm, NewConnectorForm, VersionForm, form_of
from dispute_hub.outbox.models import Connector
from intake import selectors as intake


@door("connector.read")
def source_list(request: HttpRequest) -> HttpResponse:
    """Both directions at a glance."""
    actor, at = actor_of(request), time.now()
    said = {
        "sources": intake.machine_sources(actor.unit.bureau_id),
        "connectors": selectors.connector_states(actor, at),
        "is_manager": selectors.may(actor, "connector.manage"),
    }
    return render(request, "outbox/source_list.html", said)


@door("connector.manage", "GET", "POST")
def connector_new(request: HttpRequest) -> HttpResponse:
    """A platform that is not there yet."""
    actor = actor_of(request)
    units = selectors.receivers_of(actor)
    form = NewConnectorForm(request.POST if request.method == "POST" else None, units=units)
    add = partial(services.add_connector, actor=actor, at=time.now())
    made = form.submit(add) if form.is_bound else None
    if made is not None:
        messages.success(request, "已保存，请由另一位同事（情指中心）确认后启用。")
        return HttpResponseRedirect(reverse("connector", args=[made.code]))
    return render(request, "outbox/connector_new.html", {"form": form}, status=form.status)


@door("connector.read")
def connector(request: HttpRequest, code: str) -> HttpResponse:
    """One platform: state, settings, secrets, test."""
    return _page(request, selectors.get_connector(actor_of(request), code))


def _page(
    request: HttpRequest, shown: Connector, form: SubmittedForm | None = None, **more: Any
) -> HttpResponse:
    actor, at = actor_of(request), time.now()
    said = {
        **selectors.page_of(shown, actor, at),
        "expiries": services.expiries(shown, at),
        "callback_url": request.build_absolute_uri(reverse("api-platform-callbacks", args=[shown.code])),
        "setting_form": form
        if isinstance(form, ConnectorForm)
        else form_of(shown, None, selectors.receivers_of(actor)),
        "form": form,
        **more,
    }
    return render(request, "outbox/connector.html", said, status=form.status if form else 200)


@door("connector.manage", "POST")
def connector_change(request: HttpRequest, code: str) -> HttpResponse:
    """Save other settings; what leads elsewhere waits for a second person."""
    actor = actor_of(request)
    shown = selectors.get_connector(actor, code)
    form = form_of(shown, request.POST, selectors.receivers_of(actor))
    change = partial(services.change_connector, shown, actor=actor, at=time.now())
    if form.submit(change) is None:
        return _page(request, shown, form)
    messages.success(request, "已保存。地址、清单、内容或字段有改动的，须由另一位同事确认后再发送。")
    return HttpResponseRedirect(reverse("connector", args=[code]))


@door("connector.approve", "POST")
def connector_approve(request: HttpRequest, code: str) -> HttpResponse:
    """确认: the second person."""
    return _act(request, code, services.approve_connector, "已确认，待发内容开始发送。")


@door("connector.manage", "POST")
def connector_pause(request: HttpRequest, code: str) -> HttpResponse:
    """暂停: what is due waits."""
    return _act(request, code, partial(services.pause_connector, is_paused=True), "已暂停，待发内容保留。")


@door("connector.manage", "POST")
def connector_resume(request: HttpRequest, code: str) -> HttpResponse:
    """恢复发送."""
    return _act(request, code, partial(services.pause_connector, is_paused=False), "已恢复发送。")


@door("connector.manage", "POST")
def connector_retire(request: HttpRequest, code: str) -> HttpResponse:
    """End the overlap of two secrets."""
    return _act(request, code, services.retire_secret, "旧密钥已停用。")


@door("connector.manage", "POST")
def connector_rotate(request: HttpRequest, code: str) -> HttpResponse:
    """A new secret, on this answer and never again."""
    actor, form = actor_of(request), VersionForm(request.POST)
    shown = selectors.get_connector(actor, code)
    fresh = form.submit(partial(services.rotate_secret, shown, actor=actor, at=time.now()))
    if fresh is None:
        return _page(request, shown, form)
    return _page(request, selectors.get_connector(actor, code), fresh_secret=fresh)


@door("connector.manage", "POST")
def connector_test(request: HttpRequest, code: str) -> HttpResponse:
    """连通测试: what the platform says to a test message now."""
    actor = actor_of(request)
    shown = selectors.get_connector(actor, code)
    outcome = services.probe_connector(shown, actor=actor, at=time.now())
    return _page(request, selectors.get_connector(actor, code), outcome=outcome)


def _act(request: HttpRequest, code: str, act: Any, said: str) -> HttpResponse:
    actor, form = actor_of(request), VersionForm(request.POST)
    shown = selectors.get_connector(actor, code)
    if form.submit(partial(act, shown, actor=actor, at=time.now())) is None:
        return _page(request, shown, form)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("connector", args=[code]))

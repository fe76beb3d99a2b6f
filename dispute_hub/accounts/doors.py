"""The frame of every page door: who may enter, by which method, and a form has its effect once."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect

from dispute_hub.accounts import policy, services
from dispute_hub.accounts.actor import PostActor
from dispute_hub.common import time
from dispute_hub.common.errors import NoRight

View = Callable[..., HttpResponse]


def door(act: str, *methods: str) -> Callable[[View], View]:
    """Declare a page: `@door("push.sign", "POST")`. GET alone unless methods are named.

    Anonymous people go to the log-in page, a post without the right gets 403, another method 405.
    A POST runs in one transaction together with its form token, so a double click has one effect
    (reliability C7) and a refused form may be sent again.
    """
    allowed = methods or ("GET",)

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def enter(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in (*allowed, *(("HEAD",) if "GET" in allowed else ())):
                return HttpResponseNotAllowed(allowed)
            actor = getattr(request, "actor", None)
            if actor is None:
                return redirect_to_login(request.get_full_path())
            policy.require(actor, act, at=time.now())
            if request.method == "POST":
                return _once(view, request, *args, **kwargs)
            return view(request, *args, **kwargs)

        enter.act = act  # type: ignore[attr-defined]
        enter.methods = allowed  # type: ignore[attr-defined]
        return enter

    return wrap


def public(*methods: str) -> Callable[[View], View]:
    """Declare a page that anybody may open: log-in, health, offline."""

    def wrap(view: View) -> View:
        @functools.wraps(view)
        def enter(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.method not in (*(methods or ("GET",)), "HEAD"):
                return HttpResponseNotAllowed(methods or ("GET",))
            return view(request, *args, **kwargs)

        enter.act = "public"  # type: ignore[attr-defined]
        enter.methods = methods or ("GET",)  # type: ignore[attr-defined]
        return enter

    return wrap


def _once(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    with transaction.atomic():
        token = _form_token(request)
        if token and not services.claim_form(token, actor=request.actor, at=time.now()):  # type: ignore[attr-defined]
            messages.info(request, "该操作已提交，无需重复提交。")
            return HttpResponseRedirect(_back(request))
        response = view(request, *args, **kwargs)
        if response.status_code >= 400:
            connection.set_rollback(True)
        return response


def _form_token(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.POST.get("form_token", ""))
    except ValueError:
        return None


def _back(request: HttpRequest) -> str:
    """The page the form stood on, only ever on this host (reliability 60)."""
    return request.path if "GET" in getattr(request.resolver_match.func, "methods", ()) else "/"


def actor_of(request: Any) -> PostActor:
    """The acting post of a page or API request; only behind a declared door, where there is one."""
    actor = getattr(getattr(request, "_request", request), "actor", None)
    if not isinstance(actor, PostActor):
        raise NoRight()
    return actor

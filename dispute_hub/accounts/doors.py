"""The frame of every page door: who may enter, by which method, and a form has its effect once."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from dispute_hub.accounts import policy, services
from dispute_hub.accounts.actor import PostActor
from dispute_hub.common import crypto, time
from dispute_hub.common.errors import Conflict, NoRight, Refused

View = Callable[..., HttpResponse]
STOP_POLLING = 286  # htmx: swap nothing any more and stop asking


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
                return _log_in_first(request, polled=getattr(enter, "polled", False))
            _refuse_another_phone(request, actor)
            policy.require(actor, act, at=time.now())
            if request.method == "POST":
                return _once(view, request, *args, **kwargs)
            return view(request, *args, **kwargs)

        enter.act = act  # type: ignore[attr-defined]
        enter.methods = allowed  # type: ignore[attr-defined]
        return enter

    return wrap


def phone_owner(actor: PostActor) -> str:
    """By what name a phone knows the post whose acts lie on it; tells nothing without the key."""
    return crypto.blind(f"post:{actor.post.pk}", purpose="phone").hex()


def _refuse_another_phone(request: HttpRequest, actor: PostActor) -> None:
    """What one post did without network is never sent under the session of another.

    Asked before the right: that the other post may not do it says nothing about who did.
    """
    said = request.headers.get("X-Hub-Owner")
    if said is not None and said != phone_owner(actor):
        raise Conflict("本机当前登录的是另一岗位，该项待原岗位登录后自动提交。", code="another_post")


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


def polled(view: View) -> View:
    """Mark a door that pages fetch by themselves: it keeps no session alive. Stands above `door`."""
    view.polled = True  # type: ignore[attr-defined]
    return view


def _log_in_first(request: HttpRequest, *, polled: bool) -> HttpResponse:
    """To the log-in page and back to the page the person was on, whatever was fetched or sent from it."""
    if polled:
        return HttpResponse(status=STOP_POLLING)  # a half-typed form must not be taken away by a timer
    back = request.get_full_path() if request.method in ("GET", "HEAD") else _form_page(request)
    if "HX-Request" not in request.headers:
        return redirect_to_login(back)
    response = HttpResponse(status=401)
    here = _own_path(request, request.headers.get("HX-Current-URL", "")) or back
    response["HX-Redirect"] = redirect_to_login(here)["Location"]
    return response


def _form_page(request: HttpRequest) -> str:
    """Where a form stood that was sent after the session's end."""
    return _own_path(request, request.headers.get("Referer", "")) or _back(request)


def _own_path(request: HttpRequest, url: str) -> str:
    if not url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}):
        return ""
    parts = urlsplit(url)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def note_refusal(request: HttpRequest, refusal: Refused) -> None:
    """`HUB_ON_REFUSAL`: trace who was refused what."""
    actor = getattr(request, "actor", None)
    if isinstance(actor, PostActor):
        services.trace_refusal(
            actor, code=refusal.code, path=request.path, method=request.method or "", at=time.now()
        )


def _once(view: View, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    with transaction.atomic():
        token = _form_token(request)
        if token and not services.claim_form(token, actor=actor_of(request), at=time.now()):
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
    match = request.resolver_match
    return request.path if match and "GET" in getattr(match.func, "methods", ()) else "/"


def actor_of(request: Any) -> PostActor:
    """The acting post of a page or API request; only behind a declared door, where there is one."""
    actor = getattr(getattr(request, "_request", request), "actor", None)
    if not isinstance(actor, PostActor):
        raise NoRight()
    return actor


class DenyUnlessDeclared(BasePermission):
    """API door: a view names its `act`, or `acts` by HTTP method; an undeclared one opens to nobody."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """False for anonymous callers; raises NoRight for a post without the right at this instant.

        A method without a handler is 405 to everybody, OPTIONS too (reliability 39, 58).
        """
        if request.method == "OPTIONS" or not hasattr(view, (request.method or "").lower()):
            raise MethodNotAllowed(request.method or "")
        acts: dict[str, str] = getattr(view, "acts", {})
        act = acts.get(request.method or "", getattr(view, "act", ""))
        if act == "public":
            return True
        actor = getattr(request._request, "actor", None)
        if not isinstance(actor, PostActor) or not act:
            return False
        policy.require(actor, act, at=time.now())
        return True

"""Frame of every request: a number to quote, headers that keep personal pages private, refusals."""

from __future__ import annotations

import ipaddress
import logging
import time as node
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

from . import json_guard, request_context
from .answers import API_PREFIX, answer, database_down
from .errors import Invalid, Refused

GetResponse = Callable[[HttpRequest], HttpResponse]
_log = logging.getLogger("hub.request")


class RequestIdMiddleware:
    """Gives every request its own number and knows who really called.

    A number from outside is ignored (it would let a caller hide among others' log lines), and so
    is X-Forwarded-For unless the neighbour is listed in `HUB_TRUSTED_PROXIES` (bad-input 40).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]
        id_token = request_context.request_id.set(request.request_id)  # type: ignore[attr-defined]
        ip_token = request_context.client_ip.set(_client_ip(request))
        started = node.monotonic()
        try:
            response = self.get_response(request)
            response["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
            _log.info(
                "%s %s %s",
                request.method,
                request.path,
                response.status_code,
                extra={"status": response.status_code, "ms": round((node.monotonic() - started) * 1000, 1)},
            )
            return response
        finally:
            request_context.request_id.reset(id_token)
            request_context.client_ip.reset(ip_token)


class SecurityHeadersMiddleware:
    """Nothing of ours is kept by a browser or proxy: shared computers, and Back after log-out (S7, 69)."""

    HEADERS = (
        ("Cache-Control", "no-store"),
        ("Referrer-Policy", "same-origin"),
        ("X-Content-Type-Options", "nosniff"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), microphone=(), geolocation=(self), payment=()"),
    )

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in self.HEADERS:
            response.setdefault(name, value)
        return response


class RefusalMiddleware:
    """Turns a refusal raised by a page's service into its page, and guards bodies sent to the API.

    A view class with `reads_raw_body = True` (the signed intake) judges type and emptiness itself,
    because it answers them with a quarantine number. `HUB_ON_REFUSAL` names a function
    `(request, refusal)` that leaves the trace of a 403 or 404.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not request.path.startswith(API_PREFIX) or request.method not in ("POST", "PUT", "PATCH"):
            return None
        try:
            guard_body(request, raw=getattr(getattr(view, "cls", view), "reads_raw_body", False))
        except Refused as refusal:
            return answer(request, refusal)
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        refusal = exception if isinstance(exception, Refused) else database_down(exception)
        if refusal is None:
            return None
        if refusal.status >= 500:
            _log.error("refused: %s", refusal.code, exc_info=exception)
        trace_refusal(request, refusal)
        return answer(request, refusal)


def trace_refusal(request: HttpRequest, refusal: Refused) -> None:
    """Let the application leave its trace of a refused right (promise A1)."""
    hook = getattr(settings, "HUB_ON_REFUSAL", "")
    if hook and refusal.status in (403, 404):
        import_string(hook)(request, refusal)


def guard_body(request: HttpRequest, *, raw: bool) -> None:
    """What DRF never shows its parser: no length (411), too long (413), nothing at all (400)."""
    length = request.headers.get("Content-Length", "")
    if not length and "chunked" in request.headers.get("Transfer-Encoding", "").lower():
        raise Invalid("请求缺少 Content-Length，请注明内容长度。", code="length_required", status=411)
    length = length or "0"
    if not (length.isascii() and length.isdigit()):
        raise Invalid("Content-Length 有误。", code="bad_request", status=400)
    if int(length) > json_guard.MAX_BYTES:
        raise Invalid("请求内容超过 1 MB，请拆分后重新发送。", code="too_large", status=413)
    if int(length) == 0 and not raw:
        raise Invalid("请求内容为空，请发送 JSON 对象。", code="empty_body", status=400)


def _client_ip(request: HttpRequest) -> str | None:
    peer = _address(request.META.get("REMOTE_ADDR", ""))
    trusted = set(getattr(settings, "HUB_TRUSTED_PROXIES", ()))
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while peer in trusted and forwarded:
        nearer = _address(forwarded.pop())
        if nearer is None:
            break
        peer = nearer
    return peer


def _address(text: str) -> str | None:
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return None

"""How a refusal is answered: JSON for machines and under /api/, a page for people.

Named by the URL configuration (`handler400`, `handler403`, `handler404`, `handler500`) and by
`CSRF_FAILURE_VIEW`; used by the middleware and the API's exception handler.
"""

from __future__ import annotations

import sys
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import select_template
from django.utils.http import url_has_allowed_host_and_scheme

from . import request_context
from .errors import Invalid, NoRight, NotReady, OutOfScope, Refused, Stale

API_PREFIX = "/api/"
RETRY_AFTER_SECONDS = "30"
_SECRET_FIELDS = frozenset({"csrfmiddlewaretoken", "form_token", "password", "otp_token"})


class Broken(Refused):
    """Our own fault (500): the person gets a calm word and a number to quote."""

    status = 500
    default_code = "internal_error"
    default_message = "系统处理时发生错误，内容未保存。请稍后重试，并将编号告知系统管理员。"


def body_of(refusal: Refused) -> dict[str, Any]:
    """The API's error object (design, API v1)."""
    body: dict[str, Any] = {
        "code": refusal.code,
        "message": refusal.message,
        "fields": refusal.fields,
        "request_id": request_context.request_id.get(),
    }
    if isinstance(refusal, Stale) and (refusal.who or refusal.what):
        body["changed"] = {
            "who": refusal.who,
            "at": refusal.at.isoformat() if refusal.at else None,
            "what": refusal.what,
        }
    return body


def answer(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """JSON or page with the refusal's status; 503 says when to come back."""
    response = _json(refusal) if _wants_json(request) else _page(request, refusal)
    if refusal.status == 503:
        response["Retry-After"] = RETRY_AFTER_SECONDS
    return response


def database_down(error: BaseException | None) -> NotReady | None:
    """The refusal for a database that cannot be reached or gave up waiting, else None."""
    if isinstance(error, OperationalError | InterfaceError):
        return NotReady(
            "数据库暂时不可用，内容未保存，请稍后重试；紧急情况请电话联系值班室。",
            code="database_unavailable",
        )
    return None


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """`handler400`."""
    if isinstance(exception, RequestDataTooBig):
        return answer(
            request, Invalid("请求内容超过 1 MB，请精简或拆分后重新提交。", code="too_large", status=413)
        )
    return answer(request, Invalid("请求有误，请返回后重试。", code="bad_request", status=400))


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """`handler403`."""
    return answer(request, NoRight())


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """`handler404`. The same words as out of scope: nobody learns what exists."""
    return answer(request, OutOfScope())


def server_error(request: HttpRequest) -> HttpResponse:
    """`handler500`; a database that is down is not our fault and may be retried (503)."""
    return answer(request, database_down(sys.exc_info()[1]) or Broken())


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """`CSRF_FAILURE_VIEW`: usually a form left open too long."""
    return answer(request, NoRight("页面已过期，内容已保留，请刷新页面后重新提交。", code="page_expired"))


def _wants_json(request: HttpRequest) -> bool:
    return request.path.startswith((API_PREFIX, "/healthz/"))


def _json(refusal: Refused) -> HttpResponse:
    return JsonResponse(body_of(refusal), status=refusal.status, json_dumps_params={"ensure_ascii": False})


def _page(request: HttpRequest, refusal: Refused) -> HttpResponse:
    whole = [f"errors/{refusal.status}.html", "errors/422.html"]
    names = ["errors/_refusal.html", *whole] if "HX-Request" in request.headers else whole
    context = {
        "request": request,
        "refusal": refusal,
        "code": refusal.code,
        "message": refusal.message,
        "fields": refusal.fields,
        "request_id": request_context.request_id.get(),
        "kept": _typed(request),
        "latest_url": _came_from(request),
    }
    # Not as `render(context, request)`: context processors query the database, which may be down.
    content = select_template(names).render(context)
    return HttpResponse(content, status=refusal.status)


def _came_from(request: HttpRequest) -> str:
    """The page the form stood on, if it is ours: the refused address itself may not answer a GET."""
    referer = request.headers.get("Referer", "")
    host = request.META.get("HTTP_HOST", "")
    return referer if url_has_allowed_host_and_scheme(referer, {host}) else "/"


def _typed(request: HttpRequest) -> list[tuple[str, str]]:
    """What the person typed, to be shown back: a refusal must not cost the text."""
    if request.method != "POST" or not (request.content_type or "").startswith(
        ("application/x-www-form-urlencoded", "multipart/form-data")
    ):
        return []
    try:
        pairs = request.POST.items()
    except Exception:  # an unreadable body is what is being refused
        return []
    return [(name, str(value)) for name, value in pairs if name not in _SECRET_FIELDS and value]

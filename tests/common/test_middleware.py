"""Request number, headers, and refusals as page or JSON."""

import json
from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, SimpleTestCase

from dispute_hub.common import answers, request_context
from dispute_hub.common.errors import Conflict, Invalid, NoRight, NotReady, OutOfScope, Refused, Stale
from dispute_hub.common.middleware import (
    RefusalMiddleware,
    RequestIdMiddleware,
    SecurityHeadersMiddleware,
)

ask = RequestFactory()


def ok(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request_context.request_id.get())


def test_a_request_gets_its_own_number_and_never_the_callers() -> None:
    response = RequestIdMiddleware(ok)(ask.get("/", headers={"X-Request-ID": "forged"}))
    number = response["X-Request-ID"]
    assert len(number) == 32
    assert response.content.decode() == number
    assert request_context.request_id.get() == ""
    assert RequestIdMiddleware(ok)(ask.get("/"))["X-Request-ID"] != number


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("10.0.0.9", "1.2.3.4", "10.0.0.9"),
        ("10.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "<script>", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
    ],
)
def test_only_a_trusted_proxy_may_name_the_caller(
    settings: Any, peer: str, forwarded: str, expected: str
) -> None:
    settings.HUB_TRUSTED_PROXIES = ["10.0.0.1"]
    seen = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request_context.client_ip.get())
        return HttpResponse()

    RequestIdMiddleware(view)(ask.get("/", REMOTE_ADDR=peer, headers={"X-Forwarded-For": forwarded}))
    assert seen == [expected]


def test_personal_pages_are_kept_by_nobody() -> None:
    response = SecurityHeadersMiddleware(ok)(ask.get("/"))
    assert response["Cache-Control"] == "no-store"
    assert response["X-Content-Type-Options"] == "nosniff"


REFUSALS = [NoRight(), OutOfScope(), Stale(who="李四"), Conflict(), Invalid(fields={"a": ["b"]}), NotReady()]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: type(refusal).__name__)
@pytest.mark.parametrize("path", ["/cases/1/", "/api/v1/cases/1/"])
def test_a_refusal_is_a_page_for_people_and_json_for_machines(refusal: Refused, path: str) -> None:
    response = RefusalMiddleware(ok).process_exception(ask.get(path), refusal)
    assert response is not None
    assert response.status_code == refusal.status
    assert refusal.message in response.content.decode()
    assert response["Content-Type"].startswith("application/json" if "/api/" in path else "text/html")
    assert ("Retry-After" in response) == (refusal.status == 503)


def test_a_refused_form_shows_back_what_was_typed_escaped_and_without_secrets() -> None:
    typed = {"text": "<b>已联系</b>", "password": "p-w-d", "csrfmiddlewaretoken": "t-k-n"}
    response = RefusalMiddleware(ok).process_exception(ask.post("/x/", typed), Stale(who="李四"))
    assert response is not None
    SimpleTestCase().assertContains(response, "&lt;b&gt;已联系", status_code=409)
    assert b"p-w-d" not in response.content
    assert b"t-k-n" not in response.content


def test_a_database_that_is_down_is_503_and_unknown_errors_are_left_alone() -> None:
    down = RefusalMiddleware(ok).process_exception(ask.get("/api/v1/x/"), OperationalError("host=secret"))
    assert down is not None
    assert down.status_code == 503
    assert down["Retry-After"]
    assert b"secret" not in down.content
    assert RefusalMiddleware(ok).process_exception(ask.get("/"), RuntimeError("x")) is None


class RawView:
    reads_raw_body = True


def raw(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


raw.cls = RawView  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("view", "headers", "status"),
    [
        (ok, {"CONTENT_LENGTH": "0"}, 400),
        (raw, {"CONTENT_LENGTH": "0"}, None),
        (ok, {"CONTENT_LENGTH": str(2**20)}, None),
        (ok, {"CONTENT_LENGTH": str(2**20 + 1)}, 413),
        (raw, {"CONTENT_LENGTH": str(2**20 + 1)}, 413),
        (ok, {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}, 411),
        (ok, {"CONTENT_LENGTH": "１"}, 400),
    ],
)
def test_bodies_to_the_api_are_guarded(view: Any, headers: dict[str, str], status: int | None) -> None:
    request = ask.generic("POST", "/api/v1/cases/1/settle/", b"{}", content_type="application/json")
    request.META.update(headers)
    request.__dict__.pop("headers", None)
    response = RefusalMiddleware(ok).process_view(request, view, (), {})
    assert (response.status_code if response else None) == status
    if response is not None:
        assert set(json.loads(response.content)) == {"code", "message", "fields", "request_id"}


def test_the_last_resort_pages_say_nothing_of_the_inside() -> None:
    try:
        raise RuntimeError("SELECT secret FROM table")
    except RuntimeError:
        response = answers.server_error(ask.get("/api/v1/x/"))
    assert response.status_code == 500
    assert b"secret" not in response.content
    assert answers.page_not_found(ask.get("/x/")).status_code == 404
    assert "页面已过期" in answers.csrf_failure(ask.post("/x/")).content.decode()


def test_a_refused_right_leaves_its_trace(settings: Any) -> None:
    settings.HUB_ON_REFUSAL = f"{__name__}.remember"
    for refusal in (NoRight(), OutOfScope(), Conflict()):
        RefusalMiddleware(ok).process_exception(ask.get("/x/"), refusal)
    assert TRACES == [403, 404]


TRACES: list[int] = []


def remember(request: HttpRequest, refusal: Refused) -> None:
    TRACES.append(refusal.status)

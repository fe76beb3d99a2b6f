"""One shape of error, and fields that take no guesses (bad-input 18-25)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.http import Http404
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from dispute_hub.common import api
from dispute_hub.common.errors import Conflict, Invalid, NoRight, NotReady, OutOfScope, Stale

AT = datetime(2026, 3, 4, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NoRight(), 403, "no_right"),
        (OutOfScope(), 404, "not_found"),
        (Stale(who="李四", at=AT, what="修改了等级"), 409, "stale"),
        (Conflict(code="version_conflict"), 409, "version_conflict"),
        (Invalid(fields={"text": ["必填"]}), 422, "invalid"),
        (NotReady(), 503, "not_ready"),
        (Http404(), 404, "not_found"),
        (exceptions.NotAuthenticated(), 401, "not_authenticated"),
        (exceptions.AuthenticationFailed(), 401, "not_authenticated"),
        (exceptions.PermissionDenied(), 403, "no_right"),
        (exceptions.MethodNotAllowed("TRACE"), 405, "method_not_allowed"),
        (exceptions.UnsupportedMediaType("text/xml"), 415, "unsupported_media_type"),
        (exceptions.Throttled(wait=3), 429, "throttled"),
        (exceptions.ValidationError({"a": ["x"]}), 400, "invalid"),
        (OperationalError("could not connect: secret host"), 503, "database_unavailable"),
    ],
)
def test_every_refusal_has_one_shape(error: Exception, status: int, code: str) -> None:
    response = api.exception_handler(error, {})
    assert response is not None
    assert response.status_code == status
    assert set(response.data) >= {"code", "message", "fields", "request_id"}
    assert response.data["code"] == code
    assert any("\u4e00" <= char <= "\u9fff" for char in response.data["message"])
    assert "secret host" not in str(response.data)
    assert (response.headers.get("Retry-After") is not None) == (status in (429, 503))


def test_what_nobody_foresaw_is_left_to_the_500_page() -> None:
    assert api.exception_handler(RuntimeError("x"), {}) is None


def test_a_stale_form_learns_who_when_and_what() -> None:
    response = api.exception_handler(Stale(who="李四", at=AT, what="修改了等级"), {})
    assert response is not None
    assert response.data["changed"] == {"who": "李四", "at": AT.isoformat(), "what": "修改了等级"}


def test_nested_errors_are_named_by_place() -> None:
    detail = {"parties": [{}, {"phone": ["太长"]}], "no": ["必填"], "tags": ["a", "b"]}
    assert api.flat_errors(detail) == {"parties[1].phone": ["太长"], "no": ["必填"], "tags": ["a", "b"]}


class Form(serializers.Serializer):
    name = api.StrictChar(max_length=5, required=False)
    people = api.StrictInteger(min_value=0, max_value=9_999, required=False)
    urgent = api.StrictBoolean(required=False)
    amount = api.StrictDecimal(max_digits=12, decimal_places=2, required=False)
    received_at = api.AwareInstant(required=False)


def errors(body: dict[str, Any]) -> list[str]:
    form = Form(data=body, context={"at": AT})
    form.is_valid()
    return sorted(api.flat_errors(form.errors))


@pytest.mark.parametrize(
    "body",
    [
        *({"people": bad} for bad in ("1", "１２", True, 1.0, [], {}, None, -1, 10_000)),
        *({"name": bad} for bad in (1, True, [], {}, None, "", "a\x00", "a\x1bb", "六个字的名字")),
        *({"urgent": bad} for bad in (1, 0, "true", "yes", None, [])),
        *({"amount": bad} for bad in (True, "１２", "1e5", "12\n", "²", " 1", "NaN", [], 0.001)),
        *(
            {"received_at": bad}
            for bad in (1_767_225_600, "2026-03-04T09:00:00", "9999-12-31T00:00:00Z", True)
        ),
    ],
)
def test_wrong_types_are_refused_by_name(body: dict[str, Any]) -> None:
    assert errors(body) == list(body)


@pytest.mark.parametrize(
    "body",
    [
        {"people": 0},
        {"people": 9_999},
        {"name": " 张三 "},
        {"urgent": False},
        {"amount": 30_000},
        {"amount": "30000.50"},
        {"amount": 0.5},
        {"received_at": "2026-03-04T09:00:00+08:00"},
    ],
)
def test_right_types_pass(body: dict[str, Any]) -> None:
    assert errors(body) == []


@pytest.mark.parametrize(
    ("offset", "right"),
    [
        (timedelta(minutes=5), True),
        (timedelta(minutes=5, seconds=1), False),
        (-timedelta(hours=1), True),
        (-timedelta(days=366), True),
        (-timedelta(days=366, seconds=1), False),
    ],
)
def test_an_instant_lies_between_a_year_ago_and_five_minutes_ahead(offset: timedelta, right: bool) -> None:
    assert (errors({"received_at": (AT + offset).isoformat()}) == []) is right


class Echo(APIView):
    """The smallest door there is: what arrives at a view behind parser and exception handler."""

    authentication_classes = ()
    permission_classes = ()

    def post(self, request: Request) -> Response:
        return Response(request.data)


@pytest.mark.parametrize(
    ("raw", "content_type", "headers", "status"),
    [
        (b'{"a": 1}', "application/json", {}, 200),
        (b'{"a":' + b"[" * 5_000, "application/json", {}, 400),
        (b'{"a": "\\u0000"}', "application/json", {}, 400),
        (b'{"a": 1, "a": 2}', "application/json", {}, 400),
        (b'{"a": 1}', "application/json; charset=gbk", {}, 415),
        (b'{"a": 1}', "application/json", {"Content-Encoding": "gzip"}, 415),
        (b"<a/>", "text/xml", {}, 415),
        (b"junk", "multipart/form-data; boundary=x", {}, 415),
        (b"a=1", "application/x-www-form-urlencoded", {}, 415),
    ],
)
def test_the_door_answers_bad_bodies_as_listed(
    raw: bytes, content_type: str, headers: dict[str, str], status: int
) -> None:
    request = APIRequestFactory().generic("POST", "/api/v1/x/", raw, content_type, headers=headers)
    response = Echo.as_view()(request).render()
    assert response.status_code == status
    assert status == 200 or set(response.data) == {"code", "message", "fields", "request_id"}

"""What the API's doors share: errors as one shape, and serializer fields that take no guesses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import set_rollback

from . import time
from .answers import RETRY_AFTER_SECONDS, body_of, database_down
from .errors import Invalid, NoRight, OutOfScope, Refused
from .middleware import trace_refusal
from .text import clean_text

FUTURE_WITHIN = timedelta(minutes=5)
PAST_WITHIN = timedelta(days=366)
_WORDS: dict[type[exceptions.APIException], tuple[str, str]] = {
    exceptions.NotAuthenticated: ("not_authenticated", "请先登录，或在请求中附上有效的令牌。"),
    exceptions.AuthenticationFailed: ("not_authenticated", "登录已失效或凭据有误，请重新登录。"),
    exceptions.PermissionDenied: ("no_right", NoRight.default_message),
    exceptions.NotFound: ("not_found", OutOfScope.default_message),
    exceptions.MethodNotAllowed: ("method_not_allowed", "该地址不支持此请求方法。"),
    exceptions.NotAcceptable: ("not_acceptable", "只提供 JSON 格式的内容。"),
    exceptions.UnsupportedMediaType: (
        "unsupported_media_type",
        "只接受 JSON，请将 Content-Type 设为 application/json。",
    ),
    exceptions.Throttled: ("throttled", "请求过于频繁，请稍后再试。"),
    exceptions.ParseError: ("bad_json", "请求内容不是有效的 JSON。"),
}


def exception_handler(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """Every refusal as `{code, message, fields, request_id}`; None (500) for what nobody foresaw."""
    refusal = _refusal_for(exc)
    if refusal is None:
        return None
    set_rollback()
    request = context.get("request")
    if request is not None:
        trace_refusal(request._request, refusal)
    headers = _headers(exc)
    if refusal.status == 503:
        headers["Retry-After"] = RETRY_AFTER_SECONDS
    return Response(body_of(refusal), status=refusal.status, headers=headers)


def _refusal_for(exc: Exception) -> Refused | None:
    if isinstance(exc, Refused):
        return exc
    if isinstance(exc, Http404):
        return OutOfScope()
    if isinstance(exc, PermissionDenied):
        return NoRight()
    if isinstance(exc, exceptions.ValidationError):
        return Invalid(fields=flat_errors(exc.detail), status=400)
    if isinstance(exc, exceptions.APIException):
        code, message = _WORDS.get(type(exc), ("refused", Refused.default_message))
        return Refused(message, code=code, status=exc.status_code)
    return database_down(exc)


def _headers(exc: Exception) -> dict[str, str]:
    headers: dict[str, str] = {}
    if getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = exc.auth_header  # type: ignore[attr-defined]
    if getattr(exc, "wait", None):
        headers["Retry-After"] = str(int(exc.wait))  # type: ignore[attr-defined]
    return headers


def flat_errors(detail: Any, path: str = "") -> dict[str, list[str]]:
    """DRF's nested errors by place: `{"parties[0].phone": ["…"]}`."""
    if isinstance(detail, Mapping):
        flat: dict[str, list[str]] = {}
        for key, value in detail.items():
            flat |= flat_errors(value, f"{path}.{key}" if path else str(key))
        return flat
    if isinstance(detail, list) and any(isinstance(item, Mapping | list) for item in detail):
        return {
            name: texts
            for place, item in enumerate(detail)
            for name, texts in flat_errors(item, f"{path}[{place}]").items()
        }
    texts = [str(item) for item in (detail if isinstance(detail, list) else [detail])]
    return {path or "non_field_errors": texts} if texts else {}


class StrictChar(serializers.CharField):
    """Text: a JSON string, cleaned (NFC, trimmed) and free of what cannot be stored."""

    default_error_messages = {"not_text": "应为文字（JSON 字符串）。"}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("not_text")
        try:
            return clean_text(data, field=self.field_name or "text")
        except Invalid as refusal:
            raise serializers.ValidationError(next(iter(refusal.fields.values()))) from refusal


class StrictInteger(serializers.IntegerField):
    """A JSON integer; not true, not "1", not 1.0, not a full-width digit."""

    default_error_messages = {"not_integer": "应为整数（不加引号的半角数字）。"}

    def to_internal_value(self, data: Any) -> int:
        if type(data) is not int:
            self.fail("not_integer")
        return super().to_internal_value(data)


class StrictBoolean(serializers.BooleanField):
    """true or false; not 1, "yes" or null."""

    default_error_messages = {"not_boolean": "应为 true 或 false。"}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("not_boolean")
        return data


class StrictDecimal(serializers.DecimalField):
    """A JSON number, or its plain ASCII writing in a string (amounts of money)."""

    default_error_messages = {"not_number": "应为数字（半角）。"}
    _PLAIN = re.compile(r"-?[0-9]{1,18}([.][0-9]{1,18})?")

    def to_internal_value(self, data: Any) -> Decimal:
        if isinstance(data, bool) or not isinstance(data, int | float | str):
            self.fail("not_number")
        if isinstance(data, str) and not self._PLAIN.fullmatch(data):
            self.fail("not_number")
        return super().to_internal_value(data)


class AwareInstant(serializers.DateTimeField):
    """An ISO 8601 instant that names its offset, in UTC.

    With `at` in the serializer's context it must lie within `past_within` before and
    `future_within` after it (bad-input 23, 24); the codes tell an intake what to quarantine.
    """

    default_error_messages = {
        "not_text": "应为带时区的时间，例如 2026-01-31T08:30:00+08:00。",
        "in_future": "时间晚于当前时间，请核对发送方时钟。",
        "too_old": "时间过早，请核对年份。",
    }

    def __init__(
        self,
        *,
        future_within: timedelta | None = FUTURE_WITHIN,
        past_within: timedelta | None = PAST_WITHIN,
        **kwargs: Any,
    ) -> None:
        self.future_within, self.past_within = future_within, past_within
        super().__init__(**kwargs)

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str):
            self.fail("not_text")
        try:
            instant = time.parse_instant(value)
        except Invalid as refusal:
            raise serializers.ValidationError(refusal.message, code=refusal.code) from refusal
        at = self.context.get("at")
        if at is not None and self.future_within is not None and instant - at > self.future_within:
            self.fail("in_future")
        if at is not None and self.past_within is not None and at - instant > self.past_within:
            self.fail("too_old")
        return instant

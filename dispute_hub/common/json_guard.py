"""JSON as it comes from outside, refused before anything else can trip over it.

Plain json and DRF let through what breaks later: nesting that exhausts the stack, NUL and lone
surrogates PostgreSQL refuses, duplicate keys two parsers read differently, charsets that decode to
nonsense (bad-input catalogue, API JSON, 1-16). A UTF-8 byte order mark is accepted.
"""

from __future__ import annotations

import json
import math
import re
from email.message import Message
from functools import partial
from typing import Any

from rest_framework.parsers import BaseParser

from .errors import Invalid
from .text import forbidden_character

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 32
MAX_DIGITS = 18
MAX_KEY = 100

# Strings are skipped whole; possessive, and an unterminated one runs to the end, so time is linear.
_STRUCTURE = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)


class GuardedJSONParser(BaseParser):
    """DRF's door to `parse`; the only parser of the API."""

    media_type = "application/json"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> dict[str, Any]:
        request = (parser_context or {}).get("request")
        encoding = request.headers.get("Content-Encoding", "") if request is not None else ""
        raw = stream.read(MAX_BYTES + 1)
        return parse(raw, media_type or "", content_encoding=encoding)


def parse(
    raw: bytes, content_type: str, *, content_encoding: str = "", most_digits: int = MAX_DIGITS
) -> dict[str, Any]:
    """The JSON object in `raw`. Raises Invalid with status 400, 413 or 415 and a stable code.

    Codes: unsupported_media_type, unsupported_charset, unsupported_encoding (415); too_large (413);
    empty_body, not_utf8, too_deep, bad_json, duplicate_key, key_too_long, bad_number, not_object,
    forbidden_character (400).
    """
    _check_type(content_type, content_encoding)
    if len(raw) > MAX_BYTES:
        raise _refused("too_large", "请求内容超过 1 MB，请拆分后重新发送。", status=413)
    text = _decode(raw)
    _check_depth(text)
    try:
        found = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_no_constant,
            parse_int=partial(_integer, most=most_digits),
            parse_float=_real,
        )
    except ValueError as error:
        raise _refused("bad_json", f"请求内容不是有效的 JSON：{_place(error)}。") from error
    if not isinstance(found, dict):
        raise _refused("not_object", "请求内容最外层应为 JSON 对象（花括号）。")
    _check_strings(found)
    return found


def _check_type(content_type: str, content_encoding: str) -> None:
    header = Message()
    header["Content-Type"] = content_type.replace("\r", " ").replace("\n", " ") or "none/none"
    if header.get_content_type() != "application/json":
        raise _refused(
            "unsupported_media_type", "只接受 JSON，请将 Content-Type 设为 application/json。", status=415
        )
    charset = header.get_param("charset", "utf-8")
    if str(charset).lower() not in ("utf-8", "utf8"):
        raise _refused("unsupported_charset", "字符编码只接受 UTF-8，请用 UTF-8 编码后重新发送。", status=415)
    if content_encoding.strip().lower() not in ("", "identity"):
        raise _refused("unsupported_encoding", "不接受压缩的请求内容，请发送未压缩的 JSON。", status=415)


def _decode(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused(
            "not_utf8", "请求内容不是 UTF-8 编码（可能是 GBK），请用 UTF-8 编码后重新发送。"
        ) from error
    if not text.strip():
        raise _refused("empty_body", "请求内容为空，请发送 JSON 对象。")
    return text


def _check_depth(text: str) -> None:
    depth = 0
    for match in _STRUCTURE.finditer(text):
        if match[0] in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise _refused("too_deep", f"JSON 嵌套超过 {MAX_DEPTH} 层，请减少嵌套。")
        elif match[0] in "]}":
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if len(key) > MAX_KEY:
            raise _refused("key_too_long", f"字段名超过 {MAX_KEY} 个字符。")
        if key in found:
            raise _refused("duplicate_key", f"字段「{_shown(key)}」重复出现，请只保留一个。", field=key)
        found[key] = value
    return found


def _no_constant(name: str) -> Any:
    raise _refused("bad_number", f"{name} 不是有效的数字。")


def _integer(digits: str, *, most: int) -> int:
    if len(digits.lstrip("-")) > most:
        raise _refused("bad_number", f"整数超过 {most} 位。")
    return int(digits)


def _real(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise _refused("bad_number", "数字超出范围。")
    return number


def _check_strings(top: dict[str, Any]) -> None:
    waiting: list[tuple[str, Any]] = [("", top)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            _check_string(path, value)
        elif isinstance(value, list):
            waiting += [(f"{path}[{place}]", item) for place, item in enumerate(value)]
        elif isinstance(value, dict):
            for key, item in value.items():
                _check_string(path, key)
                waiting.append((f"{path}.{key}" if path else key, item))


def _check_string(path: str, value: str) -> None:
    bad = forbidden_character(value.replace("\r", "\n"))
    if bad:
        hint = f"含有无法保存的字符（U+{ord(bad):04X}），请删除。"
        raise _refused("forbidden_character", f"字段「{_shown(path)}」{hint}", field=path, hint=hint)


def _shown(name: str) -> str:
    """A name from outside as it may stand in a message: short, printable, encodable."""
    return "".join(char if char.isprintable() else "?" for char in name[:MAX_KEY])


def _place(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"第 {error.lineno} 行第 {error.colno} 个字符附近有误"
    return "格式有误"


def _refused(code: str, message: str, *, status: int = 400, field: str = "", hint: str = "") -> Invalid:
    fields = {_shown(field): [hint or message]} if field else None
    return Invalid(message, code=code, status=status, fields=fields)

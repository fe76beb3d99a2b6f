"""JSON from outside, refused with a stable code before it can hurt (bad-input catalogue 1-16)."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispute_hub.common.errors import Invalid
from dispute_hub.common.json_guard import MAX_BYTES, MAX_DEPTH, parse

JSON = "application/json"


def refusal(raw: bytes, content_type: str = JSON, **options: str) -> Invalid:
    with pytest.raises(Invalid) as caught:
        parse(raw, content_type, **options)
    return caught.value


def nested(depth: int, opening: str = "[", closing: str = "]") -> bytes:
    return f'{{"a":{opening * (depth - 1)}{closing * (depth - 1)}}}'.encode()


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (nested(MAX_DEPTH + 1), 400, "too_deep"),
        (b"[" * 2_000, 400, "too_deep"),
        (b'{"a":' * 2_000 + b"1" + b"}" * 2_000, 400, "too_deep"),
        (b'{"no":"\\u0000"}', 400, "forbidden_character"),
        (b'{"no":{"deep":["x","a\\u0000b"]}}', 400, "forbidden_character"),
        (b'{"a\\u0000":1}', 400, "forbidden_character"),
        (b'{"no":"\\ud800"}', 400, "forbidden_character"),
        (b'{"no":"\\udc00\\ud800"}', 400, "forbidden_character"),
        (b'{"no":"\\ufffe"}', 400, "forbidden_character"),
        (b'{"no":"\\u001b[31m"}', 400, "forbidden_character"),
        (b'{"no":"1","no":"2"}', 400, "duplicate_key"),
        (b'{"x":{"no":1,"n\\u006f":2}}', 400, "duplicate_key"),
        (b'{"a":NaN}', 400, "bad_number"),
        (b'{"a":Infinity}', 400, "bad_number"),
        (b'{"a":-Infinity}', 400, "bad_number"),
        (b'{"a":1e400}', 400, "bad_number"),
        (b'{"a":' + b"9" * 5_000 + b"}", 400, "bad_number"),
        (b'{"a":' + b"9" * 19 + b"}", 400, "bad_number"),
        (b"", 400, "empty_body"),
        (b" \n\t", 400, "empty_body"),
        (b"\xef\xbb\xbf", 400, "empty_body"),
        (b"null", 400, "not_object"),
        (b"[]", 400, "not_object"),
        (b'"text"', 400, "not_object"),
        (b"1", 400, "not_object"),
        ('{"a":"纠纷"}'.encode("gbk"), 400, "not_utf8"),
        (b'{"' + b"k" * 101 + b'":1}', 400, "key_too_long"),
        (b'{"a":"\x0b"}', 400, "bad_json"),
        (b'{"a":1,}', 400, "bad_json"),
        (b"{'a':1}", 400, "bad_json"),
        (b'{"a":"', 400, "bad_json"),
        (b'{"a":1}{"b":2}', 400, "bad_json"),
        (b'{"a":01}', 400, "bad_json"),
        (b'{"a":"' + b"x" * MAX_BYTES + b'"}', 413, "too_large"),
    ],
)
def test_bad_bodies_have_a_status_and_a_code(raw: bytes, status: int, code: str) -> None:
    found = refusal(raw)
    assert (found.status, found.code) == (status, code)
    assert any("\u4e00" <= char <= "\u9fff" for char in found.message)
    found.message.encode()


@pytest.mark.parametrize(
    ("content_type", "code"),
    [
        ("", "unsupported_media_type"),
        ("text/xml", "unsupported_media_type"),
        ("application/x-www-form-urlencoded", "unsupported_media_type"),
        ("multipart/form-data; boundary=x", "unsupported_media_type"),
        ("application/json; charset=gbk", "unsupported_charset"),
        ("application/json; charset=utf-16", "unsupported_charset"),
        ("application/json; charset=bogus", "unsupported_charset"),
    ],
)
def test_other_types_and_charsets_are_415(content_type: str, code: str) -> None:
    found = refusal(b"{}", content_type)
    assert (found.status, found.code) == (415, code)


def test_compressed_bodies_are_415() -> None:
    assert refusal(b"\x1f\x8b", content_encoding="gzip").code == "unsupported_encoding"


@pytest.mark.parametrize(
    "content_type", [JSON, "Application/JSON; Charset=UTF-8", 'application/json;charset="utf8"']
)
def test_utf8_json_is_read(content_type: str) -> None:
    body = {"narrative": "持刀\n第二行\t𠮷😀", "n": 10**17, "f": 1.5, "t": True, "z": None, "p": [{"a": []}]}
    assert parse(json.dumps(body).encode(), content_type) == body
    assert parse(json.dumps(body, ensure_ascii=False).encode(), content_type) == body


def test_a_byte_order_mark_is_accepted() -> None:
    assert parse(b'\xef\xbb\xbf{"a":1}', JSON) == {"a": 1}


def test_the_deepest_allowed_nesting_and_brackets_inside_strings_are_read() -> None:
    assert "a" in parse(nested(MAX_DEPTH), JSON)
    assert parse(json.dumps({"a": '["\\{' * 100}).encode(), JSON)


def test_unknown_and_odd_keys_are_kept() -> None:
    body = {f"k{number}": number for number in range(10_000)} | {"__proto__": 1, "constructor": 2}
    assert parse(json.dumps(body).encode(), JSON) == body


@pytest.mark.parametrize("filler", [b'"', b'\\"', b"[\\", b'{"', b'"\\'])
def test_a_megabyte_of_quotes_is_refused_in_linear_time(filler: bytes) -> None:
    started = time.perf_counter()
    refusal(b'{"a":' + filler * (MAX_BYTES // len(filler) - 10))
    assert time.perf_counter() - started < 2


def test_the_refusal_names_the_field() -> None:
    assert list(refusal(b'{"parties":[{"name":"\\u0000"}]}').fields) == ["parties[0].name"]


@given(
    st.one_of(
        st.binary(max_size=300), st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace"))
    )
)
def test_no_bytes_raise_anything_but_a_refusal(raw: bytes) -> None:
    try:
        found = parse(raw, JSON)
    except Invalid as refusal:
        json.dumps(refusal.fields, ensure_ascii=False).encode()
    else:
        assert isinstance(found, dict)


ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**17), 10**17),
    st.text(st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc", "Cn"])),
)
VALUES = st.recursive(
    ATOMS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abc纠纷", max_size=9), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text("abc纠纷", max_size=9), VALUES))
def test_good_objects_come_through_unchanged(body: dict[str, object]) -> None:
    assert parse(json.dumps(body).encode(), JSON) == body

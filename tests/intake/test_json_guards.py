"""Bodies plain Django gets wrong, at both doors: set aside when signed, refused when not.

Numbers are those of the bad-input catalogue, section 3A.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from dispute_hub.cases.models import Case
from dispute_hub.common import time
from intake.models import Alert, Quarantine
from tests.intake.conftest import Sender, body

JSON = "application/json"


def raw_with(**changes: Any) -> bytes:
    return json.dumps(body(**changes)).encode()


def spliced(old: str, new: str) -> bytes:
    text = json.dumps(body(narrative="正文"), ensure_ascii=False)
    assert old in text
    return text.replace(old, new, 1).encode("utf-8", "surrogatepass")


DEEP = b'{"narrative":' + b"[" * 1000 + b"]" * 1000 + b"}"
# fmt: off
CASES: dict[str, tuple[Any, str, int, str]] = {
    "1 nested 1000 deep": (lambda: DEEP, JSON, 400, "too_deep"),
    "1 nested 100000 deep": (lambda: b"[" * 100_000, JSON, 400, "too_deep"),
    "2 NUL in text": (lambda: spliced("正文", "正\\u0000文"), JSON, 400, "forbidden_character"),
    "3 NUL in an unknown key": (lambda: raw_with(extra={"a": "\x00"}), JSON, 400, "forbidden_character"),
    "4 lone surrogate": (lambda: spliced("正文", "\\ud800"), JSON, 400, "forbidden_character"),
    "5 duplicate keys": (lambda: spliced('"version": 1', '"version": 1, "version": 2'), JSON, 400,
                         "duplicate_key"),
    "6 NaN": (lambda: spliced('"version": 1', '"longitude": NaN'), JSON, 400, "bad_number"),
    "6 Infinity": (lambda: spliced('"version": 1', '"longitude": Infinity'), JSON, 400, "bad_number"),
    "6 1e400": (lambda: spliced('"version": 1', '"longitude": 1e400'), JSON, 400, "bad_number"),
    "7 5000 digits": (lambda: spliced('"version": 1', '"version": ' + "9" * 5000), JSON, 400, "bad_number"),
    "8 null": (lambda: b"null", JSON, 400, "not_object"),
    "8 list": (lambda: b"[1]", JSON, 400, "not_object"),
    "8 text": (lambda: b'"x"', JSON, 400, "not_object"),
    "9 GBK labelled JSON": (
        lambda: json.dumps(body(), ensure_ascii=False).encode("gbk"), JSON, 400, "not_utf8",
    ),
    "10 charset gbk": (lambda: raw_with(), f"{JSON}; charset=gbk", 415, "unsupported_charset"),
    "10 charset utf-16": (lambda: raw_with(), f"{JSON}; charset=utf-16", 415, "unsupported_charset"),
    "11 charset bogus": (lambda: raw_with(), f"{JSON}; charset=bogus", 415, "unsupported_charset"),
    "13 xml": (lambda: b"<a/>", "text/xml", 415, "unsupported_media_type"),
    "13 form": (lambda: b"a=1", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
    "13 multipart junk": (lambda: b"junk", "multipart/form-data; boundary=x", 415, "unsupported_media_type"),
    "16 key of 1000": (lambda: raw_with(**{"k" * 1000: 1}), JSON, 400, "key_too_long"),
    "18 true for a number": (lambda: raw_with(people_involved=True), JSON, 400, "invalid_alert"),
    "18 text for a number": (lambda: raw_with(people_involved="1"), JSON, 400, "invalid_alert"),
    "18 number for text": (lambda: raw_with(narrative=1), JSON, 400, "invalid_alert"),
    "18 list for an object": (lambda: raw_with(reporter=[]), JSON, 400, "invalid_alert"),
    "18 object for a list": (lambda: raw_with(parties={}), JSON, 400, "invalid_alert"),
    "18 text for a version": (lambda: raw_with(version="2"), JSON, 400, "invalid_alert"),
    "19 full-width digits": (lambda: raw_with(people_involved="１２"), JSON, 400, "invalid_alert"),
    "19 full-width amount": (lambda: raw_with(amount="１２"), JSON, 400, "invalid_alert"),
    "20 superscript": (lambda: raw_with(amount="²"), JSON, 400, "invalid_alert"),
    "22 time without offset": (
        lambda: raw_with(received_at="2026-03-04T09:00:00"), JSON, 400, "invalid_alert",
    ),
    "22 full-width time": (
        lambda: raw_with(received_at="２０２６-03-04T09:00:00+08:00"), JSON, 400, "invalid_alert",
    ),
    "23 year 9999": (lambda: raw_with(received_at="9999-12-31T23:59:59+08:00"), JSON, 400, "invalid_alert"),
    "24 1970": (lambda: raw_with(received_at="1970-01-01T00:00:00+00:00"), JSON, 400, "invalid_alert"),
    "24 year 1": (lambda: raw_with(received_at="0001-01-01T00:00:00+08:00"), JSON, 400, "invalid_alert"),
    "25 leap second": (lambda: raw_with(received_at="2026-03-04T08:59:60+08:00"), JSON, 400, "invalid_alert"),
    "25 24:00": (lambda: raw_with(received_at="2026-03-03T24:00:00+08:00"), JSON, 400, "invalid_alert"),
    "25 29 February": (lambda: raw_with(received_at="2026-02-29T09:00:00+08:00"), JSON, 400, "invalid_alert"),
    "25 unix seconds": (lambda: raw_with(received_at=1772586000), JSON, 400, "invalid_alert"),
    "26 occurred after received": (
        lambda: raw_with(occurred_at="2026-03-04T09:01:00+08:00"), JSON, 400, "invalid_alert",
    ),
    "28 number missing": (lambda: raw_with(alert_no="\u00a0"), JSON, 400, "invalid_alert"),
    "28 number of 200": (lambda: raw_with(alert_no="9" * 200), JSON, 400, "invalid_alert"),
    "28 number with path": (lambda: raw_with(alert_no="../1"), JSON, 400, "invalid_alert"),
    "31 1000 parties": (lambda: raw_with(parties=[{"name": "某"}] * 1000), JSON, 400, "invalid_alert"),
    "50 escape in text": (lambda: spliced("正文", "\\u001b[31m"), JSON, 400, "forbidden_character"),
}
# fmt: on


@pytest.mark.parametrize("name", CASES)
def test_a_signed_body_is_set_aside(sender: Sender, clock: Any, name: str) -> None:
    make, content_type, _, code = CASES[name]
    answer = sender.raw(make(), content_type=content_type, message_id="m")
    assert answer.status_code == 202, answer.content
    said = answer.json()
    assert {reason["code"] for reason in said["reasons"]} == {code}
    assert all(reason["message"] for reason in said["reasons"])
    kept = Quarantine.objects.get(pk=said["quarantine_id"])
    assert bytes(kept.body) == make() if code == "too_deep" else bytes(kept.body)
    assert not Alert.objects.exists()
    assert not Case.objects.exists()


# A dispatcher's alert gets its number from us.
NAMED_BY_US = "28 number missing"


@pytest.mark.parametrize("name", [name for name in CASES if not name.startswith(NAMED_BY_US)])
def test_an_unsigned_body_is_refused_in_words(cast: Any, clock: Any, name: str) -> None:
    make, content_type, status, code = CASES[name]
    answer = cast.api(cast.dispatcher).generic("POST", "/api/v1/alerts/", make(), content_type)
    assert answer.status_code == status, answer.content
    said = answer.json()
    assert said["code"] == code
    assert said["message"] and said["request_id"]
    assert not Quarantine.objects.exists() and not Alert.objects.exists()


def test_empty_body(sender: Sender, cast: Any) -> None:
    assert sender.raw(b"").json()["reasons"][0]["code"] == "empty_body"
    assert cast.api(cast.dispatcher).post("/api/v1/alerts/", b"", content_type=JSON).status_code == 400


def test_gzip_is_not_unpacked(sender: Sender) -> None:
    answer = sender.raw(b"\x1f\x8b\x08", **{"content-encoding": "gzip"})
    assert answer.json()["reasons"][0]["code"] == "unsupported_encoding"


@pytest.mark.parametrize(
    ("size", "signed", "unsigned"), [(1024 * 1024, 202, 400), (1024 * 1024 + 1, 413, 413)]
)
def test_one_megabyte_is_the_limit(sender: Sender, cast: Any, size: int, signed: int, unsigned: int) -> None:
    raw = b'{"narrative":"' + b"a" * (size - 16) + b'"}'
    assert len(raw) == size
    assert sender.raw(raw).status_code == signed
    answer = cast.api(cast.dispatcher).post("/api/v1/alerts/", raw, content_type=JSON)
    assert answer.status_code == unsigned
    assert answer["Content-Type"].startswith(JSON)


def test_a_byte_order_mark_is_accepted(sender: Sender) -> None:
    assert sender.raw(b"\xef\xbb\xbf" + raw_with()).status_code == 201


def test_unknown_keys_and_mass_assignment_change_nothing(sender: Sender) -> None:
    extra = {f"k{number}": number for number in range(10_000)}
    forbidden = {
        "status": "closed",
        "id": 7,
        "risk_level": "high",
        "is_superuser": True,
        "case": 1,
        "__proto__": {},
    }
    answer = sender.send(body(**extra, **forbidden))
    assert answer.status_code == 201
    assert Alert.objects.get().case.status == "scene"


@pytest.mark.parametrize(
    ("shift", "status", "late"),
    [
        (timedelta(minutes=5), 201, False), (timedelta(minutes=5, seconds=1), 202, False),
        (timedelta(hours=-1), 201, True), (timedelta(days=-30), 201, True),
        (timedelta(days=-367), 202, False),
    ],
)  # fmt: skip
def test_how_far_the_instant_may_be_off(
    sender: Sender, clock: Any, shift: timedelta, status: int, late: bool
) -> None:
    answer = sender.send(received_at=(time.now() + shift).isoformat())
    assert answer.status_code == status
    assert status == 202 or Alert.objects.get().is_late == late


@pytest.mark.parametrize("value", [None, "", []])
def test_null_is_as_good_as_absent(sender: Sender, value: Any) -> None:
    said = body() | {"occurred_at": None, "amount": None, "reporter": None, "station": value or None}
    assert sender.send(said).status_code == 201


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_other_methods_are_405(sender: Sender, method: str) -> None:
    assert getattr(sender.client, method)("/api/v1/sources/110/alerts/").status_code == 405


def test_the_method_cannot_be_overridden(cast: Any) -> None:
    answer = cast.api(cast.dispatcher).get("/api/v1/alerts/", headers={"X-HTTP-Method-Override": "POST"})
    assert answer.status_code == 405
    assert not Alert.objects.exists()

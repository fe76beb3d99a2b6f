"""Callbacks: early, twice, unknown, out of order, backwards: recorded, never wrongly applied (O7, 37)."""

from __future__ import annotations

import json
import uuid

import pytest
from django.test import Client
from standardwebhooks.webhooks import Webhook

from dispute_hub.outbox.models import Connector, OutboxRow, PlatformCallback
from dispute_hub.outbox.wire import UTC
from tests.outbox import platforms
from tests.outbox.platforms import answers, drain, publish

pytestmark = pytest.mark.usefixtures("no_nudges")


def call(clock, said, *, code="grid", secret=platforms.SECRET, callback_id="", shift=0, tamper=b"", **more):
    raw = said if isinstance(said, bytes) else json.dumps(said).encode()
    callback_id = callback_id or uuid.uuid4().hex
    stamp = int(clock.at.timestamp()) + shift
    signature = Webhook(secret).sign(callback_id, wire_instant(stamp), raw.decode("utf-8", "replace"))
    told = {"webhook-id": callback_id, "webhook-timestamp": str(stamp), "webhook-signature": signature}
    return Client().generic(
        "POST", f"/api/v1/connectors/{code}/callbacks/", raw + tamper, CONTENT_TYPE="application/json",
        headers={**told, **more},
    )  # fmt: skip


def wire_instant(stamp: int):
    from datetime import datetime

    return datetime.fromtimestamp(stamp, UTC)


def verdicts() -> list[str]:
    return list(PlatformCallback.objects.order_by("id").values_list("verdict", flat=True))


def status_of(row: OutboxRow) -> str | None:
    return OutboxRow.objects.get(pk=row.pk).receipt.get("status")


@pytest.fixture
def sent(cast, clock, monkeypatch) -> OutboxRow:
    to = platforms.connector(cast, clock)
    row = publish(cast, clock)
    answers(monkeypatch)
    drain(clock, to)
    return row


def test_each_step_forwards_is_applied(clock, sent) -> None:
    for status in ("received", "accepted", "working", "settled"):
        assert call(clock, {"id": str(sent.message_id), "status": status}).status_code == 200
        assert status_of(sent) == status
    assert verdicts() == ["applied"] * 4


def test_backwards_is_recorded_and_refused(clock, sent) -> None:
    call(clock, {"id": str(sent.message_id), "status": "settled"})
    answer = call(clock, {"id": str(sent.message_id), "status": "accepted"})
    assert (answer.status_code, status_of(sent), verdicts()) == (409, "settled", ["applied", "backwards"])


def test_the_same_callback_again_is_one(clock, sent) -> None:
    said = {"id": str(sent.message_id), "status": "accepted"}
    first = call(clock, said, callback_id="c1")
    second = call(clock, said, callback_id="c1")
    assert (first.content, first.status_code) == (second.content, second.status_code)
    assert PlatformCallback.objects.count() == 1
    assert call(clock, {**said, "status": "settled"}, callback_id="c1").status_code == 409
    assert status_of(sent) == "accepted"


def test_the_same_word_under_a_new_id_changes_nothing(clock, sent) -> None:
    for _ in range(2):
        assert call(clock, {"id": str(sent.message_id), "status": "accepted"}).status_code == 200
    assert verdicts() == ["applied", "repeated"]


def test_a_callback_before_our_send_returned_waits_for_it(cast, clock, monkeypatch) -> None:
    to = platforms.connector(cast, clock)
    row = publish(cast, clock)
    for status in ("accepted", "working", "received"):
        assert call(clock, {"id": str(row.message_id), "status": status}).status_code == 200
    assert (verdicts(), status_of(row)) == (["early"] * 3, None)
    answers(monkeypatch)
    drain(clock, to)
    assert status_of(row) == "working"
    assert OutboxRow.objects.get(pk=row.pk).state == "sent"


def test_an_early_callback_does_not_make_a_delivery_sent(cast, clock) -> None:
    platforms.connector(cast, clock)
    row = publish(cast, clock)
    call(clock, {"id": str(row.message_id), "status": "settled"})
    assert OutboxRow.objects.get(pk=row.pk).state == "pending"


def test_an_unknown_message_is_recorded(clock, sent) -> None:
    assert call(clock, {"id": str(uuid.uuid4()), "status": "settled"}).status_code == 409
    assert verdicts() == ["unknown"]


def test_another_platforms_message_is_unknown(cast, clock, sent) -> None:
    platforms.connector(cast, clock, code="other", secret=platforms.NEXT_SECRET)
    said = {"id": str(sent.message_id), "status": "settled"}
    answer = call(clock, said, code="other", secret=platforms.NEXT_SECRET)
    assert (answer.status_code, verdicts(), status_of(sent)) == (409, ["unknown"], None)


@pytest.mark.parametrize(
    "said",
    [b"", b"{", b"[]", b"\xff\xfe", b'{"id":1,"status":"settled"}', b'{"id":"x","status":"settled"}',
     b'{"status":"settled"}', b"<html>"],
)  # fmt: skip
def test_what_cannot_be_read_is_recorded(clock, sent, said: bytes) -> None:
    assert call(clock, said).status_code == 409
    assert verdicts() == ["invalid"]


@pytest.mark.parametrize("status", ["closed", "", None, 1, ["settled"], "SETTLED"])
def test_a_status_nobody_agreed_on_is_not_applied(clock, sent, status) -> None:
    assert call(clock, {"id": str(sent.message_id), "status": status}).status_code == 409
    assert (verdicts(), status_of(sent)) == (["invalid"], None)


@pytest.mark.parametrize(
    "wrong",
    [{"secret": platforms.NEXT_SECRET}, {"shift": -301}, {"shift": 301}, {"tamper": b" "}, {"code": "nobody"},
     {"webhook-signature": ""}, {"webhook-signature": "v1,x"}, {"webhook-timestamp": "x"},
     {"webhook-timestamp": "9" * 12}, {"webhook-id": ""}],
)  # fmt: skip
def test_without_a_right_signature_nothing_is_recorded(clock, sent, wrong) -> None:
    answer = call(clock, {"id": str(sent.message_id), "status": "settled"}, **wrong)
    assert (answer.status_code, PlatformCallback.objects.count()) == (401, 0)
    assert answer.json()["code"] == "bad_signature"


def test_either_live_secret_will_do(cast, clock, sent) -> None:
    Connector.objects.update(former_secret=platforms.NEXT_SECRET)
    said = {"id": str(sent.message_id), "status": "accepted"}
    assert call(clock, said, secret=platforms.NEXT_SECRET).status_code == 200

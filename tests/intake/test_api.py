"""The signed door and the dispatcher's own: one effect, one answer, versions, signatures."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections

from dispute_hub.audit.models import AccessLog
from dispute_hub.cases.models import Case, CaseEvent
from intake import services
from intake.models import Alert, AlertVersion, InboxMessage, Quarantine
from tests.intake.conftest import Sender, body, make_source


def test_a_new_alert_is_stored_and_answered(sender: Sender) -> None:
    answer = sender.send(alert_no="33078420260304000001")
    assert answer.status_code == 201, answer.content
    said = answer.json()
    alert = Alert.objects.get()
    assert said["alert_no"] == "33078420260304000001"
    assert said["version"] == 1
    assert said["case_no"] == alert.case.case_no
    assert said["status"] == "scene"
    assert said["repeat"] == {"alerts_30d": 1, "alerts_90d": 1, "attached": False}
    assert {"colour", "item", "alternatives", "side", "factors", "push"} <= said.keys()
    assert alert.station.code == "330784-XZ"
    assert alert.case.area.code == "330784-XZ-01"
    assert alert.street.code == "330784-XZ-ZZ"
    assert [party.name for party in alert.case.parties.order_by("id")] == ["楼春花", "应大山"]


def test_the_same_message_ten_times_has_one_effect_and_one_answer(sender: Sender) -> None:
    said = body()
    first = sender.send(said, message_id="m-1")
    again = [sender.send(said, message_id="m-1") for _ in range(9)]
    assert first.status_code == 201
    assert {answer.status_code for answer in again} == {200}
    assert {answer.content for answer in again} == {first.content}
    assert {answer["Idempotent-Replayed"] for answer in again} == {"true"}
    assert "Idempotent-Replayed" not in first
    assert Alert.objects.count() == Case.objects.count() == 1


@pytest.mark.slow
def test_fifty_at_once_have_one_effect(committed_cast: Any) -> None:
    make_source(committed_cast.units.reception, committed_cast.units.bureau)
    said = body()
    start = threading.Barrier(50, timeout=60)

    def deliver(_: int) -> tuple[int, bytes]:
        try:
            start.wait()
            answer = Sender().send(said, message_id="m-50")
            # A sender that is told to wait comes again: fifty threads may meet the lock time-out.
            while answer.status_code == 503:
                answer = Sender().send(said, message_id="m-50")
            return answer.status_code, answer.content
        finally:
            connections.close_all()

    with ThreadPoolExecutor(50) as crew:
        answers = list(crew.map(deliver, range(50)))
    assert sorted(status for status, _ in answers) == [200] * 49 + [201]
    assert len({content for _, content in answers}) == 1
    assert Alert.objects.count() == Case.objects.count() == InboxMessage.objects.count() == 1


@pytest.mark.parametrize("change", ["one byte", "white space", "order of keys"])
def test_the_same_id_with_another_body_is_refused_and_traced(sender: Sender, change: str) -> None:
    raw = json.dumps(body()).encode()
    other = {
        "one byte": raw.replace(b"13905790001", b"13905790002", 1),
        "white space": raw + b" ",
        "order of keys": json.dumps(dict(reversed(list(json.loads(raw).items())))).encode(),
    }[change]
    assert other != raw
    sender.raw(raw, message_id="m-1")
    answer = sender.raw(other, message_id="m-1")
    assert answer.status_code == 409
    assert answer.json()["code"] == "message_id_reused"
    assert Alert.objects.count() == 1
    assert AccessLog.objects.filter(kind="security", data__code="message_id_reused").count() == 1


def test_a_known_version_under_a_new_id_is_the_same_answer(sender: Sender) -> None:
    said = body()
    first = sender.send(said, message_id="m-1")
    again = sender.send(said, message_id="m-2")
    assert (again.status_code, again.content) == (200, first.content)
    assert again["Idempotent-Replayed"] == "true"
    assert Alert.objects.count() == 1


def test_a_known_version_with_other_content_is_set_aside(sender: Sender) -> None:
    said = body()
    sender.send(said, message_id="m-1")
    answer = sender.send({**said, "narrative": "另一段话，说的是别的事情。"}, message_id="m-2")
    assert answer.status_code == 202
    assert answer.json()["reasons"][0]["code"] == "version_conflict"
    assert Quarantine.objects.get(pk=answer.json()["quarantine_id"]).state == "open"
    assert Alert.objects.get().narrative == said["narrative"]


def test_a_higher_version_amends_and_a_late_lower_one_is_kept(sender: Sender) -> None:
    said = body()
    sender.send(said)
    third = sender.send({**said, "version": 3, "narrative": said["narrative"] + "对方已拿起铁锹。"})
    second = sender.send({**said, "version": 2, "narrative": "较早的续报。"})
    assert (third.status_code, second.status_code) == (200, 200)
    assert third.json()["version"] == second.json()["version"] == 3
    alert = Alert.objects.get()
    assert alert.narrative.endswith("对方已拿起铁锹。")
    assert list(AlertVersion.objects.order_by("number").values_list("number", "is_applied")) == [
        (1, True), (2, False), (3, True),
    ]  # fmt: skip
    assert CaseEvent.objects.filter(kind="alert.amended").count() == 1


@pytest.mark.parametrize(
    "spoil",
    [
        {"secret": "whsec_" + "b3RoZXItc2VjcmV0LW90aGVyLXNlY3JldC1vdGhlcg=="},
        {"source": "unknown"},
    ],
)
def test_a_wrong_key_or_source_is_401_with_one_text(sender: Sender, spoil: dict[str, str]) -> None:
    answer = Sender(**spoil).send()
    assert answer.status_code == 401
    assert answer.json()["code"] == "bad_signature"
    assert answer.json()["message"] == "签名无效或已过期，请核对密钥与时钟。"
    assert not InboxMessage.objects.exists()


@pytest.mark.parametrize(("offset", "status"), [(-301, 401), (-300, 201), (0, 201), (300, 201), (301, 401)])
def test_the_timestamp_may_be_five_minutes_off(sender: Sender, clock: Any, offset: int, status: int) -> None:
    stamp = str(int(clock.at.timestamp()) + offset)
    raw = json.dumps(body()).encode()
    assert sender.raw(raw, timestamp=stamp).status_code == status


@pytest.mark.parametrize("stamp", ["", "abc", "-1", "1772586000000", "１７７２５８６０００"])
def test_a_timestamp_that_is_no_second_is_401(sender: Sender, clock: Any, stamp: str) -> None:
    headers = {"webhook-id": "m", "webhook-timestamp": stamp, "webhook-signature": "v1,x"}
    answer = sender.client.post(
        "/api/v1/sources/110/alerts/", b"{}", content_type="application/json", headers=headers
    )
    assert answer.status_code == 401


@pytest.mark.parametrize("header", ["webhook-id", "webhook-signature"])
def test_the_signature_covers_id_and_body(sender: Sender, header: str) -> None:
    raw = json.dumps(body()).encode()
    changed = {"webhook-id": "other", "webhook-signature": "v1,AAAA v1a,!! x"}[header]
    assert sender.raw(raw, **{header: changed}).status_code == 401


def test_two_secrets_live_at_once(sender: Sender, source: Any, clock: Any) -> None:
    new = "whsec_" + "bmV3LXNlY3JldC1uZXctc2VjcmV0LW5ldy1zZWNyZXQ="
    services.rotate_secret(source, secret=new, at=clock.at)
    assert sender.send(message_id="a").status_code == 201
    assert Sender(secret=new).send(message_id="b", address="象珠镇二村3号").status_code == 201
    services.retire_former_secret(source)
    assert sender.send(message_id="c").status_code == 401


def test_a_very_long_message_id_is_taken_by_its_digest(sender: Sender) -> None:
    said = body()
    first = sender.send(said, message_id="m" * 5000)
    again = sender.send(said, message_id="m" * 5000)
    assert (first.status_code, again.status_code) == (201, 200)


def test_an_alert_of_another_county_is_set_aside_and_traced(sender: Sender, cast: Any) -> None:
    from dispute_hub.accounts.models import Unit

    other = Unit.objects.create(code="330783", name="东阳市公安局", line="police", kind="bureau")
    Unit.objects.create(
        code="330783-WN", name="巍山派出所", line="police", kind="station", parent=other, bureau=other
    )
    answer = sender.send(station="330783-WN", grid=None)
    assert answer.status_code == 202
    assert answer.json()["reasons"][0]["code"] == "out_of_county"
    assert AccessLog.objects.filter(kind="security", data__code="out_of_county").exists()
    assert not Alert.objects.exists()


def test_a_fault_of_ours_does_not_lose_the_alert(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*args: Any, **kwargs: Any) -> None:
        raise ValueError("a defect")

    monkeypatch.setattr("intake.services._receiving.locate", break_down)
    answer = sender.send()
    assert answer.status_code == 202
    assert answer.json()["reasons"][0]["code"] == "internal_error"
    assert Quarantine.objects.count() == 1


def test_intake_of_one_alert_stays_light(
    sender: Sender, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    """Intake's own statements; what follows an alert is counted by the stage it belongs to."""
    sender.send(address="古山镇古山一村1号", station="330784-GS", grid="330784-GS-C1-W1")
    monkeypatch.setattr("dispute_hub.cases.lifecycle.FOLLOWED_BY", {})
    monkeypatch.setattr("intake.api._alerts.item_class", lambda facts: "N11")
    monkeypatch.setattr("intake.api._alerts.answer", lambda receipt: {})
    with django_assert_max_num_queries(25) as found:
        assert sender.send(address="象珠镇二村3号").status_code == 201
    assert connection.queries_log is not None
    assert len(found.captured_queries) <= 25


def test_a_dispatcher_logs_by_api_and_gets_a_number(cast: Any) -> None:
    said = body(alert_no=None, received_at=None)
    first = cast.api(cast.dispatcher).post(
        "/api/v1/alerts/", said, format="json", headers={"Idempotency-Key": "k1"}
    )
    assert first.status_code == 201, first.content
    assert first.json()["alert_no"].startswith("JJ")
    again = cast.api(cast.dispatcher).post(
        "/api/v1/alerts/", said, format="json", headers={"Idempotency-Key": "k1"}
    )
    assert (again.status_code, again.content) == (200, first.content)
    assert Alert.objects.get().reception == cast.units.reception


@pytest.mark.parametrize(
    ("who", "status"),
    [
        (None, 401),
        ("dispatcher", 201),
        ("duty_commander", 201),
        ("officer", 403),
        ("centre", 403),
        ("bureau", 403),
    ],
)
def test_who_may_log_by_api(cast: Any, who: str | None, status: int) -> None:
    actor = getattr(cast, who) if who else None
    assert cast.api(actor).post("/api/v1/alerts/", body(), format="json").status_code == status


def test_an_unsigned_invalid_alert_is_refused_with_its_fields(cast: Any) -> None:
    answer = cast.api(cast.dispatcher).post("/api/v1/alerts/", body(people_involved="１２"), format="json")
    assert answer.status_code == 400
    assert "people_involved" in answer.json()["fields"]
    assert not Quarantine.objects.exists()

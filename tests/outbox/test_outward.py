"""Deliveries to platforms: in order, once in effect, patient, visible when given up (R6, O1-O8)."""

from __future__ import annotations

from datetime import timedelta

import apprise
import pytest
from standardwebhooks.webhooks import Webhook

from dispute_hub.outbox import egress, services, tasks, wire
from dispute_hub.outbox.models import DeliveryAttempt, Notice, OutboxRow
from dispute_hub.outbox.simulator import Switches
from tests.outbox import platforms
from tests.outbox.platforms import answers, cut, drain, publish

State = OutboxRow.State
pytestmark = pytest.mark.usefixtures("no_nudges")


def test_a_delivery_reaches_the_platform_once_and_keeps_its_receipt(cast, clock, grid) -> None:
    to = platforms.connector(cast, clock, grid.port)
    row = publish(cast, clock)
    assert drain(clock, to) == 1
    assert drain(clock, to) == 0
    row.refresh_from_db()
    to.refresh_from_db()
    kept = grid.orders[str(row.message_id)]
    assert (row.state, row.receipt["number"], kept["hash"]) == (
        State.SENT, kept["number"], bytes(row.sent_hash).hex(),
    )  # fmt: skip
    assert (to.last_success_at, row.tries.get().outcome) == (clock.at, "sent")


def test_only_platforms_of_the_bureau_that_subscribe_get_it(cast, clock) -> None:
    platforms.connector(cast, clock)
    platforms.connector(cast, clock, code="other", topics=["order.recalled"])
    platforms.connector(cast, clock, code="far", unit=cast.units.city)
    publish(cast, clock)
    assert [row.target for row in OutboxRow.objects.all()] == ["grid"]


def test_the_general_sender_leaves_platforms_alone(cast, clock) -> None:
    platforms.connector(cast, clock)
    publish(cast, clock)
    assert services.claim(at=clock.at) == []


def test_a_lost_answer_is_sent_again_under_the_same_id(cast, clock, grid) -> None:
    """R6: the connection breaks after the platform has read the body; the effect stays one."""
    to = platforms.connector(cast, clock, grid.port)
    grid.switches = Switches(cut_every=3)
    rows = [publish(cast, clock, n=n, case_id=n) for n in range(10)]
    for _ in range(6):
        drain(clock, to)
        clock.advance(minutes=16)
    assert OutboxRow.objects.filter(state=State.SENT).count() == 10
    assert set(grid.orders) == {str(row.message_id) for row in rows}
    assert len(grid.seen) > 10
    assert OutboxRow.objects.filter(receipt__duplicate=True).exists()


def test_a_case_keeps_its_order_while_others_pass(cast, clock, monkeypatch) -> None:
    to = platforms.connector(cast, clock)
    first, second = publish(cast, clock, n=1), publish(cast, clock, n=2)
    other = publish(cast, clock, n=3, case_id=8)
    seen: list[str] = []

    def ask(method, url, *, headers, content, allowed):
        seen.append(headers["webhook-id"])
        if headers["webhook-id"] == str(first.message_id) and len(seen) < 3:
            raise egress.Cut("对方答复超时")
        return egress.Answer(200, "application/json", "", f'{{"id":"{headers["webhook-id"]}"}}'.encode())

    monkeypatch.setattr(egress, "ask", ask)
    drain(clock, to)
    clock.advance(minutes=1)
    drain(clock, to)
    assert seen == [str(one.message_id) for one in (first, other, first, second)]


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408, 425, 429])
def test_a_platform_that_is_down_costs_no_tries(cast, clock, monkeypatch, status: int) -> None:
    to = platforms.connector(cast, clock)
    row = publish(cast, clock)
    answers(monkeypatch, status)
    for _ in range(30):
        drain(clock, to)
        clock.advance(minutes=16)
    row.refresh_from_db()
    assert (row.state, row.attempts, row.setbacks) == (State.PENDING, 0, 30)
    answers(monkeypatch)
    drain(clock, to)
    row.refresh_from_db()
    assert row.state == State.SENT


def test_after_three_days_without_a_connection_a_person_decides(cast, clock, monkeypatch) -> None:
    to = platforms.connector(cast, clock)
    row = publish(cast, clock)
    cut(monkeypatch)
    clock.advance(hours=71, minutes=59)
    drain(clock, to)
    assert OutboxRow.objects.get(pk=row.pk).state == State.PENDING
    clock.advance(minutes=16)
    drain(clock, to)
    row.refresh_from_db()
    assert (row.state, row.dead_at) == (State.DEAD, clock.at)


@pytest.mark.parametrize(
    ("status", "tries"),
    [(400, 1), (409, 1), (413, 1), (415, 1), (418, 1), (422, 1), (451, 1),
     (401, 3), (403, 3), (404, 3), (405, 3), (410, 3), (301, 3), (302, 3), (307, 3), (308, 3)],
)  # fmt: skip
def test_a_refusal_is_given_up_within_three_tries_with_its_reason(
    cast, clock, monkeypatch, status: int, tries: int
) -> None:
    to = platforms.connector(cast, clock)
    row = publish(cast, clock)
    answers(monkeypatch, status, b"")
    for _ in range(5):
        drain(clock, to)
        clock.advance(minutes=16)
    row.refresh_from_db()
    assert (row.state, row.tries.count()) == (State.DEAD, tries)
    assert f"（{status}）" in row.last_error and "对方" in row.last_error


LOGIN = "<html><form>请登录</form></html>".encode()


@pytest.mark.parametrize(
    "body",
    [LOGIN, b"", b"OK", b"[]", b"null", b"{", b'{"id":', b'"x"', b"1", b"\xff\xfe", b"[" * 5000,
     b"{}", b'{"id":null}', b'{"id":""}', b'{"id":"0f1e2d3c4b5a69788796a5b4c3d2e1f0"}', b'{"id":["x"]}',
     b'{"code":0}', b'{"code":0,"data":{}}', b'{"success":true}'],
)  # fmt: skip
def test_an_answer_that_is_no_receipt_marks_nothing_as_received(cast, clock, monkeypatch, body) -> None:
    to = platforms.connector(cast, clock)
    row = publish(cast, clock)
    answers(monkeypatch, 200, body, kind="text/html")
    for _ in range(7):
        drain(clock, to)
        clock.advance(minutes=16)
    row.refresh_from_db()
    assert (row.state, row.tries.count()) == (State.DEAD, 5)


@pytest.mark.parametrize(
    "more",
    ['"number":"\\u0000"', '"number":"\\ud800"', '"code":"\\u0000"', '"x":{"y":["\\u0000"]}', '"id":"other"'],
)
def test_a_receipt_that_cannot_be_stored_is_none_and_costs_a_try(cast, clock, monkeypatch, more) -> None:
    to = platforms.connector(cast, clock)
    row = publish(cast, clock)
    answers(monkeypatch, 200, f'{{"id":"{row.message_id}",{more}}}'.encode())
    assert drain(clock, to) == 1
    row.refresh_from_db()
    assert (row.state, row.tries.get().outcome) == (State.PENDING, "unclear")


def test_a_receipt_may_number_with_more_digits_than_a_bigint_holds(cast, clock, monkeypatch) -> None:
    to = platforms.connector(cast, clock)
    row = publish(cast, clock)
    answers(monkeypatch, 200, f'{{"id":"{row.message_id}","number":12345678901234567890}}'.encode())
    drain(clock, to)
    row.refresh_from_db()
    assert row.receipt["number"] == "12345678901234567890"


@pytest.mark.parametrize("code", ["5001", '"E1"', "false", "1", "[]", "{}", "-1"])
def test_a_business_code_of_failure_is_a_refusal(cast, clock, monkeypatch, code: str) -> None:
    row = publish(cast, clock) if platforms.connector(cast, clock) else None
    said = f'{{"code":{code},"id":"{row.message_id}"}}'.encode()
    judged = wire.judge(egress.Answer(200, "application/json", "", said), str(row.message_id), "id", b"")
    assert judged.kind == "refused"


def test_a_receipt_may_lie_deeper(cast, clock, monkeypatch) -> None:
    to = platforms.connector(cast, clock, receipt_path="data.msgId")
    row = publish(cast, clock)
    answers(monkeypatch, 200, f'{{"code":"200","data":{{"msgId":"{row.message_id}"}}}}'.encode())
    drain(clock, to)
    row.refresh_from_db()
    assert row.state == State.SENT


@pytest.mark.parametrize("lie", ["other_id", "html", "code"])
def test_a_lying_platform_is_not_believed(cast, clock, grid, lie: str) -> None:
    to = platforms.connector(cast, clock, grid.port)
    row = publish(cast, clock)
    grid.switches = Switches(lie=lie)
    drain(clock, to)
    row.refresh_from_db()
    assert row.state == State.PENDING


def test_fields_are_named_as_the_platform_names_them(cast, clock) -> None:
    to = platforms.connector(cast, clock, mapping={"orderNo": "no", "level": "grade"})
    body = wire.compose(publish(cast, clock), to)
    assert wire.json.loads(body)["data"] == {"orderNo": "J1", "level": "urgent"}


def test_a_mapping_to_a_missing_field_sends_nothing(cast, clock, monkeypatch) -> None:
    to = platforms.connector(cast, clock, mapping={"orderNo": "number"})
    row = publish(cast, clock)
    monkeypatch.setattr(egress, "ask", lambda *_, **__: pytest.fail("sent"))
    drain(clock, to)
    row.refresh_from_db()
    assert (row.state, "number" in row.last_error) == (State.DEAD, True)


def test_while_two_secrets_live_both_sign(cast, clock) -> None:
    """O8: the platform may hold either one."""
    to = platforms.connector(cast, clock, secret=platforms.NEXT_SECRET, former_secret=platforms.SECRET)
    body = wire.compose(publish(cast, clock), to)
    headers = wire.signed_headers(to, "m1", body, at=clock.at)
    for secret in (platforms.SECRET, platforms.NEXT_SECRET):
        instant = clock.at.astimezone(wire.UTC)
        assert Webhook(secret).sign("m1", instant, body.decode()) in headers["webhook-signature"].split(" ")


def test_one_worker_drains_a_platform_and_its_place_lapses(cast, clock, monkeypatch) -> None:
    to = platforms.connector(cast, clock, drained_until_at=clock.at + timedelta(seconds=60))
    publish(cast, clock)
    answers(monkeypatch)
    assert drain(clock, to) == 0
    clock.advance(seconds=60)
    assert drain(clock, to) == 1


def test_no_platform_holds_more_than_two_senders(cast, clock) -> None:
    to = platforms.connector(cast, clock)
    for n in range(3):
        publish(cast, clock, case_id=n)
    claimed = [services.claim_outward(to.pk, at=clock.at) for _ in range(3)]
    assert [row is not None for row in claimed] == [True, True, False]


def test_a_sender_that_dies_five_times_leaves_a_dead_letter(cast, clock) -> None:
    to = platforms.connector(cast, clock)
    row = publish(cast, clock)
    for _ in range(5):
        assert services.claim_outward(to.pk, at=clock.at)
        clock.advance(seconds=60)
    drain(clock, to)
    row.refresh_from_db()
    assert (row.state, row.tries.get().outcome) == (State.DEAD, "fault")


def test_the_late_sender_changes_nothing_but_its_try_stands(cast, clock, monkeypatch) -> None:
    to = platforms.connector(cast, clock)
    publish(cast, clock)
    slow = services.claim_outward(to.pk, at=clock.at)
    clock.advance(seconds=60)
    quick = services.claim_outward(to.pk, at=clock.at)
    services.settle(slow, wire.Outcome("sent"), at=clock.at)
    assert OutboxRow.objects.get().state == State.LEASED
    services.settle(quick, wire.Outcome("sent"), at=clock.at)
    assert OutboxRow.objects.get().state == State.SENT
    assert DeliveryAttempt.objects.count() == 2


def test_the_owners_hear_of_the_first_dead_letter_once(cast, clock, monkeypatch) -> None:
    to = platforms.connector(cast, clock)
    for n in range(5):
        publish(cast, clock, n=n, case_id=n)
    answers(monkeypatch, 422, b"")
    drain(clock, to)
    told = OutboxRow.objects.filter(topic="notice")
    assert sorted(row.payload["role"] for row in told) == ["bureau", "system_admin"]


def test_an_alarm_goes_to_the_message_service_without_a_person(cast, clock, monkeypatch) -> None:
    sent = []
    service = type(apprise.Apprise.instantiate("dingtalk://token1234567890"))
    monkeypatch.setattr(service, "send", lambda self, **said: sent.append(said) or True)
    to = platforms.connector(
        cast, clock, code="ding", kind="message", url="dingtalk://token1234567890", topics=["notice.alarm"],
        allowed=["oapi.dingtalk.com:443:10.0.0.0/8"],
    )  # fmt: skip
    for urgency in ("alarm", "normal"):
        title = "13912345678 一推超时未签收"
        message = services.Message(kind="x", title=title, urgency=urgency, post_id=cast.officer.post.pk)
        services.notify(message, at=clock.at, case_id=3)
    tasks.sweep()
    notice = OutboxRow.objects.filter(topic="notice").first()
    services.deliver_notice(notice, at=clock.at)
    assert drain(clock, to) == 1
    assert Notice.objects.count() == 2
    assert len(sent) == 1
    assert "139****5678" in str(sent) and "13912345678" not in str(sent)

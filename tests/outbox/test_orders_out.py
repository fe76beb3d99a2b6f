"""Orders go out: what leaves, to whom, in which order, and when the receiver's time begins (O3)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from dispute_hub.cases.models import CaseEvent, Deadline
from dispute_hub.outbox import services as outbox
from dispute_hub.outbox import wire
from dispute_hub.outbox.models import Notice, OutboxRow
from dispute_hub.outbox.topics import FOR_PLATFORMS
from routing import services
from routing.models import WorkOrder
from tests.outbox import platforms
from tests.outbox.platforms import answers, cut, drain
from tests.routing.conftest import PUSHED

pytestmark = pytest.mark.usefixtures("no_nudges")


@pytest.fixture
def to(cast, clock):
    return platforms.connector(cast, clock, topics=list(FOR_PLATFORMS))


def published() -> list[str]:
    return list(OutboxRow.objects.exclude(target="").order_by("id").values_list("topic", flat=True))


def last(topic: str) -> OutboxRow:
    return OutboxRow.objects.filter(topic=topic).latest("id")


def accept_clocks(order: WorkOrder):
    return Deadline.objects.filter(subject_kind="workorder", subject_id=order.pk, kind="order.accept")


def test_an_approved_order_goes_out_masked(to, story) -> None:
    order = story.sent()
    row = OutboxRow.objects.get(topic="order.sent")
    said = row.payload
    assert (row.target, row.case_id, said["no"], said["schema"]) == ("grid", order.case_id, order.no, 1)
    assert said["addressee"] == "330784-XZ-ZZ" and said["packet_hash"] == order.packet_hash
    text = json.dumps(said, ensure_ascii=False)
    for hidden in (
        "报警甲",
        "对方乙",
        "13800000001",
        "13800000002",
        "象珠一村12号",
        "colour",
        "factor",
        "orange",
    ):
        assert hidden not in text, hidden
    assert "遇人身危险立即拨打110" in text and "由街道牵头" in text


def test_nothing_goes_out_before_it_is_approved(to, story) -> None:
    story.proposed()
    assert published() == []


def test_a_platform_gets_only_the_units_it_serves(cast, clock, story) -> None:
    units = cast.units
    platforms.connector(cast, clock, code="mine", serves=[units.centre.pk])
    platforms.connector(cast, clock, code="theirs", serves=[units.other_centre.pk])
    platforms.connector(cast, clock, code="deaf", topics=["order.recalled"])
    story.sent()
    assert [row.target for row in OutboxRow.objects.exclude(target="")] == ["mine"]


def test_the_order_page_says_what_arrived_to_the_police_alone(cast, clock, to, story, monkeypatch) -> None:
    order = story.accepted()
    answers(monkeypatch)
    drain(clock, to)
    page = f"/orders/{order.no}/"
    text = cast.client(cast.station_command).get(page).content.decode()
    for part in ("平台投递", to.name, "交办单下发", "已送达"):
        assert part in text
    assert "平台投递" not in cast.client(cast.centre).get(page).content.decode()


def test_each_later_step_is_told(cast, clock, to, story) -> None:
    order = story.to_verify()
    story.act("verify_no", order)
    assert published() == ["order.sent", "order.contacts", "order.reopened"]
    assert last("order.reopened").payload["status"] == "accepted"


def test_a_recall_says_why_without_names(cast, clock, to, story) -> None:
    order = story.sent()
    text = "对方乙（13800000002）已和解"
    services.recall_order(order, text=text, actor=cast.station_command, at=clock.at)
    said = last("order.recalled").payload["text"]
    assert "已和解" in said and "对方乙" not in said and "13800000002" not in said


def test_the_contacts_are_opened_only_while_they_are_sent(cast, clock, to, story) -> None:
    story.accepted()
    row = last("order.contacts")
    assert "13800000002" not in json.dumps(row.payload) and "对方乙" not in json.dumps(row.payload)
    data = json.loads(wire.compose(row, to))["data"]
    assert {"name": "对方乙", "phone": "13800000002"}.items() <= next(
        one for one in data["parties"] if one["name"] == "对方乙"
    ).items()
    assert "id_number" not in json.dumps(data)


def test_who_no_longer_has_the_order_gets_no_contacts(cast, clock, to, story) -> None:
    story.act("return", story.accepted())
    data = json.loads(wire.compose(last("order.contacts"), to))["data"]
    assert (data["parties"], data["address"]) == ([], "")


def test_protected_matters_give_no_contacts_to_a_platform(cast, clock, to, story) -> None:
    case = story.tracked(PUSHED)
    case.item_code = "P0401"
    case.save(update_fields=["item_code"])
    services.accept_order(story.sent(case=case), actor=cast.centre, at=clock.at)
    assert "order.contacts" not in published()
    assert "依法受保护" in last("order.sent").payload["summary"]


def test_the_receivers_time_starts_when_the_platform_has_confirmed(
    cast,
    clock,
    to,
    story,
    monkeypatch,
) -> None:
    order = story.sent()
    assert not accept_clocks(order).filter(state="open").exists()
    cut(monkeypatch)
    for _ in range(3):
        clock.advance(hours=2)
        drain(clock, to)
    assert not accept_clocks(order).filter(state="open").exists()
    answers(monkeypatch)
    clock.advance(minutes=20)
    drain(clock, to)
    running = accept_clocks(order).get(state="open")
    assert running.starts_at == clock.at
    assert CaseEvent.objects.filter(kind="order.confirmed").count() == 1


def test_a_second_receipt_starts_no_second_clock(cast, clock, to, story, monkeypatch) -> None:
    order = story.sent()
    answers(monkeypatch)
    drain(clock, to)
    outbox.resend(last("order.sent").pk, at=clock.at)
    drain(clock, to)
    assert accept_clocks(order).filter(state="open").count() == 1


def test_without_a_platform_the_time_starts_at_once(story) -> None:
    assert accept_clocks(story.sent()).filter(state="open").count() == 1


@pytest.mark.parametrize("held_back", [{"is_paused": True}, {"approved_by": None}])
def test_a_platform_that_takes_nothing_now_stops_no_time(cast, clock, story, held_back) -> None:
    """Paused by a person: the receiver works in the house, what is due waits."""
    platforms.connector(cast, clock, **held_back)
    order = story.sent()
    assert accept_clocks(order).filter(state="open").count() == 1
    assert published() == ["order.sent"]
    clock.advance(minutes=11)
    outbox.watch_platforms(at=clock.at)
    assert told() == []


def test_signed_for_in_the_house_before_the_receipt_is_signed_for(
    cast,
    clock,
    to,
    story,
    monkeypatch,
) -> None:
    order = story.accepted()
    answers(monkeypatch)
    drain(clock, to)
    order.refresh_from_db()
    assert order.status == "accepted"
    assert not accept_clocks(order).filter(state="open").exists()


def test_a_diversion_does_not_wait_for_a_platform(cast, clock, to, handled) -> None:
    """Half an hour, then it is back with the police, platform or not."""
    order = services.divert(
        handled, services.Diversion(cast.units.centre, "属物业管理", "协调堆物"),
        actor=cast.community_officer, at=clock.at,
    )  # fmt: skip
    assert "order.sent" in published()
    assert Deadline.objects.filter(subject_id=order.pk, kind="diversion.accept", state="open").exists()


@pytest.fixture
def handled(story):
    return story.tracked()


def test_an_order_no_platform_takes_is_told_to_the_station_once(
    cast,
    clock,
    to,
    story,
    monkeypatch,
) -> None:
    order = story.sent()
    cut(monkeypatch)
    drain(clock, to)
    clock.advance(minutes=9, seconds=59)
    outbox.watch_platforms(at=clock.at)
    assert told() == []
    clock.advance(seconds=1)
    outbox.watch_platforms(at=clock.at)
    outbox.watch_platforms(at=clock.at + timedelta(minutes=1))
    assert told() == [f"交办单尚未送达对方平台，请电话联系接收单位：{order.no}"]


@pytest.mark.parametrize("held_back", [{"is_paused": True}, {"approved_by": None}])
def test_an_order_whose_platform_stops_before_it_took_it_is_told(cast, clock, to, story, held_back) -> None:
    """Its clock waits for a receipt that will not come: somebody has to know."""
    order = story.sent()
    assert not accept_clocks(order).filter(state="open").exists()
    type(to).objects.filter(pk=to.pk).update(**held_back)
    clock.advance(minutes=10)
    outbox.watch_platforms(at=clock.at)
    assert told() == [f"交办单尚未送达对方平台，请电话联系接收单位：{order.no}"]


def told() -> list[str]:
    rows = OutboxRow.objects.filter(topic="notice", payload__kind="order.unconfirmed")
    return [row.payload["title"] for row in rows] + list(
        Notice.objects.filter(kind="order.unconfirmed").values_list("title", flat=True)
    )


def test_lines_for_one_kind_of_message_hold_for_it_alone(cast, clock, to, story) -> None:
    to.mapping = {"orderNo": "no", "what": "summary", "order.recalled:cancelNo": "no"}
    story.act("recall", story.sent())
    sent, recalled = (
        json.loads(wire.compose(last(f"order.{kind}"), to))["data"] for kind in ("sent", "recalled")
    )
    assert set(sent) == {"orderNo", "what"}
    assert set(recalled) == {"cancelNo"}

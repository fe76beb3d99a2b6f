"""投递失败待处理: all of them listed, found, read behind masks, tried again with a trace (reliability O5)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispute_hub.audit.models import AccessLog
from dispute_hub.common.errors import Invalid, NoRight
from dispute_hub.outbox import services
from dispute_hub.outbox.models import Connector, OutboxRow
from dispute_hub.outbox.services import _alarms
from tests.outbox import platforms
from tests.outbox.platforms import answers, drain, publish

State = OutboxRow.State
pytestmark = pytest.mark.usefixtures("no_nudges")


@pytest.fixture
def letters(cast, clock, monkeypatch) -> list[OutboxRow]:
    """Three that the platform refused."""
    to = platforms.connector(cast, clock)
    rows = [publish(cast, clock, n=n, case_id=n) for n in range(3)]
    answers(monkeypatch, 422, b"")
    drain(clock, to)
    return rows


def shown(cast, who: str, query: str = "") -> str:
    return cast.client(getattr(cast, who)).get(f"/dead-letters/{query}").content.decode()


@pytest.mark.parametrize("who", ["system_admin", "bureau"])
def test_every_one_is_listed_with_its_reason(cast, letters, who: str) -> None:
    page = shown(cast, who)
    assert page.count("对方认为内容不合要求（422）") == 3
    assert "象珠网格平台" in page and "交办单下发" in page


def test_they_are_found_by_id_reason_and_platform(cast, letters) -> None:
    for query, number in (
        (f"?q={letters[1].message_id}", 1), ("?q=内容不合", 3), ("?q=网络", 0), ("?target=grid", 3),
        ("?target=nowhere", 0), ("?q=order.sent", 3),
    ):  # fmt: skip
        assert shown(cast, "bureau", query).count('name="rows"') == number, query


def test_another_bureau_sees_none(cast, letters) -> None:
    far = cast.add("far", "bureau", cast.units.city)
    assert shown(cast, "far").count('name="rows"') == 0
    assert cast.client(far).get(f"/dead-letters/{letters[0].pk}/").status_code == 404
    assert services.replay_many([letters[0].pk], actor=far, at=letters[0].created_at).number == 0


def test_the_body_is_masked_and_hidden_from_the_administrator(cast, clock, monkeypatch) -> None:
    to = platforms.connector(cast, clock)
    row = publish(cast, clock)
    said = {"no": "J1", "contact": {"name": "楼春花", "phone": "13905790001"}, "calls": ["回拨13905790002"]}
    OutboxRow.objects.filter(pk=row.pk).update(payload=said)
    answers(monkeypatch, 422, b"")
    drain(clock, to)
    bureau, admin = (
        cast.client(who).get(f"/dead-letters/{row.pk}/").content.decode()
        for who in (cast.bureau, cast.system_admin)
    )
    for hidden in ("楼春花", "13905790001", "13905790002"):
        assert hidden not in bureau and hidden not in admin
    assert "J1" in bureau and "139****0001" in bureau
    assert "J1" not in admin and "139****" not in admin


def test_the_ticked_ones_are_tried_again_with_a_trace_each(cast, clock, letters, monkeypatch) -> None:
    browser = cast.client(cast.bureau)
    sent = browser.post("/dead-letters/replay/", {"rows": [letters[0].pk, letters[1].pk]}, follow=True)
    assert "已将2条重新排入投递" in sent.content.decode()
    answers(monkeypatch)
    drain(clock, Connector.objects.get())
    assert [OutboxRow.objects.get(pk=one.pk).state for one in letters] == [State.SENT, State.SENT, State.DEAD]
    assert [OutboxRow.objects.get(pk=one.pk).message_id for one in letters] == [
        one.message_id for one in letters
    ]
    traces = AccessLog.objects.filter(kind="admin_act", object_kind="outbox_row")
    assert sorted(int(one.object_id) for one in traces) == [letters[0].pk, letters[1].pk]
    assert {one.user_id for one in traces} == {cast.bureau.user.pk}
    assert letters[0].tries.count() == 2


def test_all_of_a_platform_at_once(cast, clock, letters, monkeypatch) -> None:
    cast.client(cast.system_admin).post("/dead-letters/replay/", {"all_of": "grid"})
    assert OutboxRow.objects.filter(target="grid", state=State.PENDING).count() == 3


def test_nothing_ticked_is_said_so(cast, clock, letters) -> None:
    answer = cast.client(cast.bureau).post("/dead-letters/replay/", {})
    assert answer.status_code == 422
    assert "请先勾选要处理的记录" in answer.content.decode()
    with pytest.raises(Invalid):
        services.replay_many([], actor=cast.bureau, at=clock.at)


@pytest.mark.parametrize("rows", ["x", "-1", "９", "1" * 30, "1;drop"])
def test_a_box_that_is_no_number_is_refused(cast, letters, rows: str) -> None:
    assert cast.client(cast.bureau).post("/dead-letters/replay/", {"rows": rows}).status_code == 422


def test_nobody_else_may(cast, clock, letters) -> None:
    with pytest.raises(NoRight):
        services.replay_many([letters[0].pk], actor=cast.station_chief, at=clock.at)


def test_after_seventy_two_hours_it_is_raised_once(cast, clock, letters) -> None:
    OutboxRow.objects.filter(topic="notice").delete()
    clock.advance(hours=71, minutes=59)
    services.watch_platforms(at=clock.at)
    assert not OutboxRow.objects.filter(topic="notice").exists()
    clock.advance(minutes=1)
    services.watch_platforms(at=clock.at)
    services.watch_platforms(at=clock.at)
    told = OutboxRow.objects.filter(topic="notice")
    assert sorted(row.payload["role"] for row in told) == ["bureau", "system_admin"]
    assert all(row.payload["urgency"] == "alarm" and "3条" in row.payload["title"] for row in told)
    assert "已超过72小时" in shown(cast, "bureau")


def test_what_grows_old_while_it_is_told_waits_for_the_next_look(cast, clock, letters, monkeypatch) -> None:
    old, late = clock.at, letters[2].pk
    OutboxRow.objects.filter(pk=late).update(dead_at=clock.at + timedelta(days=1))
    monkeypatch.setattr(
        _alarms, "tell", lambda *_, **__: OutboxRow.objects.filter(pk=late).update(dead_at=old)
    )
    clock.advance(hours=72)
    services.watch_platforms(at=clock.at)
    assert OutboxRow.objects.get(pk=late).escalated_at is None
    assert OutboxRow.objects.filter(escalated_at=clock.at).count() == 2


def test_our_own_that_lie_are_raised_to_the_administrator(cast, clock) -> None:
    admin = cast.system_admin
    services.put("follow", {}, at=clock.at, case_id=None)
    OutboxRow.objects.update(state=State.DEAD, dead_at=clock.at)
    clock.advance(hours=72)
    for _ in range(2):
        services.watch_platforms(at=clock.at)
    told = OutboxRow.objects.get(topic="notice").payload
    assert (told["post_id"], told["urgency"]) == (admin.post.pk, "alarm")
    assert "系统内部有1条" in told["title"]


def test_a_repaired_mapping_lets_the_same_letter_through(cast, clock, monkeypatch) -> None:
    to = platforms.connector(cast, clock, mapping={"orderNo": "number"})
    row = publish(cast, clock)
    answers(monkeypatch)
    drain(clock, to)
    type(to).objects.update(mapping={"orderNo": "no"})
    services.replay_many([row.pk], actor=cast.system_admin, at=clock.at)
    drain(clock, to)
    row.refresh_from_db()
    assert row.state == State.SENT


def test_the_list_costs_the_same_for_three_and_for_thirty(
    cast, clock, letters, django_assert_max_num_queries
) -> None:
    template = letters[0]
    OutboxRow.objects.bulk_create(
        OutboxRow(
            topic="order.sent", target="grid", payload={}, state=State.DEAD, created_at=clock.at,
            next_attempt_at=clock.at, last_error=template.last_error,
        )
        for _ in range(30)
    )  # fmt: skip
    browser = cast.client(cast.bureau)
    browser.get("/dead-letters/")
    with django_assert_max_num_queries(6):
        assert browser.get("/dead-letters/").content.decode().count('name="rows"') == 33

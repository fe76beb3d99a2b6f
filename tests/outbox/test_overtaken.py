"""What no longer holds is not told once more: not replayed, withheld, set aside by a person."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection, transaction
from django.db.models import Exists

from dispute_hub.audit.models import AccessLog
from dispute_hub.common.errors import Conflict
from dispute_hub.outbox import services
from dispute_hub.outbox.models import OutboxRow
from dispute_hub.outbox.selectors import Overtaken
from dispute_hub.outbox.services import _dead
from dispute_hub.outbox.topics import FOR_PLATFORMS
from routing import services as orders
from routing.models import WorkOrder
from routing.services import _overtaken
from tests.outbox import platforms
from tests.outbox.platforms import answers, drain, publish

State = OutboxRow.State
pytestmark = pytest.mark.usefixtures("no_nudges")


def shown(cast, query: str = "") -> str:
    return cast.client(cast.bureau).get(f"/dead-letters/{query}").content.decode()


@pytest.fixture
def refused(cast, clock, story, monkeypatch):
    """An order that its platform refused, and the platform."""
    to = platforms.connector(cast, clock, topics=list(FOR_PLATFORMS))
    order = story.sent()
    answers(monkeypatch, 422, b"")
    drain(clock, to)
    return order, to


def the(topic: str) -> OutboxRow:
    return OutboxRow.objects.filter(topic=topic).latest("id")


@pytest.mark.parametrize(
    ("acts", "now"),
    [(["recall"], "已撤回"), (["accept", "return"], "已退回"), (["accept", "settle"], "待核查")],
)
def test_an_order_that_is_over_here_is_not_replayed(cast, clock, story, refused, acts, now) -> None:
    order, _ = refused
    for act in acts:
        order = story.act(act, order)
    row = the("order.sent")
    with pytest.raises(Conflict, match=now):
        services.replay_many([row.pk], actor=cast.bureau, at=clock.at)
    answer = cast.client(cast.bureau).post("/dead-letters/replay/", {"rows": [row.pk]})
    assert answer.status_code == 409
    assert f"：所涉交办单当前为“{now}”" in answer.content.decode()
    assert the("order.sent").state == State.DEAD


def test_an_order_only_signed_for_is_replayed(cast, clock, story, refused) -> None:
    story.act("accept", refused[0])
    assert services.replay_many([the("order.sent").pk], actor=cast.bureau, at=clock.at).number == 1


def test_an_order_another_unit_has_now_is_not_replayed_to_the_former(cast, clock, refused) -> None:
    order, _ = refused
    WorkOrder.objects.update(addressee=cast.units.county_centre)
    orders.redirect_order(
        order, addressee=cast.units.other_centre, text="属古山", actor=cast.county_centre, at=clock.at
    )
    former = OutboxRow.objects.filter(topic="order.sent").earliest("id")
    with pytest.raises(Conflict, match="已改由其他单位办理"):
        services.replay_many([former.pk], actor=cast.bureau, at=clock.at)


@pytest.fixture
def both(cast, clock, story, refused) -> tuple[OutboxRow, OutboxRow]:
    """One whose order was recalled meanwhile, and one that still holds."""
    order, to = refused
    withdrawn, holding = the("order.sent"), publish(cast, clock, n=9)
    drain(clock, to)
    story.act("recall", order)
    return withdrawn, holding


def test_of_several_each_is_told_what_became_of_it(cast, both) -> None:
    withdrawn, holding = both
    chosen = {"rows": [withdrawn.pk, holding.pk]}
    page = cast.client(cast.bureau).post("/dead-letters/replay/", chosen, follow=True).content.decode()
    assert "已将1条重新排入投递" in page and "另有1条已不适用" in page
    assert page.count("已不适用：所涉交办单") == 1
    assert "已不适用：所涉交办单" in shown(cast, f"?q={withdrawn.message_id}")


def test_what_is_overtaken_before_it_goes_is_given_up_and_holds_nobody_up(
    cast, clock, story, refused, monkeypatch
) -> None:
    order, to = refused
    services.replay_many([the("order.sent").pk], actor=cast.bureau, at=clock.at)
    story.act("recall", order)
    answers(monkeypatch)
    drain(clock, to)
    row = the("order.sent")
    assert (row.state, row.tries.count()) == (State.DEAD, 1)
    assert "已撤回" in row.last_error
    assert the("order.recalled").state == State.SENT


def test_a_question_that_fails_makes_a_dead_letter_in_the_end_and_holds_nobody_up(
    cast, clock, refused, monkeypatch
) -> None:
    _, to = refused
    row = the("order.sent")
    services.replay_many([row.pk], actor=cast.bureau, at=clock.at)
    monkeypatch.setattr(orders, "overtaken", lambda _: 1 / 0)
    answers(monkeypatch)
    other = publish(cast, clock, n=9, case_id=9)
    for _ in range(6):
        drain(clock, to)
        clock.advance(minutes=16)
    row.refresh_from_db()
    other.refresh_from_db()
    assert (row.state, row.attempts, row.tries.filter(outcome="fault").count()) == (State.DEAD, 5, 5)
    assert "系统异常" in row.last_error
    assert (other.state, other.sent_at < row.dead_at) == (State.SENT, True)


def test_an_older_word_is_not_replayed_after_a_newer(cast, clock, story, refused, monkeypatch) -> None:
    order, to = refused
    order = story.act("verify_no", story.act("settle", story.act("accept", order)))
    drain(clock, to)
    older = the("order.reopened")
    story.act("verify_no", story.act("settle", order))
    answers(monkeypatch)
    drain(clock, to)
    assert (the("order.reopened").state, the("order.reopened").pk > older.pk) == (State.SENT, True)
    with pytest.raises(Conflict, match="更新的同类内容"):
        services.replay_many([older.pk], actor=cast.bureau, at=clock.at)


def test_what_no_longer_holds_is_set_aside_and_only_that(cast, both) -> None:
    withdrawn, holding = both
    browser = cast.client(cast.bureau)
    answer = browser.post("/dead-letters/aside/", {"rows": [holding.pk]})
    assert answer.status_code == 409 and "仍然有效" in answer.content.decode()
    page = browser.post("/dead-letters/aside/", {"rows": [withdrawn.pk, holding.pk]}, follow=True)
    assert "已将1条移出列表" in page.content.decode()
    assert OutboxRow.objects.get(pk=withdrawn.pk).state == State.ASIDE
    assert OutboxRow.objects.get(pk=holding.pk).state == State.DEAD
    assert AccessLog.objects.filter(object_kind="outbox_row", object_id=str(withdrawn.pk)).count() == 1


def test_an_order_that_may_come_back_to_work_keeps_its_letter(cast, clock, story, refused) -> None:
    row, browser = the("order.sent"), cast.client(cast.bureau)
    order = story.act("settle", story.act("accept", refused[0]))
    answer = browser.post("/dead-letters/aside/", {"rows": [row.pk]})
    assert answer.status_code == 409 and "尚未办结" in answer.content.decode()
    page = browser.get(f"/dead-letters/{row.pk}/").content.decode()
    assert "暂不能发送" in page and "不再投递" not in page and "重新投递</button>" not in page
    story.act("verify_no", order)
    assert services.replay_many([row.pk], actor=cast.bureau, at=clock.at).number == 1


@pytest.mark.parametrize("acts", [["recall"], ["accept", "return"], ["accept", "settle", "verify_yes"]])
def test_a_letter_of_an_order_that_is_over_is_set_aside(cast, clock, story, refused, acts) -> None:
    order, row = refused[0], the("order.sent")
    for act in acts:
        order = story.act(act, order)
    assert services.set_aside(rows=[row.pk], actor=cast.bureau, at=clock.at).number == 1


def test_what_was_set_aside_is_listed_with_who_and_when(cast, clock, both) -> None:
    withdrawn, holding = both
    clock.advance(minutes=7)
    services.set_aside(rows=[withdrawn.pk], actor=cast.system_admin, at=clock.at)
    page, detail = shown(cast, "?state=aside"), shown(cast, f"{withdrawn.pk}/")
    for said in (page, detail):
        assert cast.system_admin.user.full_name in said and "2026-03-04T09:07" in said
        assert 'type="checkbox"' not in said and "重新投递</button>" not in said
    assert f"/dead-letters/{withdrawn.pk}/" in page and f"/dead-letters/{holding.pk}/" not in page
    assert f"/dead-letters/{withdrawn.pk}/" not in shown(cast)
    far = cast.client(cast.add("far", "bureau", cast.units.city))
    assert "没有不再投递的记录" in far.get("/dead-letters/?state=aside").content.decode()
    assert far.get(f"/dead-letters/{withdrawn.pk}/").status_code == 404


def is_anybody_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def test_what_a_colleague_sends_again_meanwhile_is_neither_set_aside_nor_counted(
    committed_cast, clock, monkeypatch
) -> None:
    platforms.connector(committed_cast, clock)
    row = publish(committed_cast, clock)
    OutboxRow.objects.update(state=State.DEAD)
    monkeypatch.setattr(
        orders, "overtaken", lambda ids: {pk: Overtaken("已撤回", is_final=True) for pk in ids}
    )
    handled = []

    def colleague() -> None:
        handled.append(services.set_aside(rows=[row.pk], actor=committed_cast.bureau, at=clock.at))
        connection.close()

    other = threading.Thread(target=colleague)
    with transaction.atomic():
        OutboxRow.objects.update(state=State.PENDING)
        other.start()
        while other.is_alive() and not is_anybody_waiting():
            time.sleep(0.01)
    other.join()
    assert ([one.number for one in handled], OutboxRow.objects.get().state) == ([0], State.PENDING)
    assert not AccessLog.objects.filter(object_kind="outbox_row").exists()


@pytest.fixture
def waiting(cast, clock, both) -> list[OutboxRow]:
    """Three that still hold behind one that does not."""
    rows = [both[1], *(publish(cast, clock, n=n, case_id=n) for n in (11, 12))]
    OutboxRow.objects.filter(pk__in=[row.pk for row in rows]).update(state=State.DEAD)
    return rows


def test_all_of_a_platform_takes_so_many_that_hold_and_says_what_is_left(
    cast, both, waiting, monkeypatch
) -> None:
    monkeypatch.setattr(_dead, "MOST_AT_ONCE", 2)
    browser = cast.client(cast.bureau)
    page = browser.post("/dead-letters/replay/", {"all_of": "grid"}, follow=True).content.decode()
    assert "已将2条重新排入投递" in page and "另有1条已不适用" in page and "该平台还有1条未处理" in page
    states = [OutboxRow.objects.get(pk=row.pk).state for row in (both[0], *waiting)]
    assert states == [State.DEAD, State.PENDING, State.PENDING, State.DEAD]


def test_all_of_a_platform_where_none_holds_is_refused(cast, both) -> None:
    withdrawn, holding = both
    OutboxRow.objects.filter(pk=holding.pk).update(state=State.SENT)
    browser = cast.client(cast.bureau)
    answer = browser.post("/dead-letters/replay/", {"all_of": "grid"})
    assert answer.status_code == 409 and "已撤回”，不能再次发送；可选“不再投递”" in answer.content.decode()
    OutboxRow.objects.filter(pk=withdrawn.pk).update(state=State.SENT)
    answer = browser.post("/dead-letters/replay/", {"all_of": "grid"})
    assert answer.status_code == 409 and "没有可以重新投递的记录" in answer.content.decode()


def test_a_newer_word_is_looked_for_among_those_of_the_case(refused) -> None:
    asked = OutboxRow.objects.annotate(is_passed=Exists(_overtaken._later()))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "outbox_platform_case" in asked.explain()

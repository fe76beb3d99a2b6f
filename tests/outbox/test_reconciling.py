"""对账: twenty seeded differences of every kind, all found, each cured by one act (reliability O9)."""

from __future__ import annotations

import re
import uuid
from collections import Counter
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from dispute_hub.outbox import books, egress, services
from dispute_hub.outbox.models import Connector, Difference, OutboxRow, Reconciliation
from dispute_hub.outbox.simulator import Switches
from dispute_hub.outbox.topics import FOR_PLATFORMS
from tests.outbox import platforms
from tests.outbox.platforms import drain, publish
from tests.outbox.test_callbacks import call as call_back

pytestmark = pytest.mark.usefixtures("no_nudges")
State = OutboxRow.State


@pytest.fixture
def to(cast, clock, grid) -> Connector:
    return platforms.connector(cast, clock, grid.port, topics=list(FOR_PLATFORMS))


def sent(cast, clock, to, number: int) -> list[OutboxRow]:
    made = [publish(cast, clock, n=n, case_id=n) for n in range(number)]
    drain(clock, to)
    clock.advance(minutes=5)
    return [OutboxRow.objects.get(pk=row.pk) for row in made]


def compare(clock, to) -> Reconciliation:
    run = services.reconcile(to.pk, clock=lambda: clock.at)
    assert run is not None
    return run


def causes() -> Counter[str]:
    return Counter(Difference.objects.filter(closed_at=None).values_list("cause", flat=True))


def seed(clock, grid, rows: list[OutboxRow]) -> dict[str, int]:
    """Twenty differences, three of most kinds."""
    ids = [str(row.message_id) for row in rows]
    for one in ids[0:4]:
        del grid.orders[one]
    for row in rows[4:7]:
        OutboxRow.objects.filter(pk=row.pk).update(
            state=State.DEAD, sent_at=None, receipt={}, dead_at=clock.at
        )
    for _ in range(3):
        stranger = str(uuid.uuid4())
        grid.orders[stranger] = {"id": stranger, "number": "WG9", "status": "received", "hash": "00" * 32}
    for one in ids[7:10]:
        grid.orders[one]["hash"] = "11" * 32
    for one in ids[10:13]:
        grid.orders[one]["status"] = "working"
    for row in rows[13:15]:
        assert call_back(clock, {"id": str(row.message_id), "status": "settled"}).status_code == 200
    for one in ids[15:17]:
        grid.orders[f"{one} again"] = {**grid.orders[one]}
    return {
        "missing": 4, "receipt_lost": 3, "invented": 3, "content": 3, "behind": 3, "ahead": 2, "twice": 2,
    }  # fmt: skip


def test_twenty_differences_of_twenty_are_found_and_nothing_else(cast, clock, grid, to) -> None:
    rows = sent(cast, clock, to, 60)
    assert compare(clock, to).found == 0
    seeded = seed(clock, grid, rows)
    run = compare(clock, to)
    assert (sum(seeded.values()), run.found, dict(causes())) == (20, 20, seeded)
    assert (run.theirs, run.trouble) == (60 - 4 + 3 + 2, "")


def test_a_second_run_finds_the_same_ones_and_no_more(cast, clock, grid, to) -> None:
    seed(clock, grid, sent(cast, clock, to, 20))
    compare(clock, to)
    first = list(Difference.objects.order_by("id").values_list("pk", "found_at"))
    clock.advance(hours=1)
    compare(clock, to)
    assert list(Difference.objects.order_by("id").values_list("pk", "found_at")) == first
    assert set(Difference.objects.values_list("seen_at", flat=True)) == {clock.at}


def test_what_is_gone_is_closed_by_the_next_run(cast, clock, grid, to) -> None:
    [row] = sent(cast, clock, to, 1)
    kept = grid.orders.pop(str(row.message_id))
    compare(clock, to)
    grid.orders[kept["id"]] = kept
    compare(clock, to)
    assert Difference.objects.get().cure == "gone"


def test_a_list_of_many_pages_is_read_to_its_end(cast, clock, grid, to, monkeypatch) -> None:
    monkeypatch.setattr(books, "PAGE", 7)
    sent(cast, clock, to, 40)
    run = compare(clock, to)
    assert (run.ours, run.theirs, run.found) == (40, 40, 0)


def test_what_is_under_way_is_no_difference(cast, clock, grid, to) -> None:
    publish(cast, clock)
    compare(clock, to)
    drain(clock, to)
    grid.orders.clear()
    compare(clock, to)
    assert not causes()


def answer(monkeypatch, status: int, body: bytes) -> None:
    monkeypatch.setattr(egress, "ask", lambda *_, **__: egress.Answer(status, "application/json", "", body))


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [(200, b"<html>", "无法读取"), (200, b"[]", "无法读取"), (200, b"{}", "缺少 results"),
     (200, b'{"results":[],"next":1}', "缺少 results"), (401, b"", "签名"), (503, b"", "503"),
     (200, b'{"results":{}}', "缺少 results"), (302, b"", "302"),
     (200, b'{"results":[{"id":"x","status":"\\u0000"}]}', "无法读取"),
     (200, b'{"results":[{"id":"x","text":"\\ud800"}]}', "无法读取")],
)  # fmt: skip
def test_a_list_that_cannot_be_read_is_said_so_and_closes_nothing(
    cast, clock, grid, to, monkeypatch, status: int, body: bytes, words: str
) -> None:
    sent(cast, clock, to, 1)
    grid.orders.clear()
    compare(clock, to)
    answer(monkeypatch, status, body)
    run = compare(clock, to)
    assert words in run.trouble
    assert causes() == {"missing": 1}
    told = [one.payload["title"] for one in OutboxRow.objects.filter(topic="notice")]
    assert any("对账未完成" in title for title in told)


def test_a_list_that_turns_in_a_circle_ends(cast, clock, grid, to, monkeypatch) -> None:
    answer(monkeypatch, 200, b'{"results":[],"next":"same"}')
    assert "停在同一处" in compare(clock, to).trouble


def test_nonsense_in_the_list_is_a_difference_not_a_fault(cast, clock, grid, to, monkeypatch) -> None:
    answer(monkeypatch, 200, b'{"results":[1,null,{},{"id":5},{"id":"x","status":["y"]}]}')
    assert compare(clock, to).trouble == ""
    assert causes() == {"invented": 2}


def test_an_id_that_only_looks_like_ours_is_a_difference(cast, clock, grid, to) -> None:
    fake = "zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz"
    grid.orders[fake] = {"id": fake, "status": "received", "hash": ""}
    assert compare(clock, to).trouble == ""
    assert causes() == {"invented": 1}


def test_a_run_that_breaks_says_so_and_is_told(cast, clock, grid, to, monkeypatch) -> None:
    monkeypatch.setattr(books, "pages", lambda *_, **__: 1 / 0)
    run = compare(clock, to)
    assert (run.ended_at, run.trouble) == (clock.at, "系统异常（ZeroDivisionError）")
    assert OutboxRow.objects.filter(topic="notice").exists()


def test_a_run_that_died_is_begun_again(cast, clock, grid, to, monkeypatch) -> None:
    def die(*_, **__):
        raise SystemExit

    with monkeypatch.context() as dying, pytest.raises(SystemExit):
        dying.setattr(books, "pages", die)
        compare(clock, to)
    clock.advance(minutes=16)
    assert services.reconcile_due(at=clock.at) == [to.pk]
    assert services.reconcile(to.pk, clock=lambda: clock.at, only_due=True) is not None
    assert list(Reconciliation.objects.order_by("id").values_list("trouble", flat=True)) == ["中断", ""]


def test_what_was_closed_with_a_note_is_no_news_until_it_changes(cast, clock, grid, to) -> None:
    grid.orders["x"] = {"id": "x", "status": "received", "hash": ""}
    compare(clock, to)
    services.cure_difference(
        Difference.objects.get(), cure="noted", note="测试数据", actor=cast.bureau, at=clock.at
    )
    assert (compare(clock, to).found, dict(causes())) == (0, {})
    grid.orders["x"]["status"] = "done"
    assert compare(clock, to).found == 1
    assert Difference.objects.get(closed_at=None).theirs == "未知状态（done）"


def test_two_runs_at_once_are_one(cast, clock, to) -> None:
    Reconciliation.objects.create(connector=to, started_at=clock.at)
    assert services.reconcile(to.pk, clock=lambda: clock.at) is None
    clock.advance(minutes=16)
    assert services.reconcile(to.pk, clock=lambda: clock.at) is not None


def test_daily_and_when_asked(cast, clock, to) -> None:
    assert services.reconcile_due(at=clock.at) == [to.pk]
    compare(clock, to)
    assert services.reconcile_due(at=clock.at) == []
    clock.advance(hours=1)
    services.ask_reconciliation(target="grid", actor=cast.bureau, at=clock.at)
    assert services.reconcile_due(at=clock.at) == [to.pk]
    compare(clock, to)
    clock.advance(hours=21)
    assert services.reconcile_due(at=clock.at) == [to.pk]


def test_the_page_lists_cause_and_cure(cast, clock, grid, to, django_assert_max_num_queries) -> None:
    seed(clock, grid, sent(cast, clock, to, 30))
    compare(clock, to)
    browser = cast.client(cast.bureau)
    browser.get("/reconciliation/")
    with django_assert_max_num_queries(7):
        page = browser.get("/reconciliation/").content.decode()
    assert page.count(">备注关闭<") == 20 and "对方没有此件" in page and "差异20处" in page
    assert page.count('value="resent"') == 7 and page.count('value="taken"') == 6
    assert "备注关闭" not in cast.client(cast.system_admin).get("/reconciliation/").content.decode()
    found = Difference.objects.filter(cause="missing").first()
    answer = browser.post(f"/reconciliation/{found.pk}/cure/", {"cure": "resent"}, follow=True)
    assert "消息编号不变" in answer.content.decode()
    assert browser.post(f"/reconciliation/{found.pk}/cure/", {"cure": "resent"}).status_code == 409
    other = Difference.objects.filter(cause="invented").first()
    refused = browser.post(f"/reconciliation/{other.pk}/cure/", {"cure": "noted", "note": ""})
    assert (refused.status_code, "请写明核实情况" in refused.content.decode()) == (422, True)
    closed = browser.get("/reconciliation/?closed=1").content.decode()
    assert "已重新发送" in closed and "防控员" in closed


def test_the_button_asks_and_says_so(cast, clock, grid, to) -> None:
    answer = cast.client(cast.system_admin).post("/reconciliation/run/", follow=True)
    assert "已开始与1个平台对账" in answer.content.decode()
    Connector.objects.update(query_url="")
    refused = cast.client(cast.system_admin).post("/reconciliation/run/")
    assert (refused.status_code, "查询地址" in refused.content.decode()) == (422, True)


def test_a_dead_run_of_a_paused_platform_is_shown_as_broken_off(cast, clock, to) -> None:
    Reconciliation.objects.create(connector=to, started_at=clock.at)
    browser = cast.client(cast.bureau)
    clock.advance(minutes=15)
    assert "中断：稍后自动重新核对" in browser.get("/reconciliation/").content.decode()
    Connector.objects.update(is_paused=True)
    assert "中断：平台已暂停，恢复发送后" in browser.get("/reconciliation/").content.decode()
    refused = browser.post("/reconciliation/run/", {"target": to.code})
    assert (refused.status_code, "请先在平台设置中恢复发送" in refused.content.decode()) == (422, True)


def test_each_platform_has_a_button_of_its_own(cast, clock, grid, to) -> None:
    platforms.connector(cast, clock, grid.port, code="second", name="第二平台")
    compare(clock, to)
    browser = cast.client(cast.bureau)
    assert re.search(r'name="target"\s+value="grid"', browser.get("/reconciliation/").content.decode())
    clock.advance(hours=1)
    answer = browser.post("/reconciliation/run/", {"target": "grid"}, follow=True)
    assert "已开始与1个平台对账" in answer.content.decode()


def test_a_refused_cure_keeps_the_place_and_the_note(cast, clock, grid, to) -> None:
    grid.orders["x"] = {"id": "x", "status": "received", "hash": ""}
    compare(clock, to)
    browser, difference = cast.client(cast.bureau), Difference.objects.get()
    assert f"/{difference.pk}/cure/?target=grid&amp;closed=" in (
        browser.get("/reconciliation/?target=grid&closed=").content.decode()
    )
    where = f"/reconciliation/{difference.pk}/cure/?target=grid"
    refused = browser.post(where, {"cure": "resent", "note": "已电话核实"}).content.decode()
    assert 'value="已电话核实"' in refused and 'class="hub-field-error">请从所列办法中选择' in refused
    assert 'value="grid" selected' in " ".join(refused.split())
    done = browser.post(where, {"cure": "noted", "note": "已电话核实"})
    assert done["Location"] == "/reconciliation/?target=grid"


def test_an_empty_list_under_a_filter_says_so(cast, clock, to) -> None:
    browser = cast.client(cast.bureau)
    assert "没有待处理的差异" in browser.get("/reconciliation/").content.decode()
    assert "没有符合条件的差异" in browser.get("/reconciliation/?closed=1").content.decode()


def test_another_bureau_sees_and_cures_nothing(cast, clock, grid, to) -> None:
    grid.orders["x"] = {"id": "x", "status": "received", "hash": ""}
    compare(clock, to)
    far = cast.client(cast.add("far", "bureau", cast.units.city))
    assert "备注关闭" not in far.get("/reconciliation/").content.decode()
    difference = Difference.objects.get()
    assert far.post(f"/reconciliation/{difference.pk}/cure/", {"cure": "noted"}).status_code == 404


def test_the_command_says_what_differs(cast, clock, grid, to) -> None:
    with pytest.raises(CommandError):
        call_command("reconcile", "--connector", "nobody", stdout=StringIO())
    grid.orders["x"] = {"id": "x", "status": "received", "hash": ""}
    out = StringIO()
    call_command("reconcile", stdout=out)
    assert "差异1处" in out.getvalue() and "对方多出此件：1" in out.getvalue()
    grid.switches = Switches(refuse=503)
    with pytest.raises(CommandError, match="1个平台对账未完成"):
        call_command("reconcile", stdout=out)

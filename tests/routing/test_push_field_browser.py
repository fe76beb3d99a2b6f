"""The officer's phone over a network that comes and goes: what he did arrives once, in order, or is told.

Real Chromium, real entry, real service worker; the network is cut, the server restarted, the session ended.
"""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import pytest

from dispute_hub.cases.models import CaseEvent
from routing import selectors, services
from routing.models import Push
from tests.browsers import ROOT, Served, _await, log_in, shot
from tests.cast import Cast
from tests.databases import Database
from tests.routing.conftest import CALM, KNIFE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

KEPT = "hubFieldStore.cards().then((cards) => cards.length)"
WAITING = "hubFieldStore.items().then((all) => all.filter((one) => one.state === 'waits').length)"
# Everything that lies in the phone's store, as text: sealed bytes and what stands beside them.
LYING = """async () => {
  const database = await new Promise((done) => {
    const request = indexedDB.open("hub-field"); request.onsuccess = () => done(request.result); });
  const all = (store) => new Promise((done) => {
    const request = database.transaction(store).objectStore(store).getAll();
    request.onsuccess = () => done(request.result); });
  const rows = [...await all("items"), ...await all("cards")];
  const text = (bytes) => new TextDecoder("latin1").decode(bytes);
  return JSON.stringify(rows.map((row) => ({ ...row, iv: "", sealed: text(row.sealed) })));
}"""


@pytest.fixture
def cast(committed_cast: Cast) -> Cast:
    return committed_cast


def until(page: Any, expression: str, value: Any) -> None:
    page.wait_for_function(f"async () => (await {expression}) === {json.dumps(value)}", timeout=20000)


def ready(page: Any, cards: int = 1) -> None:
    """The phone has taken its cards along and the page without network."""
    page.wait_for_function("() => navigator.serviceWorker.controller !== null", timeout=20000)
    until(page, KEPT, cards)
    page.wait_for_load_state("networkidle")


def events_of(push: Push) -> list[str]:
    own = CaseEvent.objects.filter(case=push.case, kind__startswith="push.", actor_post=push.signed_by)
    return list(own.order_by("id").values_list("kind", flat=True))


def stop(served: Served) -> None:
    served.process.terminate()
    served.process.wait(10)


def start(served: Served, database: Database, clock_file: Any, log: Any) -> None:
    """The same entry at the same address, as after an update."""
    environment = {**os.environ, **database.environment, "HUB_CLOCK_FILE": str(clock_file)}
    with log.open("ab") as out:
        served.process = subprocess.Popen(
            served.process.args, cwd=ROOT, env={**environment, "HUB_WEB_THREADS": "4"}, stdout=out, stderr=out
        )
    _await(f"{served.url}/healthz/live", served.process, log)


@pytest.mark.parametrize("width", [390, 1440])
def test_signed_and_reported_with_the_network_cut_and_the_server_restarted_in_between(
    call: Any, cast: Cast, clock: Any, opened: Any, served: Served, committing_db: Database,
    clock_file: Any, tmp_path: Any, width: int,
) -> None:  # fmt: skip
    push = selectors.first_push_of(call(KNIFE))
    page = opened(cast.officer, width, "/pushes/")
    ready(page)
    page.context.set_offline(True)
    page.click(f"#push-{push.pk} button:has-text('签收')")
    page.wait_for_selector("text=1 项已存本机，联网后自动提交")
    shot(page, f"field-signed-offline-{width}")
    page.goto(f"{served.url}/pushes/{push.pk}/")
    page.wait_for_selector("text=网络不通：下面是本机加密保存的待办警情")
    page.wait_for_selector("text=对方乙")
    page.click("button:has-text('到达现场')")
    until(page, WAITING, 2)
    page.click("label:has-text('未化解')")
    page.click("button:has-text('琐事口角')")
    page.click("button:has-text('未谈拢')")
    shot(page, f"field-offline-{width}")
    stop(served)
    page.click("button:has-text('提交反馈')")
    page.wait_for_selector("text=3 项已存本机，联网后自动提交")
    lying = page.evaluate(LYING)
    assert "象珠" not in lying and "琐事" not in lying and push.case.case_no not in lying
    assert Push.objects.get(pk=push.pk).status == "issued"
    page.context.set_offline(False)
    page.wait_for_timeout(500)
    start(served, committing_db, clock_file, tmp_path / "web.log")
    page.wait_for_selector("#hub-field-queue li:has-text('处警反馈'):has-text('已提交')")
    push.refresh_from_db()
    assert (push.status, push.outcome) == ("reported", "unsettled")
    assert push.feedback.count("因琐事发生口角") == 1
    assert events_of(push) == ["push.signed", "push.arrived", "push.reported"]
    page.goto(f"{served.url}/pushes/")
    page.wait_for_selector("text=现在没有待办警情")
    shot(page, f"field-told-{width}")


def test_an_answer_that_was_lost_on_the_way_has_one_effect(
    call: Any, cast: Cast, clock: Any, opened: Any, served: Served
) -> None:
    push = selectors.first_push_of(call(CALM))
    services.sign_push(push, actor=cast.officer, at=clock.at)
    page = opened(cast.officer, 390, f"/pushes/{push.pk}/")
    ready(page)
    lost = []

    def lose(route: Any) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch(max_redirects=0).status)
        route.abort()

    page.route("**/text/", lose)
    page.click("summary:has-text('续报')")
    page.fill("textarea[name=text] >> nth=0", "又来三人围观")
    page.click("button:has-text('提交续报')")
    page.wait_for_selector("#hub-field-queue :text('已提交')")
    assert lost == [302]
    push.alert.refresh_from_db()
    assert (push.alert.version, push.alert.narrative.count("又来三人围观")) == (2, 1)


def test_somebody_else_signed_meanwhile_is_told_calmly(
    call: Any, cast: Cast, clock: Any, opened: Any, served: Served
) -> None:
    push = selectors.first_push_of(call(CALM))
    page = opened(cast.officer, 390, "/pushes/")
    ready(page)
    page.context.set_offline(True)
    page.click(f"#push-{push.pk} button:has-text('签收')")
    until(page, WAITING, 1)
    services.sign_push(push, actor=cast.second_officer, at=clock.at)
    page.context.set_offline(False)
    page.wait_for_selector("#hub-field-queue :text('未受理')")
    page.wait_for_selector("#hub-field-queue :text('处警二')")
    shot(page, "field-conflict-390")
    page.click("#hub-field-queue button:has-text('知道了')")
    page.wait_for_selector("#hub-field-queue", state="detached")


def test_the_session_ended_meanwhile_the_queue_waits_for_the_log_in(
    call: Any, cast: Cast, clock: Any, opened: Any, served: Served
) -> None:
    push = selectors.first_push_of(call(CALM))
    page = opened(cast.officer, 390, "/pushes/")
    ready(page)
    page.context.set_offline(True)
    page.click(f"#push-{push.pk} button:has-text('签收')")
    until(page, WAITING, 1)
    page.context.clear_cookies()
    page.context.set_offline(False)
    page.wait_for_selector("text=登录已过期，内容已保留")
    shot(page, "field-log-in-390")
    # A colleague on the same phone sees that something waits, and not what.
    log_in(page, served, cast.client(cast.second_officer))
    page.goto(f"{served.url}/pushes/")
    page.wait_for_selector("text=另有 1 项由本机其他岗位保存")
    assert Push.objects.get(pk=push.pk).status == "issued"
    log_in(page, served, cast.client(cast.officer))
    page.goto(f"{served.url}/pushes/")
    page.wait_for_selector("#hub-field-queue :text('已提交')")
    push.refresh_from_db()
    assert push.signed_by == cast.officer.post


def test_the_log_out_leaves_nothing_on_the_phone(
    call: Any, cast: Cast, clock: Any, opened: Any, served: Served
) -> None:
    push = selectors.first_push_of(call(CALM))
    page = opened(cast.officer, 390, "/pushes/")
    ready(page)
    page.context.set_offline(True)
    page.click(f"#push-{push.pk} button:has-text('签收')")
    until(page, WAITING, 1)
    page.context.set_offline(False)
    page.route("**/sign/", lambda route: route.abort())
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.accept()))
    page.click("summary[aria-label='岗位与退出']")
    page.click("button:has-text('退出登录')")
    page.wait_for_url("**/login/**")
    assert asked and "还有 1 项未提交" in asked[0]
    assert page.evaluate("Object.keys(sessionStorage)") == []
    assert page.evaluate("indexedDB.databases().then((all) => all.length)") == 0
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((all) => all.length)") == 0


ELSEWHERE = {"address": "后村3号", "reporter": None, "parties": ()}
# The phone tries again when the network comes back; here it comes back all the time.
RESTLESS = "setInterval(() => dispatchEvent(new Event('online')), 400)"
# The same row as if it had lain there for so many hours.
AGED = """async (hours) => {
  const database = await new Promise((done) => {
    const request = indexedDB.open("hub-field"); request.onsuccess = () => done(request.result); });
  const rows = database.transaction("items", "readwrite").objectStore("items");
  rows.getAll().onsuccess = (event) => event.target.result.forEach(
    (row) => rows.put({ ...row, at: row.at - hours * 3600 * 1000 }));
}"""


def test_what_waited_a_day_is_sent_first_and_told_when_it_cannot_be(
    call: Any, cast: Cast, clock: Any, opened: Any, served: Served
) -> None:
    push, other = selectors.first_push_of(call(CALM)), selectors.first_push_of(call(KNIFE, **ELSEWHERE))
    page = opened(cast.officer, 390, "/pushes/")
    ready(page, 2)
    page.context.set_offline(True)
    for one in (push, other):
        page.click(f"#push-{one.pk} button:has-text('签收')")
    until(page, WAITING, 2)
    page.evaluate(AGED, 25)
    broken = []
    page.route(
        f"**/{push.pk}/sign/", lambda route: (broken.append(1), route.fulfill(status=500, body="broken"))
    )
    page.context.set_offline(False)
    page.evaluate(RESTLESS)
    told = f"#hub-field-queue li:has-text('未提交，已过期'):has-text('{push.case.case_no}')"
    page.wait_for_selector(told, timeout=90000)
    until(page, WAITING, 0)
    assert broken
    assert [Push.objects.get(pk=one.pk).status for one in (push, other)] == ["issued", "signed"]


def test_an_act_the_server_breaks_on_is_set_aside_and_the_others_go_on(
    call: Any, cast: Cast, clock: Any, opened: Any, served: Served
) -> None:
    push, other = selectors.first_push_of(call(CALM)), selectors.first_push_of(call(KNIFE, **ELSEWHERE))
    page = opened(cast.officer, 390, "/pushes/")
    ready(page, 2)
    page.context.set_offline(True)
    for one in (push, other):
        page.click(f"#push-{one.pk} button:has-text('签收')")
    until(page, WAITING, 2)
    page.route(f"**/{push.pk}/sign/", lambda route: route.fulfill(status=500, body="broken"))
    page.context.set_offline(False)
    page.wait_for_selector(f"#hub-field-queue li:has-text('已提交'):has-text('{other.case.case_no}')")
    until(page, WAITING, 1)
    assert Push.objects.get(pk=other.pk).status == "signed"
    page.evaluate(RESTLESS)
    page.wait_for_selector("#hub-field-queue :text('系统多次处理失败')", timeout=90000)
    until(page, WAITING, 0)


def test_acts_of_one_post_never_go_out_under_the_session_of_another(
    call: Any, cast: Cast, clock: Any, opened: Any, served: Served
) -> None:
    push = selectors.first_push_of(call(CALM))
    page = opened(cast.officer, 390, "/pushes/")
    ready(page)
    page.context.set_offline(True)
    page.click(f"#push-{push.pk} button:has-text('签收')")
    until(page, WAITING, 1)
    # The colleague logs in, and this tab still holds the key and the act of the first.
    page.route("**/_field/**", lambda route: route.abort())
    page.context.set_offline(False)
    log_in(page, served, cast.client(cast.second_officer))
    page.unroute("**/_field/**")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.wait_for_selector("text=另有 1 项由本机其他岗位保存")
    assert Push.objects.get(pk=push.pk).status == "issued"

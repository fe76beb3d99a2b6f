"""Two stories as people see them: a real browser, from log-in to the last page.

Pictures for looking at are kept in `HUB_SHOTS`, else in `hub-journeys` under the system's temp folder.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dispute_hub.cases.models import Case
from intake.models import Alert
from tests.browsers import Served
from tests.cast import PASSWORD, build_cast
from tests.journeys.story import Dispute, Town, person

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SHOTS = Path(os.environ.get("HUB_SHOTS") or Path(tempfile.gettempdir()) / "hub-journeys")
Pages = Callable[..., Any]
REPORT = {
    "facts": "邻里因滴水纠纷多次争吵。",
    "causes": "老房屋檐共用，无书面约定。",
    "risk": "双方积怨较深，雨季可能再起冲突。",
    "work_done": "民警三次上门，村里调解一次未果。",
    "suggestions": "建议镇综治中心牵头，住建协助改造排水。",
}


class ServedTown(Town):
    """The town whose people sit before screens: the web process shares its clock."""

    def __init__(self, served: Served, clock_file: Path, clock: Any) -> None:
        self.served, self.clock_file = served, clock_file
        super().__init__(build_cast(), clock)

    def on_screen(self) -> None:
        """The screens show the story's time from here."""
        self.clock_file.write_text(self.clock.at.isoformat())

    def log_in(self, page: Any, who: str, to: str = "") -> None:
        """By name and password, with the keyboard."""
        self.on_screen()
        page.goto(f"{self.served.url}/login/{f'?next={to}' if to else ''}")
        page.keyboard.type(who)
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url: "/login/" not in url)


@pytest.fixture
def town(served: Served, clock_file: Path, clock: Any) -> ServedTown:
    return ServedTown(served, clock_file, clock)


def shot(page: Any, name: str) -> None:
    """Keep a picture, and no page may be wider than its screen."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} is wider than {width}"


def go(page: Any, path: str) -> None:
    """By the menu: at the left of a desk, at the foot of a phone."""
    page.click(f"nav a[href='{path}']:visible")
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("width", [1440, 390])
def test_the_chiefs_morning(town: ServedTown, page_at: Pages, width: int) -> None:
    """所长早上登录：工作台、每日汇总分派和审签、批准三推、批准办结，直到没有待审批。"""
    eaves = yesterdays_quarrel(town)
    closing = a_case_that_waits_for_its_closing(town)
    town.it_is("2026-03-05 08:05")
    order = eaves.third_push(
        grade="normal", difficulty="general", report=REPORT, lead=town.cast.units.other_department
    )
    page = page_at(width)
    town.log_in(page, "station_chief")
    shot(page, f"chief-1-home-{width}")

    go(page, "/sheet/")
    row = page.locator("tr.hub-row", has_text=fence_of(town).case_no).first
    row.locator("input[name=row]").check()
    page.click("#sheet-bulk button[value=assign]")
    page.wait_for_selector("#sheet-results:has-text('1 件已办理')")
    shot(page, f"chief-2-assigned-{width}")
    page.click("button[data-hub-open='#sheet-sign']")
    shot(page, f"chief-3-figures-{width}")
    page.click("#sheet-sign button[type=submit]")
    page.wait_for_selector("dd:has-text('象所长')")

    go(page, "/approvals/")
    page.wait_for_selector(f"text={order.no}")
    shot(page, f"chief-4-approvals-{width}")
    page.click(f"form[action='/orders/{order.no}/approve/'] button[type=submit]")
    page.wait_for_load_state("networkidle")
    assert eaves.status == "joint"
    go(page, "/approvals/")
    page.click(f"#closing-{closing.case_no} button.btn-primary")
    page.wait_for_selector(f"#closing-{closing.case_no}", state="detached")
    assert closing.status == "closed"
    page.goto(f"{town.served.url}/cases/{closing.case_no}/")
    assert "办结" in page.inner_text("main").splitlines()
    shot(page, f"chief-5-closed-{width}")


def yesterdays_quarrel(town: Town) -> Dispute:
    """Two blue matters of yesterday that the crew could not settle; the first goes up to the street."""
    town.it_is("2026-03-04 15:00")
    eaves = town.call_110(
        "报警人称邻居屋檐滴水滴到自家墙上，双方多次争吵，请民警处理。",
        caller=person("程月仙", "13905790901"), against=person("程大龙", "13905790902"),
    )  # fmt: skip
    eaves.handled_on_scene("unsettled", "双方各执一词，未谈拢。", minutes=5)
    fence = town.call_110(
        "报警人称邻居把篱笆围到自家地里，两家争吵，请民警处理。",
        caller=person("施正兴", "13905790903"), against=person("施正旺", "13905790904"),
        address="象珠镇象珠一村66号",
    )  # fmt: skip
    fence.handled_on_scene("unsettled", "界址不清，未谈拢。", minutes=5)
    return eaves


def fence_of(town: Town) -> Case:
    return Alert.objects.get(address="象珠镇象珠一村66号").case


def a_case_that_waits_for_its_closing(town: Town) -> Dispute:
    """An orange one of January whose follow-up is done; only the chief's word is missing."""
    town.it_is("2026-01-20 10:00")
    goods = town.call_110(
        "报警人称对方上门要货款，扬言今天不给钱就把车砸了，人还没走。",
        caller=person("郎永福", "13905790905"), against=person("童小平", "13905790906"),
        address="象珠镇峡源路8号",
    )  # fmt: skip
    goods.handled_on_scene("unsettled", "劝离，约次日到所。")
    goods.second_push_signed()
    goods.contacted("双方到所对账。")
    goods.settled("oral_agreement", "分两次付清，双方无异议。")
    goods.followed_up_to_the_end("community_officer")
    assert goods.case.close_proposed_at
    return goods


def test_from_the_desk_by_keyboard_to_a_closed_case(town: ServedTown, page_at: Pages) -> None:
    """接警员全程键盘派警，民警手机上签收、到场、反馈，十四天后回访，自动办结。"""
    town.it_is("2026-03-04 14:00")
    logged_by_keyboard(town, page_at(1440))
    noise = Alert.objects.get()
    assert (noise.station_id, noise.case.colour) == (town.cast.units.station.pk, "yellow")

    handled_by_thumb(town, page_at(390))
    assert Case.objects.get().status == "settled"

    town.it_is("2026-03-18 10:00")
    calls = page_at(1440)
    called_back(town, calls)
    assert Case.objects.get().status == "closed"
    calls.goto(f"{town.served.url}/cases/{noise.case.case_no}/")
    assert "办结" in calls.inner_text("main").splitlines()
    shot(calls, "follow-up-3-closed")


def logged_by_keyboard(town: ServedTown, desk: Any) -> None:
    """The dispatcher takes the call and sends it out without touching the mouse."""
    town.log_in(desk, "dispatcher", to="/desk/%3Fcall=new")
    keys = desk.keyboard
    desk.wait_for_selector("#id_phone:focus")
    keys.type("13905791001")
    keys.press("Tab")
    keys.press("Tab")
    choose(desk, "象珠派出所")
    keys.press("Tab")
    keys.type("象珠镇象珠一村21号")
    keys.press("Enter")
    keys.type("报警人称楼上装修砸墙，两人在门口互相推搡，没有人受伤，请民警处理。")
    desk.wait_for_selector("#desk-live .hub-badge[data-colour=yellow]")
    shot(desk, "desk-1-typing")
    keys.press("F9")
    desk.wait_for_selector(".desk-sent")
    shot(desk, "desk-2-sent")
    keys.press("F10")
    desk.wait_for_selector(".hub-toast:has-text('已派往')")


def handled_by_thumb(town: ServedTown, phone: Any) -> None:
    """The officer signs, arrives and feeds back on his phone."""
    town.log_in(phone, "officer")
    phone.wait_for_selector("article.hub-card[data-colour=yellow]")
    shot(phone, "phone-1-card")
    phone.click("button:has-text('签收')")
    phone.click("button:has-text('到达现场')")
    phone.click("label:has-text('当场化解')")
    for phrase in ("琐事口角", "分开劝解", "双方和解"):
        phone.click(f"button:has-text('{phrase}')")
    shot(phone, "phone-2-feedback")
    phone.click("button:has-text('提交反馈')")
    phone.wait_for_url("**/pushes/")
    shot(phone, "phone-3-done")


def called_back(town: ServedTown, calls: Any) -> None:
    """The command room asks both sides a fortnight later."""
    town.log_in(calls, "station_command", to="/follow-ups/")
    shot(calls, "follow-up-1-list")
    calls.click("main a.btn-primary:has-text('回访')")
    answer_all(calls)
    shot(calls, "follow-up-2-call")
    calls.click("button[type=submit]:has-text('保存') >> nth=0")
    calls.wait_for_load_state("networkidle")


def choose(page: Any, words: str) -> None:
    """Down the list in hand, key by key, to the entry that reads so."""
    for _ in range(10):
        page.keyboard.press("ArrowDown")
        if words in page.evaluate("document.activeElement.selectedOptions[0].text"):
            return
    pytest.fail(f"no {words} in the list")


def answer_all(page: Any) -> None:
    """Both sides were reached and say that all is well."""
    well = {"result_kept": "yes", "knot": "no", "new_dispute": "no", "escalation": "no"}
    for side in ("reporter", "other"):
        for name, value in well.items():
            page.check(f"input[name={side}_{name}][value={value}]")

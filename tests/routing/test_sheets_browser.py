"""A chief clears a morning sheet of sixty rows: with the mouse, by keys alone, and on a phone."""

from __future__ import annotations

import time
from typing import Any

import pytest

from dispute_hub.accounts.actor import SYSTEM
from routing import services
from routing.models import DailySheetRow, Push
from tests.browsers import shot
from tests.cast import Cast
from tests.routing.conftest import CALM, KNIFE, PUSHED
from tests.routing.test_sheets import MORNING

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WITHIN_SECONDS = 60  # of machine-paced clicks; a person has five minutes


@pytest.fixture
def cast(committed_cast: Cast) -> Cast:
    return committed_cast


@pytest.fixture
def sheet(handle: Any, cast: Cast, clock: Any) -> Any:
    """Thirty cases of yesterday, each new and unsettled: sixty rows; a second officer to assign to."""
    clock.set("2026-03-04T10:00:00+08:00")
    texts = (CALM, PUSHED, CALM, KNIFE, CALM)
    for number in range(30):
        handle(texts[number % 5], address=f"象珠镇前村{number}号", reporter=None, parties=())
    cast.add("second_community", "community_officer", cast.units.area)
    clock.set("2026-03-05T08:00:00+08:00")
    sheet = services.issue_sheet(cast.units.station, sheet_on=MORNING, actor=SYSTEM, at=clock.at)
    assert sheet.rows.filter(section__in=["new", "unsettled"]).count() == 60
    return sheet


class Hand:
    """Counts what a person would have to do."""

    def __init__(self, page: Any) -> None:
        self.page, self.clicks, self.began = page, 0, time.monotonic()

    def click(self, selector: str) -> None:
        self.clicks += 1
        self.page.click(selector)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began


def left(sheet: Any) -> int:
    """Rows nobody has done anything about."""
    untouched = {"read_at": None, "assigned_at": None, "consulted_at": None, "third_asked_at": None}
    return DailySheetRow.objects.filter(sheet=sheet, **untouched).count()


def unsettled(sheet: Any) -> list[DailySheetRow]:
    return list(sheet.rows.filter(section="unsettled").order_by("position"))


def settled_in(page: Any) -> None:
    page.wait_for_selector("#sheet-results .hub-notice")


def done(page: Any, number: int) -> None:
    page.wait_for_selector(f"#sheet-results >> text={number} 件已办理")


def test_sixty_rows_with_the_mouse(sheet: Any, cast: Cast, opened: Any) -> None:
    page = opened(cast.station_chief, 1440, "/sheet/")
    rows, hand = unsettled(sheet), Hand(page)
    second = cast.second_community
    assert page.is_disabled("[data-sheet-bulk='1']")
    for row in rows[:4]:  # four to another officer
        hand.click(f"#sheet-row-{row.pk} input[name=row]")
    page.select_option("#sheet-bulk select", str(second.post.pk))
    hand.clicks += 2
    page.wait_for_selector(f"#sheet-bulk >> text=4 件转由{second.user.full_name}跟踪化解")
    shot(page, "sheet-bar-1440")
    hand.click("[data-sheet-bulk='1']")
    done(page, 4)
    hand.click(f"#sheet-row-{rows[4].pk} [data-sheet-act='2']")  # one to the third push
    done(page, 1)
    page.wait_for_selector(f"#sheet-row-{rows[4].pk} >> text=已要求三推")
    for row in rows[5:7]:  # two into the consultation
        hand.click(f"#sheet-row-{row.pk} [data-sheet-act='3']")
        page.wait_for_selector(f"#sheet-row-{row.pk} >> text=已提交会商")
    hand.click("#sheet-unsettled [data-hub-tick-all]")  # the rest is read
    hand.click("[data-sheet-bulk='4']")
    done(page, 30)
    shot(page, "sheet-cleared-1440")
    assert left(sheet) == 0
    hand.click("header button:has-text('审签')")
    hand.click("text=数字无误，审签")
    page.wait_for_selector("text=每日汇总已审签")
    sheet.refresh_from_db()
    assert sheet.signed_by == cast.station_chief.post
    assert Push.objects.filter(tier=2, addressee_post=second.post).count() == 4
    print(f"sixty rows: {hand.clicks} clicks, {hand.seconds:.1f} s")  # noqa: T201
    assert hand.clicks <= 16
    assert hand.seconds < WITHIN_SECONDS


def test_a_slip_is_taken_back(sheet: Any, cast: Cast, opened: Any) -> None:
    page = opened(cast.station_chief, 1440, "/sheet/")
    page.click("#sheet-unsettled [data-hub-tick-all]")
    page.click("[data-sheet-bulk='3']")
    done(page, 30)
    page.click("#sheet-results button:has-text('撤销')")
    page.wait_for_selector("#sheet-results >> text=30 件已撤销")
    assert not sheet.rows.exclude(consulted_at=None).exists()
    page.click(f"#sheet-row-{unsettled(sheet)[0].pk} [data-sheet-act='3']")
    page.wait_for_selector(f"#sheet-row-{unsettled(sheet)[0].pk} >> text=已提交会商")


def test_sixty_rows_by_keys_alone(sheet: Any, cast: Cast, opened: Any) -> None:
    page = opened(cast.station_chief, 1440, "/sheet/")
    rows, began, pressed = unsettled(sheet), time.monotonic(), 0
    first = page.locator("tr[data-sheet-case]").first

    def press(keys: str) -> None:
        nonlocal pressed
        for key in keys:
            page.keyboard.press(key)
            pressed += 1

    press("?")
    assert page.is_visible("#hub-keys >> text=逐件：j 下一件")
    page.keyboard.press("Escape")
    press("jjjk")
    assert page.locator("tr[aria-current=true]").get_attribute("id") != first.get_attribute("id")
    press("2")
    done(page, 1)
    press("j3")
    page.wait_for_selector("#sheet-results >> text=已提交当日会商")
    press("jx")
    page.wait_for_selector("#sheet-bulk >> text=已选 1 件")
    press("jx1")
    page.keyboard.press("ArrowDown")
    press("1")
    page.wait_for_selector("#sheet-results >> text=已分派给")
    press("a")
    page.wait_for_selector("#sheet-bulk >> text=已选 30 件", timeout=5000)
    press("4")
    done(page, 30)
    assert left(sheet) == 0
    assert len(rows) == 30
    print(f"sixty rows: {pressed} keys, {time.monotonic() - began:.1f} s")  # noqa: T201
    assert pressed <= 20


def test_on_a_phone(sheet: Any, cast: Cast, opened: Any) -> None:
    page = opened(cast.station_chief, 390, "/sheet/")
    row = unsettled(sheet)[0]
    shot(page, "sheet-390")
    page.click(f"#sheet-row-{row.pk} [data-sheet-act='4']")
    done(page, 1)
    page.check(f"#sheet-row-{unsettled(sheet)[1].pk} input[name=row]")
    assert page.is_visible("[data-sheet-bulk='3']")
    page.click("[data-sheet-bulk='3']")
    page.wait_for_selector(f"#sheet-row-{unsettled(sheet)[1].pk} >> text=已提交会商")
    shot(page, "sheet-390-acted")

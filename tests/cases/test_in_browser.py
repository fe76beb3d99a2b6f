"""The calendar and a clock's reckoning in a real browser, on a desk and on a phone."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from dispute_hub.cases import deadlines, reference, services
from dispute_hub.cases.models import CalendarOverride, ClockTable, Deadline, UnitLimit
from tests.browsers import shot
from tests.cases.builders import a_case
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def running(cast: Cast, clock: Any) -> Deadline:
    clock.set("2026-09-30T15:00:00+08:00")
    case = a_case(cast, clock.at, colour="yellow")
    holder = deadlines.Holder(post_id=cast.community_officer.post.pk)
    started = deadlines.start(case, case, "order.verify", key="normal", holder=holder, at=clock.at)
    assert started is not None
    return started


@pytest.mark.parametrize("width", [1440, 390])
def test_a_day_is_changed_in_two_steps(opened: Any, committed_cast: Cast, clock: Any, width: int) -> None:
    running(committed_cast, clock)
    page = opened(committed_cast.system_admin, width, "/calendar/?year=2026")
    shot(page, f"calendar-{width}")
    page.locator("a[title^='2026-10-09']").click()
    page.get_by_label("休息").check()
    page.get_by_label("调整原因").fill("台风停工")
    page.get_by_label("依据文号").fill("永政发〔2026〕9号")
    page.get_by_role("button", name="预览影响").click()
    page.get_by_text("将变动 1 个").wait_for()
    shot(page, f"calendar-preview-{width}")
    page.get_by_role("button", name="确认调整").click()
    page.get_by_text("正在后台重新计算").first.wait_for()
    shot(page, f"calendar-done-{width}")
    assert str(CalendarOverride.objects.get().day) == "2026-10-09"


@pytest.mark.parametrize("width", [1440, 390])
def test_a_clock_tells_why_and_pauses(opened: Any, committed_cast: Cast, clock: Any, width: int) -> None:
    row = running(committed_cast, clock)
    page = opened(committed_cast.station_chief, width, row.why_url)
    page.get_by_text("国庆节调休上班，第 3 个工作日").wait_for()
    shot(page, f"clock-{width}")
    page.get_by_label("暂停理由").fill("等待鉴定结论")
    page.get_by_role("button", name="暂停计时").click()
    page.get_by_role("button", name="恢复计时").wait_for()
    shot(page, f"clock-paused-{width}")
    assert Deadline.objects.get(pk=row.pk).paused_at is not None


@pytest.mark.parametrize("width", [1440, 390])
def test_a_limit_is_drafted_and_put_into_force(
    opened: Any, committed_cast: Cast, clock: Any, width: int
) -> None:
    running(committed_cast, clock)
    reference.load(at=clock.at)
    page = opened(committed_cast.bureau, width, "/clock-table/")
    shot(page, f"clock-tables-{width}")
    page.get_by_role("link", name="第1版").click()
    page.get_by_label("修改说明").fill("核查放宽")
    page.get_by_role("button", name="起草").click()
    page.locator("tr", has_text="核查双方当事人").get_by_role("link", name="修改").click()
    page.get_by_label("平急 时限").fill("0")
    page.get_by_role("button", name="保存到草稿").click()
    page.get_by_text("时限至少为1").wait_for()
    shot(page, f"clock-limits-{width}")
    page.get_by_label("平急 时限").fill("5")
    page.get_by_role("button", name="保存到草稿").click()
    page.get_by_text("请另一位没有参与修改的同事").wait_for()
    second = opened(committed_cast.security_admin, width, urlsplit(page.url).path)
    shot(second, f"clock-table-draft-{width}")
    second.get_by_role("button", name="核对无误，启用").click()
    second.get_by_text("已启用").first.wait_for()
    assert ClockTable.objects.get(status="active").version == 2


@pytest.mark.parametrize("width", [1440, 390])
def test_a_station_asks_to_be_stricter(opened: Any, committed_cast: Cast, clock: Any, width: int) -> None:
    page = opened(committed_cast.station_chief, width, "/clock-table/units/")
    page.get_by_label("时限项").select_option("push_second.sign|orange")
    page.get_by_label("本所时限").fill("3")
    page.get_by_label("单位").select_option("hours")
    page.get_by_label("理由").fill("城区警情密集")
    page.get_by_role("button", name="提交申请").click()
    page.get_by_text("：只能严于全市时限表").wait_for()
    shot(page, f"unit-limits-refused-{width}")
    page.get_by_label("本所时限").fill("1")
    page.get_by_role("button", name="提交申请").click()
    page.get_by_text("申请已提交").first.wait_for()
    bureau = opened(committed_cast.bureau, width, "/clock-table/units/")
    shot(bureau, f"unit-limits-{width}")
    bureau.get_by_label("同意", exact=True).check()
    bureau.get_by_role("button", name="审批").click()
    bureau.get_by_text("已审批").first.wait_for()
    assert UnitLimit.objects.get().status == "active"


@pytest.mark.parametrize("width", [1440, 390])
def test_the_ladder_of_a_draft(opened: Any, committed_cast: Cast, clock: Any, width: int) -> None:
    reference.load(at=clock.at)
    first = ClockTable.objects.get()
    draft = services.draft_clock_table(first, note="周末少打扰", actor=committed_cast.bureau, at=clock.at)
    page = opened(committed_cast.bureau, width, f"/clock-table/{draft.pk}/ladder/")
    page.get_by_label("建议督办 其他").fill("48")
    page.get_by_label("夜间等到次日早晨").first.check()
    shot(page, f"ladder-{width}")
    page.get_by_role("button", name="保存到草稿").click()
    page.get_by_text("超时48小时").first.wait_for()
    shot(page, f"ladder-version-{width}")

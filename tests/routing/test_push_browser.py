"""The officer's phone and the chief's desk in a real browser against the real entry."""

from __future__ import annotations

from typing import Any

import pytest

from dispute_hub.accounts.actor import SYSTEM
from routing import selectors, services
from routing.models import Push
from tests.browsers import shot
from tests.cast import Cast
from tests.routing.conftest import CALM, KNIFE
from tests.routing.test_sheets import MORNING

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def cast(committed_cast: Cast) -> Cast:
    return committed_cast


def test_an_officer_works_with_one_thumb(call: Any, cast: Cast, clock: Any, opened: Any) -> None:
    page = opened(cast.officer, 390, "/pushes/")
    page.wait_for_selector("text=现在没有待办警情")
    push = selectors.first_push_of(call(KNIFE))
    page.wait_for_selector(f"#push-{push.pk}", timeout=8000)
    shot(page, "officer-new")
    page.click(f"#push-{push.pk} button:has-text('签收')")
    page.click("main button:has-text('到达现场')")
    page.click("label:has-text('未化解')")
    page.click("button:has-text('琐事口角')")
    page.click("button:has-text('未谈拢')")
    assert "原因：因琐事发生口角。" in page.input_value("#id_text")
    shot(page, "officer-feedback")
    page.click("button:has-text('提交反馈')")
    page.wait_for_selector("text=反馈已提交")
    push.refresh_from_db()
    assert (push.status, push.outcome, push.case.status) == ("reported", "unsettled", "tracking")


def test_a_crew_asks_for_help_and_sees_who_comes(call: Any, cast: Cast, clock: Any, opened: Any) -> None:
    push = selectors.first_push_of(call(KNIFE))
    services.sign_push(push, actor=cast.station_command, at=clock.at, on_behalf_of="330001", how="radio")
    officer = opened(cast.officer, 390, f"/pushes/{push.pk}/")
    officer.click("summary:has-text('请求增援')")
    officer.click("label:has-text('对方持械')")
    shot(officer, "officer-help")
    officer.click("button:has-text('立即请求增援')")
    officer.wait_for_selector("text=增援请求已发往")
    for width in (390, 1440):
        command = opened(cast.station_command, width, "/reinforcements/")
        command.wait_for_selector("text=对方持械")
        shot(command, f"command-help-{width}")
    command.click("label:has-text('处警二')")
    command.click("button:has-text('派增援')")
    command.wait_for_selector("text=增援已派")
    officer.goto(officer.url)
    officer.wait_for_selector("#help >> text=处警二")
    shot(officer, "officer-helped")
    officer.goto(officer.url.split("/pushes/")[0] + "/pushes/on-behalf/")
    shot(officer, "officer-on-behalf")
    officer.click("button:has-text('属实，确认')")
    officer.wait_for_selector("text=没有待确认的代签")


def test_a_chief_goes_through_the_morning_sheet(handle: Any, cast: Cast, clock: Any, opened: Any) -> None:
    clock.set("2026-03-04T10:00:00+08:00")
    cases = [handle(CALM), handle(KNIFE, address="象珠镇后村3号", reporter=None, parties=())]
    second = cast.add("second_community", "community_officer", cast.units.area)
    clock.set("2026-03-05T08:00:00+08:00")
    sheet = services.issue_sheet(cast.units.station, sheet_on=MORNING, actor=SYSTEM, at=clock.at)
    page = opened(cast.station_chief, 1440, "/sheet/")
    for box in page.locator("#sheet-unsettled input[type=checkbox]").all():
        box.check()
    page.select_option("#sheet-bulk select", str(second.post.pk))
    page.click("#sheet-bulk button:has-text('分派')")
    page.wait_for_selector(f"text=已分派给{second.user.full_name}")
    shot(page, "chief-assigned")
    assert {push.addressee_post for push in Push.objects.filter(tier=2, case__in=cases)} == {second.post}
    page.click("header button:has-text('审签')")
    page.click("text=数字无误，审签")
    page.wait_for_selector("text=每日汇总已审签")
    sheet.refresh_from_db()
    assert sheet.signed_by == cast.station_chief.post


def test_a_responsible_officer_notes_a_call(handle: Any, cast: Cast, clock: Any, opened: Any) -> None:
    case = handle(KNIFE)
    for width in (1440, 390):
        page = opened(cast.community_officer, width, "/tracking/")
        page.click("a:has-text('办理')")
        page.wait_for_selector("#hub-panel >> text=签收二推")
        shot(page, f"ledger-{width}")
    page.fill("#hub-panel textarea[name=text] >> nth=0", "已电话联系双方，约明日上午来所调解")
    page.click("#hub-panel button:has-text('保存记录')")
    page.wait_for_selector("text=联系情况已记录")
    assert Push.objects.get(case=case, tier=2).status == "reported"

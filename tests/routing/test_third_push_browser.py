"""三推办理 in a real browser: drafted, previewed, confirmed, asked by telephone, written; both widths."""

from __future__ import annotations

from typing import Any

import pytest

from dispute_hub.cases.models import Case
from routing import services
from routing.models import PhoneApproval, ReportDraft, WorkOrder
from tests.browsers import shot
from tests.cast import Cast
from tests.routing.orders import Story

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NARRATIVE = (
    "报警人称楼上住户常年在楼道堆放纸箱、旧家具，多次劝说无果，今日双方再次发生口角，"
    "社区曾调解一次未达成一致，请民警到场处置。"
)


@pytest.fixture
def cast(committed_cast: Cast) -> Cast:
    return committed_cast


def _tick_until_the_packet_changes(page: Any) -> None:
    """The tick outlives the refresh it causes; a packet that changed takes it away."""
    page.check("#id_confirmed")
    page.wait_for_timeout(1500)
    assert page.is_checked("#id_confirmed")
    page.fill("textarea[name=suggestions]", "请街道牵头清理楼道")
    page.press("textarea[name=suggestions]", "Tab")
    page.wait_for_function("() => document.querySelector('#id_confirmed')?.checked === false")
    page.check("#id_confirmed")


def test_an_extra_urgent_order_goes_by_telephone(story: Story, cast: Cast, opened: Any) -> None:
    case = story.tracked(NARRATIVE)
    page = opened(cast.station_command, 1440, f"/cases/{case.case_no}/third-push/")
    page.fill("textarea[name=suggestions]", "请街道牵头清理楼道，联系对方乙，电话13800000002")
    page.wait_for_selector("text=草稿已存")
    assert ReportDraft.objects.get().edition >= 1
    page.reload()
    page.wait_for_selector("text=保存的草稿")
    assert "请街道牵头清理楼道" in page.input_value("textarea[name=suggestions]")
    seen = page.input_value("input[name=seen]")
    page.click("label:has-text('特急')")
    page.click("#packet-refresh")
    page.wait_for_function(
        "(old) => ![undefined, old].includes(document.querySelector('input[name=seen]')?.value)", arg=seen
    )
    page.wait_for_selector("#packet-masked >> text=联系对**，电话138****0002")
    shot(page, "third-push-1440", settle_ms=500)
    _tick_until_the_packet_changes(page)
    page.click("button:has-text('提交审批')")
    page.wait_for_selector("text=已提交审批")
    order = WorkOrder.objects.get()
    assert order.filing.confirmed_by == cast.station_command.post
    shot(page, "third-push-order-1440")

    page.click("a:has-text('电话请示')")
    page.select_option("select[name=leader]", label="象珠派出所 派出所领导 象所长")
    page.click("label:has-text('同意先发')")
    page.fill("textarea[name=answer]", "情况紧急，同意先发，明早补签。")
    shot(page, "third-push-phone-1440")
    page.click("button:has-text('记录答复')")
    page.wait_for_selector("text=电话请示已记录")
    order.refresh_from_db()
    assert order.status == "sent"

    page = opened(cast.station_chief, 390, "/approvals/")
    page.wait_for_selector("#written >> text=情况紧急，同意先发")
    shot(page, "approvals-written-390")
    page.click("button:has-text('补办：同意')")
    page.wait_for_selector("text=书面审批已补办")
    assert PhoneApproval.objects.get().verdict == "confirmed"


def test_a_second_tab_is_told(story: Story, cast: Cast, opened: Any) -> None:
    case = story.tracked()
    path = f"/cases/{case.case_no}/third-push/"
    first, second = (opened(cast.station_command, 1440, path) for _ in range(2))
    first.fill("textarea[name=risk]", "甲页先写")
    first.wait_for_selector("text=草稿已存")
    second.fill("textarea[name=risk]", "乙页后写")
    second.wait_for_selector("text=另一页面已保存较新的草稿")
    first.fill("textarea[name=risk]", "甲页接着写")
    first.wait_for_timeout(1500)
    assert "甲页接着写" in ReportDraft.objects.get().content


def test_pages_at_both_widths(story: Story, cast: Cast, clock: Any, opened: Any) -> None:
    for _ in range(2):
        found = Case.objects.first()
        story.act("return", story.sent(case=found) if found else story.sent())
    order = services.approve_order(story.proposed(Case.objects.get()), actor=cast.station_chief, at=clock.at)
    case = story.tracked(NARRATIVE, address="象珠镇后村3号", reporter=None, procedure="诉讼")
    waiting = story.tracked(NARRATIVE, address="象珠镇后村5号", reporter=None, parties=())
    services.declare_recusal(
        waiting, user=cast.officer.user, why="complained_of", text="当事人投诉出警态度", actor=cast.officer,
        at=clock.at,
    )  # fmt: skip
    services.raise_jurisdiction(
        waiting, proposed=cast.units.other_station, text="事发地在古山镇辖区", actor=cast.station_command,
        at=clock.at,
    )  # fmt: skip
    urgent = story.proposed(waiting, grade="extra_urgent")
    for width in (1440, 390):
        for actor, name, path in (
            (cast.station_command, "third-push-notice", f"/cases/{case.case_no}/third-push/"),
            (cast.station_command, "phone", f"/orders/{urgent.no}/phone/"),
            (cast.station_command, "recusal", f"/cases/{case.case_no}/recusal/"),
            (cast.station_command, "jurisdiction", f"/cases/{case.case_no}/jurisdiction/"),
            (cast.bureau, "aside", "/approvals/aside/"),
            (cast.station_chief, "approvals-orders", "/approvals/orders/"),
            (cast.county_centre, "redirect", f"/orders/{order.no}/redirect/"),
        ):
            shot(opened(actor, width, path), f"{name}-{width}")

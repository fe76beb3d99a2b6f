"""From 提请三推 to 报结 in a real browser, each by the person whose page it is, at desk and phone width."""

from __future__ import annotations

from typing import Any

import pytest

from routing.models import WorkOrder
from tests.browsers import shot
from tests.cast import Cast
from tests.routing.orders import Story

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def cast(committed_cast: Cast) -> Cast:
    return committed_cast


def test_an_order_from_the_station_to_the_centre_and_back(story: Story, cast: Cast, opened: Any) -> None:
    order = _propose(story.tracked().case_no, cast, opened)
    page = opened(cast.station_chief, 1440, "/approvals/")
    page.wait_for_selector("#order-approvals")
    shot(page, "approvals-1440")
    page.click("button:has-text('批准并发出')")
    page.wait_for_selector("text=已批准并发出")

    _handle(order, cast, opened)

    page = opened(cast.community_officer, 390, f"/orders/{order.no}/")
    shot(page, "order-verify-390")
    page.click("label:has-text('属实，同意办结')")
    page.fill("#id_verify_text", "已分别电话核实双方")
    page.fill("#id_verify_said_1", "楼道已清理")
    page.fill("#id_verify_said_2", "已和好")
    page.click("button:has-text('提交核查结果')")
    page.wait_for_selector("text=核查结果已提交")
    order.refresh_from_db()
    assert (order.status, order.case.status) == ("done", "settled")


def _propose(case_no: str, cast: Cast, opened: Any) -> WorkOrder:
    page = opened(cast.station_command, 1440, f"/cases/{case_no}/third-push/")
    shot(page, "third-push-1440")
    page.click("label:has-text('紧急')")
    page.fill("textarea[name=suggestions]", "请对方乙清理楼道，电话13800000002")
    page.click("button:has-text('按当前填写刷新')")
    page.wait_for_selector("#packet-before >> text=请对**清理楼道，电话138****0002")
    page.check("#id_confirmed")
    page.click("button:has-text('提交审批')")
    page.wait_for_selector("text=已提交审批")
    order = WorkOrder.objects.get()
    assert (order.status, order.grade) == ("proposed", "urgent")
    return order


def _handle(order: WorkOrder, cast: Cast, opened: Any) -> None:
    page = opened(cast.centre, 390, "/orders/")
    shot(page, "orders-390")
    page.click(f"text={order.no}")
    shot(page, "order-sent-390")
    page.click("button:has-text('签收')")
    page.wait_for_selector("a[href='tel:13800000001']")
    page.click("summary:has-text('分类交办')")
    page.select_option("select[name=lead_unit]", "330784-RS")
    page.click("button:has-text('分派办理')")
    page.wait_for_selector("text=已分派")

    page = opened(cast.centre, 1440, f"/orders/{order.no}/")
    shot(page, "order-accepted-1440")
    page.click("#tasks summary:has-text('代报办结、免办')")
    page.fill("input[id^=id_excuse_]", "核实后无用工争议")
    page.click("button:has-text('免办')")
    page.wait_for_selector("text=已免办")
    page.click("summary:has-text('报结')")
    page.fill("#id_settle_text", "双方约定轮流使用楼道")
    page.click("button:has-text('报结，送派出所核查')")
    page.wait_for_selector("text=已报结")


def test_pages_never_scroll_sideways(story: Story, cast: Cast, opened: Any) -> None:
    order = story.accepted()
    story.proposed(story.tracked(address="象珠镇后村3号", reporter=None, parties=()))
    third = story.tracked(address="象珠镇后村5号", reporter=None, parties=())
    for width in (1440, 390):
        for actor, name, path in (
            (cast.station_chief, "lanes", "/orders/"),
            (cast.station_chief, "list", "/orders/?view=list"),
            (cast.station_command, "order-station", f"/orders/{order.no}/"),
            (cast.station_command, "third-push", f"/cases/{third.case_no}/third-push/"),
            (cast.station_command, "divert", f"/cases/{third.case_no}/divert/"),
            (cast.centre, "print", f"/orders/{order.no}/print/"),
            (cast.station_chief, "approvals", "/approvals/orders/"),
        ):
            shot(opened(actor, width, path), f"{name}-{width}")

"""An order from 签收 to 办结 in a real browser: the street centre, a grid worker on his phone, the station.

At every step the panel says whose turn it is, what is to be done and by when.
"""

from __future__ import annotations

from typing import Any

import pytest

from routing.models import OrderUnit, WorkOrder
from tests.browsers import shot
from tests.cast import Cast
from tests.routing.orders import Story

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def cast(committed_cast: Cast) -> Cast:
    return committed_cast


def turn(page: Any, who: str, what: str, *, is_due: bool = True) -> None:
    """该谁办 · 做什么 · 何时到期, as the page says it now."""
    assert who in page.inner_text("[data-turn=who]")
    assert what in page.inner_text("[data-turn=what]")
    assert page.locator("[data-turn=due] .hub-clock").count() == is_due


@pytest.mark.parametrize("width", [1440, 390])
def test_from_the_signature_to_the_end(story: Story, cast: Cast, opened: Any, width: int) -> None:
    order = story.sent()
    page = _signed_and_called(order, cast, opened, width)
    _split(page, width)
    _reported_from_the_phone(order, cast, opened)
    _settled(order, cast, opened, width)
    _verified(order, cast, opened, width)
    order.refresh_from_db()
    assert (order.status, order.case.status) == ("done", "settled")


def _signed_and_called(order: WorkOrder, cast: Cast, opened: Any, width: int) -> Any:
    page = opened(cast.centre, width, f"/orders/{order.no}/")
    turn(page, "象珠镇综治中心", "签收")
    page.click("button:has-text('签收')")
    page.wait_for_selector("a[href='tel:13800000001']")
    turn(page, "象珠镇综治中心", "联系双方当事人")
    shot(page, f"journey-accepted-{width}")
    for side, said in (("1", "愿意调解，要求清理楼道"), ("2", "同意清理，要求给三天时间")):
        page.check(f"#id_contact_side_{int(side) - 1}", force=True)
        page.fill("#id_contact_said", said)
        page.click("button:has-text('保存联系记录')")
        page.wait_for_selector(f"#contacts >> text={said}")
    turn(page, "象珠镇综治中心", "分派牵头、协同单位")
    return page


def _split(page: Any, width: int) -> None:
    page.select_option("#id_assign_lead_unit", "330784-RS")
    page.fill("#id_assign_lead_task", "核实用工情况")
    page.select_option("#id_assign_unit_1", "330784-XZ-C1-W1")
    page.fill("#id_assign_task_1", "上门查看楼道堆物")
    page.fill("#id_assign_due_1", "2026-03-06")
    shot(page, f"journey-split-{width}")
    page.click("button:has-text('分派办理')")
    page.wait_for_selector("text=已分派")
    turn(page, "象珠一村第一网格", "上门查看楼道堆物")
    shot(page, f"journey-tasks-{width}")


def _reported_from_the_phone(order: WorkOrder, cast: Cast, opened: Any) -> None:
    page = opened(cast.grid_worker, 390, "/orders/")
    shot(page, "journey-grid-lanes-390")
    page.click(f"text={order.no}")
    turn(page, "象珠一村第一网格", "上门查看楼道堆物")
    assert "核实用工情况" not in page.content()
    shot(page, "journey-grid-task-390")
    page.fill("#id_complete_text", "已上门，楼道已清理，双方在场确认")
    page.click("button:has-text('报任务办结')")
    page.wait_for_selector("text=任务已报办结")
    turn(page, "象珠镇综治中心", "本单位任务已办结", is_due=False)


def _settled(order: WorkOrder, cast: Cast, opened: Any, width: int) -> None:
    page = opened(cast.centre, width, f"/orders/{order.no}/")
    turn(page, "永康市人力资源和社会保障局", "核实用工情况")
    task = OrderUnit.objects.get(order=order, part="lead")
    page.click("#tasks summary:has-text('代报办结、免办')")
    page.fill(f"#id_excuse_{task.pk}", "核实后无用工争议")
    page.click("button:has-text('免办')")
    page.wait_for_selector("text=已免办")
    turn(page, "象珠镇综治中心", "汇总各单位结果")
    page.select_option("#id_settle_how", "oral_agreement")
    page.fill("#id_settle_text", "双方约定轮流使用楼道，已清理")
    page.click("button:has-text('报结，送派出所核查')")
    page.wait_for_selector("text=已报结")
    turn(page, "派出所责任民警", "联系双方当事人核查")


def _verified(order: WorkOrder, cast: Cast, opened: Any, width: int) -> None:
    page = opened(cast.community_officer, width, f"/orders/{order.no}/")
    turn(page, "派出所责任民警", "联系双方当事人核查")
    page.click("label:has-text('属实，同意办结')")
    page.fill("#id_verify_text", "双方均确认")
    page.fill("#id_verify_said_1", "已清理，没有意见")
    page.click("button:has-text('提交核查结果')")
    page.wait_for_selector("text=核查须联系到双方当事人")
    shot(page, f"journey-verify-refused-{width}")
    page.fill("#id_verify_said_2", "已和好")
    page.click("button:has-text('提交核查结果')")
    page.wait_for_selector("text=核查结果已提交")
    turn(page, "—", "已结束", is_due=False)


def test_the_other_pages_fit_both_widths(story: Story, cast: Cast, opened: Any) -> None:
    from routing import services

    at = story.clock.at
    order = story.act("assign", story.accepted())
    matter = services.CounterDraft(text="调解中发现一方此前殴打过对方，请核实是否受案。", about=order)
    counter = services.send_counter_order(matter, actor=cast.centre, at=at)
    told = services.Diversion(target=cast.units.centre, reason="属邻里民事纠纷，无治安违法行为")
    tracked = story.tracked(address="象珠镇后村3号", reporter=None, parties=())
    diverted = services.divert(tracked, told, actor=cast.station_command, at=at)
    alert = story.call(address="象珠镇后村5号", reporter=None, parties=())
    services.propose_diversion(alert.case, told, actor=cast.dispatcher, at=at)
    for width in (1440, 390):
        for actor, name, path in (
            (cast.bureau, "watches", "/watches/"),
            (cast.duty_commander, "diversions", "/diversions/"),
            (cast.dispatcher, "propose-diversion", f"/cases/{alert.case.case_no}/propose-diversion/"),
            (cast.centre, "counter-new", f"/counter-orders/new/?about={order.no}"),
            (cast.centre, "counter-list", "/counter-orders/"),
            (cast.station_command, "counter", f"/counter-orders/{counter.no}/"),
            (cast.station_command, "notice", f"/orders/{diverted.no}/notice/"),
            (cast.centre, "order-with-tasks", f"/orders/{order.no}/"),
        ):
            shot(opened(actor, width, path), f"{name}-{width}")

"""应急处置 in a browser: the duty commander sets it, the commander reports, the street confirms."""

from __future__ import annotations

from typing import Any

import pytest

from dispute_hub.cases.models import Case
from routing.models import Emergency
from tests.browsers import shot
from tests.cast import Cast
from tests.routing.test_emergency import WAGES

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def cast(committed_cast: Cast) -> Cast:
    return committed_cast


@pytest.mark.parametrize("width", [1440, 390])
def test_a_duty_commander_sets_and_the_commander_reports(
    opened: Any, cast: Cast, call: Any, clock: Any, width: int
) -> None:
    case = Case.objects.get(pk=call(WAGES).case_id)
    desk = opened(cast.duty_commander, width, "/emergencies/")
    shot(desk, f"emergency-list-{width}")
    desk.get_by_role("link", name="启动应急处置").click()
    desk.get_by_label("现场人数").fill("42")
    desk.get_by_label("现场指挥").select_option(str(cast.station_chief.post.pk))
    desk.get_by_label("对外指令").fill("请派两名工作人员到象珠一村工地大门，向现场指挥报到。")
    shot(desk, f"emergency-new-{width}")
    desk.get_by_role("button", name="启动应急处置").click()
    desk.get_by_text("已启动应急处置").first.wait_for()
    shot(desk, f"emergency-{width}")
    row = Emergency.objects.get(case=case)
    phone = opened(cast.station_chief, width, f"/emergencies/{row.pk}/")
    phone.get_by_label("报告内容").fill("现场约四十人，情绪平稳，正在劝离。")
    phone.get_by_role("button", name="提交报告").click()
    phone.get_by_text("报告已提交").first.wait_for()
    shot(phone, f"emergency-reported-{width}")
    street = opened(cast.centre, width, f"/emergencies/{row.pk}/instruction/")
    shot(street, f"emergency-instruction-{width}")
    street.get_by_role("button", name="确认收到").click()
    street.get_by_text("已确认收到指令").first.wait_for()

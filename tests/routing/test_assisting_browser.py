"""协助二推送 in a browser: asked from the case, signed and answered by the other station."""

from __future__ import annotations

from typing import Any

import pytest

from routing.models import AssistingPush
from tests.browsers import shot
from tests.cast import Cast
from tests.routing.conftest import KNIFE
from tests.routing.orders import Story

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def cast(committed_cast: Cast) -> Cast:
    return committed_cast


@pytest.mark.parametrize("width", [1440, 390])
def test_one_station_asks_and_the_other_answers(opened: Any, story: Story, cast: Cast, width: int) -> None:
    case = story.tracked(KNIFE)
    lead = opened(cast.station_command, width, f"/cases/{case.case_no}/assist/")
    lead.locator("select[name=party]").select_option(index=1)
    lead.get_by_label("居住地", exact=True).check()
    lead.locator("select[name=station]").select_option("330784-GS")
    lead.locator("textarea[name=text]").fill("请上门了解当事人近况，告知不得前往对方住处。")
    shot(lead, f"assist-new-{width}")
    lead.get_by_role("button", name="发出协助请求").click()
    lead.get_by_text("协助请求已发出").first.wait_for()
    shot(lead, f"assist-asked-{width}")
    other = opened(cast.other_station_command, width, "/tracking/")
    other.get_by_role("link", name="协助请求").click()
    other.get_by_role("button", name="签收", exact=True).click()
    other.get_by_text("已签收").first.wait_for()
    shot(other, f"assist-signed-{width}")
    other.locator("textarea[name=text]").fill("已上门，当事人情绪平稳。")
    other.get_by_role("button", name="反馈主办派出所").click()
    other.get_by_text("已反馈主办派出所").first.wait_for()
    shot(other, f"assist-answered-{width}")
    assert AssistingPush.objects.get().status == "answered"

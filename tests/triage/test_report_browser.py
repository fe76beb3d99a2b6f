"""Engine beside people in a real browser: the report, the case file with its history, the form."""

from __future__ import annotations

from typing import Any

import pytest

from dispute_hub.accounts.actor import SYSTEM
from dispute_hub.cases import lifecycle
from tests.browsers import shot
from tests.cast import Cast
from tests.triage.conftest import CALM, KNIFE, PUSHED
from triage import services

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def cast(committed_cast: Cast) -> Cast:
    return committed_cast


@pytest.fixture
def month(call: Any, cast: Cast, clock: Any) -> Any:
    """A red, a quarrel, and a calm one that people raised to red."""
    for number, text in enumerate((KNIFE, PUSHED)):
        clock.advance(hours=2)
        call(text, phone=f"1390000000{number}", address=f"象珠镇象珠一村{number}号")
    case = call(CALM, phone="13900000009", address="象珠镇象珠一村9号").case
    lifecycle.record(case, "mediation.failed", actor=SYSTEM, at=clock.advance(days=2))
    services.regrade(
        case, kind="colour", to="red", reason="现场看到对方持刀", reason_code="seen_on_scene",
        actor=cast.station_command, at=clock.advance(hours=3),
    )  # fmt: skip
    case.refresh_from_db()
    return case


@pytest.mark.parametrize("width", [1440, 390])
def test_the_report_leads_to_the_miss(cast: Cast, month: Any, opened: Any, width: int) -> None:
    page = opened(cast.bureau, width, "/rules/agreement/")
    page.wait_for_selector("text=漏判红色")
    shot(page, f"agreement-{width}", settle_ms=1200)
    page.get_by_role("link", name=month.case_no).first.click()
    page.wait_for_selector("text=预警色变化")
    page.wait_for_selector("text=人工升高")
    shot(page, f"case-file-{width}", settle_ms=1200)
    page.goto(page.url.split("/cases/")[0] + f"/cases/{month.case_no}/colour/")
    page.wait_for_selector("text=理由类别")
    shot(page, f"regrade-{width}", settle_ms=1200)

"""The scripts of this stage in a real browser: time stamps, clauses, new rows, the sum while typing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from dispute_hub.cases import services as cases
from dispute_hub.common import time
from mediation import services
from mediation.models import MediationSession
from tests.cast import Cast, build_cast
from tests.mediation.conftest import BOTH


@pytest.fixture
def session(served: Any) -> Iterator[tuple[Cast, MediationSession]]:
    """A planned session of a committed case; the officer hosts it."""
    real = datetime.now(time.BEIJING)
    time.set_for_tests(real)
    cast = build_cast()
    units = cast.units
    place = cases.Place(bureau=units.bureau, station=units.station, area=units.area, street=units.centre)
    case = cases.open_case(cases.Opening("tracking", "110", "维修款纠纷", place, "x", BOTH), at=real)
    plan = services.SessionPlan(real + timedelta(minutes=1), "象珠派出所调解室", both_willing=True)
    made = services.convene_session(case, plan, actor=cast.community_officer, at=real)
    yield cast, made
    time.reset()


@pytest.mark.parametrize("width", [1440, 390])
def test_record_and_editor(served, session, page_at, width: int) -> None:
    cast, made = session
    page = page_at(width)
    cookies = cast.client(cast.community_officer).cookies.items()
    page.context.add_cookies([{"name": name, "value": one.value, "url": served.url} for name, one in cookies])

    page.goto(f"{served.url}/mediation/{made.pk}/", wait_until="load")
    page.click("button:has-text('双方表示')")
    assert page.input_value("[name=record]").endswith(" 双方表示：")

    page.goto(f"{served.url}/cases/{made.case.case_no}/agreements/new/", wait_until="load")
    page.click("text=赔礼道歉")
    assert "当面赔礼道歉" in page.input_value("[name=terms]")
    page.click("text=增加一项")
    page.fill("[name=promises-0-amount]", "0.10")
    page.fill("[name=promises-3-amount]", "0.20")
    assert page.inner_text("[data-hub-sum]") == "分期合计 0.30 元"
    page.fill("[name=total_amount]", "0.31")
    assert "与总金额不一致" in page.inner_text("[data-hub-sum]")
    assert page.evaluate("document.documentElement.scrollWidth") == width

"""值班表 in a real browser: a night filled, the hand-over signed by two people, at both widths."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dispute_hub.accounts.models import DutyRoster
from routing.models import ShiftHandover
from tests.browsers import shot
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def cast(committed_cast: Cast, clock: Any) -> Cast:
    """Everybody of the cast; two nights of the week are filled."""
    start = clock.set("2026-03-02T20:30:00+08:00")
    for number, who in enumerate((committed_cast.officer, committed_cast.second_officer)):
        begins = start + timedelta(days=number)
        committed_cast.roster(who, "crew", begins, begins + timedelta(hours=12))
    clock.set("2026-03-04T09:00:00+08:00")
    return committed_cast


@pytest.mark.parametrize("width", [1440, 390])
def test_a_chief_fills_a_night(cast: Cast, opened: Any, width: int) -> None:
    page = opened(cast.station_chief, width, "/roster/")
    page.wait_for_selector("text=空班 >> nth=0")
    page.select_option("#id_turn_duty", "crew")
    page.select_option("#id_turn_shift", "night")
    page.fill("#id_turn_day", "2026-03-04")
    page.select_option("#id_turn_post", str(cast.officer.post.pk))
    page.click("button:has-text('排入值班表')")
    page.wait_for_selector("text=已排入值班表")
    shot(page, f"roster-{width}")
    assert DutyRoster.objects.filter(post=cast.officer.post).count() == 2


@pytest.mark.parametrize("width", [1440, 390])
def test_two_people_hand_the_shift_over(cast: Cast, opened: Any, width: int) -> None:
    page = opened(cast.officer, width, "/handover/")
    page.fill("textarea[name=note]", "无异常")
    page.click("button:has-text('签字交班')")
    page.wait_for_selector("text=待接班方签字")
    taker = opened(cast.station_command, width, "/handover/")
    taker.click("button:has-text('签字接班')")
    taker.wait_for_selector("text=双方已签")
    shot(taker, f"handover-{width}")
    assert ShiftHandover.objects.get().incoming_post == cast.station_command.post

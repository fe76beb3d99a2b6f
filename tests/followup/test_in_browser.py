"""A follow-up by mouse in a real browser, at the desk and on the phone."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from dispute_hub.cases import deadlines
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case
from dispute_hub.common import time
from followup import services
from followup.models import FollowUp, Supervision
from tests.browsers import Served, log_in
from tests.cases.builders import a_case
from tests.cast import Cast, build_cast
from tests.followup.conftest import CALLER, OTHER

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SAID = {
    "result_kept": "yes",
    "knot": "no",
    "new_dispute": "no",
    "escalation": "no",
    "satisfaction": "very",
}
SHOTS = os.environ.get("HUB_SHOTS", "")


def settle(cast: Cast, colour: str, item: str, days_ago: int) -> Case:
    at = time.now() - timedelta(days=days_ago)
    with transaction.atomic():
        case = a_case(cast, at, status="tracking", colour=colour, parties=(CALLER, OTHER))
        Case.objects.filter(pk=case.pk).update(item_code=item, colour_sentence="橙：扬言报复")
        how = "penalty" if item == "P0401" else "on_scene"
        cases.mark_settled(
            cases.lock(case.pk), how=how, text="双方和解。", actor=cast.community_officer, at=at
        )
    return Case.objects.get(pk=case.pk)


@pytest.fixture
def city(served: Served) -> Cast:
    """Cases settled one by one over the last weeks, one of them family violence."""
    cast = build_cast()
    for colour, item, days_ago in (
        ("yellow", "N0101", 20), ("blue", "N0102", 13), ("yellow", "N0101", 2), ("orange", "P0401", 1),
    ):  # fmt: skip
        settle(cast, colour, item, days_ago)
    deadlines.sweep(at=time.now())
    services.mark_due(at=time.now())
    services.mark_missed(at=time.now())
    return cast


def look(page: Any, served: Served, path: str, name: str) -> None:
    """Open a page; nothing may stick out at its width."""
    page.goto(f"{served.url}{path}", wait_until="networkidle")
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / f"{name}-{page.viewport_size['width']}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], path


@pytest.mark.parametrize("width", [1440, 390])
def test_a_call_by_mouse(city: Cast, served: Served, page_at: Callable[..., Any], width: int) -> None:
    page = page_at(width)
    log_in(page, served, city.client(city.station_command))
    look(page, served, "/follow-ups/", "list")
    first = FollowUp.objects.filter(case__colour="yellow").order_by("due_at").first()
    sensitive = FollowUp.objects.filter(is_sensitive=True).order_by("due_at").first()
    look(page, served, f"/follow-ups/{sensitive.pk}/", "sensitive")
    look(page, served, f"/follow-ups/{first.pk}/", "call")
    for side in ("reporter", "other"):
        for name, value in SAID.items():
            page.locator(f"label:has(> input[name={side}_{name}][value={value}])").click()
    page.locator(".hub-masked summary").first.click()
    page.locator(".hub-masked button[value=follow_up]").first.click()
    page.wait_for_selector("a[href='tel:13800000001']")
    page.get_by_role("button", name="保存", exact=True).click()
    page.wait_for_selector("text=案件已办结")
    assert Case.objects.get(pk=first.case_id).status == "closed"
    look(page, served, "/follow-ups/done/", "done")

    log_in(page, served, city.client(city.bureau))
    look(page, served, "/supervisions/", "supervisions")
    look(page, served, f"/supervisions/{Supervision.objects.first().pk}/", "supervision")

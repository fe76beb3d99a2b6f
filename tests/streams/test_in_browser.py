"""Live pages in a real browser: what comes appears, what is typed stays, what is cut is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from routing import services
from routing.selectors import first_push_of
from tests.browsers import log_in, shot
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.slow]
KNIFE = "双方因停车争执，一人从车上拿出菜刀，扬言要砍死对方，现场多人围观。"
STREAMING, POLLING = "body[data-live-state=streaming]", "body[data-live-state=polling]"


@pytest.fixture
def opened(served: Any, cast: Cast, clock: Any, page_at: Callable[..., Any]) -> Callable[..., Any]:
    """`opened(cast.officer, 390, "/pushes/")`; `blocked=True` cuts the stream of this page."""

    def run(actor: Any, width: int, path: str, *, blocked: bool = False) -> Any:
        page = page_at(width)
        log_in(page, served, cast.client(actor))
        if blocked:
            page.route("**/streams/**", lambda route: route.abort())
        page.goto(served.url + path)
        if not blocked:
            page.wait_for_selector(STREAMING, timeout=10_000, state="attached")
        return page

    return run


def test_a_red_push_appears_rings_and_falls_silent(opened: Any, cast: Cast, call: Any, clock: Any) -> None:
    page = opened(cast.officer, 390, "/pushes/")
    push = first_push_of(call(KNIFE, officers=("330001",)))
    page.wait_for_selector(f"#push-{push.pk}", timeout=6000)
    elsewhere = opened(cast.officer, 1440, "/cases/")
    elsewhere.wait_for_selector(f"#hub-reds a[href='/pushes/{push.pk}/']", timeout=6000)
    shot(elsewhere, "live-officer-elsewhere")
    page.wait_for_function("() => document.title.includes('新红警')")
    shot(page, "live-officer-red")
    services.sign_push(push, actor=cast.officer, at=clock.at)
    elsewhere.wait_for_selector("#hub-reds a", state="detached", timeout=6000)
    page.wait_for_function("() => !document.title.includes('新红警')")


def test_the_card_of_a_red_does_not_ring_on_its_own_page(opened: Any, cast: Cast, call: Any) -> None:
    push = first_push_of(call(KNIFE, officers=("330001",)))
    page = opened(cast.officer, 390, f"/pushes/{push.pk}/")
    page.wait_for_timeout(1500)
    assert "新红警" not in page.title()


def test_a_page_without_its_stream_asks_by_itself(opened: Any, cast: Cast, call: Any) -> None:
    page = opened(cast.second_officer, 390, "/pushes/", blocked=True)
    page.wait_for_selector(POLLING, timeout=22_000, state="attached")
    push = first_push_of(call(KNIFE, officers=("330002",)))
    page.wait_for_selector(f"#push-{push.pk}", timeout=20_000)


def test_a_form_being_filled_in_is_never_swapped(opened: Any, cast: Cast, call: Any) -> None:
    page = opened(cast.officer, 1440, "/pushes/")
    page.evaluate(
        "document.querySelector('#push-cards').insertAdjacentHTML('beforeend',"
        " '<form><textarea name=text></textarea></form>')"
    )
    page.fill("#push-cards textarea", "写到一半")
    push = first_push_of(call(KNIFE, officers=("330001",)))
    page.wait_for_selector("#hub-live-offer:not([hidden])", timeout=6000)
    assert page.input_value("#push-cards textarea") == "写到一半"
    page.click("#hub-live-offer button")
    assert page.input_value("#push-cards textarea") == "写到一半"
    assert page.locator(f"#push-{push.pk}").count() == 0


def test_a_ledger_offers_what_is_new_and_shows_it(opened: Any, cast: Cast, call: Any, clock: Any) -> None:
    page = opened(cast.community_officer, 1440, "/tracking/")
    alert = call(KNIFE, officers=("330001",))
    push = services.sign_push(first_push_of(alert), actor=cast.officer, at=clock.at) or first_push_of(alert)
    services.feed_back(
        first_push_of(alert), outcome="unsettled", text="双方未谈拢。", actor=cast.officer, at=clock.at
    )
    page.wait_for_selector("#hub-live-offer:not([hidden]) >> text=点此显示", timeout=6000)
    assert page.locator(f"text={alert.case.case_no}").count() == 0
    shot(page, "live-ledger-offer")
    page.click("#hub-live-offer button")
    page.wait_for_selector(f"text={alert.case.case_no}")
    assert push is not None


def test_two_tabs_share_one_stream(opened: Any, cast: Cast, call: Any, served: Any) -> None:
    page = opened(cast.other_officer, 1440, "/pushes/")
    asked: list[str] = []
    second = page.context.new_page()
    second.on("request", lambda request: asked.append(request.url))
    second.goto(served.url + "/pushes/")
    second.wait_for_selector(STREAMING, timeout=12_000, state="attached")
    push = first_push_of(call(KNIFE, officers=("330021",)))
    second.wait_for_selector(f"#push-{push.pk}", timeout=6000)
    assert not [url for url in asked if "/streams/" in url]


def test_the_live_board_shows_what_comes_and_goes(opened: Any, cast: Cast, call: Any, clock: Any) -> None:
    page = opened(cast.station_command, 1440, "/live/")
    phone = opened(cast.bureau, 390, "/live/")
    wall = opened(cast.station_command, 1920, "/live/wall/")
    alert = call(KNIFE, officers=("330001",))
    for view in (page, phone, wall):
        view.wait_for_selector(f"#live-board >> text={alert.case.case_no}", timeout=8000)
    shot(page, "live-board-1440")
    shot(phone, "live-board-390")
    shot(wall, "live-wall-1920")
    assert page.locator(f"#live-board tr:has-text('一推签收'):has-text('{alert.case.case_no}')").count() == 1
    services.sign_push(first_push_of(alert), actor=cast.officer, at=clock.at)
    page.wait_for_selector(
        f"#live-board tr:has-text('一推签收'):has-text('{alert.case.case_no}')", state="detached",
        timeout=8000,
    )  # fmt: skip

"""The frame in a real browser: nothing overflows, nothing is stored, keys and clocks do what they say."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browsers import Served

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def open_gallery(page: Any, served: Served, query: str = "") -> list[str]:
    """The gallery, and what the browser complains about while it stands there."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto(f"{served.url}/_gallery/{query}", wait_until="load")
    page.wait_for_selector("canvas")
    return said


def test_the_frame_at_desk_phone_and_wall(
    served: Served, page_at: Callable[..., Any], clock_file: Path
) -> None:
    for width, query in ((1440, ""), (1440, "?panel=1"), (390, ""), (1920, "?wall=1")):
        page = page_at(width)
        complaints = open_gallery(page, served, query)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, (width, query)
        # A complaint here is a broken content security policy or a missing file.
        assert complaints == []
        assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]

    desk = page_at(1440)
    open_gallery(desk, served)
    _keys(desk)
    _dialog_and_drop(desk)

    desk.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    assert desk.locator(".hub-top").bounding_box()["y"] == 0, "the top bar stays in sight"

    # The clock of the server rules, whatever the desk's own clock says: 30 hours on, everything is late.
    clock_file.write_text("+108000")
    open_gallery(desk, served)
    assert desk.locator(".hub-clock.is-over").count() > 0


def _keys(page: Any) -> None:
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.press("?")
    assert page.locator("#hub-keys[open]").count() == 0, "a letter typed into a field is text"
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("?")
    assert "搜索" in page.locator("#hub-keys[open] [data-hub-keys]").inner_text()
    page.keyboard.press("Escape")
    narrative = page.locator("textarea[name=narrative]")
    narrative.press("Enter")
    assert page.evaluate("document.activeElement.name") == "narrative"
    clicked = "document.querySelector('[data-hub-key=F9]').dataset.hit"
    page.evaluate(
        "document.querySelector('[data-hub-key=F9]')"
        ".addEventListener('click', (event) => { event.currentTarget.dataset.hit = '1' })"
    )
    page.evaluate(
        "document.activeElement.dispatchEvent("
        "new KeyboardEvent('keydown', {key: 'F9', bubbles: true, isComposing: true}))"
    )
    assert page.evaluate(clicked) is None, "no key acts while the input method composes"
    narrative.press("F9")
    assert page.evaluate(clicked) == "1"


def _dialog_and_drop(page: Any) -> None:
    page.locator('[data-hub-open="#gallery-confirm"]').click()
    assert "不能撤销" in page.locator("#gallery-confirm[open]").inner_text()
    page.get_by_role("button", name="返回，不提交").click()
    assert page.locator("#gallery-confirm[open]").count() == 0
    page.locator(".hub-masked summary").first.click()
    assert page.get_by_role("button", name="核实身份").first.is_visible()
    page.locator(".hub-head h1").click()
    assert page.locator(".hub-masked details[open]").count() == 0

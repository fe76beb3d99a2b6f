"""Coming in, looking around and going out, in a real browser against the real entry."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dispute_hub.accounts.models import Role
from dispute_hub.common import time
from dispute_hub.outbox import services as outbox
from dispute_hub.outbox.models import OutboxRow
from tests.browsers import Served
from tests.cast import PASSWORD, Cast, build_cast

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SHOTS = os.environ.get("HUB_SHOTS", "")
Pages = Callable[..., Any]


@pytest.fixture
def city(served: Served) -> Cast:
    return build_cast()


def log_in(page: Any, served: Served, username: str, *, to: str = "/help/", password: str = PASSWORD) -> None:
    page.goto(f"{served.url}/login/?next={to}")
    page.fill("#id_username", username)
    page.fill("#id_password", password)
    page.click("button[type=submit].btn-primary")


def shot(page: Any, name: str) -> None:
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"frame-{name}.png"))


@pytest.mark.parametrize("width", [1440, 390])
def test_a_person_comes_in_looks_around_and_leaves(city: Cast, served: Served, page_at: Pages, width) -> None:
    page = page_at(width)
    log_in(page, served, "station_chief", password="wrong-password")
    assert "用户名或密码不正确" in page.inner_text("main")
    assert page.input_value("#id_username") == "station_chief"
    shot(page, f"refused-{width}")
    log_in(page, served, "station_chief")
    page.wait_for_url("**/help/")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    shot(page, f"help-{width}")
    page.click(".hub-drop > summary")
    page.click("text=退出登录")
    page.wait_for_url("**/login/")
    page.go_back()
    page.reload()
    assert "/login/" in page.url


def test_the_bell_counts_what_is_unread(city: Cast, served: Served, page_at: Pages) -> None:
    message = outbox.Message(kind="push.issued", title="新的一推，请签收", post_id=city.officer.post.pk)
    outbox.notify(message, at=time.now(), case_id=None)
    for row in OutboxRow.objects.all():
        outbox.deliver_notice(row, at=time.now())
    page = page_at(1440)
    log_in(page, served, "officer", to="/notices/")
    page.wait_for_selector("#hub-unread:has-text('1')")
    shot(page, "notices-1440")
    page.click("text=全部标为已读")
    page.wait_for_function("() => document.querySelector('#hub-unread')?.textContent.trim() === ''")


def test_a_post_is_chosen_and_changed(city: Cast, served: Served, page_at: Pages) -> None:
    city.add_post(city.officer, Role.COMMUNITY_OFFICER, city.units.area)
    page = page_at(1440)
    log_in(page, served, "officer")
    shot(page, "choose-1440")
    page.click("button:has-text('责任民警')")
    page.wait_for_url("**/help/")
    page.click(".hub-drop > summary")
    page.click(".hub-drop button:has-text('处警民警')")
    page.goto(f"{served.url}/help/")
    assert "象珠派出所 · 处警民警" in page.inner_text(".hub-drop > summary")


def test_a_search_for_a_person_stays_out_of_the_address(city: Cast, served: Served, page_at: Pages) -> None:
    page = page_at(1440)
    log_in(page, served, "station_command")
    page.wait_for_url("**/help/")
    page.keyboard.press("/")
    page.keyboard.type("13800001234")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=没有找到案件")
    shot(page, "search-1440")
    assert "1380000" not in page.url

"""A new version of the rules in a real browser: drafted, mended, tried, compared, brought into force."""

from __future__ import annotations

import os
from typing import Any

import pytest
from django.conf import settings

from tests.browsers import Served
from tests.cast import Cast
from triage import reference as reference_data
from triage.models import Replay, RuleSet

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SHOTS = os.environ.get("HUB_SHOTS", "")


@pytest.fixture
def cast(committed_cast: Cast) -> Cast:
    return committed_cast


@pytest.fixture
def opened(served: Served, cast: Cast, clock_file: Any, clock: Any, page_at: Any) -> Any:
    """`opened(cast.bureau, 390, "/rules/")`: the page of a logged-in person at the test's instant."""

    def run(actor: Any, width: int, path: str) -> Any:
        clock_file.write_text(clock.at.isoformat())
        page = page_at(width)
        key = cast.client(actor).cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": served.url}])
        page.goto(served.url + path)
        return page

    return run


def shot(page: Any, name: str) -> None:
    """The page as a picture when somebody wants to look; it never scrolls sideways."""
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def replay(draft: RuleSet, at: Any) -> None:
    """A finished replay, as the worker leaves it."""
    Replay.objects.create(
        rule_set=draft, digest=draft.digest, state="done", since=at, until=at, requested_at=at,
        requested_by_id=draft.author_id,
    )  # fmt: skip


@pytest.mark.parametrize("width", [1440, 390])
def test_a_version_from_draft_to_force(cast: Cast, clock: Any, opened: Any, width: int) -> None:
    reference_data.load(at=clock.at)
    page = opened(cast.bureau, width, "/rules/")
    shot(page, f"rules-{width}")
    page.get_by_role("link", name="第1版").click()
    shot(page, f"rules-version-{width}")
    page.fill("#id_note", "醉酒闹事词语不全")
    page.get_by_role("button", name="起草").click()
    page.wait_for_selector("text=已起草第2版")
    _mend_a_factor(page, width)
    _try_it(page, width)
    page.get_by_role("link", name="对比版本").click()
    assert "＋ 嗨大了闹" in page.inner_text("main")
    shot(page, f"rules-diff-{width}")
    draft = RuleSet.objects.get(version="2")
    replay(draft, clock.at)
    page.goto(page.url.replace("diff/", ""))
    page.get_by_role("button", name="提交审核").click()
    page.locator("#rule-submit").get_by_role("button", name="提交", exact=True).press("Enter")
    page.wait_for_selector("text=等待另一位")
    assert page.get_by_role("button", name="审核启用").count() == 0
    second = opened(cast.security_admin, width, f"/rules/{draft.pk}/")
    shot(second, f"rules-submitted-{width}")
    second.get_by_role("button", name="审核启用").click()
    second.get_by_role("button", name="启用", exact=True).click()
    second.wait_for_selector("text=已启用")
    draft.refresh_from_db()
    assert (draft.status, draft.approver_id) == ("active", cast.security_admin.user.pk)


def _mend_a_factor(page: Any, width: int) -> None:
    """A wrong pattern comes back at its field with everything typed; the right one is saved."""
    page.get_by_role("link", name="修改酒后").first.click()
    find = page.locator("section[data-new]").first.locator("textarea").first
    find.fill("嗨大了闹|(断片闹")
    page.fill("input[name=points]", "-1")
    page.get_by_role("button", name="保存").click()
    page.wait_for_selector("text=未提交")
    assert "第6个字符处：括号没有闭合" in page.inner_text("section[data-new] .has-error")
    assert "分值是负数" in page.inner_text(".hub-field.has-error:has(#id_points)")
    assert find.input_value() == "嗨大了闹|(断片闹"
    shot(page, f"rules-refused-{width}")
    find.fill("嗨大了闹|断片闹")
    page.fill("input[name=points]", "4")
    page.get_by_role("button", name="保存").click()
    page.wait_for_selector("text=已保存")


def _try_it(page: Any, width: int) -> None:
    box = page.locator("textarea[name=narrative]")
    box.press_sequentially("对方嗨大了闹了一夜。")
    page.wait_for_selector("#rule-trial mark:has-text('嗨大了闹')")
    assert "两版的预警色不同" in page.inner_text("#rule-trial")
    shot(page, f"rules-trial-{width}")

"""A new version of the rules in a real browser: drafted, mended, tried, compared, brought into force."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.browsers import shot
from tests.cast import Cast
from tests.triage.conftest import call_some, run
from triage import reference as reference_data
from triage import services
from triage.models import Replay, RuleSet
from triage.selectors import KIND_NAMES
from triage.services._rules import digest_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def cast(committed_cast: Cast) -> Cast:
    return committed_cast


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
    _ask_then_activate(second, width)
    second.wait_for_selector("text=已启用")
    draft.refresh_from_db()
    assert (draft.status, draft.approver_id) == ("active", cast.security_admin.user.pk)


def _mend_a_factor(page: Any, width: int) -> None:
    """A wrong pattern comes back at its field with everything typed; the right one is saved."""
    page.get_by_role("link", name="修改酒后").first.click()
    shot(page, f"rules-factor-{width}")
    assert page.evaluate("document.documentElement.scrollHeight") < 3000, "patterns lie folded"
    new = page.locator("details[data-new]").first
    new.locator("summary").first.press("Enter")
    find = new.locator("textarea").first
    find.fill("嗨大了闹|(断片闹")
    page.fill("input[name=points]", "-1")
    page.locator("input[name=points]").press("Enter")
    page.wait_for_selector("text=未提交")
    assert "第6个字符处：括号没有闭合" in page.inner_text("details[data-new] .has-error")
    assert "分值是负数" in page.inner_text(".hub-field.has-error:has(#id_points)")
    assert find.input_value() == "嗨大了闹|(断片闹"
    shot(page, f"rules-refused-{width}")
    save = page.get_by_role("button", name="保存").bounding_box()
    assert save["y"] + save["height"] <= page.viewport_size["height"], "the save bar stays in sight"
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


def _ask_then_activate(page: Any, width: int) -> None:
    """By keyboard: the dialog takes the focus, Escape leaves everything as it was, Enter says yes."""
    ask = page.get_by_role("button", name="审核启用")
    ask.press("Enter")
    dialog = page.locator("#rule-activate")
    assert dialog.get_by_role("button", name="启用", exact=True).evaluate("e => e === document.activeElement")
    shot(page, f"rules-activate-{width}")
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert RuleSet.objects.get(version="2").status == "draft"
    ask.press("Enter")
    page.keyboard.press("Enter")


@pytest.mark.parametrize("width", [1440, 390])
def test_a_replay_and_the_alerts_behind_a_cell(
    cast: Cast, clock: Any, opened: Any, call: Any, width: int
) -> None:
    reference_data.load(at=clock.at)
    call_some(call, clock)
    first = RuleSet.objects.get(version="1")
    draft = services.draft_from(first, note="试算", actor=cast.bureau, at=clock.at)
    softer = [{**one, "floor": "yellow"} for one in draft.content["factor"]]
    draft.content = {**draft.content, "factor": softer}
    draft.digest = digest_of(draft.content)
    draft.save()
    clock.advance(minutes=1)
    since = clock.at - timedelta(days=30)
    made = services.request_replay(draft, since=since, until=clock.at, actor=cast.bureau, at=clock.at)
    run(made, clock.at)
    page = opened(cast.bureau, width, f"/rules/{draft.pk}/")
    shot(page, f"rules-replayed-{width}")
    page.goto(page.url + f"../../replays/{made.pk}/")
    shot(page, f"replay-table-{width}")
    page.locator("td:has-text('↓降') a").first.click()
    shot(page, f"replay-cell-{width}")


@pytest.mark.parametrize("width", [1440, 390])
def test_every_kind_of_part_is_read_without_scrolling_sideways(
    cast: Cast, clock: Any, opened: Any, width: int
) -> None:
    reference_data.load(at=clock.at)
    first = RuleSet.objects.get(version="1")
    draft = services.draft_from(first, note="看一看", actor=cast.bureau, at=clock.at)
    Replay.objects.create(
        rule_set=draft, digest=draft.digest, state="done", since=clock.at, until=clock.at,
        requested_at=clock.at, requested_by=cast.bureau.user, started_at=clock.at, finished_at=clock.at,
    )  # fmt: skip
    page = opened(cast.bureau, width, f"/rules/{draft.pk}/")
    for kind in KIND_NAMES:
        page.goto(page.url.partition("?")[0].partition("#")[0] + f"?kind={kind}")
        shot(page, f"rules-kind-{kind}-{width}")
    root = page.url.partition("/rules/")[0]
    for key in ("learned", "grammar/reading", "items/N0203", "lexicon/child", "thresholds", "factor/weapon"):
        page.goto(f"{root}/rules/{draft.pk}/parts/{key}/")
        shot(page, f"rules-part-{key.replace('/', '-')}-{width}")
    page.goto(f"{root}/rules/{draft.pk}/replays/")
    page.wait_for_timeout(500)
    shot(page, f"replay-start-{width}")
    page.goto(f"{root}/replays/{draft.replays.get().pk}/")
    shot(page, f"replay-{width}")

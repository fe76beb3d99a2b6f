"""Pages of the rules: what they show, what a refused form keeps, what they cost, what differs."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest

from triage import engine, selectors, services
from triage.engine.parts import part_of, with_parts
from triage.models import Replay, RuleSet


@pytest.fixture
def first(reference: None) -> RuleSet:
    return RuleSet.objects.get(status="active")


@pytest.fixture
def draft(first: RuleSet, cast: Any, clock: Any) -> RuleSet:
    return services.draft_from(first, note="补充说法", actor=cast.bureau, at=clock.at)


def post(cast: Any, who: str, url: str, **fields: Any) -> Any:
    return cast.client(getattr(cast, who)).post(url, {"form_token": str(uuid.uuid4()), **fields})


def part_url(draft: RuleSet, key: str) -> str:
    return f"/rules/{draft.pk}/parts/{key}/"


def filled(draft: RuleSet, key: str, **changed: Any) -> dict[str, Any]:
    """The fields of a part's form as the browser would send them back."""
    from triage.rule_factor_form import part_form

    form = part_form(draft, key, None)
    values = {name: form[name].value() for name in form.fields}
    kept = {name: value for name, value in values.items() if value not in (None, False)}
    return kept | {"row_version": draft.edit_no} | changed


EVERY_PART = [
    "factor/weapon", "factor/alcohol", "factor/suicide", "factor/crowd_30", "learned", "harmless",
    "lexicon/blade",
    "stages/settled", "thresholds", "items/N0203", "advice/colour", "advice/sentence", "advice/factor",
    "grammar/reading", "grammar/outside",
]  # fmt: skip


@pytest.mark.parametrize("key", EVERY_PART)
def test_a_form_sent_back_as_it_came_changes_nothing(draft: RuleSet, cast: Any, key: str) -> None:
    answer = post(cast, "bureau", part_url(draft, key), **filled(draft, key))
    assert answer.status_code == 302
    after = RuleSet.objects.get(pk=draft.pk)
    assert part_of(after.content, key) == part_of(draft.content, key)
    assert (after.digest, after.edit_no) == (draft.digest, 0)


@pytest.mark.parametrize("key", EVERY_PART)
def test_every_part_can_be_read_in_any_version(first: RuleSet, cast: Any, key: str) -> None:
    page = cast.client(cast.security_admin).get(part_url(first, key))
    assert page.status_code == 200
    assert "只能查看" in page.content.decode()
    assert "保存</button>" not in page.content.decode()


# part, typed fields, the field that shows the refusal, its words
REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    ("factor/alcohol", {"patterns_0_find": "喝酒("}, "patterns_0_find", "括号没有闭合"),
    ("factor/alcohol", {"patterns_1_unless": "(a+)+$"}, "patterns_1_unless", "运行过久"),
    ("factor/alcohol", {"patterns_0_gone": "on", "patterns_1_find": "[喝"}, "patterns_1_find", "方括号"),
    ("factor/alcohol", {"points": "-3"}, "points", "负数"),
    ("factor/alcohol", {"points": "很高"}, "points", "整数"),
    ("factor/alcohol", {"floor": ""}, "floor", "必填"),
    ("factor/alcohol", {"floor": "purple"}, "floor", "purple"),
    ("factor/alcohol", {"reason": " "}, "reason", "必填"),
    ("factor/alcohol", {"sure_from": "0.99"}, "sure_from", "0.05至0.95"),
    ("learned", {"sure_from": "0"}, "sure_from", "0.05至0.95"),
    ("learned", {"model": "corpus-of-nobody"}, "model", "corpus-of-nobody"),
    ("items/N0203", {"why": ""}, "why", "必填"),
    ("factor/weapon", {"floor": "blue"}, "floor", "写明理由"),
    ("factor/weapon", {"gone": "on"}, "gone", "写明理由"),
    ("lexicon/blade", {"text": "刀|{knives}"}, "text", "没有名为"),
    ("lexicon/blade", {"text": "刀|{blade}"}, "text", "成环"),
    ("harmless", {"words": "杀价\n砍("}, "words", "第2行"),
    ("thresholds", {"crowd_10": "40"}, "crowd_10", "顺序"),
    ("thresholds", {"grudge_days": "0"}, "grudge_days", "数值不合理"),
    ("items/N0203", {"cues": "漏水|渗水"}, "cues", "权重"),
    ("advice/sentence", {"outside": "未见纠纷"}, "outside", "{urgency}"),
    ("grammar/outside", {"weighted": "x 走失|走丢"}, "weighted", "第1行"),
]


@pytest.mark.parametrize(("key", "typed", "field", "words"), REFUSED)
def test_a_flaw_is_shown_at_its_field_and_what_was_typed_is_kept(
    draft: RuleSet, cast: Any, key: str, typed: dict[str, str], field: str, words: str
) -> None:
    answer = post(cast, "bureau", part_url(draft, key), **filled(draft, key, **typed))
    assert answer.status_code == 422
    form = answer.context["form"]
    assert any(words in text for text in form.errors[field]), form.errors
    assert all(form[name].value() == value or value == "on" for name, value in typed.items())
    assert RuleSet.objects.get(pk=draft.pk).edit_no == 0


def test_a_flaw_elsewhere_is_named_at_the_head(draft: RuleSet, cast: Any) -> None:
    answer = post(cast, "bureau", part_url(draft, "lexicon/fuel"), **filled(draft, "lexicon/fuel", gone="on"))
    said = answer.content.decode()
    used = with_parts(draft.content, {"lexicon/fuel": None})
    assert ("没有名为“fuel”的词表" in said) == ("{fuel}" in repr(used))


def test_a_stale_form_says_whose_edit_it_was_and_may_be_sent_again(
    draft: RuleSet, cast: Any, clock: Any
) -> None:
    services.edit_draft(
        draft, changes={"lexicon/child": "孩子"}, edit_no=0, actor=cast.security_admin, at=clock.at
    )
    typed = filled(draft, "lexicon/blade", text="刀|剑", row_version=0)
    answer = post(cast, "bureau", part_url(draft, "lexicon/blade"), **typed)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "安全管已修改过这份草稿" in page
    assert "刀|剑" in page
    (fresh,) = re.findall(r'name="row_version" value="(\d+)"', page)
    assert (
        post(cast, "bureau", part_url(draft, "lexicon/blade"), text="刀|剑", row_version=fresh).status_code
        == 302
    )


@pytest.mark.parametrize("kind", ["factor/new_danger", "lexicon/tool", "items/N9999"])
def test_a_new_part_begins_empty(draft: RuleSet, cast: Any, kind: str) -> None:
    name, value = kind.split("/")
    answer = cast.client(cast.bureau).get(f"/rules/{draft.pk}/parts/new/?kind={name}&name={value}")
    assert (answer.status_code, answer["Location"]) == (302, part_url(draft, kind))
    assert cast.client(cast.bureau).get(answer["Location"]).status_code == 200


def test_a_new_factor_is_made_and_taken_away(draft: RuleSet, cast: Any) -> None:
    fields = {"name": "放狗", "short": "放狗", "floor": "orange", "points": 5}
    fields |= {"reason": "放任动物伤人"}
    fields |= {"patterns_0_find": "放<4>狗咬", "patterns_0_scope": "act"}
    scopes = {f"{group}_{index}_scope": "event" for group in ("patterns", "hints") for index in (0, 1)}
    url = part_url(draft, "factor/dog_set_on")
    assert post(cast, "bureau", url, **scopes | fields, row_version=0).status_code == 302
    made = RuleSet.objects.get(pk=draft.pk)
    assert part_of(made.content, "factor/dog_set_on")["patterns"] == [{"find": "放<4>狗咬", "scope": "act"}]
    assert post(cast, "bureau", url, **filled(made, "factor/dog_set_on", gone="on")).status_code == 302
    assert part_of(RuleSet.objects.get(pk=draft.pk).content, "factor/dog_set_on") is None


@pytest.mark.parametrize(
    "path",
    ["parts/nothing/x/", "parts/factor/UPPER/", "parts/thresholds/x/", "parts/advice/new/", "?kind=x",
     "diff/?against=0",
     "diff/?against=a", "parts/new/?kind=stages&name=x"],
)  # fmt: skip
def test_what_does_not_exist_is_not_found(draft: RuleSet, cast: Any, path: str) -> None:
    assert cast.client(cast.bureau).get(f"/rules/{draft.pk}/{path}").status_code == 404
    assert cast.client(cast.bureau).get("/rules/999999/").status_code == 404


@pytest.mark.parametrize(
    ("path", "allowed"),
    [("/rules/", 8), ("/rules/{}/", 11), ("/rules/{}/?kind=grammar", 11), ("/rules/{}/diff/", 9),
     ("/rules/{}/parts/factor/weapon/", 7)],
)  # fmt: skip
def test_pages_cost_few_queries(
    draft: RuleSet, cast: Any, path: str, allowed: int, django_assert_max_num_queries: Any
) -> None:
    browser = cast.client(cast.bureau)
    browser.get("/rules/")
    with django_assert_max_num_queries(allowed):
        assert browser.get(path.format(draft.pk)).status_code == 200


# Trying and comparing --------------------------------------------------------------------------------------


def test_the_try_box_shows_both_versions(draft: RuleSet, cast: Any) -> None:
    said = {"narrative": "邻居手持菜刀堵在门口<b>，扬言要砍死他。"}
    answer = cast.client(cast.bureau).post(f"/rules/{draft.pk}/trial/", said, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert "<html" not in page
    assert "本版（第2版）" in page
    assert "生效版本（第1版）" in page
    assert page.count('data-colour="red"') >= 2
    assert "<mark" in page
    assert "<b>" not in page


@pytest.mark.parametrize("narrative", ["", "长" * 2001])
def test_nothing_to_try_is_no_error(draft: RuleSet, cast: Any, narrative: str) -> None:
    answer = cast.client(cast.bureau).post(f"/rules/{draft.pk}/trial/", {"narrative": narrative})
    assert answer.status_code == 200


def test_a_diff_names_words_not_data(draft: RuleSet) -> None:
    alcohol = part_of(draft.content, "factor/alcohol")
    first, *rest = alcohol["patterns"]
    mended = {**first, "find": first["find"].replace("酒后|", "") + "|断片"}
    new = with_parts(
        draft.content,
        {
            "factor/alcohol": {**alcohol, "floor": "orange", "patterns": [mended, *rest]},
            "lexicon/tool": "扳手|钳子",
            "lexicon/child": None,
            "items/N0203": {"why": "", "cues": [["漏水", 4]]},
        },
    )
    changes = {change.key: change for change in selectors.compare(draft.content, new)}
    assert set(changes) == {"factor/alcohol", "lexicon/tool", "lexicon/child", "items/N0203"}
    fields = {field.label: (field.removed, field.added) for field in changes["factor/alcohol"].fields}
    assert fields["最低预警色"] == (("黄",), ("橙",))
    assert fields["识别词语第1条 · 识别词语"] == (("酒后",), ("断片",))
    assert len(fields) == 2
    assert (changes["lexicon/tool"].sign, changes["lexicon/child"].sign) == ("＋", "－")
    assert "4 漏水" not in changes["items/N0203"].fields[-1].removed
    assert selectors.compare(draft.content, draft.content) == []


def test_a_pattern_put_in_front_changes_no_other(draft: RuleSet) -> None:
    weapon = part_of(draft.content, "factor/weapon")
    more = {**weapon, "patterns": [{"find": "亮出刀", "scope": "act"}, *weapon["patterns"]]}
    (change,) = selectors.compare(draft.content, with_parts(draft.content, {"factor/weapon": more}))
    assert {field.label for field in change.fields} == {
        "识别词语第1条 · 识别词语",
        "识别词语第1条 · 识别方式",
    }


def test_what_keeps_a_draft_from_submitting_is_said_on_its_page(
    draft: RuleSet, cast: Any, clock: Any
) -> None:
    answer = post(cast, "bureau", f"/rules/{draft.pk}/submit/", row_version=0)
    assert answer.status_code == 409
    assert "请先试算这份草稿" in answer.content.decode()
    Replay.objects.create(
        rule_set=draft, digest=draft.digest, state="done", since=clock.at, until=clock.at,
        requested_at=clock.at, requested_by=cast.bureau.user,
    )  # fmt: skip
    assert post(cast, "bureau", f"/rules/{draft.pk}/submit/", row_version=0).status_code == 302
    own = cast.client(cast.bureau).get(f"/rules/{draft.pk}/").content.decode()
    assert "审核启用</button>" not in own
    assert post(cast, "bureau", f"/rules/{draft.pk}/activate/", row_version=0).status_code == 403
    assert post(cast, "security_admin", f"/rules/{draft.pk}/activate/", row_version=0).status_code == 302
    assert RuleSet.objects.get(status="active").version == "2"


def test_a_retired_version_offers_the_way_back(first: RuleSet, cast: Any) -> None:
    RuleSet.objects.update(status="retired")
    assert "恢复为草稿" in cast.client(cast.bureau).get(f"/rules/{first.pk}/").content.decode()
    assert post(cast, "bureau", f"/rules/{first.pk}/draft/", note="退回").status_code == 302
    assert post(cast, "bureau", f"/rules/{first.pk}/draft/", note="").status_code == 422


def test_every_reason_of_factors_and_items_is_told_in_chinese() -> None:
    """The rules page shows them to users as 依据: 10 to 40 characters, no Latin letter."""
    content = engine.load_rules().draft
    said = {entry["code"]: entry["reason"] for entry in content["factor"]}
    said |= {code: entry["why"] for code, entry in content["items"].items()}
    assert len(said) == len(content["factor"]) + len(content["items"])
    assert {code: why for code, why in said.items() if not re.search(r"[\u4e00-\u9fff]", why)} == {}
    assert {code: why for code, why in said.items() if re.search(r"[A-Za-zＡ-Ｚａ-ｚ]", why)} == {}
    assert {code: why for code, why in said.items() if not 10 <= len(why) <= 40} == {}

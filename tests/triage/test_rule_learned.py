"""The learned part of a rule set: what its page says, what may be chosen, what differs; names in Chinese."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from triage import engine, selectors, services
from triage.engine import learned
from triage.engine.parts import part_of, with_parts
from triage.models import RuleSet
from triage.rule_forms import place_name
from triage.training.fitting import store

NAME = "corpus-0123456789ab"
PROOF = {"n": 6500, "red_recall": 0.9712, "kappa": 0.9034, "item_top1": 0.7816}


@pytest.fixture(autouse=True)
def model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """A package with a second model, which knows nothing but its own figures."""
    in_use = learned.model_file(engine.load_rules().draft["learned"]["model"])
    shutil.copy(in_use, tmp_path)
    monkeypatch.setattr(learned, "_FOLDER", tmp_path)
    meta = {"alerts": 6500, "corpus": "0123456789abcdef", "folds": 5, "proof": PROOF}
    meta |= {"codes": ["N0206"], "factors": []}
    none = np.zeros((0, 2), np.int8)
    ones = np.ones(2, np.float32)
    store(learned.Model(meta, {}, np.zeros(0, np.float32), none, ones, ones), NAME)
    yield
    learned.load_model.cache_clear()
    learned.model_meta.cache_clear()


@pytest.fixture
def draft(reference: None, cast: Any, clock: Any) -> RuleSet:
    first = RuleSet.objects.get(status="active")
    return services.draft_from(first, note="选用新模型", actor=cast.bureau, at=clock.at)


def with_learned(draft: RuleSet, **fields: Any) -> RuleSet:
    draft.content = with_parts(draft.content, {"learned": {**draft.content["learned"], **fields}})
    draft.save()
    return draft


def test_the_page_tells_corpus_data_version_and_figures(draft: RuleSet, cast: Any) -> None:
    with_learned(draft, model=NAME)
    page = cast.client(cast.bureau).get(f"/rules/{draft.pk}/").content.decode()
    assert "语料 6,500 条，数据版本 <code>0123456789ab</code>" in page
    said = dict(selectors.learned_view(draft.content).figures)
    assert said == {"红色查全": "97.1%", "分级一致性": "0.90", "事项首选": "78.2%"}
    assert "5折交叉验证" in page


@pytest.mark.parametrize(("name", "words"), [("", "不使用学习模型"), ("corpus-gone", "本产品没有学习模型")])
def test_the_page_tells_of_no_model(draft: RuleSet, cast: Any, name: str, words: str) -> None:
    with_learned(draft, model=name)
    assert words in cast.client(cast.bureau).get(f"/rules/{draft.pk}/").content.decode()


def test_only_models_of_the_package_may_be_chosen(draft: RuleSet, cast: Any) -> None:
    url, browser = f"/rules/{draft.pk}/parts/learned/", cast.client(cast.bureau)
    assert f'<option value="{NAME}">' in browser.get(url).content.decode()
    refused = browser.post(url, {"model": "../../etc", "sure_from": "0.4", "row_version": 0})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["model"])
    typed = {"model": NAME, "sure_from": "0.4", "doubt_below": "0.1", "row_version": 0}
    assert browser.post(url, typed).status_code == 302
    stored = RuleSet.objects.get(pk=draft.pk).content["learned"]
    assert stored == {"model": NAME, "sure_from": 0.4, "doubt_below": 0.1}


def test_a_factor_asks_its_own_certainty_or_none(draft: RuleSet, cast: Any) -> None:
    from triage.rule_factor_form import part_form

    key = "factor/alcohol"
    for typed, stored in (("0.37", 0.37), ("", None)):
        now = RuleSet.objects.get(pk=draft.pk)
        form = part_form(now, key, None)
        fields = {name: form[name].value() for name in form.fields} | {"sure_from": typed}
        fields = {name: value for name, value in fields.items() if value not in (None, False)}
        url = f"/rules/{draft.pk}/parts/{key}/"
        assert cast.client(cast.bureau).post(url, fields | {"row_version": now.edit_no}).status_code == 302
        assert part_of(RuleSet.objects.get(pk=draft.pk).content, key).get("sure_from") == stored


def test_a_diff_names_model_certainty_and_lists_of_the_grammar(draft: RuleSet) -> None:
    reading = draft.content["grammar"]["reading"]
    changes = {
        "learned": {"model": NAME, "sure_from": 0.4},
        "grammar/reading": {**reading, "told": "听说|风闻"},
    }
    found = {
        change.key: {field.label: (field.removed, field.added) for field in change.fields}
        for change in selectors.compare(draft.content, with_parts(draft.content, changes))
    }
    assert found["learned"]["学习模型"][1] == (NAME,)
    assert found["learned"]["认定门槛"][1] == ("0.4",)
    assert found["grammar/reading"]["转述词"][1] == ("风闻",)


def test_every_list_of_the_grammar_has_a_name_and_a_line_of_help() -> None:
    asked = {f"{s}/{name}" for s, names in engine.load_rules().draft["grammar"].items() for name in names}
    assert asked - set(selectors.GRAMMAR_WORDS) == set()
    for name, (label, said) in selectors.GRAMMAR_WORDS.items():
        assert re.search(r"[\u4e00-\u9fff]", label) and said.endswith("。"), name


def test_every_word_list_and_section_has_a_name() -> None:
    content = engine.load_rules().draft
    keys = [f"{kind}/{name}" for kind in ("lexicon", "stages", "advice", "grammar") for name in content[kind]]
    assert [key for key in keys if key not in selectors.PART_NAMES] == []


@pytest.mark.parametrize(
    ("place", "words"),
    [("factor/weapon/patterns/3/find", "危险因素 · 持械 · 识别词语 · 第4条 · 识别词语"),
     ("grammar/reading/told", "句读词 · 断句、否定、过去和转述 · 转述词"),
     ("thresholds/crowd_10", "阈值 · 聚集10人因素的人数"), ("learned/model", "学习部分 · 学习模型"),
     ("lexicon/blade", "词表 · 刀具"), ("", "规则")],
)  # fmt: skip
def test_a_place_is_told_in_words(place: str, words: str) -> None:
    assert place_name(place) == words

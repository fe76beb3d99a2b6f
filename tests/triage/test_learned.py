"""The learned part: what it is trained from, that it is steady, and that it never decides alone."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import numpy as np
import pytest

from triage.engine import RuleError, RuleSet, assess, compile_rules, load_rules, load_taxonomy
from triage.engine.kinds import Report
from triage.engine.learned import Model, grams
from triage.training.corpus import Sample, digest_of, read_corpus
from triage.training.fitting import examples_of, fit

AT = datetime(2026, 6, 1, 4, tzinfo=UTC)
RED = {
    "threat_targeted",
    "weapon",
    "strangulation",
    "vulnerable_victim",
    "order_breach",
    "child_taken",
    "crowd_30",
}


@cache
def corpus() -> list[Sample]:
    return read_corpus()


def always(share: float) -> Model:
    """A model that says the same of everything: it knows no feature, only its bias."""
    factors = list(load_rules().factors)
    columns = 1 + 1 + len(factors)
    return Model(
        meta={"codes": ["N0206"], "factors": factors},
        places={},
        rarity=np.zeros(0, np.float32),
        weights=np.zeros((0, columns), np.int8),
        scale=np.ones(columns, np.float32),
        bias=np.full(columns, np.log(share / (1 - share)), np.float32),
    )


def codes(narrative: str, rules: RuleSet) -> set[str]:
    return {factor.code for factor in assess(Report(narrative, AT), rules).factors}


def test_every_item_has_twenty_alerts_and_two_hundred_are_no_dispute() -> None:
    seen = Counter(sample.item for sample in corpus())
    assert {code: seen[code] for code in load_taxonomy().items if seen[code] < 20} == {}
    assert seen["X0000"] >= 200


def test_the_labels_of_the_corpus_are_known_and_agree() -> None:
    known, factors = load_taxonomy().items, load_rules().factors
    wrong = [
        sample
        for sample in corpus()
        if not {sample.item, *sample.also} <= set(known)
        or not set(sample.factors) <= set(factors)
        or sample.colour not in ("red", "orange", "yellow", "blue", "")
        or (sample.colour in ("yellow", "blue") and RED & set(sample.factors))
    ]
    assert wrong == []


def test_no_alert_of_the_corpus_stands_twice() -> None:
    assert [
        text for text, times in Counter(sample.narrative for sample in corpus()).items() if times > 1
    ] == []


def test_the_stored_model_was_trained_from_this_corpus() -> None:
    model = load_rules().learned
    assert model is not None
    assert model.meta["corpus"] == digest_of()


def test_the_same_corpus_gives_the_same_model() -> None:
    examples = examples_of([*corpus()[:60], *corpus()[-40:]], load_rules())
    one, other = fit(examples, meta={}), fit(examples, meta={})
    assert one.places == other.places
    assert np.array_equal(one.weights, other.weights)


def test_the_model_alone_finds_no_factor() -> None:
    """Words of the rules must stand in the text, however sure the model is."""
    sure = replace(load_rules(), learned=always(0.999))
    assert codes("两家为楼道里放鞋柜的事意见不同，请社区来一趟。", sure) == set()


def test_a_hint_counts_only_where_the_model_confirms_it() -> None:
    hint = [{"find": "手里攥着东西", "scope": "event"}]
    draft = json.loads(json.dumps(load_rules().draft))
    for entry in draft["factor"]:
        if entry["code"] == "weapon":
            entry["hints"] = hint
    rules, text = compile_rules(draft), "对方站在门口，手里攥着东西不说话，两人为车位吵。"
    assert "weapon" in codes(text, replace(rules, learned=always(0.9)))
    assert "weapon" not in codes(text, replace(rules, learned=always(0.1)))
    assert "weapon" not in codes(text, replace(rules, learned=None))
    denied = "两人为车位吵，对方没有手里攥着东西。"
    assert "weapon" not in codes(denied, replace(rules, learned=always(0.9)))


def test_rules_that_name_an_unknown_model_are_refused() -> None:
    draft = {**load_rules().draft, "learned": {"model": "corpus-of-nobody", "sure_from": 0.5}}
    with pytest.raises(RuleError, match="corpus-of-nobody"):
        compile_rules(draft)


def test_groups_of_characters_stay_inside_a_clause() -> None:
    assert grams("漏水,吵") == {"漏", "水", "漏水", "吵"}

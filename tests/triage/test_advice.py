"""What an officer is told to bring and whom to call: for every factor, every class, in three short lines."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from triage import engine
from triage.engine import wording

RULES = engine.load_rules()
AT = datetime(2026, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize("code", RULES.factors)
def test_every_factor_has_its_advice(code: str) -> None:
    assert 6 <= len(RULES.advice["factor"][code]) <= 60


@pytest.mark.parametrize("code", sorted({item[:3] for item in engine.load_taxonomy().items} - {"X00"}))
def test_every_class_has_its_advice(code: str) -> None:
    assert 6 <= len(RULES.advice["item_class"][code]) <= 60


@pytest.mark.parametrize(
    ("narrative", "words"),
    [
        ("报警人称丈夫酒后动手打了她，脸上有伤。", "告诫书"),
        ("十几名工人因被拖欠三个月工资，在工地门口讨薪。", "人社"),
        ("报警人称隔壁成年男子动手殴打其8岁儿子，孩子头部流血。", "监护人"),
    ],
)
def test_what_the_case_asks_for_comes_first(narrative: str, words: str) -> None:
    verdict = engine.assess(engine.Report(narrative, AT), RULES)
    assert len(verdict.measures) == 3
    assert words in "".join(verdict.measures[:2])
    assert verdict.lead_department


@pytest.mark.parametrize("colour", ["red", "orange", "yellow", "blue", None])
def test_a_case_without_factors_has_advice_of_its_class_first(colour) -> None:
    lines = wording.measures(colour, (), RULES, "N0401")
    assert len(lines) == len(set(lines)) == 3
    assert "12315" in lines[0]


def test_rules_without_advice_by_class_still_advise() -> None:
    assert wording.measures("blue", (), RULES, "X0000") == tuple(RULES.advice["colour"]["blue"])[:3]

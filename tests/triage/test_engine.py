"""What the engine promises about any report: boundaries, explanation, steadiness."""

import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.engine import (
    Factor,
    Prior,
    Report,
    RuleError,
    Span,
    assess,
    compile_rules,
    load_rules,
    load_taxonomy,
    mark,
)
from triage.engine.kinds import COLOURS
from triage.engine.numbers import ages, amounts, parse_number, people

AT = datetime(2026, 6, 1, 4, tzinfo=UTC)
CALM = "两户邻居为楼道里放鞋柜的事争执，请社区来说说。"
KNIFE = "对方手持菜刀站在门口。"


def verdict(narrative: str, **fields: Any) -> Any:
    return assess(Report(narrative, AT, **fields), load_rules())


def codes(narrative: str, **fields: Any) -> set[str]:
    return {factor.code for factor in verdict(narrative, **fields).factors}


def prior(days: float, outcome: str = "none", narrative: str = "双方为鞋柜争执") -> Prior:
    return Prior(AT - timedelta(days=days), narrative, outcome)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("十几", 10),
        ("十七八", 17),
        ("七八", 7),
        ("二三十", 20),
        ("几十", 30),
        ("四十", 40),
        ("一百二十", 120),
        ("两百", 200),
        ("38", 38),
        ("1,200", 1200),
    ],
)
def test_numbers_are_read_at_the_lowest_the_words_allow(words: str, value: float) -> None:
    assert parse_number(words) == value


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("欠48万工资", [480000]),
        ("尾款7万6拖着", [76000]),
        ("两万余元", [20000]),
        ("三千块", [3000]),
        ("9.8万买的", [98000]),
        ("一万六", [16000]),
        ("80,000元", [80000]),
        ("万一出事", []),
        ("1200户", []),
        ("三万人口", []),
    ],
)
def test_amounts(text: str, values: list[float]) -> None:
    assert [amount.value for amount in amounts(text)] == values


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("十几名工人", [10]),
        ("三十多个业主", [30]),
        ("七八户", [7]),
        ("和工友共十三人", [13]),
        ("三十栋", []),
        ("30元", []),
        ("一家五口", []),
        ("那户把碗砸了八十多个，", []),
    ],
)
def test_people(text: str, values: list[float]) -> None:
    assert [found.value for found in people(text)] == values


@pytest.mark.parametrize(
    ("text", "values"), [("八旬老人", [80]), ("6岁", [6]), ("七十八岁", [78]), ("六年", [])]
)
def test_ages(text: str, values: list[float]) -> None:
    assert [found.value for found in ages(text)] == values


@pytest.mark.parametrize(
    ("days", "present"), [([90], True), ([91], False), ([89.9], True), ([], False), ([200, 300], False)]
)
def test_second_alert_within_ninety_days(days: list[float], present: bool) -> None:
    assert ("repeat_alert" in codes(CALM, priors=tuple(prior(day) for day in days))) == present


@pytest.mark.parametrize(
    ("days", "present"), [([5, 30], True), ([5, 31], False), ([5], False), ([1, 2, 3], True)]
)
def test_third_alert_within_thirty_days_is_orange(days: list[float], present: bool) -> None:
    found = verdict(CALM, priors=tuple(prior(day) for day in days))
    assert ("repeat_3_in_30" in {factor.code for factor in found.factors}) == present
    assert (found.colour == "orange") == present


def test_an_alert_later_than_the_report_is_no_earlier_alert() -> None:
    assert "repeat_alert" not in codes(CALM, priors=(prior(-1),))


def test_unsettled_alerts_are_failed_mediation_and_two_with_an_old_grudge_are_orange() -> None:
    assert "failed_mediation" in codes(CALM, priors=(prior(100, "unsettled"),))
    assert "failed_mediation" not in codes(CALM, priors=(prior(100, "settled"),))
    old = (prior(100, "unsettled"), prior(400, "unsettled"))
    assert verdict(CALM, priors=old).colour == "orange"
    assert verdict(CALM, priors=old[:1]).colour == "yellow"


@pytest.mark.parametrize(
    ("narrative", "present"),
    [
        ("对方将报警人打伤", True),
        ("丈夫扇其耳光", True),
        ("双方争吵，没有打人", False),
        ("来要钱吵闹", False),
    ],
)
def test_violence_in_an_earlier_alert_is_a_record(narrative: str, present: bool) -> None:
    assert ("prior_violence" in codes(CALM, priors=(prior(100, narrative=narrative),))) == present


@pytest.mark.parametrize(
    ("amount", "present"), [(Decimal("50000"), True), (Decimal("49999.99"), False), (None, False)]
)
def test_a_structured_amount_counts_as_the_text_does(amount: Decimal | None, present: bool) -> None:
    assert ("large_amount" in codes(CALM, amount=amount)) == present


@pytest.mark.parametrize(
    ("count", "code"),
    [(4, None), (5, "crowd_5"), (9, "crowd_5"), (10, "crowd_10"), (29, "crowd_10"), (30, "crowd_30")],
)
def test_a_structured_number_of_people_counts_as_the_text_does(count: int, code: str | None) -> None:
    found = codes(CALM, people_involved=count) & {"crowd_5", "crowd_10", "crowd_30"}
    assert found == ({code} if code else set())


@pytest.mark.parametrize(
    ("narrative", "colour"),
    [
        ("十几名工人堵住厂门不让进出，要求发工资。", "red"),
        ("三名工人堵住厂门不让进出，要求发工资。", "yellow"),
        ("妹妹发信息说不想活了。", "orange"),
        ("妹妹坐在楼顶上说不想活了。", "red"),
        ("两家为倒垃圾争吵，已经说开了，不用民警过来。", "blue"),
    ],
)
def test_colours_that_depend_on_two_facts(narrative: str, colour: str) -> None:
    assert verdict(narrative).colour == colour


@pytest.mark.parametrize(
    "narrative",
    [
        "对方去过省里上访，现在和邻居为滴水争执。",
        "对方是外地人，和邻居为滴水争执。",
        "对方是少数民族群众，和邻居为滴水争执。",
        "对方是重点人员，和邻居为滴水争执。",
        "邻居有抑郁症病史，两家为滴水争执。",
    ],
)
def test_origin_petitioning_lists_and_diagnosis_add_nothing(narrative: str) -> None:
    assert verdict(narrative).points == verdict("和邻居为滴水争执。").points
    assert verdict(narrative).colour == "blue"


def test_the_verdict_explains_itself() -> None:
    found = verdict("对方手持菜刀扬言要弄死报警人。")
    assert found.colour == "red"
    assert found.sentence.startswith("红：") and "持械" in found.sentence and "扬言伤人" in found.sentence
    assert len(found.measures) == 3
    assert len(found.alternatives) == 2
    assert found.one_lower
    assert found.rule_version == "1"
    assert found.lead_department in found.lead_departments


def test_an_alert_without_a_dispute_keeps_its_urgency() -> None:
    found = verdict("路人报，有人落水，正在水里挣扎。")
    assert (found.dispute, found.item, found.colour, found.urgency) == (False, "X0000", None, "first")
    assert verdict("报警人捡到一个钱包，想交给派出所。").urgency == "third"


def test_same_report_same_verdict() -> None:
    report = Report(KNIFE + CALM, AT, priors=(prior(3),))
    assert assess(report, load_rules()) == assess(report, load_rules())


@pytest.mark.parametrize("calm", [CALM, "租客退租，房东不退押金一千元。", "楼上漏水，双方对谁来修意见不一。"])
@pytest.mark.parametrize(
    "hard", [KNIFE, "对方扬言要弄死他全家。", "丈夫掐住她脖子。", "四十多名工人堵住大门。"]
)
def test_a_hard_trigger_anywhere_makes_it_red(calm: str, hard: str) -> None:
    assert verdict(calm + hard).colour == "red"
    assert verdict(hard + calm).colour == "red"


@pytest.mark.parametrize("narrative", [CALM, KNIFE, "两人推搡了几下，没有受伤。"])
def test_neutral_words_change_no_colour(narrative: str) -> None:
    padded = "现场天气晴。" + narrative + "联系方式已留存。"
    assert verdict(padded).colour == verdict(narrative).colour


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("对方持刀威胁，要求还30000元!", "对方持刀威胁，要求还３００００元！"),
        ("对方拿着铁管，报警", "對方拿著鐵管，報警"),
        ("丈夫打了她,她报警.", "丈夫打了她，她报警。"),
    ],
)
def test_width_marks_and_traditional_forms_change_no_colour(one: str, other: str) -> None:
    assert verdict(one).colour == verdict(other).colour


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=400))
def test_never_raises_on_any_text(narrative: str) -> None:
    found = verdict(narrative)
    assert found.item in load_taxonomy()
    assert "".join(piece.text for piece in mark(narrative, found.factors)) == narrative


@pytest.mark.parametrize(
    "narrative", ["", " ", "\ud800", "\x00" * 50, "打" * 10_000, "不给钱就" * 3000, "，。" * 6000]
)
def test_never_raises_on_odd_text(narrative: str) -> None:
    assert verdict(narrative).item in load_taxonomy()


def test_marks_cut_the_narrative_at_the_evidence() -> None:
    first = Factor("weapon", "持械", "red", (Span(2, 6, "手持菜刀"),), 10)
    second = Factor(
        "threat_targeted", "扬言", "red", (Span(4, 8, "菜刀威胁"), Span(-1, -1, "90天内第2次报警")), 10
    )
    pieces = [(piece.text, piece.factor_codes) for piece in mark("对方手持菜刀威胁他", (first, second))]
    assert pieces == [
        ("对方", ()),
        ("手持", ("weapon",)),
        ("菜刀", ("weapon", "threat_targeted")),
        ("威胁", ("threat_targeted",)),
        ("他", ()),
    ]


def test_taxonomy_has_every_item_and_the_outside() -> None:
    taxonomy = load_taxonomy()
    assert len(taxonomy.items) == 115
    assert len(taxonomy.classes) == 23
    assert taxonomy["P0401"].side == "police"
    assert set(load_rules().items.reasons) <= set(taxonomy.items)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("floor", "purple", "weapon.floor"),
        ("points", -1, "weapon.points"),
        ("patterns", [{"find": "("}], r"weapon.patterns\[0\].find"),
        ("patterns", [{"find": "{nothing}刀"}], "unknown word list"),
        ("patterns", [{"find": "刀", "scope": "dream"}], "unknown scope"),
    ],
)
def test_a_wrong_rule_is_refused_at_its_field(field: str, value: Any, message: str) -> None:
    draft = copy.deepcopy(dict(load_rules().draft))
    next(entry for entry in draft["factor"] if entry["code"] == "weapon")[field] = value
    with pytest.raises(RuleError, match=message):
        compile_rules(draft)


def test_a_report_is_only_compared_by_what_it_says() -> None:
    one = verdict(CALM)
    assert replace(one, ms=99.0) == one
    assert one.colour in COLOURS

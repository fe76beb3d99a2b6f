"""What is wrong with a draft: every flaw at its place, in Chinese, with the cure; patterns that run long."""

from __future__ import annotations

import re
import time
from typing import Any

import pytest

from triage import engine
from triage.engine import parts, probing
from triage.engine.backtracking import runs_long
from triage.engine.checking import flaws
from triage.engine.pattern_checks import package_patterns

DRAFT: dict[str, Any] = dict(engine.load_rules().draft)
ALCOHOL = parts.part_of(DRAFT, "factor/alcohol")
WEAPON = parts.part_of(DRAFT, "factor/weapon")
LIMITS = DRAFT["thresholds"]
READING, OUTSIDE = DRAFT["grammar"]["reading"], DRAFT["grammar"]["outside"]
SPELLING = DRAFT["grammar"]["spelling"]
SUICIDE = parts.part_of(DRAFT, "factor/suicide")
CUES = parts.part_of(DRAFT, "items/N0203")


def find(text: str, **more: Any) -> dict[str, Any]:
    return {**ALCOHOL, "patterns": [{"find": text, "scope": "event", **more}]}


def alcohol(**fields: Any) -> dict[str, Any]:
    return {"factor/alcohol": {**ALCOHOL, **fields}}


def learned(**fields: Any) -> dict[str, Any]:
    return {"learned": {**DRAFT["learned"], **fields}}


def without(part: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key != name}


def limits(**numbers: Any) -> dict[str, Any]:
    return {"thresholds": {**LIMITS, **numbers}}


def crowd(*numbers: Any) -> dict[str, Any]:
    return limits(
        crowd=[list(pair) for pair in zip(("crowd_30", "crowd_10", "crowd_5"), numbers, strict=True)]
    )


def cue(line: Any, weight: Any) -> dict[str, Any]:
    return {"items/N0203": {**CUES, "cues": [[line, weight]]}}


AT_FIND = "factor/alcohol/patterns/0/find"
# change, the place of the flaw, a piece of its words
TABLE: list[tuple[str, dict[str, Any], str, str]] = [
    ("dialect of another length", {"grammar/spelling": {**SPELLING, "wu": "勿=不|弄堂=巷"}},
     "grammar/spelling/wu", "“弄堂=巷”不能替换"),
    ("open bracket", {"factor/alcohol": find("喝酒|(醉酒")}, AT_FIND, "第4个字符处：括号没有闭合"),
    ("extra bracket", {"factor/alcohol": find("喝酒)")}, AT_FIND, "第3个字符处：多了一个右括号"),
    ("place behind a list", {"factor/alcohol": find("{child}<8>喝酒)")}, AT_FIND, "第13个字符处"),
    ("open set", {"factor/alcohol": find("喝[酒")}, AT_FIND, "方括号没有闭合"),
    ("nothing to repeat", {"factor/alcohol": find("+酒")}, AT_FIND, "重复符号前面没有内容"),
    ("loose look-behind", {"factor/alcohol": find("(?<!没有?)喝酒")}, AT_FIND, "长度不固定"),
    ("runs long", {"factor/alcohol": find("(酒+)+醉")}, AT_FIND, "运行过久"),
    ("runs long by cost", {"factor/alcohol": find("酒<24>酒<24>酒<24>酒<24>醉")}, AT_FIND, "运行过久"),
    ("too long", {"factor/alcohol": find("酒" * 20_001)}, AT_FIND, "超过20000个"),
    ("reads nothing", {"factor/alcohol": find("喝酒|")}, AT_FIND, "空的内容也算命中"),
    ("empty", {"factor/alcohol": find(" ")}, AT_FIND, "没有填写"),
    ("no find", alcohol(patterns=[{"scope": "event"}]), AT_FIND, "没有填写"),
    ("unknown list", {"factor/alcohol": find("{drinks}")}, AT_FIND, "没有名为“drinks”的词表"),
    ("bad condition", {"factor/alcohol": find("喝酒", unless="(")}, AT_FIND[:-4] + "unless", "括号"),
    ("bad lead", {"factor/alcohol": find("喝酒", lead="(a|a)*b")}, AT_FIND[:-4] + "lead", "过久"),
    ("unknown scope", {"factor/alcohol": find("喝酒", scope="always")}, AT_FIND[:-4] + "scope", "识别方式"),
    ("negative points", alcohol(points=-1), "factor/alcohol/points", "分值是负数"),
    ("absurd points", alcohol(points=1000), "factor/alcohol/points", "分值超过"),
    ("points in words", alcohol(points="三"), "factor/alcohol/points", "不是整数"),
    ("half points", alcohol(points=2.5), "factor/alcohol/points", "不是整数"),
    ("missing floor", alcohol(floor=""), "factor/alcohol/floor", "没有选定最低预警色"),
    ("unknown floor", alcohol(floor="purple"), "factor/alcohol/floor", "没有选定最低预警色"),
    ("no name", alcohol(name=""), "factor/alcohol/name", "名称未填"),
    ("no reason", alcohol(reason=" "), "factor/alcohol/reason", "依据未填"),
    ("endless reason", alcohol(reason="酒" * 201), "factor/alcohol/reason", "200个字"),
    ("too sure", alcohol(sure_from=0.96), "factor/alcohol/sure_from", "0.05至0.95"),
    ("sure of everything", alcohol(sure_from=0.0), "factor/alcohol/sure_from", "0.05至0.95"),
    ("doubts everything", alcohol(doubt_below=0.6), "factor/alcohol/doubt_below", "0至0.5"),
    ("doubts below nothing", learned(doubt_below=-0.1), "learned/doubt_below", "0至0.5"),
    ("sure in words", learned(sure_from="很"), "learned/sure_from", "0.05至0.95"),
    ("no such model", learned(model="corpus-of-nobody"), "learned/model", "corpus-of-nobody"),
    ("nothing learned", {"learned": {}}, "learned/sure_from", "本版没有"),
    ("word of the grammar gone", {"grammar/reading": without(READING, "told")}, "grammar/reading/told",
     "本版没有"),
    ("section of the grammar gone", {"grammar/facts": None}, "grammar/facts/several", "本版没有"),
    ("weights gone", {"grammar/outside": without(OUTSIDE, "weighted")}, "grammar/outside/weighted",
     "本版没有"),
    ("stage gone", {"stages/fiction": None}, "stages/fiction", "本版没有"),
    ("list of a finder gone", {"lexicon/lover": None}, "lexicon/lover", ""),
    ("words of a finder gone", {"factor/suicide": without(SUICIDE, "means")}, "factor/suicide/means",
     "本版没有"),
    ("bad code", {"factor/Bad Code": {**ALCOHOL, "code": "Bad Code"}}, "factor/Bad Code/code", "不合规则"),
    ("trigger removed", {"factor/weapon": None}, "factor/weapon/removed", "被删除"),
    ("trigger lowered", {"factor/weapon": {**WEAPON, "floor": "yellow"}}, "factor/weapon/floor", "降为黄色"),
    ("engine needs it", {"factor/prior_violence": None}, "factor/prior_violence/removed", "引擎需要"),
    ("circle", {"lexicon/blade": "{club}|刀", "lexicon/club": "棍|{blade}"}, "lexicon/blade", "成环"),
    ("own circle", {"lexicon/blade": "刀|{blade}"}, "lexicon/blade", "blade → blade"),
    ("list names none", {"lexicon/blade": "刀|{knives}"}, "lexicon/blade", "knives"),
    ("list removed", {"lexicon/fuel": None, "lexicon/x": "{fuel}|油"}, "lexicon/x", "fuel"),
    ("bad harmless word", {"harmless": {"words": ["杀价", "砍("]}}, "harmless/words/1", "括号没有闭合"),
    ("bad stage", {"stages/settled": "和好["}, "stages/settled", "方括号"),
    ("crowds out of order", crowd(10, 30, 5), "thresholds/crowd_10", "顺序"),
    ("crowds alike", crowd(30, 10, 10), "thresholds/crowd_5", "顺序"),
    ("crowd of one", crowd(30, 10, 1), "thresholds/crowd_5", "人数不合理"),
    ("no amount", limits(large_amount=0), "thresholds/large_amount", "数值不合理"),
    ("negative days", limits(repeat_within_days=-90), "thresholds/repeat_within_days", "数值不合理"),
    ("endless days", limits(grudge_days=10**9), "thresholds/grudge_days", "数值不合理"),
    ("no number", limits(aged_from=None), "thresholds/aged_from", "数值不合理"),
    ("not finite", limits(large_amount=float("nan")), "thresholds/large_amount", "数值不合理"),
    ("often below again", limits(frequent_count=2, repeat_count=3), "thresholds/frequent_count", "少于"),
    ("cue without a reason", {"items/N0203": without(CUES, "why")}, "items/N0203/why", "依据未填"),
    ("unknown item", {"items/N9999": CUES}, "items/N9999/code", "清单中没有事项“N9999”"),
    ("weight in words", cue("漏水", "四"), "items/N0203/cues/0", "权重"),
    ("no weight", cue("漏水", 0), "items/N0203/cues/0", "权重"),
    ("empty group", cue("漏水 & ", 4), "items/N0203/cues/0", "空的词组"),
    ("advice gone", {"advice/lower": {"red": "可降"}}, "advice/lower/orange", "没有填写"),
    ("advice too long", {"advice/urgency": {"first": "一" * 81}}, "advice/urgency/first", "超过80个字"),
    ("sentence without urgency", {"advice/sentence": {"blue": "无", "outside": "{x}"}},
     "advice/sentence/outside", "{urgency}"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "place", "words"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_each_flaw_stands_at_its_place(change: dict[str, Any], place: str, words: str) -> None:
    found = {flaw.field_path: flaw for flaw in flaws(parts.with_parts(DRAFT, change))}
    assert place in found
    assert words in found[place].message
    assert found[place].cure_zh
    assert not re.search(r"[a-zA-Z]{12,}", found[place].text_zh), "no words of the compiler"


def test_the_packages_own_rules_have_no_flaw() -> None:
    assert flaws(DRAFT) == ()


def test_the_packages_own_patterns_are_quick() -> None:
    """They are not timed when a draft is checked: here they are."""
    assert probing.slow_ones(package_patterns()) == frozenset()


def test_a_factor_may_not_stand_twice() -> None:
    twice = {**DRAFT, "factor": [*DRAFT["factor"], ALCOHOL]}
    assert [flaw.field_path for flaw in flaws(twice)] == ["factor/alcohol/code"]


def test_lists_may_name_each_other_without_a_circle() -> None:
    assert flaws(parts.with_parts(DRAFT, {"lexicon/tool": "{blade}|{club}|酒瓶"})) == ()


@pytest.mark.parametrize(
    "change", [{"factor/strangulation": None}, {"factor/weapon": {**WEAPON, "floor": "orange"}}]
)
def test_a_hard_trigger_goes_with_a_reason(change: dict[str, Any]) -> None:
    (key,) = change
    waived = {f"waived/{parts.part_of(DRAFT, key)['code']}": "按分局会议纪要试行三个月"}
    assert flaws(parts.with_parts(DRAFT, change)) != ()
    assert flaws(parts.with_parts(DRAFT, change | waived)) == ()


@pytest.mark.parametrize("section", sorted(DRAFT))
def test_rules_without_a_section_do_not_compile(section: str) -> None:
    """A RuleError before any alert is read, never a KeyError while one is."""
    with pytest.raises(engine.RuleError, match=section):
        engine.compile_rules(without(DRAFT, section))


def test_every_word_of_the_grammar_is_asked_for() -> None:
    # Rules from before dialect was read lack its lists and read as they did.
    asked = {section: words for section, words in DRAFT["grammar"].items() if section != "spelling"}
    for section, words in asked.items():
        for name in words:
            lacking = {**DRAFT["grammar"], section: without(words, name)}
            with pytest.raises(engine.RuleError, match=f"grammar/{section}/{name}:"):
                engine.compile_rules({**DRAFT, "grammar": lacking})


def test_a_change_leaves_the_original_alone() -> None:
    before = repr(DRAFT)
    parts.with_parts(DRAFT, {"factor/weapon": None, "lexicon/blade": "刀", "thresholds": {}})
    assert repr(DRAFT) == before


# Patterns that run long ------------------------------------------------------------------------------------

LONG = [
    "(a+)+$", "(a|a)*b", "(.*a){20}", "(a|aa)+$", "([a-z]+)*x", ".*.*=", r"(\d+)*年", "(?:a{0,30}){0,30}b",
    "[^。]*打[^。]*骂", "(?:甲|乙|甲乙)+来", "(x+x+)+y", "打(?=(a+)+$)", "(?:打*)*骂", r"(?:\w+\s?)*。",
]  # fmt: skip
QUICK = [
    "(ab+c)+", "(?:,[^,]*)+x", "(?:a?b)+", r"\d+\.\d+元", "[^,。]{0,16}?打[^,。]{0,16}?人", "(?:打|骂)+",
    "甲+乙+",
    r"\d{1,4}年(?:\d{1,2}月)?", "^(?![^,。]*因)打", "[一二三]+万?余?元",
]  # fmt: skip


@pytest.mark.parametrize("pattern", LONG)
def test_what_runs_long_is_refused_quickly(pattern: str) -> None:
    began = time.monotonic()
    found = flaws(parts.with_parts(DRAFT, {"stages/settled": pattern}))
    assert [flaw.field_path for flaw in found] == ["stages/settled"]
    assert "运行过久" in found[0].text_zh
    assert runs_long(pattern)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("pattern", QUICK)
def test_what_only_looks_long_is_accepted(pattern: str) -> None:
    assert not runs_long(pattern)
    assert probing.slow_ones([pattern]) == frozenset()


def test_a_hanging_process_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """A matcher that hears no alarm: the pattern it hangs on counts as slow, the next are tried."""
    child = probing._CHILD.replace("signal.setitimer(signal.ITIMER_VIRTUAL, limit)", "pass")
    monkeypatch.setattr(probing, "_CHILD", child)
    monkeypatch.setattr(probing, "PATIENCE_SECONDS", 1.0)
    assert probing.slow_ones(["打", "(a+)+$", "骂"]) == {"(a+)+$"}

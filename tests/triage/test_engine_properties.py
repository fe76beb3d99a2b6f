"""What holds for any text at all: the engine never fails, danger only adds, padding adds nothing."""

import json
import random
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from time import process_time

import opencc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.engine import Report, Verdict, assess, load_rules
from triage.engine.kinds import COLOURS
from triage.engine.text import uniform
from triage.training.corpus import read_corpus

AT = datetime(2026, 6, 1, 4, tzinfo=UTC)
# One clause for each fact that alone is red (handbook, triage).
HARD_TRIGGERS = [
    "对方手持菜刀站在门口。",
    "对方扬言今晚要杀了他全家。",
    "对方掐住她的脖子不放。",
    "法院下了人身安全保护令，前夫今晚又来砸门。",
    "三十多名工人堵住厂门。",
    "男子爬上楼顶要跳下去。",
    "对方把八十岁的老人推倒在地，手腕骨折。",
]
NEUTRAL = [
    "今天天气晴朗。",
    "地点在人民路附近。",
    "来电人声音清楚，语速正常。",
    "附近有一家超市和一所银行。",
    "请问还有什么需要补充的吗。",
    "工号已经登记完毕。",
]


def verdict(narrative: str) -> Verdict:
    return assess(Report(narrative, AT), load_rules())


def rank(found: Verdict) -> int:
    return -1 if found.colour is None else COLOURS.index(found.colour)


@cache
def narratives() -> list[str]:
    """A steady handful of the corpus, spread over all its items."""
    samples = [sample.narrative for sample in read_corpus()]
    return random.Random(7).sample(samples, 300)


any_text = st.text(alphabet=st.characters(), max_size=300)
alert_like = st.lists(
    st.one_of(st.sampled_from(HARD_TRIGGERS + NEUTRAL), st.text(max_size=12)), max_size=12
).map("".join)


@given(st.one_of(any_text, alert_like))
@settings(max_examples=300, deadline=None)
def test_any_text_gets_a_verdict_whose_words_stand_where_it_says(text: str) -> None:
    found = verdict(text)
    for factor in found.factors:
        for span in factor.evidence:
            assert not span.in_narrative or text[span.start : span.end] == span.text


@pytest.mark.parametrize("plane", range(17))
def test_ten_thousand_characters_of_every_plane_of_unicode(plane: int) -> None:
    chars = [code for code in range(plane * 0x10000, (plane + 1) * 0x10000) if not 0xD800 <= code < 0xE000]
    text = "".join(map(chr, random.Random(plane).choices(chars, k=10_000)))
    assert verdict(text).rule_version == load_rules().version


@pytest.mark.parametrize(
    "unit", ["刀", "没", "打他", "要", "，", "十", "去年", "老人被", "不给钱就", "1", "\u0301", "「"]
)
def test_ten_thousand_characters_of_one_kind_are_read_in_time(unit: str) -> None:
    before = process_time()
    verdict((unit * 10_000)[:10_000])
    # 1 ms is an ordinary alert; a pattern that runs away takes minutes.
    assert process_time() - before < 5


@pytest.mark.parametrize("clause", HARD_TRIGGERS)
def test_a_clause_of_plain_danger_makes_any_alert_red(clause: str) -> None:
    calm = [text for text in narratives() if "游戏" not in text and "电视" not in text]
    missed = [text for text in calm if verdict(f"{text.rstrip('。.,，')}。现在{clause}").colour != "red"]
    assert missed == []


def test_neutral_sentences_never_raise_a_colour() -> None:
    raised = []
    for number, text in enumerate(narratives()):
        pad = NEUTRAL[number % len(NEUTRAL)]
        padded = verdict(f"{pad}{text.rstrip('。')}。{pad}")
        if rank(padded) > max(rank(verdict(text)), 0):
            raised.append(text)
    assert raised == []


def _wide(text: str) -> str:
    return "".join(chr(ord(char) + 0xFEE0) if "!" <= char <= "~" else char for char in text)


def test_width_and_script_change_neither_colour_nor_item() -> None:
    traditional = opencc.OpenCC("s2t")
    differing = [
        text
        for text in narratives()
        for other in (_wide(text), traditional.convert(text))
        if len(other) == len(text)
        and uniform(other) == uniform(text)
        and (verdict(other).colour, verdict(other).item) != (verdict(text).colour, verdict(text).item)
    ]
    assert differing == []


def test_nearly_every_alert_reads_the_same_in_traditional_characters() -> None:
    traditional = opencc.OpenCC("s2t")
    same = [verdict(traditional.convert(text)).colour == verdict(text).colour for text in narratives()]
    # A few words have no way back (著 for 着 and 著 alike).
    assert sum(same) >= 0.99 * len(same)


def test_the_corpus_is_apart_from_the_tests() -> None:
    tables = (Path(__file__).parent / "tables").glob("*.psv")
    tested = "\n".join(file.read_text(encoding="utf-8") for file in tables)
    assert [sample.narrative for sample in read_corpus() if sample.narrative in tested] == []


def test_a_verdict_survives_json() -> None:
    found = verdict("对方手持菜刀站在门口，欠48万工资。")
    assert json.loads(json.dumps([span.text for factor in found.factors for span in factor.evidence]))

"""Dialect words and slips of the keyboard are read as the standard words that the rules are written in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from triage.engine import Report, assess, load_rules
from triage.engine.rules import compile_rules
from triage.engine.text import Spelling, misspelt, uniform

AT = datetime(2026, 6, 1, 4, tzinfo=UTC)
# What was typed, the same in standard words, a factor that both must show ("" for none of those).
SAID = [
    (
        "报警人称对方扬言今朝夜到要弄煞伊拉一家。",
        "报警人称对方扬言今天晚上要弄死他们一家。",
        "threat_targeted",
    ),
    ("对方讲勿要想安生，要侬好看。", "对方讲不要想安生，要你好看。", "threat_vague"),
    (
        "丈夫拿伊按在床上，掐牢头颈勿放，掐牢脖子。",
        "丈夫拿伊按在床上，掐住头颈不放，掐住脖子。",
        "strangulation",
    ),
    ("隔壁男的吃了老酒，拿菜刀立在门口骂。", "隔壁男的喝了老酒，拿菜刀站在门口骂。", "weapon"),
    ("隔壁男的吃了老酒来敲门骂人。", "隔壁男的喝了老酒来敲门骂人。", "alcohol"),
    ("对方没有动手，也呒没拿刀，只是相骂。", "对方没有动手，也没有拿刀，只是吵架。", ""),
    ("婆娘遭他扇耳屎，他喝麻了回来就打婆娘。", "老婆遭他扇耳光，他喝醉了回来就打老婆。", "domestic_violence"),
    ("对方提起刀守到门口，喊她出来。", "对方提着刀守着门口，喊她出来。", "weapon"),
    ("娃儿找不到了，莫得人吵架，就想调监控。", "孩子找不到了，没有人吵架，就想调监控。", ""),
    ("俺家门口让人堵死了，车出不来，干仗了。", "我家门口让人堵死了，车出不来，打架了。", "blockade"),
    ("他说再来就攮死俺。", "他说再来就捅死我。", "threat_targeted"),
    ("对方话要斩死佢全家，唔肯走。", "对方话要砍死他全家，不肯走。", "threat_targeted"),
    ("男子威协要杀了前妻。", "男子威胁要杀了前妻。", "threat_targeted"),
    ("对方拿着菜到追他。", "对方拿着菜刀追他。", "weapon"),
    ("法院刚发了保护另，前夫今晚又来砸门。", "法院刚发了保护令，前夫今晚又来砸门。", "order_breach"),
    ("邻局装修吵，民警调节过两次都没调成。", "邻居装修吵，民警调解过两次都没调成。", "failed_mediation"),
    ("老版欠新三个月，工姿一分没给。", "老板欠薪三个月，工资一分没给。", "wage_arrears"),
]


@pytest.mark.parametrize(("typed", "standard", "factor"), SAID)
def test_dialect_and_slips_give_the_colour_of_the_standard_words(
    typed: str, standard: str, factor: str
) -> None:
    found, plain = (assess(Report(text, AT), load_rules()) for text in (typed, standard))
    assert (found.colour, found.item) == (plain.colour, plain.item)
    codes = {one.code for one in found.factors}
    assert codes == {one.code for one in plain.factors}
    assert factor in codes if factor else not codes & {"weapon", "threat_targeted", "physical_contact"}


def test_the_evidence_shows_the_words_that_were_typed() -> None:
    text = "对方话要斩死佢全家，唔肯走。"
    threat = next(
        one for one in assess(Report(text, AT), load_rules()).factors if one.code == "threat_targeted"
    )
    assert all(text[span.start : span.end] == span.text for span in threat.evidence)
    assert any("斩死" in span.text for span in threat.evidence)


@pytest.mark.parametrize(
    "text", ["报警人称其女儿今儿子都不管。", "请勿打扰。", "公司内部调节过温度，没有纠纷。", "", "  \u0301勿"]
)
def test_no_character_moves(text: str) -> None:
    assert len(load_rules().spelling.uniform(text)) == len(text)


def test_every_stored_word_is_worth_its_place() -> None:
    rules = load_rules()
    lists = rules.draft["grammar"]["spelling"].values()
    for text in lists:
        assert list(misspelt(text)) == []
        for entry in text.split("|"):
            word, standard = entry.split("=")
            # Read once more, nothing changes: no standard word is itself a word of a dialect.
            assert rules.spelling.uniform(standard) == uniform(standard), entry
            assert rules.spelling.uniform(word) == standard, entry


@pytest.mark.parametrize("entry", ["勿", "勿=不要", "=不", "弄堂=巷Ａ"])
def test_an_entry_that_would_move_characters_is_refused(entry: str) -> None:
    assert list(misspelt(f"侬=你|{entry}"))
    with pytest.raises(ValueError, match="same length"):
        Spelling([entry])


def test_rules_from_before_dialect_was_read_read_as_they_did() -> None:
    draft = dict(load_rules().draft)
    draft["grammar"] = {name: part for name, part in draft["grammar"].items() if name != "spelling"}
    before = compile_rules(draft)
    assert before.spelling.uniform("侬今朝勿要来") == "侬今朝勿要来"
    assert assess(Report("男子威胁要杀了前妻。", AT), replace(before, learned=None)).colour == "red"

"""What the learned part may doubt, and what nothing may: the words of danger stay in somebody's sight."""

from datetime import UTC, datetime

import pytest

from triage.engine import Report, Verdict, asking, assess, load_rules

AT = datetime(2026, 6, 1, 4, tzinfo=UTC)
HARMLESS = [
    ("狗被绳子勒住了脖子，路人骂主人虐狗，主人说是它自己挣的，争起来", "勒住了脖子"),
    ("孩子玩滑梯帽子的绳卡住脖子，保安剪开了，家长找物业要说法", "卡住脖子"),
    ("邻居掐死我家两只鸡，鸡钻了他的菜园，我要他赔八十块", "掐死我"),
]
VOUCHED = [
    "装修队结账没谈拢，木工师傅端起射钉枪对着俺男人，俺抱着孩子从后门跑了",
    "小舅子为三百块生活费打我姐，手里还举着半截啤酒瓶，孩子拨的我电话，我在外地赶不回去",
    "举着锄头要往老头头上砸",
]


def verdict(text: str) -> Verdict:
    return assess(Report(text, AT), load_rules())


@pytest.mark.parametrize(("text", "words"), HARMLESS)
def test_a_doubted_word_of_danger_is_named_to_the_officer(text: str, words: str) -> None:
    found = verdict(text)
    assert found.colour != "red"
    assert any(f"“{words}”未计为危险情形" in measure for measure in found.measures)


def test_a_red_alert_has_no_line_about_doubts() -> None:
    found = verdict(HARMLESS[0][0] + "。他拿出菜刀说要砍死我")
    assert found.colour == "red"
    assert not any("未计为危险情形" in measure for measure in found.measures)


@pytest.mark.parametrize("text", VOUCHED)
def test_two_signs_of_grave_danger_are_never_doubted(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {factor.code for factor in verdict(text).factors}
    red = {factor.code for factor in verdict(text).factors if factor.floor == "red"}
    monkeypatch.setattr(asking, "_vouched", lambda rules, findings: frozenset())
    alone = {factor.code for factor in verdict(text).factors}
    assert len(red) > 1
    assert alone < found

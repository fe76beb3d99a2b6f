"""Structured inputs count as much as words: flags, markers, the course of a dispute, what was told later."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from triage.engine import Factor, Prior, Report, assess, load_rules

AT = datetime(2026, 6, 1, 4, tzinfo=UTC)
CALM = "报警人称与邻居为楼道放鞋柜意见不同，请民警到场协调。"
QUARREL = "报警人称与邻居因停车在楼下争吵，双方情绪激动。"
PUSHED = "报警人称与摊主因秤的事争吵，被对方推了两把。"


def factors(narrative: str, **given: Any) -> dict[str, Factor]:
    verdict = assess(Report(narrative, AT, **given), load_rules())
    return {factor.code: factor for factor in verdict.factors}


def words_of(factor: Factor) -> list[str]:
    return [span.text for span in factor.evidence]


def test_a_weapon_ticked_by_the_desk_is_a_weapon_and_red() -> None:
    found = factors(CALM, flags=("涉刀",))
    assert words_of(found["weapon"]) == ["接警勾选：涉刀"]
    assert assess(Report(CALM, AT, flags=("涉刀",)), load_rules()).colour == "red"


@pytest.mark.parametrize("flag", ["已离开现场", "涉犬", "涉外", ""])
def test_flags_that_say_nothing_of_danger_change_nothing(flag: str) -> None:
    assert factors(QUARREL, flags=(flag,)) == factors(QUARREL)


@pytest.mark.parametrize(
    ("narrative", "injured"),
    [
        (QUARREL, True),
        (PUSHED, True),
        ("报警人称在路口骑车自己滑倒，腿上有伤。", False),
        ("两车追尾，司机下来看了一下，等交警。", False),
        ("报警人称被流浪狗咬了小腿。", False),
        ("有人在楼梯间昏睡，来电人不认识他。", False),
        ("报警人称与邻居没有争吵，只是问路。", False),
    ],
)
def test_an_injury_ticked_counts_in_a_conflict_not_in_an_accident(narrative: str, injured: bool) -> None:
    found = factors(narrative, flags=("有人受伤",))
    assert ("injury" in found) == injured
    assert "injury" not in factors(narrative)


def test_an_injury_ticked_takes_the_place_of_pushing() -> None:
    assert "physical_contact" in factors(PUSHED)
    found = factors(PUSHED, flags=("有人受伤",))
    assert "physical_contact" not in found
    assert words_of(found["injury"]) == ["接警勾选：有人受伤"]


def test_drink_ticked_is_drink() -> None:
    assert words_of(factors(QUARREL, flags=("涉酒",))["alcohol"]) == ["接警勾选：涉酒"]


@pytest.mark.parametrize("flag", ["未成年人", "老年人", "残疾人", "孕妇"])
def test_vulnerable_people_ticked_count_only_beside_harm(flag: str) -> None:
    assert "vulnerable_victim" not in factors(QUARREL, flags=(flag,))
    assert words_of(factors(PUSHED, flags=(flag,))["vulnerable_victim"]) == [f"接警勾选：{flag}"]
    assert "vulnerable_victim" in factors(QUARREL, flags=(flag, "有人受伤"))
    assert "vulnerable_victim" in factors("对方扬言要打断她的腿。", flags=(flag,))


@pytest.mark.parametrize(("narrative", "counts"), [(QUARREL, True), ("咨询身份证补办要带什么材料。", False)])
def test_a_record_of_violence_counts_only_beside_conflict_now(narrative: str, counts: bool) -> None:
    assert ("prior_violence" in factors(narrative, markers=("prior_violence",))) == counts


@pytest.mark.parametrize("marker", ["admonition_order", "protection_order"])
@pytest.mark.parametrize(
    ("narrative", "broken"),
    [
        ("报警人称丈夫又动手打她，扇了两个耳光。", True),
        ("前夫天天尾随她下班，今天又跟到单元门口。", True),
        ("对方发短信扬言要打断她的腿。", True),
        ("对方撂话说让她等着瞧。", True),
        ("报警人与丈夫为孩子上学的事拌嘴，没有动手。", False),
        (CALM, False),
    ],
)
def test_an_order_on_file_is_broken_by_violence_stalking_or_threat(
    narrative: str, broken: bool, marker: str
) -> None:
    found = factors(narrative, markers=(marker,))
    assert ("order_breach" in found) == broken
    assert ("prior_violence" in found) == broken


def test_an_unknown_marker_says_nothing() -> None:
    assert factors(PUSHED, markers=("key_person", "petitioner")) == factors(PUSHED)


@pytest.mark.parametrize(("failed", "floor"), [(0, None), (1, "yellow"), (2, "yellow")])
def test_recorded_failures_of_mediation(failed: int, floor: str | None) -> None:
    found = factors(QUARREL, failed_mediations=failed).get("failed_mediation")
    assert (found.floor if found else None) == floor


@pytest.mark.parametrize(("failed", "floor"), [(1, "yellow"), (2, "orange")])
def test_two_failures_with_an_old_grudge_are_orange(failed: int, floor: str) -> None:
    told = "两家为院墙积怨多年，今天又争吵起来。"
    assert factors(told, failed_mediations=failed)["failed_mediation"].floor == floor


def test_failures_recorded_and_priors_unsettled_are_the_same_mediations() -> None:
    earlier = Prior(AT - timedelta(days=20), "邻居争吵", "unsettled")
    found = factors(QUARREL, failed_mediations=1, priors=(earlier,))["failed_mediation"]
    assert words_of(found) == ["此前1次未调成"]


@pytest.mark.parametrize("name", ["broken_agreements", "expired_waits"])
def test_agreements_broken_and_waits_run_out_are_one_factor(name: str) -> None:
    assert "agreement_breached" not in factors(QUARREL, **{name: 0})
    assert "agreement_breached" in factors(QUARREL, **{name: 1})


def test_a_missed_follow_up_says_nothing_of_the_parties() -> None:
    assert factors(QUARREL, missed_follow_ups=3) == factors(QUARREL)


@pytest.mark.parametrize(
    ("people", "code"),
    [(4, None), (5, "crowd_5"), (9, "crowd_5"), (10, "crowd_10"), (29, "crowd_10"), (30, "crowd_30")],
)
def test_people_involved_make_the_crowd(people: int, code: str | None) -> None:
    found = {name for name in factors(QUARREL, people_involved=people) if name.startswith("crowd")}
    assert found == ({code} if code else set())


@pytest.mark.parametrize(("amount", "large"), [("49999.99", False), ("50000", True)])
def test_amount_in_dispute(amount: str, large: bool) -> None:
    assert ("large_amount" in factors(QUARREL, amount=Decimal(amount))) == large


def test_what_a_scene_result_tells_counts_with_its_own_words() -> None:
    told = ("民警到场，对方手持菜刀站在门口，已控制。",)
    found = factors(QUARREL, told_later=told)
    assert all(span.start == span.end == -1 for span in found["weapon"].evidence)
    assert words_of(found["weapon"])[0].startswith("后续反馈：")
    assert assess(Report(QUARREL, AT, told_later=told), load_rules()).colour == "red"


@pytest.mark.parametrize("told", ["到场核实双方均未持械，已劝离。", "去年双方动过刀，早已和好。", ""])
def test_what_a_scene_result_denies_or_puts_in_the_past_adds_nothing(told: str) -> None:
    assert "weapon" not in factors(QUARREL, told_later=(told,))


def test_a_scene_result_never_takes_away_what_the_alert_said() -> None:
    alert = "对方手持菜刀站在门口。"
    assert "weapon" in factors(alert, told_later=("到场未见刀具，双方已散。",))


def test_an_addition_is_not_one_more_alert() -> None:
    assert "repeat_alert" not in factors(QUARREL, told_later=("报警人再次来电，问民警什么时候到。",))


def test_a_larger_crowd_told_later_takes_the_place_of_the_smaller() -> None:
    alert = "六名业主堵住小区大门，车辆进不去。"
    found = factors(alert, told_later=("现场聚集二十余人堵在大门口，不让车辆通行。",))
    assert {code for code in found if code.startswith("crowd")} == {"crowd_10"}
    assert found["blockade"].floor == "red"


def test_a_flag_of_the_desk_beside_harm_told_later() -> None:
    told = ("现场见对方将老太推倒，手臂擦破流血。",)
    assert "vulnerable_victim" in factors(QUARREL, flags=("老年人",), told_later=told)

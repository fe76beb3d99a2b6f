"""Questions of triage: newest judgement, names of matters, what waits for this chief."""

from __future__ import annotations

from dispute_hub.accounts.actor import SYSTEM
from dispute_hub.cases import lifecycle
from tests.triage.conftest import CALM, KNIFE, LOST
from triage import engine, selectors, services


def test_the_newest_assessment_counts(call) -> None:
    call(CALM, alert_no="K1")
    case = call(KNIFE, alert_no="K1", version=2).case
    assert selectors.latest(case).colour == "red"


def test_many_cases_cost_one_query(call, django_assert_num_queries) -> None:
    cases = [call(text, phone=f"1380000222{n}").case for n, text in enumerate((CALM, KNIFE, LOST))]
    call(KNIFE, alert_no="A1", version=2, phone="13800002220")
    with django_assert_num_queries(1):
        found = selectors.latest_many([case.pk for case in cases])
    assert [found[case.pk].colour for case in cases] == ["red", "red", ""]


def test_names_of_matters_cost_no_query(db, django_assert_num_queries) -> None:
    item = next(iter(engine.load_taxonomy().items.values()))
    with django_assert_num_queries(0):
        assert selectors.item_name(item.code) == item.name
        assert selectors.item_side(item.code) == item.side
        assert selectors.lead_departments(item.code) == item.lead_departments
        assert selectors.item_name("Z9999") == "Z9999"


def test_the_list_comes_by_class(reference, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        classes = selectors.taxonomy()
    items = [code for one in classes for code, _ in one.items]
    assert len(items) == len(set(items)) == len(engine.load_taxonomy().items)
    assert classes[0].name == "家庭婚恋情感纠纷"


def test_a_card_marks_the_words(call) -> None:
    case = call(KNIFE).case
    card = selectors.latest_card(case, clear=True)
    assert "".join(one.text for one in card.segments) == KNIFE
    marked = [one.text for one in card.segments if one.factor_codes]
    assert any("刀" in text for text in marked)


def test_a_later_judgement_keeps_the_words_of_the_alert(call, clock) -> None:
    case = call(KNIFE).case
    lifecycle.record(case, "mediation.failed", actor=SYSTEM, at=clock.advance(days=1))
    card = selectors.latest_card(case, clear=True)
    assert card.assessment.has_factor("failed_mediation")
    assert any("刀" in one.text for one in card.segments if one.factor_codes)


def test_a_corrected_narrative_is_not_marked_at_old_places(call) -> None:
    call(KNIFE, alert_no="K1")
    alert = call("更正：" + CALM, alert_no="K1", version=2)
    first = selectors.assessments(alert.case).last()
    assert not any(one.factor_codes for one in selectors.card_of(first, clear=True).segments)


def test_numbers_are_masked_for_others(call) -> None:
    case = call(KNIFE + "联系电话13912345678。").case
    text = "".join(one["text"] for one in selectors.latest_card(case, clear=False).segments)
    assert "13912345678" not in text
    assert "13912345678" in "".join(one.text for one in selectors.latest_card(case, clear=True).segments)


def test_a_chief_sees_the_proposals_of_his_station(call, cast, clock, django_assert_num_queries) -> None:
    case = call(KNIFE).case
    made = services.regrade(
        case, kind="colour", to="blue", reason="x", actor=cast.station_command, at=clock.at
    )
    with django_assert_num_queries(1):
        rows = list(selectors.pending_regrades(cast.station_chief, at=clock.at))
        assert [(row.pk, row.case.case_no, row.proposer.full_name) for row in rows] == [
            (made.pk, case.case_no, "指挥室")
        ]
    assert not selectors.pending_regrades(cast.other_station_chief, at=clock.at).exists()


def test_the_api_answer_names_matters(call) -> None:
    answer = selectors.answer_of(selectors.of_alert(call(KNIFE)))
    assert set(answer) == {"colour", "item", "alternatives", "side", "factors"}
    assert answer["item"]["name"] == selectors.item_name(answer["item"]["code"])
    assert all(one["name"] for one in answer["alternatives"])
    assert all({"code", "evidence", "points"} <= set(one) for one in answer["factors"])

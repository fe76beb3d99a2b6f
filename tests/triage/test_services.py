"""Assessing: the case is coloured upward only, a return fight rises, a failing engine leaves orange."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispute_hub.accounts.actor import SYSTEM
from dispute_hub.cases.models import Case, CaseEvent
from dispute_hub.cases.selectors import visible_to
from dispute_hub.outbox import services as outbox
from dispute_hub.outbox.models import OutboxRow
from tests.triage.conftest import CALM, KNIFE, LOST, PUSHED
from triage import engine, selectors, services
from triage.models import Assessment, RuleSet, TaxonomyItem


def kinds(case: Case) -> list[str]:
    return list(CaseEvent.objects.filter(case=case).order_by("id").values_list("kind", flat=True))


def notices(kind: str) -> list[dict]:
    return [row.payload for row in OutboxRow.objects.filter(topic="notice") if row.payload["kind"] == kind]


# Assessing an alert ---------------------------------------------------------------------------------------


def test_an_alert_is_assessed_with_its_arrival(call) -> None:
    alert = call(KNIFE)
    made = selectors.of_alert(alert)
    assert (made.colour, made.case_colour, made.is_dispute, made.failed) == ("red", "red", True, False)
    assert kinds(alert.case)[:2] == ["alert.received", "case.assessed"]
    event = CaseEvent.objects.get(case=alert.case, kind="case.assessed")
    assert (event.subject_id, event.data["alert_id"], event.data["colour"]) == (made.pk, alert.pk, "red")
    assert event.cause.kind == "alert.received"


def test_the_case_carries_what_was_found(call) -> None:
    case = call(KNIFE).case
    made = selectors.latest(case)
    assert case.colour == "red"
    assert case.colour_sentence == made.sentence[:120]
    assert case.colour_sentence.startswith("红：")
    assert (case.item_code, case.side) == (made.item_code, made.side)


def test_evidence_points_into_the_narrative(call) -> None:
    alert = call(KNIFE)
    spans = [span for factor in selectors.of_alert(alert).factors for span in factor["evidence"]]
    assert spans
    assert all(alert.narrative[span["start"] : span["end"]] == span["text"] for span in spans)


@pytest.mark.parametrize(
    ("narrative", "colour", "level"),
    [(KNIFE, "red", "high"), (PUSHED, "yellow", "low"), (CALM, "blue", "low")],
)
def test_default_level_follows_the_colour(call, narrative: str, colour: str, level: str) -> None:
    case = call(narrative).case
    assert (case.colour, case.level) == (colour, level)


@pytest.mark.parametrize(("narrative", "told"), [(KNIFE, 1), (CALM, 0)])
def test_a_high_level_is_reported_to_the_bureau(call, cast, narrative: str, told: int) -> None:
    call(narrative)
    found = notices("case.level_high")
    assert [(one["unit_id"], one["role"]) for one in found] == [(cast.units.bureau.pk, "bureau")] * told


def test_what_is_no_dispute_keeps_an_urgency_and_no_colour(call) -> None:
    alert = call(LOST)
    made = selectors.of_alert(alert)
    assert (made.is_dispute, made.colour, made.item_code) == (False, "", "X0000")
    assert made.urgency
    assert alert.is_dispute is False
    assert (alert.case.colour, alert.case.level) == ("", "")


@pytest.mark.parametrize(
    ("colour", "kept"), [("red", "red"), ("orange", "orange"), ("yellow", ""), ("blue", "")]
)
def test_no_dispute_has_a_colour_for_dispatch_only(call, monkeypatch, colour: str, kept: str) -> None:
    real = engine.assess

    def coloured(report, rules):
        found = real(report, rules)
        return type(found)(**{name: getattr(found, name) for name in found.__slots__} | {"colour": colour})

    monkeypatch.setattr(engine, "assess", coloured)
    assert selectors.of_alert(call(LOST)).colour == kept


# Later assessments ----------------------------------------------------------------------------------------


def test_a_graver_correction_raises_the_case(call, clock) -> None:
    alert = call(CALM, alert_no="K1")
    clock.advance(minutes=5)
    case = call(KNIFE, alert_no="K1", version=2).case
    assert case.pk == alert.case.pk
    assert case.colour == "red"
    raised = CaseEvent.objects.get(case=case, kind="case.colour_raised")
    assert (raised.data["from"], raised.data["to"]) == ("blue", "red")
    assert raised.data["sentence"] == case.colour_sentence
    assert case.version > alert.case.version
    assert case.level == "high"


def test_a_calmer_correction_lowers_nothing(call, clock) -> None:
    call(KNIFE, alert_no="K1")
    clock.advance(minutes=5)
    alert = call(CALM, alert_no="K1", version=2)
    case, made = alert.case, selectors.of_alert(alert)
    assert (made.colour, made.case_colour) == ("blue", "red")
    assert (case.colour, case.level) == ("red", "high")
    assert "刀" in case.colour_sentence or "持械" in case.colour_sentence
    assert case.item_code == Assessment.objects.filter(case=case).earliest("id").item_code
    assert "case.colour_raised" not in kinds(case)


def test_a_level_that_people_set_is_left_alone_until_a_rise(call, clock) -> None:
    alert = call(PUSHED, alert_no="K1")
    Case.objects.filter(pk=alert.case.pk).update(level="medium")
    assert call(PUSHED + "现双方在场。", alert_no="K1", version=2).case.level == "medium"
    assert call(KNIFE, alert_no="K1", version=3).case.level == "high"


def test_nothing_is_overwritten(call) -> None:
    call(CALM, alert_no="K1")
    case = call(KNIFE, alert_no="K1", version=2).case
    assert Assessment.objects.filter(case=case).count() == 2


# The engine fails -----------------------------------------------------------------------------------------


@pytest.fixture
def broken(monkeypatch):
    def fail(report, rules):
        raise RuntimeError("engine")

    monkeypatch.setattr(engine, "assess", fail)
    return monkeypatch


def test_when_the_engine_fails_the_alert_stands_at_orange(call, cast, clock, broken) -> None:
    alert = call(CALM)
    made = selectors.of_alert(alert)
    assert (made.colour, made.failed, made.has_factor("assessment_failed")) == ("orange", True, True)
    assert (alert.case.colour, alert.case.level) == ("orange", "medium")
    assert alert.case in visible_to(cast.station_command, at=clock.at)
    assert kinds(alert.case) == ["alert.received", "follower.failed", "case.assessed"]


def test_a_failed_assessment_is_alarmed_and_retried(call, cast, broken) -> None:
    alert = call(CALM)
    (alarm,) = notices("follower.failed")
    assert (alarm["unit_id"], alarm["role"], alarm["urgency"]) == (
        cast.units.station.pk, "station_command", "alarm",
    )  # fmt: skip
    row = OutboxRow.objects.get(topic="follow")
    assert row.payload["path"] == "triage.services.assess"
    broken.undo()
    assert deliver(row)
    made = selectors.of_alert(alert)
    case = Case.objects.get(pk=alert.case.pk)
    assert (made.failed, made.colour) == (False, "blue")
    assert case.item_code == made.item_code
    assert case.colour == "orange"
    assert "补充研判" in case.colour_sentence


def deliver(row: OutboxRow) -> bool:
    (leased,) = outbox.claim(at=row.next_attempt_at, only=row.pk)
    return outbox.deliver(leased, at=row.next_attempt_at)


def test_a_failure_on_a_red_case_leaves_it_red(call, monkeypatch) -> None:
    call(KNIFE, alert_no="K1")
    monkeypatch.setattr(engine, "assess", lambda report, rules: 1 / 0)
    case = call(KNIFE + "门外有小孩。", alert_no="K1", version=2).case
    assert case.colour == "red"
    assert selectors.latest(case).failed


# Preview and reference data -------------------------------------------------------------------------------


def test_a_preview_stores_nothing(call, clock, reference, django_assert_num_queries) -> None:
    report = engine.Report(narrative=KNIFE, received_at=clock.at)
    with django_assert_num_queries(1):
        assert services.preview(report).colour == "red"
    assert not Assessment.objects.exists()


def test_reference_data_loads_once(clock, reference) -> None:
    services.load_reference(clock.advance(days=1))
    assert RuleSet.objects.get().status == "active"
    assert TaxonomyItem.objects.filter(is_active=True).count() == len(engine.load_taxonomy().items)


def test_a_new_active_version_is_in_force_at_once(call, clock, reference) -> None:
    draft = {**engine.load_rules().draft, "version": "2"}
    RuleSet.objects.filter(version="1").update(status="retired")
    RuleSet.objects.create(
        version="2", content=draft, digest="two", status="active", created_at=clock.at, activated_at=clock.at
    )
    assert selectors.of_alert(call(CALM)).rule_version == "2"


def test_without_stored_rules_the_package_speaks(call) -> None:
    assert selectors.of_alert(call(CALM)).rule_version == engine.load_rules().version


def test_an_assessment_costs_few_queries(call, clock, reference, django_assert_num_queries) -> None:
    """Alert, version, priors, what was told, rules, assessment, case, event, its push, the mark to count."""
    alert = call(CALM)
    event = CaseEvent.objects.get(case=alert.case, kind="alert.received")
    case = Case.objects.get(pk=alert.case.pk)
    with django_assert_num_queries(9):
        services.assess(case, event=event, actor=SYSTEM, at=clock.at + timedelta(seconds=1))

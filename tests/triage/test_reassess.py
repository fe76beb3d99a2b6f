"""`manage.py reassess`: stored alerts under new rules; upward only, resumable, and a chief's word stands."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dispute_hub.accounts.actor import SYSTEM
from dispute_hub.cases.models import Case, CaseEvent
from intake.models import Alert
from tests.triage.conftest import CALM, KNIFE, LOST, PUSHED, call_some, handled
from triage import engine, selectors, services
from triage.management import reassessing
from triage.models import Assessment, Regrade, RuleSet
from triage.services import _bulk_reassessing
from triage.services._rules import digest_of

FLOORS = ("blue", "yellow", "orange", "red")


def put_in_force(version: str, clock: Any, floors: dict[str, str]) -> RuleSet:
    """The package's rules with other floors, active from a minute later on."""
    clock.advance(minutes=1)
    content = {**engine.load_rules().draft, "version": version}
    content["factor"] = [
        {**one, "floor": floors.get(one["floor"], one["floor"])} for one in content["factor"]
    ]
    RuleSet.objects.filter(status="active").update(status="retired")
    return RuleSet.objects.create(
        version=version, content=content, digest=digest_of(content), status="active", created_at=clock.at,
        activated_at=clock.at,
    )  # fmt: skip


@pytest.fixture
def sharper(reference, clock) -> Any:
    """`sharper()`: from now on what was yellow is red."""
    return lambda: put_in_force("2", clock, {"yellow": "red"})


@pytest.fixture
def milder(reference, clock) -> Any:
    return lambda: put_in_force("3", clock, {"red": "yellow", "orange": "yellow"})


def reassess(*more: str) -> None:
    call_command("reassess", "--since", "2026-03-01", *more)


def newest(alert: Alert) -> Assessment:
    return selectors.of_alert(alert)


def case_of(alert: Alert) -> Case:
    return Case.objects.get(pk=alert.case_id)


# What it does ---------------------------------------------------------------------------------------------


def test_an_assessment_names_the_rules_that_made_it(call, reference) -> None:
    assert newest(call(CALM)).rule_digest == RuleSet.objects.get().digest


def test_without_stored_rules_the_package_is_named(call) -> None:
    assert newest(call(CALM)).rule_digest == digest_of(engine.load_rules().draft)


def test_a_failed_assessment_names_none(call, monkeypatch) -> None:
    monkeypatch.setattr(engine, "assess", lambda report, rules: 1 / 0)
    assert newest(call(CALM)).rule_digest == ""


def test_new_rules_raise_what_they_find_graver(call, clock, sharper) -> None:
    alert = call(PUSHED)
    rules = sharper()
    clock.advance(hours=1)
    reassess()
    made, case = newest(alert), case_of(alert)
    assert (made.colour, made.rule_digest, made.rule_version) == ("red", rules.digest, "2")
    assert (case.colour, case.level) == ("red", "high")
    kinds = list(CaseEvent.objects.filter(case=case).order_by("id").values_list("kind", flat=True))
    assert kinds[-2:] == ["case.reassessed", "case.colour_raised"]
    event = CaseEvent.objects.get(kind="case.reassessed")
    assert (event.actor_label, event.cause.kind, event.data["alert_id"]) == (
        "系统",
        "alert.received",
        alert.pk,
    )


def test_it_never_lowers_a_case(call, clock, milder) -> None:
    alert = call(KNIFE)
    milder()
    clock.advance(hours=1)
    reassess()
    assert newest(alert).colour == "yellow"
    assert case_of(alert).colour == "red"
    assert not CaseEvent.objects.filter(kind="case.colour_raised").exists()


def test_what_a_chief_lowered_is_not_raised_by_the_same_words(call, cast, clock, milder) -> None:
    """Lowered from red to orange; other rules that still say yellow, or red again, leave it there."""
    alert = call(KNIFE)
    made = services.propose_regrade(
        case_of(alert), kind="colour", to="yellow", reason="现场核实为玩具刀", actor=cast.station_command,
        at=clock.at,
    )  # fmt: skip
    services.decide_regrade(made.pk, approve=True, text="", actor=cast.station_chief, at=clock.at)
    assert Regrade.objects.get().status == "approved"
    put_in_force("4", clock, {})
    reassess()
    assert newest(alert).colour == "red"
    assert newest(alert).case_colour == case_of(alert).colour == "yellow"


def test_an_alert_that_becomes_a_dispute(call, clock, reference, monkeypatch) -> None:
    alert = call(LOST)
    put_in_force("5", clock, {})
    real = engine.assess

    def dispute(report: Any, rules: Any) -> Any:
        found = real(report, rules)
        changed = {"dispute": True, "colour": "blue", "item": "N0101", "urgency": None}
        return type(found)(**{name: getattr(found, name) for name in found.__slots__} | changed)

    monkeypatch.setattr(engine, "assess", dispute)
    reassess()
    alert.refresh_from_db()
    assert alert.is_dispute is True
    assert (case_of(alert).colour, newest(alert).item_code) == ("blue", "N0101")


def test_a_return_fight_climbs_no_step_further(call, clock, reference) -> None:
    first = call(PUSHED)
    handled(first, "settled", clock.advance(hours=1))
    clock.advance(hours=3)
    second = call(CALM)
    assert case_of(second).colour == "orange"
    for version in ("6", "7"):
        clock.advance(hours=1)
        put_in_force(version, clock, {})
        reassess()
        assert newest(second).has_factor("returned_fight")
        assert case_of(second).colour == "orange"


# Again, and how much --------------------------------------------------------------------------------------


def test_alerts_of_the_rules_in_force_are_left_alone(call, clock, reference) -> None:
    call_some(call, clock)
    number = Assessment.objects.count()
    reassess()
    assert Assessment.objects.count() == number


def test_a_second_run_finds_nothing_to_do(call, clock, sharper, capsys) -> None:
    call_some(call, clock)
    sharper()
    reassess()
    number = Assessment.objects.count()
    capsys.readouterr()
    reassess()
    assert Assessment.objects.count() == number == 14
    assert "共 0 条" in capsys.readouterr().out


def test_a_killed_run_goes_on_where_it_stood(call, clock, sharper, monkeypatch) -> None:
    call_some(call, clock)
    sharper()
    real, left = _bulk_reassessing.record, iter(range(3))

    def killed(*args: Any, **kwargs: Any) -> Any:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return real(*args, **kwargs)

    monkeypatch.setattr(_bulk_reassessing, "record", killed)
    with pytest.raises(SystemExit) as ended:
        reassess()
    assert ended.value.code == 130
    assert Assessment.objects.count() == 10
    monkeypatch.setattr(_bulk_reassessing, "record", real)
    reassess()
    assert Assessment.objects.count() == 14


def test_one_alert_that_fails_stops_no_other(call, clock, sharper, monkeypatch, capsys) -> None:
    call_some(call, clock)
    sharper()
    bad, real = Alert.objects.earliest("id").pk, _bulk_reassessing.record

    def failing(*args: Any, **kwargs: Any) -> Any:
        if kwargs["alert_id"] == bad:
            raise RuntimeError
        return real(*args, **kwargs)

    monkeypatch.setattr(_bulk_reassessing, "record", failing)
    with pytest.raises(CommandError, match="1 条警情未能重新研判"):
        reassess()
    assert "重新研判 6，无需再判 0，出错 1" in capsys.readouterr().out


def test_an_alert_corrected_meanwhile_is_left_to_its_correction(call, clock, sharper, monkeypatch) -> None:
    alert = call(PUSHED, alert_no="K1")
    sharper()
    (pair,) = _bulk_reassessing._judged([alert.pk])
    clock.advance(minutes=1)
    call(CALM, alert_no="K1", version=2)
    monkeypatch.setattr(_bulk_reassessing, "_judged", lambda ids: [pair])
    (found,) = services.reassess_many([alert.pk], actor=SYSTEM, at=clock.at)
    assert found.how == "known"
    assert newest(alert).colour == "blue"


@pytest.mark.parametrize(
    ("said", "number"),
    [([], 7), (["--until", "2026-03-05"], 1), (["--since", "2026-03-11"], 2), (["--dry-run"], 0)],
)
def test_the_days_asked_for(call, clock, sharper, said: list[str], number: int) -> None:
    call_some(call, clock)  # one each thirty hours from 2026-03-05 15:00 on
    sharper()
    before = Assessment.objects.count()
    reassess(*said)
    assert Assessment.objects.count() - before == number


def test_a_dry_run_tells_and_stores_nothing(call, clock, sharper, capsys) -> None:
    call_some(call, clock)
    sharper()
    cases = list(Case.objects.order_by("id").values())
    reassess("--dry-run")
    out = capsys.readouterr().out
    assert "共 7 条：试算 7" in out
    assert re.search(r"黄\D+1\D+0\D+0\D+0", out)
    assert list(Case.objects.order_by("id").values()) == cases


@pytest.mark.parametrize("said", [["--jobs", "0"], ["--until", "2026-02-01"], ["--since", "2030-01-01"]])
def test_what_cannot_be_asked(clock, reference, said: list[str]) -> None:
    with pytest.raises(CommandError):
        reassess(*said)


def test_judging_costs_the_same_queries_for_many(call, clock, reference) -> None:
    call_some(call, clock)
    ids = list(Alert.objects.values_list("pk", flat=True))
    counts = []
    for some in (ids[:2], ids):
        with CaptureQueriesContext(connection) as seen:
            reassessing.work(some, dry_run=True)
        counts.append(len(seen))
    assert counts == [10, 10]

"""The database's own word: assessments stay as they were made, nobody approves what he asked for."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from tests.triage.conftest import KNIFE
from triage.models import Assessment, Regrade, RuleSet


@pytest.mark.parametrize("act", ["update", "delete"])
def test_an_assessment_is_never_overwritten(call, act: str) -> None:
    call(KNIFE)
    rows = Assessment.objects.all()
    with pytest.raises(ProgrammingError, match="append-only"), transaction.atomic():
        rows.update(colour="blue") if act == "update" else rows._raw_delete("default")
    assert Assessment.objects.get().colour == "red"


def regrade(case, cast, clock, **columns) -> Regrade:
    given = {
        "case": case, "kind": "colour", "from_value": "red", "to_value": "yellow", "is_lowering": True,
        "reason": "已核实", "proposer": cast.station_command.user, "proposer_post": cast.station_command.post,
        "proposed_at": clock.at,
    }  # fmt: skip
    return Regrade.objects.create(**(given | columns))


def test_approver_is_not_proposer(call, cast, clock) -> None:
    who = cast.add_post(cast.station_command, "station_chief", cast.units.station)
    with pytest.raises(IntegrityError, match="regrade_approver_not_proposer"), transaction.atomic():
        regrade(call(KNIFE).case, cast, clock, status="approved", approver=who.user, approver_post=who.post)


def test_a_lowering_without_approver_is_impossible(call, cast, clock) -> None:
    with pytest.raises(IntegrityError, match="regrade_lowering_is_approved"), transaction.atomic():
        regrade(call(KNIFE).case, cast, clock, status="approved")


def test_one_open_proposal_of_a_kind(call, cast, clock) -> None:
    case = call(KNIFE).case
    regrade(case, cast, clock)
    regrade(case, cast, clock, kind="level", from_value="high", to_value="low")
    with pytest.raises(IntegrityError, match="regrade_one_proposed"), transaction.atomic():
        regrade(case, cast, clock)


def test_one_active_rule_set(clock, reference) -> None:
    with pytest.raises(IntegrityError, match="rule_set_one_active"), transaction.atomic():
        RuleSet.objects.create(version="9", content={}, digest="9", status="active", created_at=clock.at)

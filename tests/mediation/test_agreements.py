"""Agreements: checked, stored, settling; promises kept or broken; judicial confirmation."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from dispute_hub.cases.models import Case, CaseEvent, Deadline
from dispute_hub.common import time
from dispute_hub.common.errors import Conflict, Invalid, NoRight, Stale
from mediation import services
from mediation.models import Agreement
from mediation.services import PartyDetails, Promise
from tests.mediation.conftest import draft


def clocks(kind: str) -> list[datetime]:
    rows = Deadline.objects.filter(kind=kind, state="open").order_by("due_at")
    return [row.due_at.astimezone(time.BEIJING) for row in rows]


def midnight_after(month: int, day: int) -> datetime:
    return time.day_bounds(date(2026, month, day))[1]


def conclude(case, cast, clock, who="mediator", **changes) -> Agreement:
    return services.conclude_agreement(case, draft(**changes), actor=getattr(cast, who), at=clock.at)


@pytest.mark.parametrize("status", ["scene", "tracking", "review"])
def test_an_agreement_settles_the_case(tracked, cast, clock, status: str) -> None:
    case = tracked(status=status)
    agreement = conclude(case, cast, clock)
    case.refresh_from_db()
    assert (case.status, case.settle_how, case.settled_at) == ("settled", "agreement", clock.at)
    assert agreement.number.startswith("XY20260304")
    assert clocks("performance.due") == [midnight_after(3, 31), midnight_after(4, 30)]


@pytest.mark.parametrize("status", ["joint", "verifying"])
def test_a_joint_case_is_settled_through_its_order(tracked, cast, clock, status: str) -> None:
    case = tracked(status=status)
    conclude(case, cast, clock)
    case.refresh_from_db()
    assert case.status == status


@pytest.mark.parametrize("status", ["pool", "settled", "closed", "void"])
def test_where_no_agreement_is_concluded(tracked, cast, clock, status: str) -> None:
    with pytest.raises(Conflict):
        conclude(tracked(status=status), cast, clock)


def test_an_oral_agreement_counts_as_such(tracked, cast, clock) -> None:
    case = tracked()
    agreement = conclude(case, cast, clock, form="oral", promises=(), total_amount=None)
    case.refresh_from_db()
    assert (case.settle_how, agreement.status) == ("oral_agreement", "performed")
    assert (agreement.confirm_due_on, clocks("agreement.confirm")) == (None, [])


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"form": "sung"}, "form"),
        ({"facts": " "}, "facts"),
        ({"terms": (" ",)}, "terms"),
        ({"parties": (PartyDetails("王甲"),)}, "parties"),
        ({"parties": (PartyDetails("王甲"), PartyDetails(" "))}, "parties"),
        ({"copies": 0}, "copies"),
        ({"total_amount": Decimal("30000.01")}, "promises"),
        ({"promises": (Promise("道歉", date(2026, 3, 3)),), "total_amount": None}, "promises"),
        ({"promises": (Promise("", date(2026, 3, 5)),), "total_amount": None}, "promises"),
        ({"promises": (Promise("付款", date(2026, 3, 5), Decimal(0)),), "total_amount": None}, "promises"),
        ({"promises": (Promise("道歉", date(2026, 3, 5)),), "total_amount": Decimal(5)}, "promises"),
    ],
)
def test_what_an_agreement_lacks_is_named(tracked, cast, clock, changes: dict, field: str) -> None:
    case = tracked()
    with pytest.raises(Invalid) as refusal:
        conclude(case, cast, clock, **changes)
    assert set(refusal.value.fields) == {field}
    assert not Agreement.objects.exists()
    assert Case.objects.get(pk=case.pk).status == "tracking"


def test_a_promise_of_today_and_a_total_left_out(tracked, cast, clock) -> None:
    promises = (
        Promise("付款", date(2026, 3, 4), Decimal("0.10")),
        Promise("付款", date(2026, 3, 5), Decimal("0.20")),
    )
    agreement = conclude(tracked(), cast, clock, promises=promises, total_amount=None)
    assert agreement.total_amount == Decimal("0.30")
    assert clocks("performance.due")[0] == midnight_after(3, 4)


def test_family_violence_is_not_mediated_away(tracked, cast, clock) -> None:
    case = tracked(item_code="P0401")
    with pytest.raises(Invalid) as refusal:
        conclude(case, cast, clock)
    assert refusal.value.code == "family_violence_needs_decision"
    CaseEvent.objects.create(case=case, kind="case_file.decided", at=clock.at, actor_label="x")
    assert conclude(case, cast, clock).pk


def test_an_older_row_version_is_refused(tracked, cast, clock) -> None:
    case = tracked()
    with pytest.raises(Stale):
        services.conclude_agreement(case, draft(), actor=cast.mediator, at=clock.at, version=case.version - 1)


def test_a_session_of_another_case_or_not_yet_held(tracked, held, convened, cast, clock) -> None:
    for session in (held(), convened()):
        case = tracked() if session.status == "held" else session.case
        with pytest.raises(Invalid) as refusal:
            conclude(case, cast, clock, session=session)
        assert "session" in refusal.value.fields


@pytest.mark.parametrize("who", ["officer", "centre", "station_command", "station_chief", "bureau"])
def test_who_concludes_none(tracked, cast, clock, who: str) -> None:
    with pytest.raises(NoRight):
        conclude(tracked(), cast, clock, who)


# Performance ------------------------------------------------------------------------------------------------


def test_every_promise_kept_performs_the_agreement(concluded, cast, clock) -> None:
    agreement = concluded()
    for item in agreement.items.order_by("number"):
        agreement.refresh_from_db()
        assert agreement.status == "concluded"
        services.record_performance(item, performed=True, proof="转账记录", actor=cast.mediator, at=clock.at)
    agreement.refresh_from_db()
    assert agreement.status == "performed"
    assert clocks("performance.due") == []
    assert CaseEvent.objects.filter(case=agreement.case, kind="agreement.performed").count() == 1


def test_a_breach_is_told_and_may_be_made_good(concluded, cast, clock) -> None:
    agreement = concluded()
    first, _ = agreement.items.order_by("number")
    services.record_performance(first, performed=False, proof="联系不上", actor=cast.mediator, at=clock.at)
    agreement.refresh_from_db()
    assert agreement.status == "breached"
    assert CaseEvent.objects.filter(kind="agreement.breached").count() == 1
    services.record_performance(first, performed=True, proof="收条", actor=cast.mediator, at=clock.at)
    agreement.refresh_from_db()
    assert agreement.status == "concluded"
    with pytest.raises(Conflict):
        services.record_performance(first, performed=False, proof="又没付", actor=cast.mediator, at=clock.at)


@pytest.mark.parametrize("performed", [True, False])
def test_performance_needs_its_proof(concluded, cast, clock, performed: bool) -> None:
    item = concluded().items.first()
    with pytest.raises(Invalid):
        services.record_performance(item, performed=performed, proof=" ", actor=cast.mediator, at=clock.at)


# Judicial confirmation --------------------------------------------------------------------------------------


def test_thirty_days_for_confirmation_roll_over_a_rest_day(concluded, clock) -> None:
    clock.set("2026-03-06T10:00:00+08:00")  # thirty days on is Sunday 5 April, Qingming
    agreement = concluded()
    assert agreement.confirm_due_on == date(2026, 4, 7)
    assert clocks("agreement.confirm") == [midnight_after(4, 7)]


@pytest.mark.parametrize(
    ("who", "kind", "has_right"),
    [("mediator", None, True), ("community_officer", None, False), ("mediator", "industry", False)],
)
def test_only_peoples_mediation_is_confirmed(tracked, held, cast, clock, who, kind, has_right: bool) -> None:
    session = held(kind=kind) if kind else None
    case = session.case if session else tracked()
    agreement = conclude(case, cast, clock, who, session=session)
    assert (agreement.confirm_due_on is not None) is has_right
    assert bool(clocks("agreement.confirm")) is has_right


@pytest.mark.parametrize(("outcome", "state"), [("applied", "met"), ("declined", "ended")])
def test_the_parties_choice_ends_the_reminder(concluded, cast, clock, outcome: str, state: str) -> None:
    agreement = concluded()
    services.record_confirmation(agreement, outcome=outcome, text="", actor=cast.mediator, at=clock.at)
    assert Deadline.objects.get(kind="agreement.confirm").state == state
    with pytest.raises(Conflict):
        services.record_confirmation(agreement, outcome="applied", text="", actor=cast.mediator, at=clock.at)


@pytest.mark.parametrize("outcome", ["lapsed", "", "x"])
def test_nobody_says_that_a_right_has_lapsed(concluded, cast, clock, outcome: str) -> None:
    with pytest.raises(Invalid):
        services.record_confirmation(concluded(), outcome=outcome, text="", actor=cast.mediator, at=clock.at)


@pytest.mark.parametrize(("instant", "lapses"), [("2026-04-03T21:59:59", 0), ("2026-04-03T22:00:00", 1)])
def test_a_right_not_used_lapses_without_a_breach(concluded, clock, instant: str, lapses: int) -> None:
    agreement = concluded()  # thirty days from 4 March end on Friday 3 April
    at = clock.set(f"{instant}+08:00")
    assert services.lapse_confirmations(at=at) == lapses
    assert services.lapse_confirmations(at=at) == 0
    agreement.refresh_from_db()
    assert agreement.confirmation == ("lapsed" if lapses else "")
    assert len(clocks("agreement.confirm")) == 1 - lapses

"""`check_invariants`: silent on what the services wrote, loud on what they did not."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from dispute_hub.cases.models import Case, Deadline
from dispute_hub.outbox.models import OutboxRow
from reports import invariants, services
from reports.models import DayFigure
from reports.periods import period_of
from routing.models import Push
from tests.reports.conftest import KNIFE, people

YESTERDAY = timedelta(days=1)


def found(clock) -> set[str]:
    return {code for code, _ in invariants.breaches(at=clock.at)}


@pytest.fixture
def city(handled, call, clock, cast):
    handled("settled", at=clock.at - YESTERDAY, **people(1))
    handled("unsettled", at=clock.at - YESTERDAY, text=KNIFE, **people(2))
    Deadline.objects.update(next_step_at=None)
    days = [(clock.at - YESTERDAY).date()]
    services.count(cast.units.bureau.pk, [period_of("day", clock.at.date())], days, at=clock.at)


def test_what_the_services_wrote_holds(city, clock) -> None:
    assert list(invariants.breaches(at=clock.at)) == []
    out = StringIO()
    call_command("check_invariants", stdout=out)
    assert "12 项检查全部通过" in out.getvalue()


def test_the_command_lists_and_fails(city, clock) -> None:
    Case.objects.filter(status="tracking").update(status="closed")
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("check_invariants", stdout=out)
    assert out.getvalue().startswith("I4 ")


def _status_without_event(clock) -> None:
    Case.objects.filter(status="tracking").update(status="joint")


def _missing_push(clock) -> None:
    from intake.models import Alert

    Push.objects.filter(tier=1).update(alert=None)
    Alert.objects.update(dispatch_status="dispatched")


def _sent_without_instant(clock) -> None:
    OutboxRow.objects.create(
        topic="x", payload={}, state="sent", next_attempt_at=clock.at, created_at=clock.at
    )


def _old_lease(clock) -> None:
    OutboxRow.objects.create(
        topic="x", payload={}, state="leased", next_attempt_at=clock.at, created_at=clock.at,
        lease_until_at=clock.at - timedelta(hours=1),
    )  # fmt: skip


def _unfired(clock) -> None:
    Deadline.objects.filter(state="open").update(next_step_at=clock.at - timedelta(minutes=2))


def _wrong_roll_up(clock) -> None:
    DayFigure.objects.filter(span="flow", figure="alerts").update(value=77)


@pytest.mark.parametrize(
    ("code", "break_it"),
    [
        ("I4", _status_without_event),
        ("I5", _missing_push),
        ("I6", _sent_without_instant),
        ("I7", _old_lease),
        ("I8", _unfired),
        ("I12", _wrong_roll_up),
    ],
)
def test_each_check_can_fail(city, clock, code, break_it) -> None:
    break_it(clock)
    assert found(clock) == {code}

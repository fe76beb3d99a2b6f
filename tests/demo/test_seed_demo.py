"""The demo city as a visitor finds it: everything there is to see, on the pages of every role."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Post, Role
from dispute_hub.cases.models import Case, Colour, Deadline, Status
from dispute_hub.common import time
from dispute_hub.demo.calls import of_colour, patterns
from dispute_hub.demo.seeding import seed
from dispute_hub.demo.timeline import Timeline
from dispute_hub.outbox.models import Notice, OutboxRow
from dispute_hub.outbox.selectors import unread_for
from followup.models import FollowUp
from intake.models import Alert, Quarantine
from mediation.models import Agreement, Consultation, Decision, MediationSession, PerformanceItem
from routing.models import DailySheet, OrderKind, OrderStatus, Push, WorkOrder
from tests.cast import Cast
from tests.databases import clone, point_at
from triage.models import Regrade

pytestmark = pytest.mark.slow
# A Wednesday afternoon: the sheet is out, the sessions of the day are partly held.
NOW = datetime(2026, 3, 18, 15, 20, tzinfo=time.BEIJING)
PAGES = {
    Role.DISPATCHER: ["/", "/alerts/"],
    Role.DUTY_COMMANDER: ["/", "/alerts/", "/quarantine/"],
    Role.OFFICER: ["/", "/pushes/", "/cases/"],
    Role.COMMUNITY_OFFICER: ["/", "/pushes/", "/tracking/", "/follow-ups/", "/mediation/", "/cases/"],
    Role.STATION_COMMAND: ["/", "/tracking/", "/orders/", "/sheet/", "/board/", "/approvals/", "/cases/"],
    Role.STATION_CHIEF: ["/", "/sheet/", "/approvals/", "/consultations/", "/board/", "/cases/"],
    Role.BUREAU: ["/", "/cases/", "/board/", "/supervisions/", "/consultations/"],
    Role.CENTRE: ["/", "/orders/", "/board/"],
    Role.DEPARTMENT: ["/", "/orders/"],
    Role.MEDIATOR: ["/", "/mediation/", "/follow-ups/"],
    Role.LEADER: ["/", "/board/"],
}


@pytest.fixture(scope="module")
def seeded(database_template: str, django_db_setup: None, django_db_blocker) -> Iterator[Timeline]:
    """The whole demo city, once for this module."""
    before = settings.DATABASES["default"]["NAME"]
    with django_db_blocker.unblock(), clone(database_template, "demo") as database:
        point_at(database.name)
        time.set_for_tests(NOW)
        try:
            call_command("load_reference", stdout=StringIO())
            yield seed(number=1, now=time.now(), say=lambda line: None)
        finally:
            time.reset()
            point_at(before)


def actor(username: str) -> PostActor:
    post = Post.objects.select_related("user", "unit").get(user__username=username)
    return PostActor(post.user, post)


def test_there_are_about_three_hundred_alerts_of_sixty_kinds(seeded: Timeline) -> None:
    assert 270 <= Alert.objects.count() <= 340
    assert len(patterns()) >= 60


def test_hardly_a_story_was_refused(seeded: Timeline) -> None:
    assert not seeded.refused


@pytest.mark.parametrize("status", [status.value for status in Status])
def test_every_status_has_a_case_at_the_visitors_station(seeded: Timeline, status: str) -> None:
    assert Case.objects.filter(station__code="330784-XZ", status=status).exists()


@pytest.mark.parametrize("colour", [*Colour.values, ""])
def test_every_colour_is_there(seeded: Timeline, colour: str) -> None:
    assert Case.objects.filter(colour=colour).exists()
    assert of_colour(colour)


@pytest.mark.parametrize("status", [status.value for status in OrderStatus])
def test_every_lane_of_the_street_centre_has_an_order(seeded: Timeline, status: str) -> None:
    orders = WorkOrder.objects.filter(addressee__code="330784-XZ-ZZ", kind=OrderKind.THIRD_PUSH)
    assert orders.filter(status=status).exists()


def test_the_rest_of_what_pages_show_is_there(seeded: Timeline) -> None:
    today = time.beijing_date(NOW)
    start, end = time.day_bounds(today)
    open_clocks = Deadline.objects.filter(state="open")
    assert Push.objects.filter(tier=1, status="issued", case__station__code="330784-XZ").count() >= 4
    assert open_clocks.filter(due_at__gt=NOW).exists()
    assert open_clocks.filter(due_at__lt=NOW).exists()
    assert DailySheet.objects.filter(station__code="330784-XZ", sheet_on=today, signed_at=None).exists()
    assert DailySheet.objects.filter(station__code="330784-XZ").count() >= 30
    assert MediationSession.objects.filter(planned_at__gte=start, planned_at__lt=end).count() >= 2
    assert {"due", "overdue", "planned", "done", "waived"} == set(
        FollowUp.objects.values_list("status", flat=True)
    )
    assert Agreement.objects.filter(items__number=3, status="concluded").exists()
    assert PerformanceItem.objects.filter(status="breached").exists()
    assert Quarantine.objects.filter(state="open").exists()
    assert Consultation.objects.filter(closed_at=None).exists()
    assert Decision.objects.filter(done_at=None).exists()
    assert Regrade.objects.filter(status="proposed").exists()
    kinds = Counter(WorkOrder.objects.values_list("kind", flat=True))
    assert kinds[OrderKind.DIVERSION] >= 4
    assert Case.objects.filter(events__data__why="回访发现反复").exists()
    assert Case.objects.filter(assessments__factors__contains=[{"code": "returned_fight"}]).exists()


def test_nothing_waits_for_delivery_and_nobody_is_flooded(seeded: Timeline) -> None:
    assert not OutboxRow.objects.exclude(state="sent").exists()
    assert Notice.objects.exists()
    for role in Role.values:
        assert unread_for(actor(role)).count() <= 60, role


@pytest.mark.parametrize(("role", "path"), [(role, path) for role, paths in PAGES.items() for path in paths])
def test_every_page_opens(seeded: Timeline, role: str, path: str) -> None:
    answer = Cast(None).client(actor(role)).get(path)  # type: ignore[arg-type]
    assert answer.status_code == 200


def test_it_is_loaded_into_an_empty_database_only(seeded: Timeline) -> None:
    cases = Case.objects.count()
    call_command("seed_demo", "--if-empty")
    assert Case.objects.count() == cases
    with pytest.raises(CommandError, match="空库"):
        call_command("seed_demo")


def test_what_was_told_holds_together(seeded: Timeline) -> None:
    call_command("check_invariants", stdout=StringIO(), stderr=StringIO())

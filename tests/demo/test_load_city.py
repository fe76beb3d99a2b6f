"""`load_city` leaves rows as the services would: valid, readable through the doors, numbered on."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import override_settings

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.models import Post
from dispute_hub.cases import numbers, selectors
from dispute_hub.cases.models import Case, CaseEvent, Deadline, Party
from dispute_hub.demo.bulk import load
from followup.models import FollowUp
from intake.models import Alert, AlertVersion
from routing.models import Push, WorkOrder
from triage.models import Assessment

pytestmark = pytest.mark.slow
CASES = 600


@pytest.fixture
def loaded(db, clock) -> int:
    call_command("load_reference", stdout=StringIO())
    load(cases=CASES, seed=1, stations=None, now=clock.at, say=lambda line: None)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return CASES


def test_all_that_belongs_to_a_case_is_there(loaded: int) -> None:
    assert Case.objects.count() == loaded
    assert Alert.objects.count() >= loaded
    assert AlertVersion.objects.count() == Assessment.objects.count() == Alert.objects.count()
    assert Party.objects.count() == 2 * loaded
    assert Push.objects.filter(tier=2).exists()
    assert WorkOrder.objects.exists()
    assert CaseEvent.objects.count() > 8 * loaded


def test_every_reference_is_to_something(loaded: int) -> None:
    assert not CaseEvent.objects.exclude(case__isnull=False).exists()
    for model, path in ((Push, "signed_by__user"), (FollowUp, "settlement__case"), (Case, "grid__parent")):
        rows = model.objects.filter(**{f"{path.split('__')[0]}__isnull": False})
        assert rows.count() == rows.filter(**{f"{path}__isnull": False}).count() > 0


def test_only_unfinished_cases_have_running_clocks(loaded: int) -> None:
    assert Deadline.objects.filter(state="open").exists()
    assert not Deadline.objects.filter(state="open", case__status__in=["closed", "void", "absorbed"]).exists()


def test_what_is_sealed_can_be_opened_and_found(loaded: int) -> None:
    party = Party.objects.exclude(phone="").order_by("id").first()
    assert party is not None
    assert party.phone.startswith("138")
    assert Party.objects.filter(phone_blind=party.phone_blind).exists()
    alert = Alert.objects.exclude(reporter_phone="").order_by("id").first()
    assert alert is not None
    assert alert.reporter_phone.startswith("138")


def test_the_next_row_and_number_are_free(loaded: int, clock) -> None:
    assert not Case.objects.filter(case_no=numbers.issue("case", clock.at)).exists()
    case = Case.objects.order_by("id").first()
    assert case is not None
    Party.objects.create(case=case, name="新来", added_at=clock.at)


def test_the_station_finds_its_cases_by_words(loaded: int, clock) -> None:
    post = Post.objects.select_related("user", "unit").get(user__username="station_command")
    visible = selectors.visible_to(PostActor(post.user, post), at=clock.at)
    assert selectors.search_cases(visible, "邻居").exists()
    assert not selectors.search_cases(visible, "没有人说过的词语").exists()


def test_loading_again_adds(loaded: int, clock) -> None:
    load(cases=50, seed=2, stations=11, now=clock.at, say=lambda line: None)
    assert Case.objects.count() == loaded + 50


@override_settings(HUB_EMBEDDED=False)
@pytest.mark.parametrize("command", [("load_city", "--cases", "1"), ("seed_demo",)])
def test_refused_in_production(db, command: tuple[str, ...]) -> None:
    with pytest.raises(CommandError, match="生产环境"):
        call_command(*command)

"""Ten times the cases, the same number of SQL statements: no page has a query per row."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from dispute_hub.accounts.actor import SYSTEM, PostActor
from dispute_hub.accounts.models import Post, Unit
from dispute_hub.cases.models import Case
from dispute_hub.common.time import beijing_date
from dispute_hub.demo.bulk import load
from routing import services as routing
from tests.cast import Cast

pytestmark = pytest.mark.slow
SMALL, LARGE = 200, 2000
# So dense that every list has rows at both sizes: a list without rows asks for nothing beside them.
WITHIN = timedelta(days=20)

PAGES = [
    ("station_command", "/"),
    ("station_chief", "/"),
    ("community_officer", "/"),
    ("officer", "/"),
    ("centre", "/"),
    ("bureau", "/"),
    ("dispatcher", "/alerts/"),
    ("station_command", "/alerts/"),
    ("station_command", "/cases/"),
    ("bureau", "/cases/"),
    ("station_command", "/cases/?status=tracking"),
    ("station_command", "/cases/?colour=yellow"),
    ("station_command", "/cases/?level=low"),
    ("station_command", "/cases/?item=N02"),
    ("station_command", "/cases/?q=邻居"),
    ("station_command", "/cases/{case_no}/"),
    ("officer", "/pushes/"),
    ("community_officer", "/pushes/"),
    ("community_officer", "/tracking/"),
    ("station_chief", "/sheet/"),
    ("station_chief", "/approvals/"),
    ("centre", "/orders/"),
    ("station_command", "/orders/"),
    ("community_officer", "/follow-ups/"),
    ("station_command", "/follow-ups/"),
    ("station_chief", "/board/?period=day"),
    ("bureau", "/board/?period=month"),
    ("station_command", "/board/rows/?period=month&figure=new"),
    ("station_command", "/mediation/"),
    ("station_chief", "/consultations/"),
    ("bureau", "/supervisions/"),
    ("station_command", "/notices/"),
]
# The earlier calls that cards name: one statement for all of them, none while no card names any.
ONCE = {"officer /pushes/": 1}


@pytest.fixture
def counted(db, clock) -> Callable[[], dict[str, int]]:
    """Statements of every page, after one visit that may count a roll-up."""

    def count() -> dict[str, int]:
        found = {}
        case = Case.objects.filter(station__code="330784-XZ", status="closed").order_by("id").first()
        assert case is not None
        for username, path in PAGES:
            post = Post.objects.select_related("user", "unit").get(user__username=username)
            client = Cast(None).client(PostActor(post.user, post))  # type: ignore[arg-type]
            address = path.format(case_no=case.case_no)
            answer = client.get(address)
            assert answer.status_code == 200, (username, address, answer.status_code)
            with CaptureQueriesContext(connection) as queries:
                client.get(address)
            found[f"{username} {path}"] = len(queries)
        return found

    return count


def test_no_page_asks_more_of_the_database_when_it_has_grown(counted, clock) -> None:
    call_command("load_reference", stdout=StringIO())
    _load(SMALL, 1, clock.at)
    small = counted()
    _load(LARGE - SMALL, 2, clock.at)
    large = counted()
    grown = {page: (small[page], large[page]) for page in small if large[page] > small[page]}
    assert {page: found for page, found in grown.items() if found[1] - found[0] > ONCE.get(page, 0)} == {}


def _load(cases: int, seed: int, at) -> None:
    load(cases=cases, seed=seed, stations=1, now=at, say=lambda line: None, within=WITHIN)
    station = Unit.objects.get(code="330784-XZ")
    routing.issue_sheet(station, sheet_on=beijing_date(at), actor=SYSTEM, at=at)

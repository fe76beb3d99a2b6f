"""Who and what is looked at: the demo station's people, one full case, today's sheet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace

import httpx
from django.conf import settings
from django.core.management import call_command
from django.db.models import Count

from dispute_hub.accounts.actor import SYSTEM, PostActor
from dispute_hub.accounts.models import Post, Unit
from dispute_hub.cases.models import Case
from dispute_hub.common.time import beijing_date
from dispute_hub.demo.bulk import load
from dispute_hub.demo.units import COUNTY, STATIONS
from routing import services as routing
from routing.selectors import freezes_at
from tests.cast import Cast

# A list page is full at both sizes, so that the table and not the number of rows shown is compared.
CASES_OF_STATION = 10_000


@dataclass(frozen=True)
class Subjects:
    """The units looked at, and a case with everything in its file."""

    station: Unit
    area: Unit
    bureau: Unit
    case: Case


def prepare(cases: int, *, seed: int, at: datetime) -> Subjects:
    """Fill the database in hand with so many cases, and issue today's sheet."""
    call_command("load_reference", verbosity=0)
    stations = min(max(cases // CASES_OF_STATION, 1), len(STATIONS))
    load(cases=cases, seed=seed, stations=stations, now=at, say=lambda line: None)
    unit = {row.code: row for row in Unit.objects.all()}
    station = unit[f"{COUNTY}-XZ"]
    if freezes_at(beijing_date(at)) <= at:
        routing.issue_sheet(station, sheet_on=beijing_date(at), actor=SYSTEM, at=at)
    full = Case.objects.filter(station=station, status="closed", phase=3)
    case = full.annotate(number=Count("events")).order_by("-number", "-id").first() or Case.objects.get()
    return Subjects(station, unit[f"{COUNTY}-XZ-01"], unit[COUNTY], case)


def browser(url: str, username: str) -> httpx.Client:
    """A logged-in client; the log-in itself (its password hash) is not what is measured."""
    post = Post.objects.select_related("user", "unit").get(user__username=username)
    session = Cast(SimpleNamespace()).client(PostActor(post.user, post))
    name = settings.SESSION_COOKIE_NAME
    return httpx.Client(
        base_url=url, cookies={name: session.cookies[name].value}, trust_env=False, timeout=120
    )

"""The people of the tests: one post of every role at 象珠, the counterparts at 古山.

`cast.officer`, `cast.station_chief` … are `PostActor`s named as the role codes; `cast.other_officer` … hold
the same role in the other territory. Units are on `cast.units`. Nobody is on a roster until a test says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from rest_framework.test import APIClient

from dispute_hub.accounts import services
from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.middleware import ABSOLUTE_WITHIN, POST_KEY, SEEN_KEY, STARTED_KEY
from dispute_hub.accounts.models import DutyRoster, Line, Post, Role, Unit, UnitKind, UnitLink, User
from dispute_hub.common import time

PASSWORD = "dispute-hub-demo"

# (attribute of cast.units, code, name, line, kind, parent); `bureau` is set on all but city and bureau.
UNITS = [
    ("city", "330700", "金华市公安局", Line.POLICE, UnitKind.CITY_BUREAU, None),
    ("bureau", "330784", "永康市公安局", Line.POLICE, UnitKind.BUREAU, "city"),
    ("reception", "330784-110", "永康市公安局110接警中心", Line.POLICE, UnitKind.RECEPTION, "bureau"),
    ("station", "330784-XZ", "象珠派出所", Line.POLICE, UnitKind.STATION, "bureau"),
    ("other_station", "330784-GS", "古山派出所", Line.POLICE, UnitKind.STATION, "bureau"),
    ("area", "330784-XZ-01", "象珠第一警务责任区", Line.POLICE, UnitKind.POLICE_AREA, "station"),
    ("other_area", "330784-GS-01", "古山第一警务责任区", Line.POLICE, UnitKind.POLICE_AREA, "other_station"),
    ("political_legal", "330784-ZFW", "中共永康市委政法委", Line.GOVERNANCE, UnitKind.POLITICAL_LEGAL, None),
    (
        "county_centre",
        "330784-ZZ",
        "永康市综治中心",
        Line.GOVERNANCE,
        UnitKind.COUNTY_CENTRE,
        "political_legal",
    ),
    ("centre", "330784-XZ-ZZ", "象珠镇综治中心", Line.GOVERNANCE, UnitKind.CENTRE, "county_centre"),
    ("other_centre", "330784-GS-ZZ", "古山镇综治中心", Line.GOVERNANCE, UnitKind.CENTRE, "county_centre"),
    ("community", "330784-XZ-C1", "象珠一村", Line.GOVERNANCE, UnitKind.COMMUNITY, "centre"),
    ("other_community", "330784-GS-C1", "古山一村", Line.GOVERNANCE, UnitKind.COMMUNITY, "other_centre"),
    ("grid", "330784-XZ-C1-W1", "象珠一村第一网格", Line.GOVERNANCE, UnitKind.GRID, "community"),
    ("other_grid", "330784-GS-C1-W1", "古山一村第一网格", Line.GOVERNANCE, UnitKind.GRID, "other_community"),
    ("department", "330784-RS", "永康市人力资源和社会保障局", Line.DEPARTMENT, UnitKind.DEPARTMENT, None),
    ("other_department", "330784-ZJ", "永康市住房和城乡建设局", Line.DEPARTMENT, UnitKind.DEPARTMENT, None),
    ("mediation_org", "330784-XZ-TW", "象珠镇人民调解委员会", Line.MEDIATION, UnitKind.MEDIATION_ORG, None),
    (
        "other_mediation_org",
        "330784-GS-TW",
        "古山镇人民调解委员会",
        Line.MEDIATION,
        UnitKind.MEDIATION_ORG,
        None,
    ),
]

# (attribute of cast, role, unit, name, police number)
PEOPLE = [
    ("dispatcher", Role.DISPATCHER, "reception", "陆接警", "330011"),
    ("duty_commander", Role.DUTY_COMMANDER, "reception", "值守长", "330012"),
    ("officer", Role.OFFICER, "station", "处警一", "330001"),
    ("second_officer", Role.OFFICER, "station", "处警二", "330002"),
    ("community_officer", Role.COMMUNITY_OFFICER, "area", "责任民", "330003"),
    ("station_command", Role.STATION_COMMAND, "station", "指挥室", "330004"),
    ("station_chief", Role.STATION_CHIEF, "station", "象所长", "330005"),
    ("bureau", Role.BUREAU, "bureau", "防控员", "330006"),
    ("political_legal", Role.POLITICAL_LEGAL, "political_legal", "政法员", ""),
    ("centre", Role.CENTRE, "centre", "象综治", ""),
    ("county_centre", Role.COUNTY_CENTRE, "county_centre", "县综治", ""),
    ("department", Role.DEPARTMENT, "department", "人社员", ""),
    ("grid_worker", Role.GRID_WORKER, "grid", "象网格", ""),
    ("mediator", Role.MEDIATOR, "mediation_org", "象调解", ""),
    ("leader", Role.LEADER, "bureau", "局领导", "330007"),
    ("office_clerk", Role.OFFICE_CLERK, "bureau", "办秘书", "330008"),
    ("system_admin", Role.SYSTEM_ADMIN, "bureau", "系统管", ""),
    ("security_admin", Role.SECURITY_ADMIN, "bureau", "安全管", ""),
    ("auditor", Role.AUDITOR, "bureau", "审计管", ""),
    ("other_officer", Role.OFFICER, "other_station", "古处警", "330021"),
    ("other_community_officer", Role.COMMUNITY_OFFICER, "other_area", "古责任", "330023"),
    ("other_station_command", Role.STATION_COMMAND, "other_station", "古指挥", "330024"),
    ("other_station_chief", Role.STATION_CHIEF, "other_station", "古所长", "330025"),
    ("other_centre", Role.CENTRE, "other_centre", "古综治", ""),
    ("other_department", Role.DEPARTMENT, "other_department", "住建员", ""),
    ("other_grid_worker", Role.GRID_WORKER, "other_grid", "古网格", ""),
    ("other_mediator", Role.MEDIATOR, "other_mediation_org", "古调解", ""),
]  # fmt: skip

LINKS = [
    (UnitLink.Kind.STATION_STREET, "station", "centre"),
    (UnitLink.Kind.STATION_STREET, "other_station", "other_centre"),
    (UnitLink.Kind.AREA_GRID, "area", "grid"),
    (UnitLink.Kind.AREA_GRID, "other_area", "other_grid"),
]


@dataclass
class Cast:
    """Who plays; every attribute of PEOPLE is a `PostActor`."""

    units: SimpleNamespace
    actors: dict[str, PostActor] = field(default_factory=dict)

    def __getattr__(self, name: str) -> PostActor:
        actors = self.__dict__.get("actors", {})
        if name in actors:
            return actors[name]
        raise AttributeError(name)

    def add(self, name: str, role: str, unit: Unit, *, police_number: str = "") -> PostActor:
        """One more person with a post; afterwards also `cast.<name>`."""
        user = User.objects.create(
            username=name, full_name=name[:8], police_number=police_number, password=make_password(PASSWORD)
        )
        self.actors[name] = PostActor(user, Post.objects.create(user=user, unit=unit, role=role))
        return self.actors[name]

    def add_post(self, actor: PostActor, role: str, unit: Unit) -> PostActor:
        """A second post of the same person."""
        post = Post.objects.create(user=actor.user, unit=unit, role=role, is_primary=False)
        return PostActor(actor.user, post)

    def roster(self, actor: PostActor, duty: str, starts_at: datetime, ends_at: datetime) -> DutyRoster:
        """Put the actor on duty at the unit of his post (duty: crew, command, leader)."""
        return DutyRoster.objects.create(
            unit=actor.unit, post=actor.post, duty=duty, starts_at=starts_at, ends_at=ends_at
        )

    def client(self, actor: PostActor | None, **defaults: Any) -> Client:
        """A browser logged in at the actor's post since this moment; None is an anonymous one."""
        browser = Client(**defaults)
        if actor is None:
            return browser
        session = SessionStore()
        session[SESSION_KEY] = str(actor.user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
        session[HASH_SESSION_KEY] = actor.user.get_session_auth_hash()
        session[POST_KEY] = actor.post.pk
        session[STARTED_KEY] = time.now().isoformat()
        session[SEEN_KEY] = (time.now() + ABSOLUTE_WITHIN).isoformat()  # tests jump: only they are never idle
        session.save()
        browser.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
        return browser

    def api(self, actor: PostActor | None) -> APIClient:
        """An API client with a token of the actor's post; None is an anonymous one."""
        caller = APIClient()
        if actor is not None:
            clear, _ = services.issue_token(actor.post, at=time.now())
            caller.credentials(HTTP_AUTHORIZATION=f"Token {clear}")
        return caller


def build_cast() -> Cast:
    """Create the units, links, people and posts in the database in hand."""
    units: dict[str, Unit] = {}
    for name, code, title, line, kind, parent in UNITS:
        above = units[parent] if parent else None
        bureau = None if kind == UnitKind.CITY_BUREAU else units.get("bureau")
        units[name] = Unit.objects.create(
            code=code, name=title, line=line, kind=kind, parent=above, bureau=bureau
        )
    units["bureau"].bureau = units["bureau"]
    units["bureau"].save(update_fields=["bureau"])
    UnitLink.objects.bulk_create(
        UnitLink(kind=kind, police=units[police], governance=units[governance])
        for kind, police, governance in LINKS
    )
    password = make_password(PASSWORD)
    users = User.objects.bulk_create(
        User(username=name, full_name=full_name, police_number=number, password=password)
        for name, _, _, full_name, number in PEOPLE
    )
    posts = Post.objects.bulk_create(
        Post(user=user, unit=units[unit], role=role)
        for user, (_, role, unit, _, _) in zip(users, PEOPLE, strict=True)
    )
    named = zip((person[0] for person in PEOPLE), users, posts, strict=True)
    return Cast(SimpleNamespace(**units), {name: PostActor(user, post) for name, user, post in named})


@pytest.fixture
def cast(db: None) -> Cast:
    """The cast in a test that rolls back. A test that commits calls `committed_cast` instead."""
    return build_cast()


@pytest.fixture
def committed_cast(committing_db: Any) -> Iterator[Cast]:
    """The cast, committed in a database of its own."""
    yield build_cast()

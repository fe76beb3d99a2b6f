"""The demo city is as large as promised, whole, and built again without a change."""

from collections import Counter

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import RequestFactory

from dispute_hub.accounts import selectors
from dispute_hub.accounts.models import Line, Post, Role, Unit, UnitKind, UnitLink, User
from dispute_hub.demo.people import PASSWORD, build_people, everybody
from dispute_hub.demo.units import build_city


@pytest.fixture
def city(db, clock) -> dict[str, Unit]:
    return build_city(at=clock.at)


@pytest.mark.parametrize(
    ("kind", "least"),
    [
        (UnitKind.BUREAU, 1), (UnitKind.RECEPTION, 1), (UnitKind.STATION, 6), (UnitKind.CENTRE, 8),
        (UnitKind.COUNTY_CENTRE, 1), (UnitKind.POLITICAL_LEGAL, 1), (UnitKind.DEPARTMENT, 6),
        (UnitKind.GRID, 60), (UnitKind.MEDIATION_ORG, 10), (UnitKind.CO_UNIT, 3), (UnitKind.POLICE_AREA, 12),
    ],
)  # fmt: skip
def test_the_city_is_as_large_as_promised(city, kind: str, least: int) -> None:
    assert Unit.objects.filter(kind=kind).count() >= least


def test_a_tree_never_crosses_lines_and_everybody_has_the_bureau(city) -> None:
    for unit in Unit.objects.select_related("parent"):
        assert unit.parent is None or unit.parent.line == unit.line
        assert unit.kind == UnitKind.CITY_BUREAU or unit.bureau_id == city["330784"].pk


def test_every_grid_has_its_area_and_every_street_its_station(city, clock) -> None:
    for grid in Unit.objects.filter(kind=UnitKind.GRID):
        area, street = selectors.area_of_grid(grid.pk), selectors.street_of_grid(grid)
        assert area is not None
        assert area.parent_id is not None
        assert street in selectors.streets_of_station(area.parent_id)
    for station in Unit.objects.filter(kind=UnitKind.STATION):
        assert selectors.streets_of_station(station.pk)


def test_building_again_changes_nothing(city, clock) -> None:
    build_people(at=clock.at)
    before = [model.objects.count() for model in (Unit, UnitLink, User, Post)]
    build_city(at=clock.at)
    build_people(at=clock.at)
    assert [model.objects.count() for model in (Unit, UnitLink, User, Post)] == before


def test_the_log_ins_are_the_role_codes(city, clock) -> None:
    posts = build_people(at=clock.at)
    for role in Role.values:
        assert posts[role].role == role
        request = RequestFactory().post("/login/")
        assert authenticate(request, username=role, password=PASSWORD) == posts[role].user


@pytest.mark.parametrize(
    ("username", "unit"),
    [
        ("officer", "330784-XZ"), ("station_command", "330784-XZ"), ("station_chief", "330784-XZ"),
        ("community_officer", "330784-XZ-01"), ("centre", "330784-XZ-ZZ"), ("dispatcher", "330784-110"),
    ],
)  # fmt: skip
def test_where_the_log_ins_stand(city, clock, username: str, unit: str) -> None:
    assert build_people(at=clock.at)[username].unit.code == unit


def test_officer_and_colleague_are_on_duty_by_their_numbers(city, clock) -> None:
    build_people(at=clock.at)
    on_duty = selectors.on_duty(city["330784-XZ"].pk, "crew", clock.at)
    assert {"330001", "330002"} <= {post.user.police_number for post in on_duty}


def test_every_unit_that_acts_has_somebody(city, clock) -> None:
    build_people(at=clock.at)
    held = Counter(Post.objects.values_list("unit__kind", "role"))
    for kind, role in [
        (UnitKind.STATION, Role.STATION_COMMAND),
        (UnitKind.STATION, Role.STATION_CHIEF),
        (UnitKind.POLICE_AREA, Role.COMMUNITY_OFFICER),
        (UnitKind.CENTRE, Role.CENTRE),
        (UnitKind.DEPARTMENT, Role.DEPARTMENT),
    ]:
        assert held[kind, role] >= Unit.objects.filter(kind=kind).count()
    approvers = Post.objects.filter(role=Role.STATION_CHIEF, unit__code="330784-XZ").count()
    assert approvers >= 2  # who proposes never approves


def test_nobody_shares_a_log_in_or_a_number() -> None:
    people = list(everybody())
    numbers = [person.police_number for person in people if person.police_number]
    assert len({person.username for person in people}) == len(people)
    assert len(set(numbers)) == len(numbers)


def test_phones_lie_outside_the_numbers_in_use(city, clock) -> None:
    build_people(at=clock.at)
    assert all(user.phone.startswith("1900000") for user in User.objects.all())


def test_no_demo_log_in_in_production(city, clock, settings) -> None:
    settings.HUB_EMBEDDED = False
    with pytest.raises(ImproperlyConfigured):
        build_people(at=clock.at)
    assert not User.objects.exists()


def test_the_lines_are_all_there(city) -> None:
    assert set(Unit.objects.values_list("line", flat=True)) == set(Line.values)


def test_reference_data_may_be_loaded_twice_and_brings_no_people(db, clock) -> None:
    call_command("load_reference", verbosity=0)
    call_command("load_reference", verbosity=0)
    assert not User.objects.exists()
    assert not Unit.objects.exists()

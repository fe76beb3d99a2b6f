"""The demo city's people: one log-in per role at 象珠, and everybody the other units need. All invented."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from dispute_hub.accounts.models import Post, Role, Unit, User
from dispute_hub.demo.units import COUNTY, DEPARTMENTS, MEDIATORS, STATIONS, STREETS

PASSWORD: Final = "dispute-hub-demo"  # noqa: S105 - printed at every start; never made in production
R = Role

# The log-ins a visitor uses: the role codes of the handbook. Police numbers 330001 and 330002 are colleagues.
LOGINS: Final = (
    (R.DISPATCHER, "110", "330010"),
    (R.DUTY_COMMANDER, "110", "330011"),
    (R.OFFICER, "XZ", "330001"),
    (R.COMMUNITY_OFFICER, "XZ-01", "330003"),
    (R.STATION_COMMAND, "XZ", "330004"),
    (R.STATION_CHIEF, "XZ", "330005"),
    (R.BUREAU, "", "330006"),
    (R.POLITICAL_LEGAL, "ZFW", ""),
    (R.CENTRE, "XZ-ZZ", ""),
    (R.COUNTY_CENTRE, "ZZ", ""),
    (R.DEPARTMENT, "RS", ""),
    (R.GRID_WORKER, "XZ-C1-W1", ""),
    (R.MEDIATOR, "XZ-TW", ""),
    (R.LEADER, "", "330007"),
    (R.OFFICE_CLERK, "", "330008"),
    (R.SYSTEM_ADMIN, "", ""),
    (R.SECURITY_ADMIN, "", ""),
    (R.AUDITOR, "", ""),
)
SURNAMES: Final = "胡徐应陈吕王朱程章施楼俞李金潘周叶夏吴方"
GIVEN: Final = ("建明", "晓燕", "国强", "丽娟", "伟峰", "雅琴", "志勇", "秀珍", "海波", "美玲", "立新")


@dataclass(frozen=True, slots=True)
class Person:
    """One person with one post: log-in, role, unit code (short), police number."""

    username: str
    role: str
    unit: str
    police_number: str = ""


@transaction.atomic
def build_people(*, at: datetime) -> dict[str, Post]:
    """Make the missing people and posts of the demo city; its posts by log-in. Safe to run again.

    The city must be built. Raises ImproperlyConfigured under production settings: the password is public.
    """
    if not settings.HUB_EMBEDDED:
        raise ImproperlyConfigured(
            "演示账号不得在生产环境建立 (demo log-ins are refused in production settings)"
        )
    units = {unit.code: unit for unit in Unit.objects.filter(code__startswith=COUNTY)}
    people = list(everybody())
    known = set(User.objects.values_list("username", flat=True))
    # One hash for all: it is a public password, and two hundred slow hashes are a minute of start-up.
    password = make_password(PASSWORD)
    User.objects.bulk_create(
        User(
            username=person.username,
            full_name=_name(number),
            police_number=person.police_number,
            phone=f"1900000{number:04d}",
            password=password,
        )
        for number, person in enumerate(people)
        if person.username not in known
    )
    users = User.objects.in_bulk([person.username for person in people], field_name="username")
    Post.objects.bulk_create(
        [
            Post(user=users[person.username], unit=units[_code(person.unit)], role=person.role)
            for person in people
        ],
        ignore_conflicts=True,
    )
    posts = Post.objects.filter(user__in=users.values()).select_related("user", "unit").order_by("-id")
    return {post.user.username: post for post in posts}


def everybody() -> Iterator[Person]:
    """Everybody of the demo city, the visitors' log-ins first."""
    for role, unit, number in LOGINS:
        yield Person(role, role, unit, number)
    yield Person("officer_2", R.OFFICER, "XZ", "330002")
    yield Person("station_chief_2", R.STATION_CHIEF, "XZ", "330009")
    for place, code in enumerate(STATIONS):
        yield from _station(code, 331000 + place * 100)
    for street in STREETS:
        if street.code != "XZ":
            yield Person(f"centre_{street.code.lower()}", R.CENTRE, f"{street.code}-ZZ")
            yield Person(f"mediator_{street.code.lower()}", R.MEDIATOR, f"{street.code}-TW")
        yield Person(f"mediator_{street.code.lower()}_sfs", R.MEDIATOR, f"{street.code}-SFS")
        yield from _grid_workers(street.code, len(street.villages))
    for code, *_ in DEPARTMENTS:
        if code != "RS":
            yield Person(f"department_{code.lower()}", R.DEPARTMENT, code)
    for code, *_ in MEDIATORS:
        yield Person(f"mediator_{code.lower()}", R.MEDIATOR, f"TJ-{code}")


def _station(code: str, first_number: int) -> Iterator[Person]:
    low = code.lower()
    if code != "XZ":
        for turn in (1, 2):
            yield Person(f"officer_{low}_{turn}", R.OFFICER, code, str(first_number + turn))
        yield Person(f"command_{low}", R.STATION_COMMAND, code, str(first_number + 3))
        yield Person(f"chief_{low}", R.STATION_CHIEF, code, str(first_number + 4))
        yield Person(f"community_{low}_1", R.COMMUNITY_OFFICER, f"{code}-01", str(first_number + 5))
    yield Person(f"community_{low}_2", R.COMMUNITY_OFFICER, f"{code}-02", str(first_number + 6))


def _grid_workers(street: str, villages: int) -> Iterator[Person]:
    for village in range(1, villages + 1):
        if (street, village) != ("XZ", 1):
            yield Person(f"grid_{street.lower()}_{village}", R.GRID_WORKER, f"{street}-C{village}-W1")


def _code(short: str) -> str:
    return f"{COUNTY}-{short}" if short else COUNTY


def _name(number: int) -> str:
    return SURNAMES[number % len(SURNAMES)] + GIVEN[number * 7 % len(GIVEN)]

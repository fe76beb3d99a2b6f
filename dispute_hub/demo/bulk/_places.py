"""Where the cases lie: the demo city's stations, and as many more as a larger city needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from dispute_hub.accounts.models import Line, Post, Role, Unit, UnitKind, UnitLink, User
from dispute_hub.demo.seeding import build_base
from dispute_hub.demo.units import COUNTY, STATIONS
from intake.models import Source


@dataclass(frozen=True, slots=True)
class Place:
    """One village of a station: the units a case there has, and who handles it."""

    station_id: int
    area_id: int
    street_id: int
    grid_id: int
    address: str
    crew: tuple[tuple[int, int, str], ...]  # post, user, label
    responsible: tuple[int, int, str]
    chief: tuple[int, int, str]
    centre: tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Places:
    """Every place, the bureau above them and the source of their alerts."""

    places: tuple[Place, ...]
    bureau_id: int
    reception_id: int
    source_id: int


def places(stations: int, *, at: datetime) -> Places:
    """The demo city built if need be, with `stations` stations (more than its nine are made up)."""
    units, _, sources = build_base(at=at)
    codes = list(STATIONS)[:stations] + [_one_more(units, number) for number in range(10, stations + 1)]
    posts: dict[tuple[int, str], list[tuple[int, int, str]]] = {}
    for post in Post.objects.select_related("user", "unit").order_by("id"):
        label = f"{post.unit} {post.get_role_display()} {post.user.full_name}"
        posts.setdefault((post.unit_id, post.role), []).append((post.pk, post.user_id, label))
    known = {unit.code: unit for unit in Unit.objects.all()}
    links = dict(
        UnitLink.objects.filter(kind=UnitLink.Kind.AREA_GRID).values_list("governance__code", "police__code")
    )
    found = [
        _place(known, posts, grid, area)
        for grid, area in sorted(links.items())
        if area.split("-")[1] in codes and grid.endswith("W1")
    ]
    source: Source = sources["110"]
    return Places(tuple(found), known[COUNTY].pk, known[f"{COUNTY}-110"].pk, source.pk)


def _place(
    known: dict[str, Unit], posts: dict[tuple[int, str], list[tuple[int, int, str]]], grid: str, area: str
) -> Place:
    station, village = known[area.rsplit("-", 1)[0]], known[grid.rsplit("-", 1)[0]]
    street = next(unit for unit in known.values() if unit.pk == village.parent_id)
    return Place(
        station_id=station.pk,
        area_id=known[area].pk,
        street_id=street.pk,
        grid_id=known[grid].pk,
        address=f"{street.name.removesuffix('综治中心')}{village.name}",
        crew=tuple(posts[station.pk, Role.OFFICER]),
        responsible=posts[known[area].pk, Role.COMMUNITY_OFFICER][0],
        chief=posts[station.pk, Role.STATION_CHIEF][0],
        centre=posts[street.pk, Role.CENTRE][0],
    )


def _one_more(units: dict[str, Unit], number: int) -> str:
    """A made-up station with its area, street, village, grid and people. Returns its short code."""
    code, name = f"E{number:03d}", f"第{number}"
    if f"{COUNTY}-{code}" in units:
        return code
    bureau = units[COUNTY]
    rows = {}
    for short, title, line, kind, parent in (
        (code, f"{name}派出所", Line.POLICE, UnitKind.STATION, bureau.code),
        (f"{code}-01", f"{name}所第一警务责任区", Line.POLICE, UnitKind.POLICE_AREA, f"{COUNTY}-{code}"),
        (f"{code}-ZZ", f"{name}街道综治中心", Line.GOVERNANCE, UnitKind.CENTRE, f"{COUNTY}-ZZ"),
        (f"{code}-C1", f"{name}街道一村", Line.GOVERNANCE, UnitKind.COMMUNITY, f"{COUNTY}-{code}-ZZ"),
        (f"{code}-C1-W1", f"{name}街道一村网格", Line.GOVERNANCE, UnitKind.GRID, f"{COUNTY}-{code}-C1"),
    ):
        rows[short] = units[f"{COUNTY}-{short}"] = Unit.objects.create(
            code=f"{COUNTY}-{short}", name=title, line=line, kind=kind, parent=units[parent], bureau=bureau
        )
    link = UnitLink.Kind
    UnitLink.objects.create(kind=link.STATION_STREET, police=rows[code], governance=rows[f"{code}-ZZ"])
    UnitLink.objects.create(kind=link.AREA_GRID, police=rows[f"{code}-01"], governance=rows[f"{code}-C1-W1"])
    for place, (role, short) in enumerate(
        ((Role.OFFICER, code), (Role.OFFICER, code), (Role.STATION_COMMAND, code), (Role.STATION_CHIEF, code),
         (Role.COMMUNITY_OFFICER, f"{code}-01"), (Role.CENTRE, f"{code}-ZZ"))
    ):  # fmt: skip
        user = User.objects.create(username=f"{code.lower()}_{place}", full_name=f"{name}{place}")
        Post.objects.create(user=user, unit=rows[short], role=role)
    return code

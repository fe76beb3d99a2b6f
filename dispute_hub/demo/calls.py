"""Invented people and what they call about: narratives with slots, filled from one seeded generator."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

from dispute_hub.cases.services import PartyFacts
from dispute_hub.demo.units import COUNTY, STREETS, Street

FILE: Final = Path(__file__).parent / "data" / "calls.toml"
SURNAMES: Final = "胡徐应陈吕王朱程章施楼俞李金潘周叶夏吴方卢童蒋田黄"
GIVEN: Final = [
    "建明",
    "晓燕",
    "国强",
    "丽娟",
    "伟峰",
    "雅琴",
    "志勇",
    "秀珍",
    "海波",
    "美玲",
    "立新",
    "春芳",
    "永康",
    "小军",
    "爱菊",
    "文斌",
    "金花",
    "德胜",
]
SHOPS: Final = ("万和超市", "阿强烧烤店", "金鼎健身房", "诚信手机店", "老街面馆", "好又多电器", "星光培训班")
FIRMS: Final = ("恒远五金厂", "宏达门业", "金诚电动工具厂", "顺达建筑工地", "飞跃滑板车厂", "华益不锈钢厂")
PLACES: Final = {
    "home": "{village}{road}{number}号",
    "shop": "{village}商业街{number}号",
    "factory": "{village}工业区{number}号",
    "road": "{village}{road}与中心路路口{number}米处",
    "field": "{village}后畈{number}号田块",
    "school": "{village}学校东门{number}号",
    "hospital": "{village}卫生院{number}号楼",
}
ROADS: Final = ("大兴路", "永祥街", "和平巷", "文昌路", "五金路", "河滨路")
# No person has such a number: 99 is no province (the rule of invented identity numbers).
REGION: Final = "990784"
WEIGHTS: Final = tuple(1 << (17 - place) for place in range(17))


@dataclass(frozen=True, slots=True)
class Pattern:
    """One narrative of the file with its slots."""

    text: str
    colour: str
    place: str
    stated: str
    people: int | None = None
    amount: int | None = None
    flags: tuple[str, ...] = ()
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """A filled narrative: who calls about what, where."""

    narrative: str
    address: str
    station: str
    street: str
    grid: str
    stated: str
    reporter: PartyFacts
    other: PartyFacts | None
    people: int | None
    amount: Decimal | None
    flags: tuple[str, ...]
    longitude: float
    latitude: float

    def again(self, narrative: str, *, flags: tuple[str, ...] = ()) -> Call:
        """The same people at the same address call about it once more."""
        return replace(self, narrative=narrative, flags=flags)


@cache
def patterns() -> tuple[Pattern, ...]:
    """Every narrative of the file."""
    entries = tomllib.loads(FILE.read_text(encoding="utf-8"))["call"]
    return tuple(Pattern(**{**entry, "flags": tuple(entry.get("flags", ()))}) for entry in entries)


def of_colour(colour: str) -> list[Pattern]:
    """The narratives that triage is expected to give this colour."""
    return [pattern for pattern in patterns() if pattern.colour == colour]


class Caller:
    """Fills narratives. Same seed, same calls; nobody is invented twice."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(f"calls:{seed}")
        self._invented = 0

    def call(self, pattern: Pattern, street: Street) -> Call:
        """Somebody of the street calls."""
        rng = self.rng
        village = rng.randint(1, len(street.villages))
        reporter, other = self.person("reporter"), self.person("party")
        address = PLACES[pattern.place].format(
            village=f"{street.name}{street.villages[village - 1]}",
            road=rng.choice(ROADS),
            number=rng.randint(2, 188),
        )
        return Call(
            narrative=self._filled(pattern, reporter, other),
            address=address,
            station=f"{COUNTY}-{street.station}",
            street=f"{COUNTY}-{street.code}-ZZ",
            grid=f"{COUNTY}-{street.code}-C{village}-W{rng.randint(1, 2)}",
            stated=pattern.stated,
            reporter=reporter,
            other=None if pattern.alone else other,
            people=pattern.people,
            amount=Decimal(pattern.amount) if pattern.amount else None,
            flags=pattern.flags,
            longitude=round(120.05 + rng.random() * 0.2, 6),
            latitude=round(28.85 + rng.random() * 0.2, 6),
        )

    def _filled(self, pattern: Pattern, reporter: PartyFacts, other: PartyFacts) -> str:
        rng = self.rng
        return pattern.text.format(
            a=f"{reporter.name[0]}某", b=f"{other.name[0]}某", money=rng.randint(2, 48) * 100,
            days=rng.randint(3, 25), months=rng.randint(2, 9), hour=rng.randint(3, 5), n=rng.randint(2, 11),
            shop=rng.choice(SHOPS), firm=rng.choice(FIRMS),
        )  # fmt: skip

    def person(self, role: str) -> PartyFacts:
        """One invented person with a number that can be told from a real one."""
        rng, self._invented = self.rng, self._invented + 1
        is_checked = rng.random() < 0.15
        return PartyFacts(
            role=role,
            name=rng.choice(SURNAMES) + rng.choice(GIVEN),
            phone=f"138{rng.randint(0, 9)}000{self._invented % 10000:04d}",
            sex=rng.choice(("男", "女")),
            id_type="111" if is_checked else "",
            id_number=self._id_number() if is_checked else "",
        )

    def _id_number(self) -> str:
        """With the check digit of the standard, so that only the region tells it apart."""
        rng = self.rng
        born = f"{rng.randint(1948, 2004)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
        body = f"{REGION}{born}{self._invented % 1000:03d}"
        rest = sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11
        return body + "10X98765432"[rest]


def street_of(code: str) -> Street:
    """The street of the demo city with this short code."""
    return next(street for street in STREETS if street.code == code)

"""The demo city: a county like Yongkang with its units on every line. All of it is invented but place names.

Codes: `330784-XZ` station, `-XZ-01` police area, `-XZ-ZZ` street centre, `-XZ-C1` village, `-XZ-C1-W1` grid.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import transaction

from dispute_hub.accounts.models import Line, Unit, UnitKind, UnitLink

COUNTY: Final = "330784"
AREAS_OF_STATION = 2
GRIDS_OF_VILLAGE = 2


@dataclass(frozen=True, slots=True)
class Street:
    """A street or town: code, name, the station that serves it, its villages or communities."""

    code: str
    name: str
    station: str
    villages: tuple[str, ...]


STATIONS: Final = {
    "XZ": "象珠派出所",
    "GS": "古山派出所",
    "TX": "唐先派出所",
    "ZY": "芝英派出所",
    "LS": "龙山派出所",
    "SZ": "石柱派出所",
    "DC": "东城派出所",
    "XC": "西城派出所",
    "JN": "江南派出所",
}
STREETS: Final = (
    Street("XZ", "象珠镇", "XZ", ("象珠一村", "象珠二村", "清渭街村", "派溪村")),
    Street("GS", "古山镇", "GS", ("古山一村", "古山二村", "金江龙村", "世雅村")),
    Street("TX", "唐先镇", "TX", ("唐先一村", "唐先二村", "太平新村", "上考村")),
    Street("ZY", "芝英镇", "ZY", ("芝英一村", "芝英二村", "雅庄村", "柿后村")),
    Street("LS", "龙山镇", "LS", ("四路口村", "桥下村", "吕南宅村", "太平村")),
    Street("SZ", "石柱镇", "SZ", ("石柱村", "前陈村", "姚塘村", "下里溪村")),
    Street("DC", "东城街道", "DC", ("高川社区", "金水湾社区", "紫薇社区", "大塘沿社区")),
    Street("XC", "西城街道", "XC", ("花园社区", "溪心社区", "城西社区", "烈桥社区")),
    Street("HJ", "花街镇", "XC", ("花街村", "八字墙村", "倪宅村", "尚黄桥村")),
    Street("JN", "江南街道", "JN", ("白云社区", "紫微社区", "园丁社区", "溪中社区")),
)
# Short names are those by which the list of matters names its lead departments.
DEPARTMENTS: Final = (
    ("RS", "人力资源和社会保障局", "人社局"),
    ("ZJ", "住房和城乡建设局", "住建局"),
    ("SC", "市场监督管理局", "市场监管局"),
    ("ZF", "综合行政执法局", "综合执法局"),
    ("SF", "司法局", "司法局"),
    ("FL", "妇女联合会", "妇联"),
    ("MZ", "民政局", "民政局"),
    ("WJ", "卫生健康局", "卫健局"),
    ("JY", "教育局", "教育局"),
    ("ZR", "自然资源和规划局", "自然资源和规划局"),
    ("NY", "农业农村局", "农业农村局"),
    ("HB", "生态环境分局", "生态环境局"),
    ("JT", "交通运输局", "交通运输局"),
    ("YG", "应急管理局", "应急管理局"),
    ("XF", "信访局", "信访局"),
    ("GH", "总工会", "总工会"),
)
MEDIATORS: Final = (
    ("HT", "婚姻家庭纠纷人民调解委员会", "婚调委"),
    ("YT", "医疗纠纷人民调解委员会", "医调委"),
    ("JDT", "道路交通事故纠纷人民调解委员会", "交通事故调委会"),
    ("WT", "物业纠纷人民调解委员会", "物业调委会"),
    ("LT", "劳动人事争议调解中心", "劳动调解中心"),
    ("FT", "人民法院古山人民法庭", "人民法庭"),
    ("LV", "方岩律师事务所", "方岩律所"),
)
CO_UNITS: Final = (
    ("YY", "第一人民医院"),
    ("XX", "象珠中学"),
    ("SCH", "五金科技城市场"),
    ("GC", "永丰门业有限公司"),
    ("WY", "紫薇物业服务有限公司"),
)


@transaction.atomic
def build_city(*, at: datetime) -> dict[str, Unit]:
    """Make what is missing of the demo city and return its units by code. Safe to run again.

    `at` is when the city is built; units carry no dates, but a builder is told like every service.
    """
    city = _City({unit.code: unit for unit in Unit.objects.filter(code__startswith=COUNTY[:4])})
    _police(city)
    _governance(city)
    _others(city)
    _links(city.units)
    return city.units


class _City:
    """The units made so far, by code."""

    def __init__(self, units: dict[str, Unit]) -> None:
        self.units = units

    def add(
        self, code: str, name: str, kind: UnitKind, line: Line, *, parent: str = "", short_name: str = ""
    ) -> None:
        """A unit of the county under the code `330784-<code>`, unless it is there."""
        code, above = self.code(code), self.units.get(self.code(parent)) if parent else None
        if code not in self.units:
            self.units[code] = Unit.objects.create(
                code=code,
                name=name,
                short_name=short_name,
                kind=kind,
                line=line,
                parent=above,
                bureau=self.units.get(COUNTY),
            )

    @staticmethod
    def code(short: str) -> str:
        return short if short.startswith(COUNTY[:4]) else f"{COUNTY}-{short}"


def _police(city: _City) -> None:
    police = Line.POLICE
    city.add("330700", "金华市公安局", UnitKind.CITY_BUREAU, police)
    city.add(COUNTY, "永康市公安局", UnitKind.BUREAU, police, parent="330700")
    bureau = city.units[COUNTY]
    if bureau.bureau_id is None:
        bureau.bureau = bureau
        bureau.save(update_fields=["bureau"])
    city.add("110", "永康市公安局110接警中心", UnitKind.RECEPTION, police, parent=COUNTY)
    for code, name in STATIONS.items():
        city.add(code, name, UnitKind.STATION, police, parent=COUNTY)
        place = name.removesuffix("派出所")
        for number in range(1, AREAS_OF_STATION + 1):
            title = f"{place}第{'一二三四'[number - 1]}警务责任区"
            city.add(f"{code}-{number:02d}", title, UnitKind.POLICE_AREA, police, parent=code)


def _governance(city: _City) -> None:
    line = Line.GOVERNANCE
    city.add("ZFW", "中共永康市委政法委员会", UnitKind.POLITICAL_LEGAL, line, short_name="永康市委政法委")
    city.add(
        "ZZ", "永康市社会治理中心", UnitKind.COUNTY_CENTRE, line, parent="ZFW", short_name="永康市综治中心"
    )
    for street in STREETS:
        centre = f"{street.code}-ZZ"
        city.add(centre, f"{street.name}综治中心", UnitKind.CENTRE, line, parent="ZZ")
        for number, village in enumerate(street.villages, start=1):
            code = f"{street.code}-C{number}"
            city.add(code, village, UnitKind.COMMUNITY, line, parent=centre)
            for grid in range(1, GRIDS_OF_VILLAGE + 1):
                title = f"{village}第{'一二三四'[grid - 1]}网格"
                city.add(f"{code}-W{grid}", title, UnitKind.GRID, line, parent=code)


def _others(city: _City) -> None:
    for code, name, short in DEPARTMENTS:
        city.add(code, f"永康市{name}", UnitKind.DEPARTMENT, Line.DEPARTMENT, short_name=short)
    org, line = UnitKind.MEDIATION_ORG, Line.MEDIATION
    city.add("TJ", "永康市调解协会", org, line)
    for code, name, short in MEDIATORS:
        city.add(
            f"TJ-{code}", f"永康市{name}" if code != "LV" else name, org, line, parent="TJ", short_name=short
        )
    for street in STREETS:
        city.add(f"{street.code}-TW", f"{street.name}人民调解委员会", org, line, parent="TJ")
        city.add(f"{street.code}-SFS", f"{street.name}司法所", org, line, parent="TJ")
    for code, name in CO_UNITS:
        city.add(f"GZ-{code}", f"永康市{name}", UnitKind.CO_UNIT, Line.CO_GOVERNANCE, short_name=name)


def _links(units: dict[str, Unit]) -> None:
    """Which station serves which street, and which police area covers which grid."""
    streets = [
        UnitLink(
            kind=UnitLink.Kind.STATION_STREET,
            police=units[f"{COUNTY}-{street.station}"],
            governance=units[f"{COUNTY}-{street.code}-ZZ"],
        )
        for street in STREETS
    ]
    areas = [
        UnitLink(kind=UnitLink.Kind.AREA_GRID, police=units[area], governance=units[grid])
        for area, grid in areas_of_grids()
    ]
    UnitLink.objects.bulk_create([*streets, *areas], ignore_conflicts=True)


def areas_of_grids() -> Iterable[tuple[str, str]]:
    """Pairs of police area and grid codes: a station's villages are shared out between its areas."""
    for street in STREETS:
        for number in range(1, len(street.villages) + 1):
            area = 1 if number <= len(street.villages) / AREAS_OF_STATION else AREAS_OF_STATION
            for grid in range(1, GRIDS_OF_VILLAGE + 1):
                yield (
                    f"{COUNTY}-{street.station}-{area:02d}",
                    f"{COUNTY}-{street.code}-C{number}-W{grid}",
                )

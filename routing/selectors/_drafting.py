"""What a third push offers to choose from: grades with their dates, addressees, units that fit the matter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dispute_hub.accounts.models import Line, Unit, UnitKind
from dispute_hub.accounts.selectors import streets_of_station
from dispute_hub.cases import clock_table
from dispute_hub.cases.models import Case
from dispute_hub.common.time import BEIJING
from intake.models import Alert
from routing.models import Difficulty, Grade, WorkOrder
from triage import selectors as triage

NO_PROCEDURE: Final = ("", "无", "none")
PROCEDURE_OVER: Final = "已终结"
# The list of matters abbreviates; nameplates do not.
FULL_NAMES: Final[dict[str, str]] = {
    "人社局": "人力资源和社会保障局",
    "住建局": "住房和城乡建设局",
    "市场监管局": "市场监督管理局",
    "综合执法局": "综合行政执法局",
    "卫健局": "卫生健康局",
    "文广旅局": "文化和广电旅游体育局",
    "妇联": "妇女联合会",
}
# The list's words for the street's own government, whose centre gets the order anyway.
STREET_NAMES: Final = ("街道(乡镇)", "乡镇政府", "属地政府")
DIFFICULTY_MEANS: Final[dict[str, str]] = {
    Difficulty.SIMPLE: "事实清楚、单一部门可办",
    Difficulty.GENERAL: "需两个以上单位配合",
    Difficulty.HARD: "跨部门、久拖未决或对立激烈",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A choice with what choosing it means."""

    code: str
    name: str
    means: str


@dataclass(frozen=True, slots=True)
class LeadProposal:
    """The lead unit suggested, or only the department's name when it has no unit here; with the reason."""

    unit: Unit | None
    assisting: list[Unit]
    reason: str


def procedure_of(case: Case) -> str:
    """The lawful procedure under way (诉讼, 仲裁, 复议, 信访) as the latest alert that speaks of one says.

    An alert that names none takes nothing back: the other party may not know of it. "" when none runs.
    """
    found = Alert.objects.filter(case=case).exclude(procedure__in=NO_PROCEDURE)
    last = found.order_by("-received_at", "-id").values_list("procedure", flat=True).first() or ""
    return "" if last == PROCEDURE_OVER else last


def procedure_under_way(case: Case) -> bool:
    """Litigation, arbitration, review or petition already runs: push 3 informs only (handbook 5)."""
    return bool(procedure_of(case))


def grade_choices(at: datetime) -> list[Choice]:
    """特急, 紧急, 平急 with the clocks each leads to, as dates if everything went on now (handbook 7)."""
    return [Choice(grade.value, grade.label, _consequence(grade.value, at)) for grade in Grade]


def _consequence(grade: str, at: datetime) -> str:
    def limit(kind: str) -> str:
        return span_words(clock_table.limit_of(kind, grade))

    result = clock_table.limit_of("order.result", grade)
    due_at = clock_table.due_at(at, result, safety=clock_table.is_safety("order.result", grade))
    last = due_at.astimezone(BEIJING)
    day = f"{last:%m-%d} {last:%H:%M}"
    if last.hour == last.minute == 0:
        before = datetime.fromtimestamp(last.timestamp() - 1, BEIJING)
        day = f"{before:%m-%d} 24:00"
    return f"{limit('order.approve')}内审批，{limit('order.accept')}内签收，最迟 {day} 前反馈结果"


def span_words(limit: str) -> str:
    """A limit of the clock table in words: "2 hours" reads 2小时."""
    amount, _, unit = limit.partition(" ")
    words = {
        "minutes": "分钟",
        "hours": "小时",
        "working_days": "个工作日",
        "natural_days": "日",
        "working_hours": "个工作小时",
    }
    return f"{amount}{words.get(unit, unit)}"


def difficulty_choices() -> list[Choice]:
    """简单, 一般, 疑难 and when each fits."""
    return [Choice(entry.value, entry.label, DIFFICULTY_MEANS[entry.value]) for entry in Difficulty]


def addressees_of(case: Case) -> list[Unit]:
    """The centres an order of this case may go to: its street's first, the county's last."""
    rows = [case.street] if case.street else []
    rows += streets_of_station(case.station_id) if case.station_id else []
    county = Unit.objects.filter(kind=UnitKind.COUNTY_CENTRE, bureau_id=case.bureau_id, is_active=True)
    return list({unit.pk: unit for unit in [*rows, *county.order_by("id")]}.values())


def assignable_units(case: Case) -> list[Unit]:
    """Whom a proposal may name to lead or assist."""
    return _assignable(case, case.street_id)


def assignable_by(order: WorkOrder) -> list[Unit]:
    """Whom the addressee of an order may put to work: with the communities and grids of its own street."""
    is_street = order.addressee.kind == UnitKind.CENTRE
    return _assignable(order.case, order.addressee_id if is_street else order.case.street_id)


def _assignable(case: Case, street_id: int | None) -> list[Unit]:
    """Departments and mediators of the county, and what lies below the street; never the police."""
    within = Unit.objects.filter(bureau_id=case.bureau_id, is_active=True)
    wide = within.filter(line__in=(Line.DEPARTMENT, Line.MEDIATION, Line.CO_GOVERNANCE))
    centres = within.filter(kind__in=(UnitKind.CENTRE, UnitKind.COUNTY_CENTRE))
    near = within.filter(parent_id=street_id) | within.filter(parent__parent_id=street_id)
    near = near.filter(line=Line.GOVERNANCE) if street_id else within.none()
    return list((wide | centres | near).order_by("line", "kind", "name"))


def receivers_of(case: Case) -> list[Unit]:
    """Who a matter of this case may be diverted to: the centres, then the departments of the county."""
    within = Unit.objects.filter(bureau_id=case.bureau_id, is_active=True, line=Line.DEPARTMENT)
    return list({unit.pk: unit for unit in [*addressees_of(case), *within.order_by("name")]}.values())


def lead_proposal(case: Case, units: list[Unit]) -> LeadProposal:
    """By the lead departments of the item, the most competent first, the street's own office before."""
    departments = triage.lead_departments(case.item_code)
    matched = [unit for name in departments if (unit := _unit_named(name, units, case))]
    reason = f"事项“{triage.item_name(case.item_code)}”清单牵头部门：{'、'.join(departments) or '未列'}"
    assisting = [unit for unit in dict.fromkeys(matched[1:]) if unit != matched[0]] if matched else []
    return LeadProposal(matched[0] if matched else None, assisting, reason)


def _unit_named(name: str, units: list[Unit], case: Case) -> Unit | None:
    if name in STREET_NAMES:
        return next((unit for unit in units if unit.pk == case.street_id), None)
    short = name.partition("(")[0]
    wanted = {name, short, FULL_NAMES.get(short, short)}
    found = [
        unit
        for unit in units
        if unit.kind != UnitKind.CENTRE
        and any(word and (word in unit.name or word == unit.short_name) for word in wanted)
    ]
    near = [unit for unit in found if case.street_id and unit.parent_id == case.street_id]
    return next(iter(near or found), None)

"""What the system already knows for an analysis report: a draft of each section, and what is missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from dispute_hub.accounts.models import Line, Unit, UnitKind
from dispute_hub.accounts.selectors import streets_of_station
from dispute_hub.cases import clock_table
from dispute_hub.cases.models import Case, CaseEvent, Party
from dispute_hub.common import masks
from dispute_hub.common.time import BEIJING
from intake.models import Alert
from routing.models import Difficulty, Grade, Push
from triage import selectors as triage
from triage.models import Assessment

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
class Check:
    """One line of the checklist; `cure` says what to do while it is not `done`."""

    title: str
    done: bool
    cure: str


@dataclass(frozen=True, slots=True)
class LeadProposal:
    """The lead unit suggested, or only the department's name when it has no unit here; with the reason."""

    unit: Unit | None
    assisting: list[Unit]
    reason: str


@dataclass(frozen=True, slots=True)
class Brief:
    """Everything the page of a third push starts from."""

    alerts: list[Alert]
    parties: list[Party]
    assessment: Assessment | None
    draft: dict[str, str]
    known: dict[str, str]
    checks: list[Check]
    lead: LeadProposal


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
    """Who may lead or assist: departments and mediators of the county, and what lies below the street."""
    within = Unit.objects.filter(bureau_id=case.bureau_id, is_active=True)
    wide = within.filter(line__in=(Line.DEPARTMENT, Line.MEDIATION, Line.CO_GOVERNANCE))
    centres = within.filter(kind__in=(UnitKind.CENTRE, UnitKind.COUNTY_CENTRE))
    near = within.filter(parent_id=case.street_id) | within.filter(parent__parent_id=case.street_id)
    near = near.filter(line=Line.GOVERNANCE) if case.street_id else within.none()
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


def brief_of(case: Case, units: list[Unit], *, at: datetime) -> Brief:
    """The case as the report's six sections need it, and what is still missing."""
    alerts = list(Alert.objects.filter(case=case).select_related("source").order_by("received_at", "id")[:20])
    parties = list(Party.objects.filter(case=case).order_by("id"))
    assessment = triage.assessments(case).exclude(alert=None).first() or triage.latest(case)
    done = list(
        CaseEvent.objects.filter(case=case, kind__in=("case.contacted", "push.reported", "session.held"))
        .order_by("id")
        .values_list("kind", "at", "data")
    )
    lead = lead_proposal(case, units)
    known = _known(case, alerts, parties, assessment, done, lead)
    draft = {
        **known,
        "causes": f"经了解，双方因{triage.item_name(case.item_code)}产生争议。",
        "suggestions": _suggestions(lead),
    }
    return Brief(alerts, parties, assessment, draft, known, _checks(case, parties, assessment, done), lead)


def _known(
    case: Case,
    alerts: list[Alert],
    parties: list[Party],
    assessment: Assessment | None,
    done: list[tuple[str, datetime, dict[str, str]]],
    lead: LeadProposal,
) -> dict[str, str]:
    facts = [f"{_day(alert.received_at)}接警：{masks.redact(alert.narrative)}" for alert in alerts]
    work = [f"{_day(at)}{_work(kind, data)}" for kind, at, data in done]
    repeats = f"共接报{case.alerts_count}起" if case.alerts_count > 1 else "首次报警"
    sentence = f"研判：{assessment.sentence}；{repeats}" if assessment else repeats
    return {
        "facts": "\n".join(facts)[:4000],
        "causes": f"事项：{triage.item_name(case.item_code)}；当事人{len(parties)}人",
        "risk": sentence[:4000],
        "work_done": ("\n".join(work) or "已受理并开展现场处置。")[:4000],
        "suggestions": lead.reason,
    }


def _work(kind: str, data: dict[str, str]) -> str:
    text = masks.redact(str(data.get("text", "")))
    if kind == "push.reported":
        outcome = dict(Push.Outcome.choices).get(str(data.get("outcome", "")), "")
        return f"现场处置：{outcome}{'，' if outcome and text else ''}{text}"
    return f"{'联系当事人' if kind == 'case.contacted' else '组织调解'}：{text}"


def _suggestions(lead: LeadProposal) -> str:
    leading = lead.unit.name if lead.unit else "属地相关部门"
    return f"建议由{leading}牵头，会同相关单位联系双方当事人，开展调解并跟踪履行。"


def _checks(
    case: Case,
    parties: list[Party],
    assessment: Assessment | None,
    done: list[tuple[str, datetime, dict[str, str]]],
) -> list[Check]:
    sides = [party for party in parties if party.role != Party.PartyRole.WITNESS]
    kinds = {kind for kind, _, _ in done}
    return [
        Check("双方当事人已登记", len(sides) >= 2, "请补登另一方当事人，核查时须联系到双方。"),
        Check("至少一方有联系电话", any(party.phone for party in sides), "请补录当事人电话。"),
        Check("地址已定位到街道", case.street_id is not None, "请核对地址，或在下方选择交办对象。"),
        Check("事项已归类", bool(case.item_code), "请在研判中核对事项。"),
        Check("已联系当事人", bool(kinds & {"case.contacted", "push.reported"}), "请先电话或上门联系双方。"),
        Check("已组织过调解", "session.held" in kinds, "如已口头调解，请在“已做工作”中写明。"),
        Check("研判结果正常", assessment is None or not assessment.failed, "自动研判失败，请人工核对。"),
        Check("无诉讼、仲裁、信访程序", not procedure_under_way(case), "已有法定程序，批准后仅作抄告。"),
    ]


def _day(at: datetime) -> str:
    local = at.astimezone(BEIJING)
    return f"{local.month}月{local.day}日{local:%H:%M}"

"""What the system already knows for the six sections of an analysis report, and what is still missing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from dispute_hub.accounts.models import Unit, UnitKind
from dispute_hub.cases.models import Case, CaseEvent, Level, Party
from dispute_hub.common import masks
from dispute_hub.common.time import BEIJING
from intake.models import Alert
from routing.models import OrderKind, OrderStatus, Push, ReturnReason, WorkOrder
from routing.selectors._drafting import LeadProposal, lead_proposal, procedure_of
from routing.selectors._packet import SAFETY
from triage import selectors as triage
from triage.models import Assessment

# handbook 7: after two returns of a case's orders the county centre decides.
MOST_RETURNS: Final = 2
LONGEST: Final = 4000
MOST_ALERTS: Final = 20
REPEATED_WITHIN: Final = timedelta(days=90)
WORK: Final[dict[str, str]] = {
    "push.reported": "现场处置",
    "case.contacted": "联系当事人",
    "session.held": "组织调解",
    "mediation.failed": "调解未果",
    "consultation.decided": "会商研究",
    "case_file.accepted": "受案(立案)办理",
}
Done = tuple[str, datetime, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the checklist; `cure` says what to do while it is not `done`, `url` leads there."""

    title: str
    done: bool
    cure: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Brief:
    """Everything the page of a third push starts from."""

    alerts: list[Alert]
    parties: list[Party]
    assessment: Assessment | None
    draft: dict[str, str]
    known: dict[str, str]
    attachments: list[str]
    checks: list[Check]
    lead: LeadProposal
    procedure: str
    county: Unit | None
    returned: list[WorkOrder]


def brief_of(case: Case, units: list[Unit], *, at: datetime) -> Brief:
    """The case as the report's six sections need it, and what is still missing."""
    found = Alert.objects.filter(case=case).select_related("source")
    alerts = list(found.order_by("received_at", "id")[:MOST_ALERTS])
    parties = list(Party.objects.filter(case=case).order_by("id"))
    assessment = triage.assessments(case).exclude(alert=None).first() or triage.latest(case)
    events = CaseEvent.objects.filter(case=case, kind__in=WORK).order_by("id")
    done: list[Done] = list(events.values_list("kind", "at", "data"))
    returned = returned_of(case)
    lead = lead_proposal(case, units)
    known = {
        "facts": _facts(case, alerts, parties),
        "causes": f"事项：{triage.item_name(case.item_code) or '未归类'}；当事人{len(parties)}人",
        "risk": _risk(case, alerts, assessment, done, at),
        "work_done": _work(done),
        "suggestions": "\n".join([lead.reason, SAFETY[case.colour or "blue"], *map(_return, returned)]),
    }
    procedure = procedure_of(case)
    return Brief(
        alerts, parties, assessment, _draft(case, known, lead, done), known, _attachments(alerts, done),
        _checks(case, alerts, parties, assessment, done, procedure), lead, procedure,
        county_of(case, returned), returned,
    )  # fmt: skip


def returned_of(case: Case) -> list[WorkOrder]:
    """Third pushes of the case that came back, the oldest first."""
    rows = WorkOrder.objects.filter(case=case, status=OrderStatus.RETURNED, kind=OrderKind.THIRD_PUSH)
    return list(rows.select_related("addressee").order_by("id"))


def came_back(case: Case) -> bool:
    """Whether so many orders of the case came back that the county centre decides (handbook 7)."""
    return len(returned_of(case)) >= MOST_RETURNS


def county_of(case: Case, returned: list[WorkOrder]) -> Unit | None:
    """The county centre that names the addressee once two orders came back; None before."""
    if len(returned) < MOST_RETURNS:
        return None
    counties = Unit.objects.filter(kind=UnitKind.COUNTY_CENTRE, is_active=True, bureau_id=case.bureau_id)
    return counties.order_by("id").first()


def _facts(case: Case, alerts: list[Alert], parties: list[Party]) -> str:
    lines = [f"{_day(alert.received_at)}接警：{masks.redact(alert.narrative)}" for alert in alerts]
    if case.address:
        lines.append(f"发生地：{case.address}")
    people = [f"{party.get_role_display()}{party.shown_name(clear=False)}" for party in parties]
    if people:
        lines.append(f"涉及：{'、'.join(people)}")
    amounts = [alert.amount for alert in alerts if alert.amount]
    if amounts:
        lines.append(f"涉及金额：{max(amounts):,.0f}元")
    return "\n".join(lines)[:LONGEST]


def _risk(
    case: Case, alerts: list[Alert], assessment: Assessment | None, done: list[Done], at: datetime
) -> str:
    lines = [f"研判：{assessment.sentence}"] if assessment else []
    recent = sum(alert.received_at >= at - REPEATED_WITHIN for alert in alerts)
    lines.append(f"90天内接报{recent}起" if case.alerts_count > 1 else "首次报警")
    if case.level:
        lines.append(f"风险等级：{Level(case.level).label}")
    people = max((alert.people_involved or 0 for alert in alerts), default=0)
    if people:
        lines.append(f"涉及{people}人")
    failed = sum(kind == "mediation.failed" for kind, _, _ in done)
    if failed:
        lines.append(f"调解未果{failed}次")
    return "；".join(lines)[:LONGEST]


def _work(done: list[Done]) -> str:
    lines = [f"{_day(at)}{_said(kind, data)}" for kind, at, data in done]
    return ("\n".join(lines) or "已受理并开展现场处置。")[:LONGEST]


def _said(kind: str, data: dict[str, str]) -> str:
    text = masks.redact(str(data.get("text", "")))
    if kind == "push.reported":
        outcome = dict(Push.Outcome.choices).get(str(data.get("outcome", "")), "")
        text = "，".join(part for part in (outcome, text) if part)
    return f"{WORK[kind]}：{text}" if text else WORK[kind]


def _return(order: WorkOrder) -> str:
    reason = ReturnReason(order.return_reason).label if order.return_reason else ""
    return f"{order.addressee}曾退回{order.no}（{reason}）：{masks.redact(order.end_text)}"


def _draft(case: Case, known: dict[str, str], lead: LeadProposal, done: list[Done]) -> dict[str, str]:
    """First words for every section; judgement is the officer's."""
    leading = lead.unit.name if lead.unit else "属地相关部门"
    failed = "，经调解未能达成一致" if any(kind == "mediation.failed" for kind, _, _ in done) else ""
    return {
        **known,
        "causes": f"经了解，双方因{triage.item_name(case.item_code)}产生争议{failed}。",
        "suggestions": f"建议由{leading}牵头，会同相关单位联系双方当事人，开展调解并跟踪履行。",
    }


def _attachments(alerts: list[Alert], done: list[Done]) -> list[str]:
    """What exists on paper or in the system, by its number and day."""
    names = [f"警情记录 {alert.alert_no}" for alert in alerts]
    for kind, at, data in done:
        if kind == "push.reported":
            names.append(f"现场处置反馈（{_day(at)}）")
        elif kind == "session.held":
            names.append(f"调解笔录 {data.get('number', '')}".strip())
    return names[:MOST_ALERTS]


def _checks(
    case: Case,
    alerts: list[Alert],
    parties: list[Party],
    assessment: Assessment | None,
    done: list[Done],
    procedure: str,
) -> list[Check]:
    sides = [party for party in parties if party.role != Party.PartyRole.WITNESS]
    kinds = {kind for kind, _, _ in done}
    alert = f"/alerts/{alerts[-1].alert_no}/" if alerts else ""
    judged, tracked = f"/cases/{case.case_no}/assessment/", f"/tracking/{case.case_no}/"
    session = f"/cases/{case.case_no}/sessions/new/"
    contacted = bool(kinds & {"case.contacted", "push.reported"})
    lawful = "没有在办的诉讼、仲裁、复议、信访"
    return [
        Check("双方当事人已登记", len(sides) >= 2, "请补登另一方当事人，核查时须联系到双方。", alert),
        Check("至少一方有联系电话", any(party.phone for party in sides), "请补录当事人电话。", alert),
        Check("地址已定位到街道", case.street_id is not None, "请核对地址，或在下方选择交办对象。", alert),
        Check("事项已归类", bool(case.item_code), "请在研判中核对事项。", judged),
        Check("已联系当事人", contacted, "请先电话或上门联系双方。", tracked),
        Check("已组织过调解", "session.held" in kinds, "请约双方调解；已口头调解的写明情况。", session),
        Check("研判结果正常", assessment is None or not assessment.failed, "自动研判失败，请核对。", judged),
        Check(lawful, not procedure, f"已有{procedure}，批准后只作抄告；已终结的请在警情中更正。", alert),
    ]


def _day(at: datetime) -> str:
    local = at.astimezone(BEIJING)
    return f"{local.month}月{local.day}日{local:%H:%M}"

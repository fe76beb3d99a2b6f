"""Alerts as pages show them: masked by rule, with colour, outcome and what to take care of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dispute_hub.accounts import policy
from dispute_hub.accounts.actor import PostActor
from dispute_hub.cases.models import Case, Colour
from dispute_hub.common import masks
from intake import selectors, services
from intake.hints import words_of
from intake.models import Alert, AlertVersion
from intake.selectors import Earlier
from routing.models import Push
from triage import selectors as triage

GRAVE = (Colour.RED, Colour.ORANGE)
# A red that nobody has signed for sounds until somebody has opened it.
UNSIGNED = ("awaiting", "dispatched")
WAITING = (*UNSIGNED, "none")
WHY = {"people": "同一人员", "address": "同一地址"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One row of a list of alerts."""

    alert: Alert
    line: str
    reporter: str
    outcome: str
    is_unseen_red: bool


@dataclass(frozen=True, slots=True)
class ShownEarlier:
    """One earlier alert beside a call: date, one line, colour, outcome, safety instruction."""

    alert: Alert
    line: str
    outcome: str
    why: str
    safety: str
    same_event: bool
    is_return: bool
    handled_at: datetime | None
    may_attach: bool


def outcome_name(code: str) -> str:
    """The outcome in words; nothing for none yet."""
    return str(dict(Push.Outcome.choices).get(code, code)) if code else ""


def shown(alerts: Iterable[Alert]) -> list[Shown]:
    """Rows of a dispatch list: always masked (handbook, masks)."""
    return [
        Shown(
            alert=alert,
            line=masks.redact(alert.narrative.replace("\n", " "))[:120],
            reporter=masks.mask_name(alert.reporter_name) or "匿名",
            outcome=outcome_name(alert.outcome),
            is_unseen_red=alert.case.colour == Colour.RED and alert.dispatch_status in UNSIGNED,
        )
        for alert in alerts
    ]


def shown_earlier(rows: list[Earlier], *, own_case_id: int | None = None) -> list[ShownEarlier]:
    """Earlier alerts with what the last assessment of their case told officers to take care of."""
    assessments = triage.latest_many(row.alert.case_id for row in rows) if rows else {}
    return [
        ShownEarlier(
            alert=row.alert,
            line=masks.redact(row.alert.narrative.replace("\n", " "))[:80],
            outcome=outcome_name(row.alert.outcome),
            why=WHY[row.why] + ("、内容相近" if row.similarity >= 0.6 else ""),
            safety=_safety(assessments.get(row.alert.case_id)),
            same_event=row.same_event,
            is_return=row.is_return,
            handled_at=row.alert.outcome_at,
            may_attach=row.alert.case_id != own_case_id and row.alert.case.status not in ("void", "absorbed"),
        )
        for row in rows
    ]


def _safety(assessment: Any) -> str:
    if assessment is None or assessment.colour not in GRAVE or not assessment.measures:
        return ""
    return str(assessment.measures[0])


def card(alert: Alert, *, actor: PostActor, at: datetime) -> dict[str, Any]:
    """Everything a page shows of one alert."""
    assessment = triage.of_alert(alert)
    clear = triage.reads_clear(actor, alert.case)
    earlier = selectors.earlier_of(alert, actor=actor, at=at)
    return {
        "alert": alert,
        "card": triage.card_of(assessment, clear=clear) if assessment else None,
        "outcome": outcome_name(alert.outcome),
        "hints": words_of(alert.hints),
        "earlier": shown_earlier(earlier, own_case_id=alert.case_id),
        **_told(alert, clear=clear),
        **_rights(actor, alert),
    }


def _told(alert: Alert, *, clear: bool) -> dict[str, str]:
    """Words of the alert: open in its own station's open cases, else masked; the phone always."""
    name = alert.reporter_name if clear else masks.mask_name(alert.reporter_name)
    return {
        "narrative": alert.narrative if clear else masks.redact(alert.narrative),
        "reporter": name or "匿名",
        "phone": masks.mask_phone(alert.reporter_phone),
        "item": triage.item_name(alert.stated_item) if alert.stated_item else "",
        "confirmed": triage.item_name(alert.confirmed_item) if alert.confirmed_item else "",
    }


def _rights(actor: PostActor, alert: Alert) -> dict[str, Any]:
    """Which forms the page offers; the services decide again."""
    return {
        "diversion_page": _diversion_page(actor, alert.case),
        "may_write": policy.allows(actor.role, "alert.log"),
        "may_dispatch": policy.allows(actor.role, "alert.dispatch") and alert.dispatch_status in WAITING,
        "may_attach": policy.allows(actor.role, "alert.attach"),
    }


def _diversion_page(actor: PostActor, case: Case) -> str:
    """Where this post diverts a calm matter that is not for the police: itself, or by proposing; or ""."""
    if case.colour not in ("yellow", "blue") or case.side != "non_police":
        return ""
    if case.status not in ("pool", "scene", "tracking"):
        return ""
    pages = {"case.divert": "diversion", "diversion.propose": "diversion_propose"}
    return next((page for act, page in pages.items() if policy.allows(actor.role, act)), "")


def versions(alert: Alert) -> list[dict[str, Any]]:
    """The versions in words: what each added; the first one is the alert as it came."""
    return [_version(row) for row in selectors.versions_of(alert)]


def _version(row: AlertVersion) -> dict[str, Any]:
    if row.number == 1:
        words = "首次接报"
    elif not row.is_applied:
        words = "迟到的较早版本，已保存，不覆盖现有内容"
    else:
        words = masks.redact(row.added_text) or "更正了登记内容"
    return {"number": row.number, "at": row.stored_at, "who": row.author, "words": words}


def taken_words(alert: Alert) -> str:
    """What the desk is told after a call was saved."""
    if services.is_kept(alert):
        return f"{alert.alert_no} 已转分局督察受理，不派被投诉单位；请告知来电人。"
    if alert.station is None:
        return f"{alert.alert_no} 已受理，未定派出所，已转待分派。"
    return f"{alert.alert_no} 已派往{alert.station}，后续内容作为续报发出。"

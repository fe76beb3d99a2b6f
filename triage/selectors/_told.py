"""What became known of a dispute beside its alerts: texts, what went wrong, known facts of its people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Q
from django.db.models.fields.json import KT
from django.db.models.functions import JSONObject

from dispute_hub.cases.models import Case, CaseEvent
from dispute_hub.common.time import beijing_date
from intake.models import Alert
from triage.selectors._markers import KnownFact, known_rows_of_case

FAILED, BREACHED = "mediation.failed", "agreement.breached"
MISSED, BAD, EXPIRED = "follow_up.missed", "follow_up.answered_badly", "deadline.wait_expired"
# These count since the dispute began; what is told counts from the newest alert on.
COUNTED: Final = (FAILED, BREACHED, MISSED, EXPIRED)
TELLING: Final = (
    "case_file.accepted", "case_file.detained", "case_file.released", "case_file.decided",
    "case.contacted", "follow_up.done", BAD, FAILED,
)  # fmt: skip
NO_WORDS_OF: Final = ("void", "not_dispute")
# A dispute of years may have hundreds of notes; what matters now stands in the newest.
MOST_TEXTS: Final = 30


@dataclass(frozen=True, slots=True)
class Told:
    """`texts` oldest first, each once. Counts are of the whole dispute, but `bad_follow_ups` and `is_danger`
    (signs of escalation seen at a follow-up) are of the time since the newest alert."""

    texts: tuple[str, ...] = ()
    known: tuple[KnownFact, ...] = ()
    failed_mediations: int = 0
    broken_agreements: int = 0
    missed_follow_ups: int = 0
    expired_waits: int = 0
    bad_follow_ups: int = 0
    is_danger: bool = False
    days_open: int = 0


NOTHING: Final = Told()


def told_of(case_id: int, *, since: datetime, on: date) -> Told:
    """What was told of a case from `since` on, what went wrong in it, what is known of its people on a day.

    One statement, because an arriving alert waits for it.
    """
    counted = Q(kind__in=COUNTED) | Q(kind__in=TELLING, at__gte=since)
    events = CaseEvent.objects.filter(counted, case_id=case_id).order_by("id")
    outcomes = Alert.objects.filter(case_id=case_id, outcome_at__gte=since).exclude(outcome__in=NO_WORDS_OF)
    found = Case.objects.filter(pk=case_id).values_list(
        ArraySubquery(
            events.values(
                row=JSONObject(kind="kind", at="at", text=KT("data__text"), danger=KT("data__danger"))
            )
        ),
        ArraySubquery(outcomes.values(row=JSONObject(at="outcome_at", text=F("outcome_text")))),
        ArraySubquery(known_rows_of_case(case_id, on=on)),
        "opened_at",
    )
    happened, reported, known, opened_at = found.get()
    told = _told(happened, reported, known, since=since)
    return replace(told, days_open=(on - beijing_date(opened_at)).days)


def _told(
    happened: Iterable[dict[str, Any]],
    reported: Iterable[dict[str, Any]],
    known: Iterable[dict[str, Any]],
    *,
    since: datetime,
) -> Told:
    rows = [{**row, "at": datetime.fromisoformat(row["at"])} for row in happened]
    recent = [row for row in rows if row["at"] >= since]
    said = [(datetime.fromisoformat(row["at"]), row["text"]) for row in reported]
    said += [(row["at"], row["text"]) for row in recent if row["kind"] in TELLING]
    texts = [text.strip() for _, text in sorted(said, key=lambda one: one[0]) if text and text.strip()]
    numbers = Counter(row["kind"] for row in rows)
    return Told(
        texts=tuple(dict.fromkeys(texts))[-MOST_TEXTS:],
        known=tuple(sorted({KnownFact(**row) for row in known})),
        failed_mediations=numbers[FAILED],
        broken_agreements=numbers[BREACHED],
        missed_follow_ups=numbers[MISSED],
        expired_waits=numbers[EXPIRED],
        bad_follow_ups=sum(row["kind"] == BAD for row in recent),
        is_danger=any(row["kind"] == BAD and row["danger"] == "true" for row in recent),
    )

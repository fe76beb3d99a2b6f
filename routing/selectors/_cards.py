"""What stands on the card of a push: clocks, earlier calls, measures; a fixed number of queries a page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dispute_hub.cases.models import Deadline, Party
from dispute_hub.common.masks import mask_phone, redact
from dispute_hub.common.text import normalise
from dispute_hub.common.time import BEIJING
from intake.models import Alert
from routing.models import Push
from triage import selectors as triage
from triage.models import Assessment

HANDLED_LATELY_WITHIN = timedelta(hours=24)
EARLIER_SHOWN = 3
MEASURES_SHOWN = 3
REASONS_SHOWN = 5
PARTIES_SHOWN = 4


@dataclass(frozen=True, slots=True)
class EarlierLine:
    """One earlier alert of the case in one line."""

    at: datetime
    text: str
    outcome: str


@dataclass(frozen=True, slots=True)
class PartyLine:
    """One person of the dispute on a card: the name both ways, the number masked for everybody."""

    role: str
    name: str
    masked_name: str
    phone: str


@dataclass(frozen=True, slots=True)
class PushCard:
    """Everything one card shows; `returned` is "20:10刚处置过，双方可能返回" where it is so."""

    push: Push
    clocks: list[Deadline] = field(default_factory=list)
    earlier: list[EarlierLine] = field(default_factory=list)
    returned: str = ""
    sentence: str = ""
    measures: list[str] = field(default_factory=list)
    parties: list[PartyLine] = field(default_factory=list)
    judged: Assessment | None = None

    @property
    def read(self) -> triage.Card | None:
        """The push's own narrative with its words marked, numbers masked; None without one. No query."""
        if self.judged is None or self.push.alert is None:
            return None
        self.judged.alert = self.push.alert
        return triage.card_of(self.judged, clear=False)

    @property
    def reasons(self) -> list[str]:
        """Why it has its colour, in words, gravest first as the engine listed them."""
        found = self.judged.factors if self.judged else []
        return list(dict.fromkeys(str(factor["name"]) for factor in found))[:REASONS_SHOWN]

    @property
    def clock(self) -> Deadline | None:
        """The nearest running clock."""
        return self.clocks[0] if self.clocks else None


def cards_of(pushes: Sequence[Push]) -> list[PushCard]:
    """The cards of these pushes, in their order; five queries however many there are."""
    case_ids = {push.case_id for push in pushes}
    clocks: dict[int, list[Deadline]] = {}
    running = Deadline.objects.filter(
        subject_kind="push", subject_id__in=[push.pk for push in pushes], state=Deadline.State.OPEN
    )
    for clock in running.order_by("due_at", "id"):
        clocks.setdefault(clock.subject_id, []).append(clock)
    judged = triage.latest_many(case_ids)
    alerts = list(Alert.objects.filter(case__in=case_ids).order_by("-received_at", "-id"))
    done = list(
        Push.objects.filter(case__in=case_ids, tier=Push.Tier.FIRST, reported_at__isnull=False)
        .only("case_id", "reported_at")
        .order_by("-reported_at")
    )
    parties: dict[int, list[PartyLine]] = {}
    for party in (
        Party.objects.filter(case__in=case_ids).exclude(role=Party.PartyRole.REPORTER).order_by("id")
    ):
        parties.setdefault(party.case_id, []).append(_party(party))
    return [
        _card(
            push, clocks.get(push.pk, []), judged.get(push.case_id), alerts, done,
            parties=parties.get(push.case_id, [])[:PARTIES_SHOWN],
        )
        for push in pushes
    ]  # fmt: skip


def _party(party: Party) -> PartyLine:
    return PartyLine(
        role=party.get_role_display(),
        name=party.shown_name(clear=True),
        masked_name=party.shown_name(clear=False),
        phone=mask_phone(party.phone) if party.phone else "",
    )


def _card(
    push: Push,
    clocks: list[Deadline],
    judged: Assessment | None,
    alerts: Iterable[Alert],
    done: Iterable[Push],
    *,
    parties: list[PartyLine],
) -> PushCard:
    sentence = push.case.colour_sentence or (judged.sentence if judged else "")
    return PushCard(
        push=push,
        clocks=clocks,
        earlier=_earlier(push, alerts),
        # The engine's sentence may already say it; the card says it once.
        returned="" if "刚处置过" in sentence else _returned(push, done),
        sentence=sentence,
        measures=list(judged.measures)[:MEASURES_SHOWN] if judged else [],
        parties=parties,
        judged=judged,
    )


def _earlier(push: Push, alerts: Iterable[Alert]) -> list[EarlierLine]:
    mine = push.alert
    before = [
        alert
        for alert in alerts
        if alert.case_id == push.case_id and alert.pk != push.alert_id
        if mine is None or alert.received_at <= mine.received_at
    ]
    words = dict(Push.Outcome.choices)
    return [
        EarlierLine(
            alert.received_at, redact(normalise(alert.narrative))[:36], words.get(alert.outcome, "未反馈")
        )
        for alert in before[:EARLIER_SHOWN]
    ]


def _returned(push: Push, done: Iterable[Push]) -> str:
    """回流警情: another push of the case was reported within a day before this one (handbook 4)."""
    since = push.issued_at if push.is_first else None
    for last in done:
        if last.case_id != push.case_id or since is None or last.reported_at is None:
            continue
        if since - HANDLED_LATELY_WITHIN <= last.reported_at <= since:
            return f"{last.reported_at.astimezone(BEIJING):%H:%M}刚处置过，双方可能返回"
    return ""


def fingerprint(pushes: Iterable[Push]) -> str:
    """Changes when anything a card list shows changes; a poll that finds the same swaps nothing."""
    said = ";".join(f"{push.pk}:{push.status}:{push.colour}:{push.case.version}" for push in pushes)
    return hashlib.sha256(said.encode()).hexdigest()[:16]

"""What stands on the card of a push: clocks, earlier calls, measures; a fixed number of queries a page."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import DateTimeField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from dispute_hub.accounts.actor import PostActor
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
NEVER: Final = datetime.fromisoformat("9999-01-01T00:00:00+00:00")
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
    """Everything one card shows; `returned` is "20:10刚处置过，双方可能返回" where it is so.

    `clear`: names stand open to who reads it, as in the case's file.
    """

    push: Push
    clear: bool
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


def cards_of(actor: PostActor, pushes: Sequence[Push]) -> list[PushCard]:
    """The cards of these pushes, in their order; five queries however many there are."""
    case_ids = {push.case_id for push in pushes}
    clocks: dict[int, list[Deadline]] = {}
    running = Deadline.objects.filter(
        subject_kind="push", subject_id__in=[push.pk for push in pushes], state=Deadline.State.OPEN
    )
    for clock in running.order_by("due_at", "id"):
        clocks.setdefault(clock.subject_id, []).append(clock)
    judged = triage.latest_many(case_ids)
    before = {row.pk: row for row in _with_history([push.pk for push in pushes])}
    shown = {pk for row in before.values() for pk in row.earlier_alerts}
    alerts = Alert.objects.only("received_at", "narrative", "outcome").in_bulk(shown)
    parties: dict[int, list[PartyLine]] = {}
    for party in (
        Party.objects.filter(case__in=case_ids).exclude(role=Party.PartyRole.REPORTER).order_by("id")
    ):
        parties.setdefault(party.case_id, []).append(_party(party))
    return [
        _card(
            actor, push, clocks.get(push.pk, []), judged.get(push.case_id),
            earlier=[alerts[pk] for pk in before[push.pk].earlier_alerts],
            last=before[push.pk].last_reported_at, parties=parties.get(push.case_id, [])[:PARTIES_SHOWN],
        )
        for push in pushes
    ]  # fmt: skip


def _with_history(ids: Collection[int]) -> QuerySet[Any]:
    """Of each push the alerts its card names and the last report within a day before it (handbook 4)."""
    until = Coalesce(OuterRef("alert__received_at"), Value(NEVER, output_field=DateTimeField()))
    alerts = Alert.objects.filter(case=OuterRef("case"), received_at__lte=until)
    # A push without an alert excludes none.
    alerts = alerts.exclude(pk=Coalesce(OuterRef("alert"), 0)).order_by("-received_at", "-id")
    reported = Push.objects.filter(
        case=OuterRef("case"),
        tier=Push.Tier.FIRST,
        reported_at__lte=OuterRef("issued_at"),
        reported_at__gte=OuterRef("issued_at") - HANDLED_LATELY_WITHIN,
    )
    return Push.objects.filter(pk__in=ids).annotate(
        earlier_alerts=ArraySubquery(alerts.values("pk")[:EARLIER_SHOWN]),
        last_reported_at=Subquery(reported.order_by("-reported_at").values("reported_at")[:1]),
    ).only("pk")  # fmt: skip


def _party(party: Party) -> PartyLine:
    return PartyLine(
        role=party.get_role_display(),
        name=party.shown_name(clear=True),
        masked_name=party.shown_name(clear=False),
        phone=mask_phone(party.phone) if party.phone else "",
    )


def _card(
    actor: PostActor,
    push: Push,
    clocks: list[Deadline],
    judged: Assessment | None,
    *,
    earlier: Iterable[Alert],
    last: datetime | None,
    parties: list[PartyLine],
) -> PushCard:
    sentence = push.case.colour_sentence or (judged.sentence if judged else "")
    words = dict(Push.Outcome.choices)
    # Who was sent there knows whom to look for, also where the case is another station's.
    is_sent = push.case.is_open and actor.post.pk in (push.signed_by_id, *push.addressee_posts)
    return PushCard(
        push=push,
        clear=is_sent or triage.reads_clear(actor, push.case),
        clocks=clocks,
        earlier=[
            EarlierLine(
                one.received_at, redact(normalise(one.narrative))[:36], words.get(one.outcome, "未反馈")
            )
            for one in earlier
        ],
        # The engine's sentence may already say it; the card says it once.
        returned="" if "刚处置过" in sentence else _returned(push, last),
        sentence=sentence,
        measures=list(judged.measures)[:MEASURES_SHOWN] if judged else [],
        parties=parties,
        judged=judged,
    )


def _returned(push: Push, last: datetime | None) -> str:
    """回流警情: another push of the case was reported within a day before this one (handbook 4)."""
    if not push.is_first or last is None:
        return ""
    return f"{last.astimezone(BEIJING):%H:%M}刚处置过，双方可能返回"


def fingerprint(pushes: Iterable[Push]) -> str:
    """Changes when anything a card list shows changes; a poll that finds the same swaps nothing."""
    said = ";".join(f"{push.pk}:{push.status}:{push.colour}:{push.case.version}" for push in pushes)
    return hashlib.sha256(said.encode()).hexdigest()[:16]

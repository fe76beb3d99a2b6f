"""Repeat detection: which earlier alerts belong to the same people, and which case takes a new one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, F, Func, Q, QuerySet

from dispute_hub.cases.models import Case, Party, Status
from dispute_hub.cases.services import PartyFacts
from dispute_hub.common.fields import blind_of
from dispute_hub.common.text import normalise_address, split_phones
from intake.models import Alert

# handbook, intake: windows of repeat detection and of automatic attachment.
REPEAT_WITHIN = timedelta(days=90)
MONTH_WITHIN = timedelta(days=30)
# handbook 4: 回流警情, the same parties again within 24 hours of on-scene handling.
RETURN_WITHIN = timedelta(hours=24)
# Several calls about one event while officers are under way (多人报警/催警) are no repetition.
SAME_EVENT_WITHIN = timedelta(hours=2)
MOST = 100
PERSONAL_PHONES = ("mobile", "landline", "foreign")
_CODE = re.compile(r"[NPX][0-9]{4}")


@dataclass(frozen=True, slots=True)
class Keys:
    """By what a person is recognised: blind indexes of telephone and ID numbers. Hotlines are nobody's."""

    phones: tuple[bytes, ...] = ()
    id_numbers: tuple[bytes, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.phones or self.id_numbers)


@dataclass(frozen=True, slots=True)
class Repeats:
    """How often these people called, the present alert included."""

    alerts_30d: int
    alerts_90d: int


class _Dated(Protocol):
    @property
    def received_at(self) -> datetime: ...


def count(earlier: Sequence[_Dated], *, received_at: datetime) -> Repeats:
    """Counts over the earlier alerts of the same people and the one that came at `received_at`."""
    month = [one for one in earlier if received_at - one.received_at <= MONTH_WITHIN]
    return Repeats(len(month) + 1, len(earlier) + 1)


def keys_of(people: Iterable[PartyFacts]) -> Keys:
    """The keys of reporter and parties; witnesses are no side of a dispute."""
    sides = [person for person in people if person.role != Party.PartyRole.WITNESS]
    phones = {
        blind_of(Party, "phone_blind", person.phone)
        for person in sides
        if (numbers := split_phones(person.phone))
        and numbers[0].kind in PERSONAL_PHONES
        and "repeated_digits" not in numbers[0].flags
    }
    id_numbers = {
        blind_of(Party, "id_number_blind", person.id_number) for person in sides if len(person.id_number) >= 6
    }
    return Keys(tuple(sorted(phones)), tuple(sorted(id_numbers)))


def same_people(
    keys: Keys, *, received_at: datetime, but: int | None = None, case_id: int | None = None
) -> list[Alert]:
    """Alerts of the 90 days before that share a telephone or ID number, newest first (at most 100).

    A pair of parties that meets again shares at least one of them, so it is found here too. With
    `case_id` the alerts attached to that case count as well, whoever made them.
    """
    if not keys and case_id is None:
        return []
    since = received_at - REPEAT_WITHIN
    wanted = Q(pk__in=[]) if case_id is None else Q(case_id=case_id)
    if keys:
        wanted |= Q(_OneOf(F("case_id"), ArraySubquery(_cases_of(keys, since))))
        wanted |= Q(phone_blind__in=keys.phones)
    alerts = (
        Alert.objects.filter(wanted, received_at__gte=since, received_at__lte=received_at)
        .select_related("case")
        .order_by("-received_at", "-id")
    )
    return list((alerts.exclude(pk=but) if but is not None else alerts)[:MOST])


def _cases_of(keys: Keys, since: datetime) -> QuerySet[Party, int]:
    persons = Q(phone_blind__in=keys.phones) | Q(id_number_blind__in=keys.id_numbers)
    parties = Party.objects.filter(persons, case__last_alert_at__gte=since)
    parties = parties.exclude(role=Party.PartyRole.WITNESS)
    return parties.values_list("case_id", flat=True).distinct()[:MOST]


class _OneOf(Func):
    """`column = ANY(ARRAY(…))`: read once, then looked up by index; `IN (…) OR …` reads every alert."""

    template, arg_joiner = "(%(expressions)s))", " = ANY("
    output_field = BooleanField()


def attachable_to(
    earlier: list[Alert], *, address: str, item_class: Callable[[], str], received_at: datetime
) -> Case | None:
    """The case a new alert joins by itself: same people, same address, same class within 30 days.

    The same parties back at the same place within 24 hours of on-scene handling are the same dispute
    whatever it has become (a quarrel in the evening, a knife at night: handbook 4, 回头架).
    `item_class` is asked only when an earlier alert at this address waits for the answer.
    """
    key = normalise_address(address)[:100]
    near = [
        alert
        for alert in earlier
        if key and alert.address_key == key
        and received_at - alert.received_at <= MONTH_WITHIN
        and alert.case.status not in (Status.VOID, Status.ABSORBED)
    ]  # fmt: skip
    of_class = item_class() if near else ""
    for alert in near:
        if is_return(alert, received_at) or (of_class and of_class == class_in_hand(alert)):
            return alert.case
    return None


def is_return(alert: Alert, received_at: datetime) -> bool:
    """Whether officers were done with this earlier alert less than 24 hours before."""
    handled_at = alert.outcome_at
    return handled_at is not None and handled_at <= received_at <= handled_at + RETURN_WITHIN


def is_same_event(alert: Alert, *, address_key: str, received_at: datetime) -> bool:
    """Whether an earlier alert is about the event officers were just under way to."""
    under_way = alert.outcome_at is None or alert.outcome_at > received_at
    recent = received_at - alert.received_at <= SAME_EVENT_WITHIN
    return bool(address_key) and alert.address_key == address_key and under_way and recent


def class_of(item: str) -> str:
    """The class in an item's code (N1202 → N12); "" for free words."""
    return item[:3] if _CODE.fullmatch(item) else ""


def class_in_hand(alert: Alert) -> str:
    """The class of an earlier alert's case as triage has it, else as the alert came."""
    return class_of(alert.case.item_code) or alert.item_class or class_of(alert.stated_item)

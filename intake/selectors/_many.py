"""What came before each of many alerts, asked at once: for work that reads a whole period again."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Q

from dispute_hub.cases.models import Party
from intake.models import Alert, AlertVersion
from intake.selectors import _repeats as repeats
from intake.selectors._lists import PriorAlert, keys_of_version, prior_of


def priors_of_many(alerts: Sequence[Alert]) -> dict[int, list[PriorAlert]]:
    """`priors_of` of each alert, by alert id: three queries, however many alerts there are."""
    if not alerts:
        return {}
    keys = _keys_of(alerts)
    cases = _cases_of_people(keys.values(), since=_since(alerts))
    wanted = {alert.pk: {alert.case_id, *_met(keys[alert.pk], cases, _since([alert]))} for alert in alerts}
    by_case, by_phone = _earlier(alerts, wanted, keys)
    return {
        alert.pk: [
            prior_of(one, alert)
            for one in _newest(
                alert,
                [by_case[case_id] for case_id in wanted[alert.pk]]
                + [by_phone[phone] for phone in keys[alert.pk].phones],
            )
        ]
        for alert in alerts
    }


def _keys_of(alerts: Sequence[Alert]) -> dict[int, repeats.Keys]:
    """By what the people of each alert are recognised, as its present version names them."""
    at_hand = {alert.pk: alert for alert in alerts}
    versions = AlertVersion.objects.filter(
        alert_id__in=at_hand, number__in={alert.version for alert in alerts}
    ).only("alert_id", "number", "content")
    present = (one for one in versions if one.number == at_hand[one.alert_id].version)
    found = {one.alert_id: keys_of_version(one, at_hand[one.alert_id]) for one in present}
    return {pk: found.get(pk, repeats.Keys()) for pk in at_hand}


def _since(alerts: Sequence[Alert]) -> datetime:
    return min(alert.received_at for alert in alerts) - repeats.REPEAT_WITHIN


Cases = dict[bytes, list[tuple[int, datetime]]]


def _cases_of_people(keys: Iterable[repeats.Keys], *, since: datetime) -> Cases:
    """Cases of everybody asked for, by phone or ID number, with the instant of their last alert."""
    listed = list(keys)
    phones = {phone for one in listed for phone in one.phones}
    numbers = {number for one in listed for number in one.id_numbers}
    persons = Q(phone_blind__in=phones) | Q(id_number_blind__in=numbers)
    rows = Party.objects.filter(persons, case__last_alert_at__gte=since).exclude(role=Party.PartyRole.WITNESS)
    found: Cases = defaultdict(list)
    columns = ("phone_blind", "id_number_blind", "case_id", "case__last_alert_at")
    for phone, number, case_id, last_alert_at in rows.values_list(*columns).distinct():
        for key in {phone} & phones | {number} & numbers:
            found[key].append((case_id, last_alert_at))
    return found


def _met(keys: repeats.Keys, cases: Cases, since: datetime) -> set[int]:
    """At most as many cases as one question would have looked at."""
    people = (*keys.phones, *keys.id_numbers)
    found = {case_id for key in people for case_id, last in cases.get(key, ()) if last >= since}
    return set(sorted(found, reverse=True)[: repeats.MOST])


Index = dict[Any, list[Alert]]


def _earlier(
    alerts: Sequence[Alert], wanted: dict[int, set[int]], keys: dict[int, repeats.Keys]
) -> tuple[Index, Index]:
    """Every alert any of them may have as an earlier one, by case and by phone, the oldest first."""
    phones = {phone for one in keys.values() for phone in one.phones}
    rows = Alert.objects.filter(
        Q(case_id__in=set().union(*wanted.values())) | Q(phone_blind__in=phones),
        received_at__gte=_since(alerts),
        received_at__lte=max(alert.received_at for alert in alerts),
    ).only("case_id", "phone_blind", "received_at", "address_key", "narrative", "outcome", "outcome_at")
    by_case: Index = defaultdict(list)
    by_phone: Index = defaultdict(list)
    for row in rows.order_by("received_at", "id"):
        by_case[row.case_id].append(row)
        if row.phone_blind in phones:
            by_phone[row.phone_blind].append(row)
    return by_case, by_phone


def _newest(alert: Alert, lists: Iterable[list[Alert]]) -> list[Alert]:
    """Of these lists the alerts of the 90 days before this one, the newest first, at most a hundred."""
    since, found = _since([alert]), {}
    for rows in lists:
        first = bisect_left(rows, since, key=_when)
        last = bisect_right(rows, alert.received_at, key=_when)
        # One more than is asked for: the alert itself may be among them.
        found.update({row.pk: row for row in rows[max(first, last - repeats.MOST - 1) : last]})
    found.pop(alert.pk, None)
    return sorted(found.values(), key=lambda row: (row.received_at, row.pk), reverse=True)[: repeats.MOST]


def _when(alert: Alert) -> datetime:
    return alert.received_at

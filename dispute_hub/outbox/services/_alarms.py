"""Who is told when deliveries stand still: the bureau and the system's administrator."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from dispute_hub.accounts.models import Role
from dispute_hub.outbox import circuit, topics
from dispute_hub.outbox.models import Connector, OutboxRow
from dispute_hub.outbox.services._inbox import Message, notify_admins, notify_many

# One notice for what dies in one go; the page lists every row.
QUIET_FOR: Final = timedelta(minutes=10)
# reliability O5
ESCALATES_AFTER: Final = timedelta(hours=72)
# handbook 7 and reliability O3: somebody takes up the phone
UNCONFIRMED_AFTER: Final = timedelta(minutes=10)
MOST_TOLD: Final = 200
OWN_DEAD: Final = "delivery.own_failed"
TOLD: Final = (Role.SYSTEM_ADMIN, Role.BUREAU)


def tell_of_dead(connector: Connector, row: OutboxRow, *, at: datetime) -> None:
    """Tell the owners of a first dead letter at once; the ones that follow it need no notice each."""
    others = OutboxRow.objects.filter(
        target=connector.code, state=OutboxRow.State.DEAD, dead_at__gt=at - QUIET_FOR
    ).exclude(pk=row.pk)
    if not others.exists():
        tell(connector, f"向{connector.name}投递失败，请查看原因并处理", "important", at=at)


def tell_of_own_dead(row: OutboxRow, *, at: datetime) -> None:
    """A part of our own was given up: the system's administrators hear of the first (reliability O4).

    Not where it is such a notice itself that died: it would tell of itself for ever.
    """
    if row.topic == "notice" and row.payload.get("kind") == OWN_DEAD:
        return
    others = OutboxRow.objects.filter(
        target=row.target, state=OutboxRow.State.DEAD, dead_at__gt=at - QUIET_FOR
    ).exclude(pk=row.pk)
    if not others.exclude(topic="notice", payload__kind=OWN_DEAD).exists():
        title = f"系统内部投递失败（{topics.title_of(row.topic)}），请查看原因并处理"
        _tell_admins(title, "important", at=at)


def _tell_admins(title: str, urgency: str, *, at: datetime) -> None:
    told_of = Message(kind=OWN_DEAD, title=title[:100], link="/dead-letters/", urgency=urgency)
    notify_admins(told_of, at=at)


def tell(
    connector: Connector, title: str, urgency: str, *, at: datetime, link: str = "/dead-letters/"
) -> None:
    """One inbox entry for each role that looks after platforms."""
    notify_many(
        [
            (
                Message(
                    kind="delivery.failed", title=title[:100], link=link, urgency=urgency,
                    unit_id=connector.unit_id, role=role,
                ),
                None,
            )
            for role in TOLD
        ],
        at=at,
    )  # fmt: skip


@transaction.atomic
def watch_platforms(*, at: datetime) -> None:
    """Alarm once for a circuit that stays open, and once more for dead letters nobody took up."""
    long_open = Connector.objects.select_for_update().filter(
        circuit=circuit.OPEN, opened_at__lte=at - circuit.ALARM_AFTER, alarmed_at__isnull=True
    )
    for connector in long_open:
        tell(connector, f"{connector.name}已中断10分钟以上，待发内容已保留", "alarm", at=at)
        connector.alarmed_at = at
        connector.save(update_fields=["alarmed_at"])
    _escalate(at=at)
    _tell_unconfirmed(at=at)


def _tell_unconfirmed(*, at: datetime) -> None:
    """Once for each message that somebody waits for and no platform has confirmed.

    Paused and unconfirmed platforms too: they may have become so after a clock began to wait for them.
    """
    waiting = OutboxRow.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        topic__in=topics.TOLD_UNCONFIRMED,
        state__in=[OutboxRow.State.PENDING, OutboxRow.State.DEAD],
        created_at__lte=at - UNCONFIRMED_AFTER, told_at__isnull=True,
    )  # fmt: skip
    for row in waiting.order_by("id")[:MOST_TOLD]:
        topics.resolve(topics.TOLD_UNCONFIRMED[row.topic])(row, at=at)
        row.told_at = at
        row.save(update_fields=["told_at"])


def _escalate(*, at: datetime) -> None:
    """Once for each dead letter that lies too long: locked, so that what is counted is what is marked."""
    old = OutboxRow.objects.select_for_update(skip_locked=True).filter(
        state=OutboxRow.State.DEAD, dead_at__lte=at - ESCALATES_AFTER, escalated_at__isnull=True
    )
    found = list(old.values_list("pk", "target"))
    if not found:
        return
    counts = Counter(target for _, target in found)
    for connector in Connector.objects.filter(code__in=counts):
        number = counts[connector.code]
        tell(connector, f"{connector.name}有{number}条投递失败超过72小时未处理", "alarm", at=at)
    if counts[""]:
        _tell_admins(f"系统内部有{counts['']}条投递失败超过72小时未处理", "alarm", at=at)
    OutboxRow.objects.filter(pk__in=[pk for pk, _ in found]).update(escalated_at=at)

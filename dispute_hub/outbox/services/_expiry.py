"""What runs out on a platform: its certificate and our common secret, told 30, 7 and 1 days before (O8)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from dispute_hub.common.time import BEIJING
from dispute_hub.outbox import egress, wire
from dispute_hub.outbox.models import Connector
from dispute_hub.outbox.services._alarms import tell

# reliability O8; 0: it has run out.
TOLD_AT: Final = (30, 7, 1, 0)
# A secret is changed within the year (reliability 4.2, machines).
ENDS_AFTER: Final = timedelta(days=365)
NAMES: Final = {"certificate": "网站证书", "secret": "签名密钥"}
# A platform that does not answer costs five seconds; the others have the next minute.
MOST_AT_ONCE: Final = 5
LOOKED_AT: Final = "looked_at"


def expiries(connector: Connector, at: datetime) -> list[tuple[str, datetime, int]]:
    """What may run out: its name in words, when, and in how many whole days (negative once it has)."""
    ends = {"certificate": connector.certificate_ends_at, "secret": None}
    if connector.kind == Connector.Kind.WEBHOOK and connector.secret:
        ends["secret"] = (connector.rotated_at or connector.changed_at) + ENDS_AFTER
    return [(NAMES[what], end, (end - at).days) for what, end in ends.items() if end is not None]


def watch_expiry(*, at: datetime) -> int:
    """Once a day look at each platform's certificate; tell its owners once for each step. How many told."""
    today, told = at.astimezone(BEIJING).date().isoformat(), 0
    live = Connector.objects.filter(approved_by__isnull=False).order_by("id")
    waiting = [connector for connector in live if connector.expiry_told.get(LOOKED_AT) != today]
    for connector in waiting[:MOST_AT_ONCE]:
        end = _certificate_end(connector)
        told += _tell_of(connector.pk, end, today, at=at)
    return told


def _certificate_end(connector: Connector) -> datetime | None:
    """As the platform shows it now; None when it cannot be read, which its circuit tells of."""
    if connector.kind != Connector.Kind.WEBHOOK or not connector.url.startswith("https://"):
        return None
    try:
        return egress.certificate_end(connector.url, wire.allow_list(connector))
    except (egress.Blocked, egress.Cut, ValueError):
        return None


@transaction.atomic
def _tell_of(connector_id: int, certificate_end: datetime | None, today: str, *, at: datetime) -> int:
    connector = Connector.objects.select_for_update(no_key=True).get(pk=connector_id)
    if connector.expiry_told.get(LOOKED_AT) == today:
        return 0
    if certificate_end is not None:
        connector.certificate_ends_at = certificate_end
    told, number = dict(connector.expiry_told), 0
    for name, end, days in expiries(connector, at):
        step = min((one for one in TOLD_AT if days < one or (one and days == one)), default=None)
        stands = [end.isoformat(), step]
        if step is None or told.get(name) == stands:
            continue
        told[name], number = stands, number + 1
        said = f"将在{max(days, 0)}天内到期" if step else "已到期"
        urgency = "important" if step > 7 else "alarm"
        link = f"/connectors/{connector.code}/"
        tell(connector, f"{connector.name}的{name}{said}，请及时更换", urgency, at=at, link=link)
    connector.expiry_told = {**told, LOOKED_AT: today}
    connector.save(update_fields=["certificate_ends_at", "expiry_told"])
    return number

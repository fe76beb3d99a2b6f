"""What platforms tell us afterwards: recorded always, applied only forwards (reliability O7, input 37)."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from django.db import transaction
from standardwebhooks.webhooks import Webhook

from dispute_hub.common.errors import Conflict, Refused
from dispute_hub.outbox.models import Connector, PlatformCallback
from dispute_hub.outbox.services._applying import FOR_PEOPLE, list_for_people, read_word, weigh

Verdict = PlatformCallback.Verdict
TOLERANCE_SECONDS: Final = 300
LONGEST_ID: Final = 200
TAKEN: Final = frozenset({Verdict.APPLIED, Verdict.EARLY, Verdict.REPEATED})
# Compared with when there is no such platform, so that an unknown code costs the same time.
NOBODY: Final = "whsec_dGhlcmUgaXMgbm8gc3VjaCBwbGF0Zm9ybSBoZXJl"


@dataclass(frozen=True, slots=True)
class Told:
    """What the platform is answered: the same for every delivery of one callback."""

    status: int
    verdict: str


def verify_callback(
    code: str, headers: Mapping[str, str], raw: bytes, *, at: datetime
) -> tuple[Connector, str]:
    """The platform and the callback's id. Raises Refused (401) in one text for everything that is wrong."""
    connector = Connector.objects.filter(code=code, kind=Connector.Kind.WEBHOOK).first()
    secrets = [one for one in (connector.secret, connector.former_secret) if one] if connector else []
    callback_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "").encode("utf-8", "replace").split(b" ")[:8]
    seconds = int(stamp) if stamp.isascii() and stamp.isdigit() and len(stamp) <= 12 else 0
    text = raw.decode("utf-8", "replace")
    instant = datetime.fromtimestamp(min(seconds, 10**10), UTC)
    known = [Webhook(one).sign(callback_id, instant, text).encode() for one in secrets or [NOBODY]]
    matches = [hmac.compare_digest(one, other) for one in known for other in given]
    fresh = abs(seconds - at.timestamp()) <= TOLERANCE_SECONDS
    if connector is None or not (secrets and callback_id and any(matches) and fresh):
        raise Refused("签名无效或已过期，请核对密钥与时钟。", code="bad_signature", status=401)
    if len(callback_id) > LONGEST_ID:
        callback_id = "sha256:" + hashlib.sha256(callback_id.encode()).hexdigest()
    return connector, callback_id


@transaction.atomic
def take_callback(
    connector: Connector, callback_id: str, raw: bytes, *, content_type: str, at: datetime
) -> Told:
    """Record one verified callback and apply it if it says something new of a delivery that arrived.

    The same id again is answered as the first time; the same id with another body is a Conflict (409).
    What cannot be applied stands on the list of differences.
    """
    digest, word = hashlib.sha256(raw).digest(), read_word(raw, content_type)
    callback, is_new = PlatformCallback.objects.get_or_create(
        connector=connector, callback_id=callback_id,
        defaults={
            "body_hash": digest, "body": raw, "status": word.status, "verdict": Verdict.INVALID,
            "received_at": at,
        },
    )  # fmt: skip
    if not is_new:
        if bytes(callback.body_hash) != digest:
            raise Conflict("同一回执编号已用于另一内容。", code="callback_id_reused")
        return _told(callback.verdict)
    callback.row, applied = weigh(connector, word, at=at)
    callback.verdict, callback.reason = applied.verdict, applied.reason[:200]
    callback.applied_at = at if applied.verdict == Verdict.APPLIED else None
    callback.save(update_fields=["row", "verdict", "reason", "applied_at"])
    if applied.verdict in FOR_PEOPLE:
        list_for_people(callback, applied.reason, at=at)
    return _told(callback.verdict)


def _told(verdict: str) -> Told:
    return Told(200 if verdict in TAKEN else 409, verdict)


def answer_bytes(told: Told) -> bytes:
    """The body of the answer."""
    return json.dumps({"code": 0 if told.status == 200 else told.status, "verdict": told.verdict}).encode()

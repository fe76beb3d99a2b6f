"""Standard Webhooks signatures over the raw bytes of a message.

The `standardwebhooks` package signs text and reads the node's own clock; a body that is not UTF-8 must
still be verified (it is set aside, not lost), and the only clock is the door's. Hence its HMAC and its
format, but our reading of the three headers.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import logging
from collections.abc import Mapping
from datetime import datetime

from standardwebhooks.webhooks import hmac_data

from dispute_hub.common.errors import Refused

TOLERANCE_SECONDS = 300
SECRET_PREFIX = "whsec_"  # noqa: S105 - the format's own prefix, not a secret
# Compared with when there is no such source, so that an unknown code costs the same time as a known one.
NOBODY = base64.b64encode(b"there is no such source here").decode()
log = logging.getLogger(__name__)


def sign(secret: str, *, message_id: str, timestamp: int, raw: bytes) -> str:
    """The `webhook-signature` of a message under one secret."""
    signed = f"{message_id}.{timestamp}.".encode() + raw
    return "v1," + base64.b64encode(hmac_data(_key(secret), signed)).decode()


def verify(headers: Mapping[str, str], raw: bytes, *, secrets: tuple[str, ...], at: datetime) -> str:
    """The message id of a rightly signed message. Raises Refused (401) in one and the same text otherwise.

    Any of the live secrets will do; a timestamp further than 300 s from `at` is refused.
    """
    message_id = headers.get("webhook-id", "")
    stamp = headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "")
    known = [
        sign(secret, message_id=message_id, timestamp=_seconds(stamp), raw=raw)
        for secret in secrets or (NOBODY,)
    ]
    wanted = given.encode("utf-8", "replace").split(b" ")[:8]
    matches = [hmac.compare_digest(one.encode(), other) for one in known for other in wanted]
    drift = abs(_seconds(stamp) - at.timestamp())
    if message_id and secrets and any(matches) and drift <= TOLERANCE_SECONDS:
        return message_id
    if any(matches):
        log.warning("signed message outside the time window, compare clocks", extra={"drift": round(drift)})
    raise Refused("签名无效或已过期，请核对密钥与时钟。", code="bad_signature", status=401)


def is_secret(secret: str) -> bool:
    """Whether a text is a usable secret: `whsec_` and at least 24 bytes in base64."""
    try:
        return secret.startswith(SECRET_PREFIX) and len(_key(secret)) >= 24
    except (binascii.Error, ValueError):
        return False


def _key(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(SECRET_PREFIX) + "==")


def _seconds(stamp: str) -> int:
    return int(stamp) if stamp.isascii() and stamp.isdigit() and len(stamp) <= 12 else 0

"""How a delivery is written for a platform, and how its answer is read."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from standardwebhooks.webhooks import Webhook

from dispute_hub.common import json_guard
from dispute_hub.common.errors import Invalid
from dispute_hub.outbox import egress, topics
from dispute_hub.outbox.models import Connector, DeliveryAttempt, OutboxRow

Kind = DeliveryAttempt.Outcome
# reliability O4: what the platform says no to, in words for the person who reads the dead letter.
SAID_NO: Final = {
    400: "对方认为报文格式有误",
    401: "对方不认可签名，请核对密钥与时钟",
    403: "对方拒绝访问，请核对授权",
    404: "对方接口地址不存在，请核对地址",
    405: "对方接口不接受此方法",
    409: "对方称与其已有记录冲突",
    410: "对方接口已停用",
    413: "对方称报文过大",
    415: "对方不接受此报文类型",
    422: "对方认为内容不合要求",
}
# Wrong for every message alike: tried again a little, and the circuit counts it.
OF_THE_LINE: Final = frozenset({401, 403, 404, 405, 410})
COME_AGAIN: Final = frozenset({408, 425, 429})
FINE_CODES: Final = frozenset({"None", "", "0", "200", "ok", "OK", "success", "True"})
LONGEST_WAIT: Final = 3600
# Platforms number their records with 19 digits and more; we keep such a number as text.
MOST_DIGITS: Final = 60


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one try. `is_final`: no further try can help; `breaks`: the circuit counts it."""

    kind: str
    reason: str = ""
    status: int | None = None
    is_final: bool = False
    breaks: bool = False
    wait_seconds: int = 0
    receipt: dict[str, Any] = field(default_factory=dict)
    sent_hash: bytes | None = None


class Unmapped(Exception):
    """The platform's mapping names a field that the message does not have."""


def compose(row: OutboxRow, connector: Connector) -> bytes:
    """The body: the same bytes at every try, but for what is added only now. Raises Unmapped.

    What must not lie about in clear is opened from where it is sealed, as it stands at this try.
    """
    path = topics.COMPLETED_BY.get(row.topic)
    payload = {**row.payload, **topics.resolve(path)(row)} if path else row.payload
    said = {
        "id": str(row.message_id),
        "type": row.topic,
        "occurred_at": row.created_at.astimezone(UTC).isoformat(),
        "data": _mapped(payload, connector.mapping, row.topic),
    }
    return json.dumps(said, ensure_ascii=False, sort_keys=True).encode()


def signed_headers(connector: Connector, message_id: str, body: bytes, *, at: datetime) -> dict[str, str]:
    """Standard Webhooks headers under every live secret, so that either side may change first."""
    instant = at.astimezone(UTC)
    secrets = [one for one in (connector.secret, connector.former_secret) if one]
    signatures = [Webhook(one).sign(message_id, instant, body.decode()) for one in secrets]
    return {
        "Content-Type": "application/json; charset=utf-8",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(instant.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def allow_list(connector: Connector) -> list[egress.Allowed]:
    """The platform's lines as they were checked when they were written."""
    return [egress.read_allowed(line) for line in connector.allowed]


def send(row: OutboxRow, connector: Connector, *, at: datetime) -> Outcome:
    """One try of one signed webhook, outside any transaction."""
    message_id = str(row.message_id)
    try:
        body = compose(row, connector)
        headers = signed_headers(connector, message_id, body, at=at)
        answer = egress.ask(
            "POST", connector.url, headers=headers, content=body, allowed=allow_list(connector)
        )
    except Unmapped as error:
        return Outcome(Kind.REFUSED, f"字段映射有误：{error}", is_final=True)
    except (egress.Blocked, ValueError) as error:
        return Outcome(Kind.REFUSED, f"未发送：{error}", breaks=True)
    except egress.Cut as error:
        return Outcome(Kind.UNREACHED, str(error), breaks=True)
    return judge(answer, message_id, connector.receipt_path, hashlib.sha256(body).digest())


def judge(answer: egress.Answer, message_id: str, receipt_path: str, sent_hash: bytes) -> Outcome:
    """Whether the answer proves that this very message was taken (reliability O4, O7)."""
    status = answer.status
    if status in COME_AGAIN or status >= 500:
        wait = answer.retry_after.strip()
        seconds = min(int(wait), LONGEST_WAIT) if wait.isascii() and wait.isdigit() else 0
        return Outcome(
            Kind.UNREACHED, f"对方暂不能受理（{status}）", status, breaks=True, wait_seconds=seconds
        )
    if 300 <= status < 400:
        return Outcome(Kind.REFUSED, f"对方要求跳转到其他地址（{status}），不予跟随", status, breaks=True)
    if status >= 400:
        of_line = status in OF_THE_LINE
        reason = f"{SAID_NO.get(status, '对方拒绝受理')}（{status}）"
        return Outcome(Kind.REFUSED, reason, status, is_final=not of_line, breaks=of_line)
    if status < 200:
        return Outcome(Kind.UNCLEAR, f"对方答复状态异常（{status}）", status, breaks=True)
    return _read_receipt(answer, message_id, receipt_path, sent_hash)


def _read_receipt(answer: egress.Answer, message_id: str, receipt_path: str, sent_hash: bytes) -> Outcome:
    said = said_in(answer)
    if said is None:
        seen = "网页" if "html" in answer.content_type else "无法读取的内容"
        return Outcome(Kind.UNCLEAR, f"对方答复的是{seen}，不是收据", answer.status, breaks=True)
    code = said.get("code")
    if str(code) not in FINE_CODES or said.get("success") is False:
        return Outcome(Kind.REFUSED, f"对方业务码 {str(code)[:40]}，未受理", answer.status)
    if dig(said, receipt_path) != message_id:
        return Outcome(Kind.UNCLEAR, "对方收据的消息编号与发送的不符", answer.status, breaks=True)
    number = str(said.get("number", ""))[:60]
    receipt = {"number": number, "duplicate": said.get("duplicate") is True}
    return Outcome(Kind.SENT, "", answer.status, receipt=receipt, sent_hash=sent_hash)


def said_in(answer: egress.Answer) -> dict[str, Any] | None:
    """The object a platform answered; None for what is none, or holds what the database cannot store."""
    try:
        return json_guard.parse(answer.body, "application/json", most_digits=MOST_DIGITS)
    except Invalid:
        return None


def dig(said: Any, path: str) -> Any:
    """The value at a dotted path of nested objects, None where there is none."""
    for name in path.split("."):
        said = said.get(name) if isinstance(said, dict) else None
    return said


def _mapped(payload: dict[str, Any], mapping: dict[str, str], topic: str) -> dict[str, Any]:
    """The message under the platform's names. Lines `topic:theirs=ours` hold for that topic alone; it
    otherwise takes the common lines, and from a mere follow-up message only what it has."""
    if not mapping:
        return payload
    own = {name.partition(":")[2]: ours for name, ours in mapping.items() if name.startswith(f"{topic}:")}
    common = {name: ours for name, ours in mapping.items() if ":" not in name}
    made: dict[str, Any] = {}
    for name, ours in (own or common).items():
        value = dig(payload, ours)
        if value is not None:
            made[name] = value
        elif own or topic in topics.WHOLE:
            raise Unmapped(f"报文中没有“{ours}”")
    return made

"""Work under which things are killed: signed alerts over HTTP, and messages for a platform."""

from __future__ import annotations

import json
import threading
import time as node
import uuid
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from django.db import DatabaseError, InterfaceError, connection, transaction

from dispute_hub.common import time
from dispute_hub.outbox import services as outbox
from dispute_hub.outbox.models import OutboxRow
from intake import signatures
from tests.intake.conftest import SECRET, body
from tests.reliability.ledger import Ledger

SETTLES_WITHIN: Final = 60.0  # seconds after the last kill in which every unknown call must become known
TEXTS: Final = (
    "邻居因楼道堆放杂物发生口角，双方情绪平稳，请民警到场调解。",
    "双方因停车争执，一人从车上拿出菜刀，扬言要砍死对方，现场多人围观。",
    "两人因借款纠纷发生推搡，无人受伤，双方饮酒后情绪激动。",
)


@dataclass
class Load:
    """Threads that send until `stop`; each key is asked until its answer is known."""

    url: str
    ledger: Ledger
    bureau_id: int
    pause: float = 0.25
    spans: list[tuple[float, float]] = field(default_factory=list)
    _leaving: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self, *, alerts: int = 2, messages: int = 1) -> Load:
        works = [self._alerts] * alerts + [self._messages] * messages
        self._threads = [threading.Thread(target=work, daemon=True) for work in works]
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        """Send no more; what is under way is asked until it is known."""
        self._leaving.set()
        until = node.monotonic() + SETTLES_WITHIN
        for thread in self._threads:
            thread.join(max(0.1, until - node.monotonic()))

    def _alerts(self) -> None:
        number = 0
        with httpx.Client(trust_env=False, timeout=15) as client:
            while not self._leaving.wait(self.pause):
                number += 1
                self._one_alert(client, number)

    def _one_alert(self, client: httpx.Client, number: int) -> None:
        message_id = uuid.uuid4().hex
        phone = f"13{int(message_id[:8], 16) % 10**9:09d}"
        said = body(
            narrative=TEXTS[number % len(TEXTS)],
            reporter={"name": "楼春花", "phone": phone},
            parties=[{"name": "楼春花", "phone": phone}],
            address=f"象珠镇象珠一村{message_id[:6]}号",
        )
        raw, key = json.dumps(said, ensure_ascii=False).encode(), f"alert:{message_id}"
        self.ledger.note(key, "intent", alert_no=said["alert_no"])
        while True:
            began = node.monotonic()
            status = send_alert(client, self.url, raw, message_id)
            word = "unknown" if status == 0 or status >= 500 else "acked" if status < 300 else "refused"
            self.ledger.note(key, word, status=status)
            if word != "unknown":
                self.spans.append((began, node.monotonic() - began))
                return
            node.sleep(0.2)

    def _messages(self) -> None:
        while not self._leaving.wait(self.pause):
            self._one_message(f"message:{uuid.uuid4().hex}")
        connection.close()

    def _one_message(self, key: str) -> None:
        """Write one delivery; a commit whose answer was lost is looked up, never guessed."""
        self.ledger.note(key, "intent")
        while True:
            try:
                if not OutboxRow.objects.filter(payload__no=key).exists():
                    self._publish(key)
                self.ledger.note(key, "acked")
                return
            except (DatabaseError, InterfaceError):
                self.ledger.note(key, "unknown")
                connection.close()
                node.sleep(0.2)

    def _publish(self, key: str) -> None:
        with transaction.atomic():
            case_id = int(uuid.UUID(key.removeprefix("message:")).int % 50) + 1
            said: dict[str, Any] = {"no": key, "grade": "urgent"}
            outbox.publish("order.sent", said, at=time.now(), case_id=case_id, bureau_id=self.bureau_id)


def send_alert(client: httpx.Client, url: str, raw: bytes, message_id: str) -> int:
    """One signed delivery; its status, 0 when no answer came."""
    stamp = int(time.now().timestamp())
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": str(stamp),
        "webhook-signature": signatures.sign(SECRET, message_id=message_id, timestamp=stamp, raw=raw),
    }
    try:
        answer = client.post(f"{url}/api/v1/sources/110/alerts/", content=raw, headers=headers)
    except httpx.HTTPError:
        return 0
    return answer.status_code

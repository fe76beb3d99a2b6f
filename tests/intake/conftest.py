"""What the intake's tests share: a machine source, and a sender that signs as the 110 system does."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from django.test import Client

from dispute_hub.accounts.actor import SourceActor
from dispute_hub.accounts.models import Unit
from dispute_hub.cases import lifecycle
from dispute_hub.cases.services import PartyFacts
from dispute_hub.common import time
from intake import services, signatures
from intake.message import AlertFacts
from intake.models import Source

SECRET = "whsec_ZGlzcHV0ZS1odWItZGVtby1zZWNyZXQtMTEw"
NARRATIVE = "报警人称与邻居因宅基地界线争吵，双方互不相让，要求民警到场处理。"


def body(**changes: Any) -> dict[str, Any]:
    """A plain quarrel of two neighbours, with `changes`; None takes a field out."""
    said = {
        "alert_no": f"3307842026{uuid.uuid4().hex[:10].upper()}",
        "version": 1,
        "received_at": time.now().isoformat(),
        "reporter": {"name": "楼春花", "phone": "13905790001", "sex": "女"},
        "parties": [{"name": "楼春花", "phone": "13905790001"}, {"name": "应大山", "role": "party"}],
        "address": "象珠镇象珠一村12号",
        "station": "330784-XZ",
        "grid": "330784-XZ-C1-W1",
        "narrative": NARRATIVE,
        **changes,
    }
    return {name: value for name, value in said.items() if value is not None}


@dataclass
class Sender:
    """A machine that signs; every call is one delivery."""

    source: str = "110"
    secret: str = SECRET
    client: Client = field(default_factory=Client)

    def raw(
        self, raw: bytes, *, message_id: str = "", content_type: str = "application/json", **headers: str
    ):
        message_id = message_id or uuid.uuid4().hex
        stamp = headers.pop("timestamp", str(int(time.now().timestamp())))
        signature = signatures.sign(
            self.secret, message_id=message_id, timestamp=int(stamp) if stamp.isdigit() else 0, raw=raw
        )
        said = {
            "webhook-id": message_id,
            "webhook-timestamp": stamp,
            "webhook-signature": signature,
            **headers,
        }
        # `generic`: `post` would encode the bytes again by the charset they only claim to have.
        path = f"/api/v1/sources/{self.source}/alerts/"
        return self.client.generic("POST", path, raw, CONTENT_TYPE=content_type, headers=said)

    def send(self, said: dict[str, Any] | None = None, *, message_id: str = "", **changes: Any):
        said = body(**changes) if said is None else said
        return self.raw(json.dumps(said, ensure_ascii=False).encode(), message_id=message_id)


def make_source(reception: Unit, bureau: Unit) -> Source:
    return services.register_source(
        "110", kind="110", name="永康110接处警系统", reception=reception, bureau=bureau, secret=SECRET,
        at=time.now(),
    )  # fmt: skip


@pytest.fixture
def source(cast: Any) -> Source:
    return make_source(cast.units.reception, cast.units.bureau)


@pytest.fixture
def sender(source: Source) -> Sender:
    return Sender()


ACTOR = SourceActor("110", None)


def facts(at: Any, **changes: Any) -> AlertFacts:
    said = AlertFacts(
        alert_no="A1",
        received_at=at,
        address="象珠镇象珠一村12号",
        narrative="邻居因界线争吵。",
        station="330784-XZ",
        grid="330784-XZ-C1-W1",
        reporter=PartyFacts(role="reporter", name="楼春花", phone="13905790001"),
        parties=(PartyFacts(name="应大山"),),
        item_class="N11",
    )
    return replace(said, **changes)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Intake by itself: what follows an event belongs to other stages."""
    monkeypatch.setattr(lifecycle, "FOLLOWED_BY", {})


@pytest.fixture
def receive(source: Source, clock: Any) -> Any:
    def take(**changes: Any) -> services.Receipt:
        return services.receive(facts(clock.at, **changes), source=source, actor=ACTOR, at=clock.at)

    return take

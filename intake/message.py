"""The alert as a message: what a sender may say, read strictly, and its one canonical form.

Doubtful is not invalid: a strange phone, an unknown station or a swapped coordinate is stored and
flagged (handbook, intake). Only what cannot be read at all is refused, and set aside when signed.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from dispute_hub.cases.services import PartyFacts
from dispute_hub.common.api import AwareInstant, StrictChar, StrictDecimal, StrictInteger, flat_errors
from dispute_hub.common.errors import Invalid
from dispute_hub.common.text import strip_invisible
from dispute_hub.common.time import parse_instant

MOST_PARTIES = 50
MOST_PEOPLE = 999_999
NARRATIVE_LENGTH = 10_000


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """One version of one alert. `item_class` is what the door's triage preview made of it, "" unknown."""

    alert_no: str
    received_at: datetime
    address: str
    narrative: str
    version: int = 1
    report_form: str = ""
    occurred_at: datetime | None = None
    reporter: PartyFacts | None = None
    parties: tuple[PartyFacts, ...] = ()
    longitude: float | None = None
    latitude: float | None = None
    station: str = ""
    grid: str = ""
    stated_item: str = ""
    people_involved: int | None = None
    amount: Decimal | None = None
    flags: tuple[str, ...] = ()
    officers: tuple[str, ...] = ()
    external_numbers: dict[str, str] = field(default_factory=dict)
    procedure: str = ""
    item_class: str = ""

    @property
    def everybody(self) -> tuple[PartyFacts, ...]:
        """The reporter, if anything is known of him, and the parties."""
        return ((self.reporter,) if self.reporter else ()) + self.parties

    def content(self) -> str:
        """The canonical JSON of this version: equal content, equal text."""
        said = asdict(self)
        for name in ("alert_no", "version", "item_class"):
            del said[name]
        return json.dumps(said, ensure_ascii=False, sort_keys=True, default=_plain)

    def content_hash(self) -> bytes:
        return hashlib.sha256(self.content().encode()).digest()


def facts_of(content: str, *, alert_no: str, version: int) -> AlertFacts:
    """The facts behind a stored canonical JSON."""
    said = json.loads(content)
    said["received_at"] = parse_instant(said["received_at"])
    said["occurred_at"] = parse_instant(said["occurred_at"]) if said["occurred_at"] else None
    said["amount"] = Decimal(said["amount"]) if said["amount"] is not None else None
    said["reporter"] = PartyFacts(**said["reporter"]) if said["reporter"] else None
    said["parties"] = tuple(PartyFacts(**party) for party in said["parties"])
    said["flags"], said["officers"] = tuple(said["flags"]), tuple(said["officers"])
    return AlertFacts(alert_no=alert_no, version=version, **said)


def alert_no_key(alert_no: str) -> str:
    """The form in which a number is unique: half width, upper case, without blanks (bad-input 28)."""
    text = strip_invisible(unicodedata.normalize("NFKC", alert_no))
    return "".join(text.split()).upper()


def read_alert(body: dict[str, Any], *, at: datetime, by_person: bool = False) -> AlertFacts:
    """Facts from a parsed body. Raises Invalid (400) with every bad field named.

    A person's own log may leave out the number and the instant of receipt: both are ours to give.
    """
    form = AlertForm(data=body, context={"at": at, "by_person": by_person})
    if not form.is_valid():
        fields = flat_errors(form.errors)
        named = "、".join(list(fields)[:5])
        raise Invalid(f"警情内容有误，请核对：{named}。", code="invalid_alert", fields=fields, status=400)
    return _facts(form.validated_data, at=at)


class _Strict(serializers.Serializer):  # type: ignore[type-arg]
    """An absent field and a null one are the same: many senders write null for what they do not know."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            data = {name: value for name, value in data.items() if value is not None and name in self.fields}
        return super().to_internal_value(data)


def _text(length: int, **options: Any) -> StrictChar:
    return StrictChar(max_length=length, required=False, allow_blank=True, default="", **options)


class _PersonForm(_Strict):
    name = _text(80)
    phone = _text(60)
    sex = _text(10)
    id_type = _text(3)
    id_number = _text(50)


class _PartyForm(_PersonForm):
    role = serializers.ChoiceField(choices=["reporter", "party", "witness"], default="party")
    known_as = _text(100)


class _Number(serializers.Field):  # type: ignore[type-arg]
    """A coordinate: any finite JSON number; whether it makes sense is a hint, not a refusal."""

    def to_internal_value(self, data: Any) -> float:
        if isinstance(data, bool) or not isinstance(data, int | float):
            raise serializers.ValidationError("应为数字（不加引号的半角数字）。")
        return round(float(data), 6)


class AlertForm(_Strict):
    """The body of an alert, field by field (design, API v1)."""

    alert_no = _text(60)
    version = StrictInteger(min_value=1, max_value=9999, default=1)
    received_at = AwareInstant(required=False)
    occurred_at = AwareInstant(required=False, past_within=None)
    report_form = _text(20)
    reporter = _PersonForm(required=False)
    parties = serializers.ListField(child=_PartyForm(), max_length=MOST_PARTIES, default=list)
    address = StrictChar(max_length=500, allow_blank=True, required=False)
    longitude = _Number(required=False)
    latitude = _Number(required=False)
    station = _text(40)
    grid = _text(40)
    stated_item = _text(100)
    narrative = StrictChar(max_length=NARRATIVE_LENGTH, allow_blank=True, required=False)
    people_involved = StrictInteger(min_value=0, max_value=MOST_PEOPLE, required=False)
    amount = StrictDecimal(max_digits=14, decimal_places=2, min_value=Decimal(0), required=False)
    flags = serializers.ListField(child=StrictChar(max_length=40), max_length=50, default=list)
    officers = serializers.ListField(child=StrictChar(max_length=20), max_length=50, default=list)
    external_numbers = serializers.DictField(child=StrictChar(max_length=100), default=dict)
    procedure = _text(40)

    def validate_alert_no(self, value: str) -> str:
        if "/" in value or "\\" in value:
            raise serializers.ValidationError("警情编号不能含有斜线。")
        return value

    def validate_external_numbers(self, value: dict[str, str]) -> dict[str, str]:
        if len(value) > 20:
            raise serializers.ValidationError("最多 20 个外部编号。")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        needed = ["narrative", "address"] + ([] if self.context["by_person"] else ["received_at"])
        missing = {name: ["必填，请补充。"] for name in needed if name not in attrs}
        if not self.context["by_person"] and not alert_no_key(attrs["alert_no"]):
            missing["alert_no"] = ["必填，请补充。"]
        if missing:
            raise serializers.ValidationError(missing)
        received_at, occurred_at = attrs.get("received_at"), attrs.get("occurred_at")
        if received_at and occurred_at and occurred_at > received_at:
            words = f"发生时间 {occurred_at.isoformat()} 晚于接警时间 {received_at.isoformat()}。"
            raise serializers.ValidationError({"occurred_at": [words]})
        return attrs


def _facts(said: dict[str, Any], *, at: datetime) -> AlertFacts:
    reporter = said.pop("reporter", None)
    known = reporter and any(reporter.values())
    said["alert_no"] = strip_invisible(said["alert_no"]).strip()
    said["received_at"] = said.get("received_at") or at
    for name in ("flags", "officers"):
        said[name] = tuple(dict.fromkeys(said[name]))
    parties = tuple(PartyFacts(**party) for party in said.pop("parties"))
    return AlertFacts(
        reporter=PartyFacts(role="reporter", **reporter) if known else None, parties=parties, **said
    )


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value.quantize(Decimal("0.01")))
    raise TypeError(type(value).__name__)

"""Known facts of people as a CSV file: each line that cannot be used is named with its cure."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from dispute_hub.common.errors import Invalid
from dispute_hub.common.identity import check_id_number
from dispute_hub.common.phones import split_phones
from dispute_hub.common.text import clean_text
from triage.models import PartyMarker
from triage.services import MarkerRow

COLUMNS: Final = ("kind", "id_number", "phone", "valid_from", "valid_until", "source")
KINDS: Final = {str(label): str(code) for code, label in PartyMarker.Kind.choices}
# A number of everybody (a hotline, 110) is nobody's.
PERSONAL: Final = ("mobile", "landline", "foreign")
# These cannot be anybody's number; an old or rare one may be.
IMPOSSIBLE: Final = {"check_digit", "birth_impossible", "birth_in_future", "region_unknown"}
SOURCE_LENGTH: Final = 80


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that was left out: its number in the file, what is wrong, and what to do."""

    number: int
    message: str


def read_markers(raw: bytes, *, on: date, source: str = "") -> tuple[list[MarkerRow], list[BadLine]]:
    """The usable rows of a file and its bad lines. Raises Invalid for what is no such table."""
    lines = csv.DictReader(io.StringIO(_text(raw), newline=""))
    missing = [name for name in COLUMNS[:4] if name not in (lines.fieldnames or ())]
    if missing:
        raise Invalid(f"文件缺少列：{'、'.join(missing)}。首行应为：{','.join(COLUMNS)}。")
    rows, bad = [], []
    for line in lines:
        try:
            rows.append(_row({name: line.get(name) or "" for name in COLUMNS}, on=on, source=source))
        except Invalid as refusal:
            bad.append(BadLine(lines.line_num, refusal.message))
    return rows, bad


def _text(raw: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Invalid("文件编码不能识别，请另存为 UTF-8 或 GBK 编码的 CSV。")


def _row(line: Mapping[str, str], *, on: date, source: str) -> MarkerRow:
    valid_from = _day(line["valid_from"], "valid_from")
    valid_until = _day(line["valid_until"], "valid_until") if line["valid_until"].strip() else None
    if valid_from is None:
        raise Invalid("未填 valid_from，请填写生效日期，如 2026-01-31。")
    if valid_until and valid_until < valid_from:
        raise Invalid("valid_until 早于 valid_from，请核对起止日期。")
    named = clean_text(line["source"].strip() or source, field="source", single_line=True)
    if not 0 < len(named) <= SOURCE_LENGTH:
        raise Invalid(f"来源 source 应填 1 至 {SOURCE_LENGTH} 字，或用 --source 统一指定。")
    id_number, phone = line["id_number"].strip(), line["phone"].strip()
    _check_person(id_number, phone, on=on)
    return MarkerRow(_kind(line["kind"]), valid_from, id_number, phone, valid_until, named)


def _kind(text: str) -> str:
    kind = KINDS.get(text.strip(), text.strip())
    if kind not in PartyMarker.Kind.values:
        said = "、".join(f"{code}（{label}）" for label, code in KINDS.items())
        raise Invalid(f"kind 不在允许范围，只能是：{said}。")
    return kind


def _check_person(id_number: str, phone: str, *, on: date) -> None:
    if not id_number and not phone:
        raise Invalid("id_number 和 phone 都为空，请至少填写一项。")
    if id_number:
        read = check_id_number(id_number, on=on)
        if IMPOSSIBLE & set(read.warnings) or not read.number:
            raise Invalid("id_number 有误：" + " ".join(read.messages))
    if phone:
        numbers = split_phones(phone)
        if len(numbers) != 1 or numbers[0].kind not in PERSONAL or "repeated_digits" in numbers[0].flags:
            raise Invalid("phone 应为一个个人电话号码，请核对；没有的留空。")


def _day(text: str, name: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip().replace("/", "-"))
    except ValueError as error:
        raise Invalid(f"{name} 不是有效日期，请按 2026-01-31 的样式填写。") from error

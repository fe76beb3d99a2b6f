"""A table of alerts as a file: its encoding, its columns by name, its cells as an alert's fields.

Spreadsheets damage what looks like a number: digits lost in 3.3E+17 cannot be had back, so such a
cell is an error of its row and never a guess (bad-input catalogue 76, 77, 84).
"""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime
from typing import Any, Final

from dispute_hub.common import time
from dispute_hub.common.errors import Invalid

MOST_ROWS = 5000
MOST_BYTES = 5 * 1024 * 1024
MOST_COLUMNS = 60

# Column names a person may use → field of the alert's body; a dot goes into a nested object.
COLUMNS: Final[dict[str, str]] = {
    "警情编号": "alert_no",
    "接警时间": "received_at",
    "发生时间": "occurred_at",
    "报警方式": "report_form",
    "报警人": "reporter.name",
    "报警电话": "reporter.phone",
    "性别": "reporter.sex",
    "证件号码": "reporter.id_number",
    "对方姓名": "other.name",
    "对方电话": "other.phone",
    "对方证件号码": "other.id_number",
    "地址": "address",
    "派出所代码": "station",
    "网格代码": "grid",
    "性质": "stated_item",
    "警情内容": "narrative",
    "涉及人数": "people_involved",
    "涉及金额": "amount",
}
NEEDED: Final = ("接警时间", "地址", "警情内容")
AS_TEXT: Final = ("警情编号", "报警电话", "证件号码", "对方电话", "对方证件号码")
_SCIENTIFIC = re.compile(r"[0-9]+([.][0-9]+)?[Ee][+][0-9]+|[0-9]{5,}[.]0+")
_LOCAL_TIME = re.compile(
    r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?[ T]?\s*"
    r"([0-9]{1,2})[:时]([0-9]{1,2})(?:[:分]([0-9]{1,2})?秒?)?"
)

Row = dict[str, str]


def read_table(raw: bytes) -> tuple[str, list[Row]]:
    """Encoding and rows of a CSV file, cells by column name. Raises Invalid for what is no such table."""
    if len(raw) > MOST_BYTES:
        raise _refused("文件超过 5 MB，请拆分后分次导入。")
    encoding, text = _decode(raw)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True))
    except csv.Error as error:
        raise _refused("表格格式有误：引号不成对，或某一格超过 13 万字，请检查后重新导出。") from error
    lines = [line for line in lines if any(cell.strip() for cell in line)]
    if not lines:
        raise _refused("文件是空的，请选择有内容的表格。")
    names = [name.strip() for name in lines[0]]
    _check_columns(names)
    if len(lines) - 1 > MOST_ROWS:
        raise _refused(f"共 {len(lines) - 1} 行，超过 {MOST_ROWS} 行，请拆分后分次导入。")
    return encoding, [_row(names, line) for line in lines[1:]]


def body_of(row: Row) -> tuple[dict[str, Any], list[str]]:
    """The alert's body a row stands for, and what is wrong with single cells, in words."""
    body: dict[str, Any] = {}
    errors = []
    for name, path in COLUMNS.items():
        text = row.get(name, "").strip().removeprefix("'").strip()
        if not text:
            continue
        try:
            value = _value(name, path, text)
        except Invalid as refusal:
            errors.append(f"{name}：{refusal.message}")
            continue
        outer, _, inner = path.partition(".")
        if inner:
            body.setdefault(outer, {})[inner] = value
        else:
            body[path] = value
    other = body.pop("other", None)
    body["parties"] = [other] if other else []
    body.setdefault("narrative", "")
    body.setdefault("address", "")
    return body, errors + _odd(row)


def column_of(path: str) -> str:
    """The column a field of the body came from; the path itself when there is none."""
    path = path.replace("parties[0].", "other.")
    return next((name for name, field in COLUMNS.items() if field == path), path)


def safe_cell(text: str) -> str:
    """Text a spreadsheet opens as text: never a formula (bad-input catalogue 72)."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠") else text


def _decode(raw: bytes) -> tuple[str, str]:
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _refused("文件是 UTF-16 编码，请另存为“CSV UTF-8”后重新选择。")
    if raw.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise _refused("这是 Excel 工作簿，请另存为“CSV UTF-8”后重新选择。")
    # GB18030 holds every character GBK lacks, and reads GBK files as they are.
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            raise _refused("文件含有空字符，不是文本表格，请重新导出为 CSV。")
        return encoding, text
    raise _refused("无法识别文件编码，请另存为“CSV UTF-8”后重新选择。")


def _delimiter(text: str) -> str:
    head = text.split("\n", 1)[0]
    return max((",", ";", "\t"), key=head.count)


def _check_columns(names: list[str]) -> None:
    if len(names) > MOST_COLUMNS:
        raise _refused(f"列数超过 {MOST_COLUMNS}，请按模板整理后导入。")
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise _refused(f"列名重复：{'、'.join(twice)[:60]}。")
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise _refused(f"缺少列：{'、'.join(missing)}。请按模板填写列名，首行为列名。")


def _row(names: list[str], line: list[str]) -> Row:
    row = dict(zip(names, line, strict=False))
    if len(line) > len(names) and any(cell.strip() for cell in line[len(names) :]):
        row["多余列"] = "，".join(line[len(names) :])[:200]
    return row


def _odd(row: Row) -> list[str]:
    return ["多余列：这一行的格数多于列名，请检查逗号和引号。"] if "多余列" in row else []


def _value(name: str, path: str, text: str) -> Any:
    if name in AS_TEXT and _SCIENTIFIC.fullmatch(text):
        raise Invalid("号码被表格软件改成了数字，请把该列设为文本后重新填写。")
    if path in ("received_at", "occurred_at"):
        return _instant(text)
    if path == "people_involved":
        if not re.fullmatch("[0-9]{1,6}", text):
            raise Invalid("应为 6 位以内的整数。")
        return int(text)
    return text.replace(",", "") if path == "amount" else text


def _instant(text: str) -> str:
    """ISO 8601 with offset, or a Beijing wall time with date, hour and minute."""
    match = _LOCAL_TIME.fullmatch(text)
    if match is None:
        return time.parse_instant(text).isoformat()
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=time.BEIJING).isoformat()
    except ValueError as error:
        raise Invalid("时间不存在，请核对年月日和时分秒。") from error


def _refused(message: str) -> Invalid:
    return Invalid(message, code="bad_table", fields={"file": [message]})

"""Numbers of identity papers: one comparable form, and what looks wrong about them.

GB 11643-1999 for resident cards; the other shapes are those the exit-entry authorities print. Only
warnings come out: a caller's wrong number must never block an alert (bad-input catalogue 52).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from .widths import half_width

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"
# GB/T 2260, first two digits; 81-83 are the residence permits of Hong Kong, Macao and Taiwan people.
_REGIONS = frozenset(
    str(code)
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
    for code in range(first, last + 1)
)
_SHAPES = (
    ("resident", re.compile(r"[0-9]{17}[0-9X]")),
    ("resident_15", re.compile(r"[0-9]{15}")),
    ("hk_macao_permit", re.compile(r"[HM][0-9]{8}([0-9]{2})?")),
    ("foreigner_permit", re.compile(r"[A-Z]{3}[0-9]{12}")),
    ("passport", re.compile(r"(?=.*[0-9])[A-Z]{1,2}[0-9]{7,8}|[A-Z][A-Z0-9]{5,8}|(?:14|15)[0-9]{7}")),
    ("taiwan_permit", re.compile(r"[0-9]{8}|[0-9]{10}[A-Z]?")),
)
WARNINGS = {
    "check_digit": "身份证号校验码不符，请与当事人核对。",
    "birth_impossible": "身份证号中的出生日期不存在，请核对。",
    "birth_in_future": "身份证号中的出生日期晚于今天，请核对。",
    "region_unknown": "身份证号前两位不是已知的行政区划，请核对。",
    "sex_differs": "身份证号与填写的性别不一致，请核对。",
    "old_number": "这是 15 位旧身份证号，请尽量登记 18 位号码。",
    "unrecognised": "证件号码的位数或格式不常见，请核对证件类型与号码。",
}


@dataclass(frozen=True)
class IdNumber:
    """A read number. `number` is the comparable form; `warnings` are keys of `WARNINGS`."""

    number: str
    kind: str
    birth_on: date | None = None
    sex: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def messages(self) -> list[str]:
        """The warnings in Chinese, for the form."""
        return [WARNINGS[code] for code in self.warnings]


def normalise_id_number(raw: str) -> str:
    """Comparable form: half width, upper case, no blanks; 15-digit numbers become their 18-digit one."""
    text = _plain(raw)
    if re.fullmatch(r"[0-9]{15}", text) and _birth(f"19{text[6:12]}"):
        body = f"{text[:6]}19{text[6:]}"
        return body + check_digit(body)
    return text


def check_digit(body: str) -> str:
    """The 18th character for 17 ASCII digits (ISO 7064 MOD 11-2, as GB 11643 prescribes)."""
    return _CHECK_DIGITS[sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True)) % 11]


def check_id_number(raw: str, *, on: date, sex: str = "") -> IdNumber:
    """Read a number of any paper. `on` is today; `sex` ("male"/"female") is compared when given."""
    text = _plain(raw)
    kind = next((name for name, shape in _SHAPES if shape.fullmatch(text)), "")
    if not kind:
        return IdNumber(text, "unknown", warnings=("unrecognised",) if text else ())
    if not kind.startswith("resident"):
        return IdNumber(text, kind)
    return _read_resident(text, kind, on=on, stated_sex=sex)


def _read_resident(text: str, kind: str, *, on: date, stated_sex: str) -> IdNumber:
    old = kind == "resident_15"
    birth_on = _birth(f"19{text[6:12]}" if old else text[6:14])
    sex = "male" if int(text[14 if old else 16]) % 2 else "female"
    # A leading 9 is the foreigner's card of 2023; its next digits are not a region of GB/T 2260.
    known = text[:2] in _REGIONS or (not old and text[0] == "9")
    found = {
        "old_number": old,
        "check_digit": not old and check_digit(text[:17]) != text[17],
        "birth_impossible": birth_on is None,
        "birth_in_future": birth_on is not None and birth_on > on,
        "region_unknown": not known or text[:6] == "000000",
        "sex_differs": stated_sex in ("male", "female") and stated_sex != sex,
    }
    warnings = tuple(code for code, wrong in found.items() if wrong)
    return IdNumber(normalise_id_number(text), kind, birth_on, sex, warnings)


def _plain(raw: str) -> str:
    text = half_width(raw).upper()
    return "".join(char for char in text if not char.isspace() and char not in "-_" and char.isprintable())


def _birth(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None

"""Telephone numbers as callers give them: E.164-like for equality, flags for what looks wrong.

Nothing here refuses: the person on the phone may be wrong, the alert must still be taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .widths import half_width

_SEPARATORS = re.compile(r"[,，;；/、|\n]+|或者|或|以及|和|及")
_EXTENSION = re.compile(r"(?:转|分机|ext\.?|x|#)\s*([0-9]{1,6})\s*$", re.IGNORECASE)
_DASH_EXTENSION = re.compile(r"^(\(?0[0-9]{2,3}\)?[-\s]*[0-9]{7,8})-([0-9]{1,6})$")
_PREFIX = re.compile(r"^(?:\+86|0086|86(?=1[3-9][0-9]{9}$))")
_MOBILES = re.compile(r"(?:(?:\+86|0086|86)?1[3-9][0-9]{9}){2,}")
_ONE_MOBILE = re.compile(r"(?:\+86|0086|86)?1[3-9][0-9]{9}")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
# 010 and 02x have two digits after the trunk zero, all others three.
_LANDLINE = re.compile(r"0(10|2[0-9]|[3-9][0-9]{2})([2-9][0-9]{6,7})")
_LOCAL = re.compile(r"[2-9][0-9]{6,7}")
_SERVICE = re.compile(r"[48]00[0-9]{7}")
_SHORT = re.compile(r"1[0-2][0-9]{1,4}|9[56][0-9]{3,5}")
_VIRTUAL = re.compile(r"1(?:6[257]|7[01])[0-9]{8}|95[0-9]{8,}")


@dataclass(frozen=True)
class Phone:
    """One number. `number` is what is compared: `+86…`, `+CC…`, or bare digits when unknown.

    kind: mobile, landline, service, short, foreign, unknown. flags: no_area_code, virtual,
    repeated_digits, unrecognised.
    """

    raw: str
    number: str
    kind: str
    extension: str = ""
    flags: tuple[str, ...] = ()


def split_phones(raw: str) -> list[Phone]:
    """Every number in a field that should hold one, in order; nothing for a field without digits."""
    text = half_width(raw)
    pieces: list[str] = []
    for piece in _SEPARATORS.split(text):
        compact = _compact(piece)
        if _MOBILES.fullmatch(compact):
            pieces += _ONE_MOBILE.findall(compact)
        else:
            pieces.append(piece.strip())
    return [_read(piece) for piece in pieces if re.search("[0-9]", piece)]


def normalise_phone(raw: str) -> str:
    """The comparable form of the first number in `raw`; "" when there is none."""
    phones = split_phones(raw)
    return phones[0].number if phones else ""


def _compact(text: str) -> str:
    digits = re.sub("[^0-9]", "", text)
    return f"+{digits}" if re.match(r"[^0-9]*\+", text) else digits


def _read(piece: str) -> Phone:
    body, extension = piece, ""
    match = _EXTENSION.search(piece)
    if match:
        body, extension = piece[: match.start()], match[1]
    else:
        dashed = _DASH_EXTENSION.match(piece)
        if dashed:
            body, extension = dashed[1], dashed[2]
    number, kind, flags = _classify(_compact(body))
    return Phone(piece, number, kind, extension, flags)


def _classify(compact: str) -> tuple[str, str, tuple[str, ...]]:
    national = _PREFIX.sub("", compact)
    if len(set(national)) == 1 and len(national) > 4:
        return national, "unknown", ("repeated_digits", "unrecognised")
    if _MOBILE.fullmatch(national):
        return f"+86{national}", "mobile", ("virtual",) if _VIRTUAL.fullmatch(national) else ()
    landline = _LANDLINE.fullmatch(national) or (
        _LANDLINE.fullmatch(f"0{national}") if national != compact else None
    )
    if landline:
        return f"+86{landline[1]}{landline[2]}", "landline", ()
    if _SERVICE.fullmatch(national):
        return f"+86{national}", "service", ()
    if _SHORT.fullmatch(national):
        return national, "short", ()
    if _VIRTUAL.fullmatch(national):
        return national, "service", ("virtual",)
    if compact.startswith("+") and len(compact) >= 8:
        return compact, "foreign", ()
    if _LOCAL.fullmatch(national):
        return national, "landline", ("no_area_code",)
    return national.lstrip("+"), "unknown", ("unrecognised",)

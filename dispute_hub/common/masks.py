"""What may be shown of personal data (handbook, masks; field class P2), also inside free text.

`redact` aims at recall: a masked order number costs a click, a leaked telephone number cannot be
taken back. It never lengthens the text's meaning: what is masked keeps its ends, so that two
mentions of one number still look alike.
"""

from __future__ import annotations

import re

from .identity import check_digit
from .surnames import COMPOUND_SURNAMES
from .widths import half_width

STARS = "*" * 14

# Full-width digits are common in pasted text; one class serves all patterns.
_D = "[0-9０-９]"
_SEP = r"[ \t\u3000\-－—.·]?"
_NOT_DIGIT_BEFORE = "(?<![0-9０-９])"
_NOT_DIGIT_AFTER = "(?![0-9０-９])"

_ID_18 = re.compile(rf"{_NOT_DIGIT_BEFORE}(?:{_D}{_SEP}){{17}}[0-9０-９XxＸｘ](?![0-9０-９A-Za-z])")
_ID_15 = re.compile(rf"{_NOT_DIGIT_BEFORE}{_D}{{15}}{_NOT_DIGIT_AFTER}")
_CARD = re.compile(rf"{_NOT_DIGIT_BEFORE}{_D}(?:{_SEP}{_D}){{12,18}}{_NOT_DIGIT_AFTER}")
_MOBILE = re.compile(
    rf"(?<![0-9０-９])(?:[+＋]?(?:86|８６|0086|００８６){_SEP})?"
    rf"[1１][3-9３-９]{_D}(?:{_SEP}{_D}){{8}}{_NOT_DIGIT_AFTER}"
)
_LANDLINE = re.compile(
    rf"{_NOT_DIGIT_BEFORE}[(（]?[0０](?:[1１][0０]|[2２]{_D}|[3-9３-９]{_D}{{2}})[)）]?{_SEP}"
    rf"[2-9２-９]{_D}{{2,3}}{_SEP}{_D}{{4}}{_NOT_DIGIT_AFTER}"
)
_LOCAL = re.compile(
    r"(?P<cue>(?:电话|座机|固话|号码|联系方式|致电|拨打|回电)(?:号码)?[是为：: ]{0,3})"
    rf"{_D}{{7,8}}{_NOT_DIGIT_AFTER}"
)
_CARD_PREFIX = re.compile("(?:62|60|9[0-9])[0-9]{14,17}|[45][0-9]{15}|3[4-7][0-9]{13,14}")
_PASSPORT = re.compile(
    r"(?P<cue>(?:护照|通行证)(?:号码?|证号)?[是为：: ]{0,3})(?P<id>[A-Za-z]{1,2}[0-9]{7,10})(?![0-9])"
)
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE = re.compile(
    rf"[{_PROVINCES}][A-Za-zＡ-Ｚａ-ｚ][ ·•・.\-]?"
    r"(?=[A-Za-z0-9０-９]*[0-9０-９])[A-HJ-NP-Za-hj-np-z0-9０-９]{4,5}[A-HJ-NP-Za-hj-np-z0-9０-９挂学警港澳]"
    r"(?![A-Za-z0-9])"
)
_WECHAT = re.compile(
    r"(?P<cue>(?:微信|威信|薇信|v信|vx|wx|wechat|weixin|加[vV薇])\s*(?:号码?|ID|id|帐号|账号)?\s*(?:是|为|叫)?\s*"
    r"[：:=（(]?\s*|(?=wxid_))(?P<id>[A-Za-z][A-Za-z0-9_\-]{5,25})(?![A-Za-z0-9_\-])",
    re.IGNORECASE,
)
_QQ = re.compile(
    rf"(?P<cue>[qQ]{{2}}\s*号?码?\s*(?:是|为)?\s*[：:]?\s*)(?P<id>[1-9]{_D}{{4,10}}){_NOT_DIGIT_AFTER}"
)


def mask_name(name: str) -> str:
    """张三丰 → 张**, 欧阳修 → 欧阳*; one star for each hidden character, a lone surname stays hidden."""
    name = name.strip()
    if not name:
        return ""
    if "·" in name:
        first, _, _ = name.partition("·")
        return f"{first[:1]}**"
    kept = 2 if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else 1
    return name[:kept] + "*" * max(1, len(name) - kept)


def mask_phone(phone: str) -> str:
    """138****1234. Shorter numbers keep their last two digits, numbers under five digits nothing."""
    compact = re.sub(r"[^0-9]", "", half_width(phone))
    if len(compact) > 11 and compact.startswith(("86", "0086")):
        compact = compact.removeprefix("00").removeprefix("86")
    if len(compact) >= 10:
        return f"{compact[:3]}****{compact[-4:]}"
    if len(compact) >= 5:
        return f"****{compact[-2:]}"
    return "****" if phone.strip() else ""


def mask_id(number: str) -> str:
    """First three and last one with a fixed number of stars: birth date and sex digit stay hidden."""
    number = number.strip()
    if not number:
        return ""
    return f"{number[:3]}{STARS}{number[-1]}" if len(number) >= 8 else STARS


_HOUSE = re.compile(r"[0-9０-９一二三四五六七八九十百]+\s*(?:号|弄|幢|栋|座|楼|单元|室|层|房|组|支)")
_PLACE = re.compile("社区|小区|新村|大道|[路街巷村镇乡]")
_TOWN = re.compile("[省市县区]")


def mask_address(address: str) -> str:
    """The part down to community or road; house, building and room are left out."""
    text = address.strip()
    house = _HOUSE.search(text)
    kept = text[: house.start()] if house else text
    kept = re.sub(r"[0-9０-９A-Za-z\-－#]+$", "", kept)
    places = list(_PLACE.finditer(kept)) or list(_TOWN.finditer(kept))
    kept = kept[: places[-1].end()] if places else ""
    return kept if kept == text else f"{kept}***"


def redact(text: str) -> str:
    """Free text with telephone, ID and card numbers, plates and chat ids masked.

    Longest shapes first: an ID number contains what looks like a telephone number.
    """
    text = _ID_18.sub(lambda match: _ends(match[0], 3, 1) if _is_id_18(match[0]) else match[0], text)
    text = _CARD.sub(lambda match: _ends(match[0], 0, 4) if _is_card(match[0]) else match[0], text)
    text = _ID_15.sub(lambda match: _ends(match[0], 3, 1) if _is_id_15(match[0]) else match[0], text)
    text = _MOBILE.sub(lambda match: _mobile(match[0]), text)
    text = _LANDLINE.sub(lambda match: _ends(match[0], 0, 2), text)
    text = _LOCAL.sub(lambda match: match["cue"] + "****" + match[0][-2:], text)
    text = _PASSPORT.sub(lambda match: f"{match['cue']}{match['id'][:1]}****{match['id'][-1]}", text)
    text = _WECHAT.sub(lambda match: f"{match['cue']}{match['id'][0]}***", text)
    text = _QQ.sub(lambda match: f"{match['cue']}****{match['id'][-2:]}", text)
    return _PLATE.sub(lambda match: f"{match[0][:2]}***{match[0][-1]}", text)


def _digits(text: str) -> str:
    return re.sub("[^0-9X]", "", half_width(text).upper())


def _ends(text: str, head: int, tail: int) -> str:
    digits = _digits(text)
    return digits[:head] + "*" * max(4, len(digits) - head - tail) + digits[-tail:]


def _mobile(text: str) -> str:
    digits = _digits(text)[-11:]
    return f"{digits[:3]}****{digits[-4:]}"


def _is_id_18(text: str) -> bool:
    """By birth date: a mistyped ID number is still somebody's. Numbers that carry a recent date (alert
    and order numbers do) must also pass the check digit.
    """
    digits = _digits(text)
    if not _is_day(digits[6:14]):
        return False
    return digits[6:10] < "2016" or check_digit(digits[:17]) == digits[17]


def _is_id_15(text: str) -> bool:
    return _digits(text)[0] in "12345678" and _is_day("19" + _digits(text)[6:12])


def _is_day(digits: str) -> bool:
    return "1900" <= digits[:4] < "2100" and "01" <= digits[4:6] <= "12" and "01" <= digits[6:8] <= "31"


def _is_card(text: str) -> bool:
    """A prefix and length banks here issue, and Luhn: order numbers rarely have all three."""
    digits = _digits(text)
    if not _CARD_PREFIX.fullmatch(digits):
        return False
    doubled = [int(digit) for digit in reversed(digits)]
    total = sum(doubled[0::2]) + sum(sum(divmod(2 * digit, 10)) for digit in doubled[1::2])
    return total % 10 == 0

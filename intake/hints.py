"""Quality hints: what is doubtful about an alert. They never block; a person fixes them (handbook 5)."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from dispute_hub.common.text import check_id_number, normalise, split_phones
from intake.message import AlertFacts

# Not doubtful but decided: a person of the bureau acts on it.
KEPT: Final = "complaint_kept"
WORDS: Final[dict[str, str]] = {
    "address_missing": "没有地址",
    "address_short": "地址不足四个字",
    "address_long": "地址超过 100 字，已截短显示",
    "amount_odd": "金额过大，请核对",
    KEPT: "投诉民警警情，已转分局督察受理，不交被投诉单位",
    "coordinates_odd": "经纬度不在合理范围或填反",
    "crew_too_small": "处警人员少于两人",
    "grid_unknown": "网格代码未登记",
    "id_number_doubtful": "证件号码有疑问",
    "item_not_lowest": "警情性质未填到最细一级",
    "narrative_missing": "没有警情内容",
    "narrative_long": "警情内容超过 2000 字",
    "officer_unknown": "处警人员警号未登记",
    "party_twice": "当事人重复登记",
    "phone_doubtful": "电话号码有疑问",
    "phone_several": "电话栏有多个号码",
    "place_mismatch": "网格与派出所不一致",
    "second_party_missing": "缺少另一方当事人（身份待查）",
    "station_unknown": "派出所代码未登记，已转待分派",
}
ITEM_CODE = re.compile(r"[NPX][0-9]{4}")


def hints_of(facts: AlertFacts, *, on: date) -> list[str]:
    """Codes of what is doubtful in the facts themselves; place and crew are judged where they are found."""
    people = facts.everybody
    found = {
        "address_missing": not facts.address,
        "address_short": 0 < len(facts.address) < 4,
        "address_long": len(facts.address) > 100,
        "narrative_missing": not facts.narrative,
        "narrative_long": len(facts.narrative) > 2000,
        "item_not_lowest": bool(facts.stated_item) and not ITEM_CODE.fullmatch(facts.stated_item),
        "crew_too_small": len(facts.officers) == 1,
        "coordinates_odd": _coordinates_odd(facts),
        "second_party_missing": len([party for party in people if party.role != "witness"]) < 2,
        "party_twice": _party_twice(facts),
        "id_number_doubtful": any(
            check_id_number(party.id_number, on=on).warnings for party in people if party.id_number
        ),
    }
    phones = [split_phones(party.phone) for party in people if party.phone]
    found["phone_several"] = any(len(numbers) > 1 for numbers in phones)
    found["phone_doubtful"] = any(
        not numbers or bool(numbers[0].flags) or numbers[0].kind in ("short", "unknown") for numbers in phones
    )
    return sorted(code for code, wrong in found.items() if wrong)


def words_of(codes: list[str]) -> list[str]:
    """The hints in words; an unknown code stays itself."""
    return [WORDS.get(code, code) for code in codes]


def _coordinates_odd(facts: AlertFacts) -> bool:
    if facts.longitude is None and facts.latitude is None:
        return False
    if facts.longitude is None or facts.latitude is None:
        return True
    return not (73 <= facts.longitude <= 136 and 3 <= facts.latitude <= 54)


def _party_twice(facts: AlertFacts) -> bool:
    names = [normalise(party.name) for party in facts.parties if party.name]
    numbers = [normalise(party.id_number) for party in facts.parties if party.id_number]
    return len(set(names)) < len(names) or len(set(numbers)) < len(numbers)

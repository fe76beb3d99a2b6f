"""Quantities as people write them in alerts: Arabic, Chinese, rounded (十几名, 七八个, 两万余元, 7万6)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

DIGITS = {
    "零": 0,
    "〇": 0,
    "一": 1,
    "二": 2,
    "两": 2,
    "俩": 2,
    "三": 3,
    "四": 4,
    "五": 5,
    "六": 6,
    "七": 7,
    "八": 8,
    "九": 9,
    "几": 3,
    "数": 3,
}
UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10000}

# Bounded, so that ten thousand digits in a row cost no square of their number.
NUMBER = r"(?:\d{1,6}(?:,\d{3}){1,4}(?!\d)|\d{1,12}(?:\.\d{1,6})?|[零〇一二两三四五六七八九十百千几数]{1,12})"
_AMOUNT = re.compile(
    rf"(?P<n>{NUMBER})(?:[余多来几]{{0,2}})(?P<wan>万|w(?![a-z]))?(?:[余多来])?"
    r"(?P<rest>[一二两三四五六七八九\d](?:千|百)?(?:[一二三四五六七八九\d]百?)?)?(?:[余多来])?"
    r"(?P<yuan>块钱|元钱|元|块|圆|人民币)?"
)
_NOT_MONEY = re.compile(
    r"人|公里|里路|字|步|户|粉|平|亩|株|棵|次|册|吨|个|名|位|千米|只|头|台|斤|件|张|尾(?!款|货款)|块砖"
)
_MONEY_NEAR = re.compile(
    r"(?:欠|赔|付|退|借|还|押金|定金|工资|款|钱|费|价|损失|给|垫|要|扣|收|补|差|值|转|存|亏)[^,。]{0,4}$"
)
# Who is counted: a person, or a household that stands for one.
_NOUN = (
    r"人(?!民币)|工(?!程|具|资|厂|地|位|序|作日)|农|商(?!品|店|场|铺|量)|贩|主(?!意|任令)|民|长(?!度)|属|员|生|户|客|友|手"
    r"|者|的|伙|汉|哥|弟|姐|妹|戚|师|安|傅|女|妈|爸|爷|太|婆|娘|叔|伯|姨|舅|侄|甥|警|年|乡|邻|老板|老乡|司机|代表|医生|护士|亲"
    r"|子(?!弹)|孙|劳力|小青|娃|孩|童|班组|官"
)
_CALLED = (
    r"农民工|工人|群众|村民|业主|商户|家长|家属|司机|职工|员工|学生|农|农户|民工|亲属"
    r"|男子|汉子|青年|小伙|债主|客户|住户|租户|摊贩|商贩|供货商|会员|老人|妇女|大妈|大爷"
)
_ALONE = (
    r"[,。]|手|在|围|堵|坐|站|一起|全|都|抄|对|撕|打|把|要|来|去|跟|拿|拎|冲|闯|挤|赤|互|吵|骂|扭|穿|剃|自称|推|领"
    r"|往|里|扎|守|躺|蹲|座|睡|闹|喊|叫|轮|聚|上门|各|举|抬|凑|抱|横|拉"
)
# Words between number and noun; a second number of people begins its own count (两个村三四十人).
_BETWEEN = rf"(?:(?!{NUMBER}[余多来几]?(?:个|名|位|户|号|人))[^,。\d名位])"
_PEOPLE = re.compile(
    rf"(?P<n>上百|近百|百把|百十(?=[来多号个名口])|成百上千|{NUMBER})(?P<about>[余多来几]|好几)?"
    rf"(?:(?:个(?!多?月|小时|钟|工[,。]|年头)|名|位|条(?=汉|大汉|壮汉))(?:多)?{_BETWEEN}{{0,6}}?(?P<noun>{_NOUN})"
    r"|(?P<heads>[号口](?:人|汉|兄弟|弟兄|亲戚|亲属|商户|村民|居民|乡亲|群众|工人|员工|家属|家长|业主|住户|司机|打手))"
    r"|(?P<classifier>名|位)"
    rf"|(?P<alone>(?:个|号|口)(?={_ALONE}))"
    r"|(?P<homes>家(?=人|业主|商户|住户|农户|菜农|渔民|摊|店主|受灾|都|一起|聚|上门|同|的人|来|各|跑|围|堵|堵|坐|联))"
    r"|(?P<bare>余人|人(?!民|家|行|均|次|份|字|民币|工|称|格|间)|户)"
    rf"|(?P<plain>(?:[老女男小货果菜棉渔瓦木力客])?(?:{_CALLED})))"
)
_AGE = re.compile(rf"(?P<n>{NUMBER})(?:多|来)?岁|(?P<decade>[六七八九])旬|(?P<word>花甲|古稀|耄耋)")


_PERSONS_BEFORE = re.compile(
    r"人|伙|帮|群|拨|众|双方|两边|两车|一边|加起来|加一块|一共|总共|合共|来了|叫来|喊来|带来|带了|叫了|喊了|上来|出动|参加|打手|亲戚"
    r"|属|员|长|友|司机|里|民|工|农|主|户|商|孙|青年|男|女|方|手"
)
# 砸了八十多个 counts the bowls, although a household stood before it.
_THINGS_BEFORE = re.compile(r"(?:砸|摔|拔|砍|毁|拆|偷|踩|剪|扎|烧|敲|掰|打|弄)(?:了|坏|碎|烂|破|掉|断){1,2}$")
# Nobody has seen so many households stand at one gate; 小区1600户 is the size of a place.
_MOST_HOMES = 200
_ROUND = {"上百": 100.0, "近百": 90.0, "百把": 100.0, "百十": 100.0, "成百上千": 100.0}
# 八百一人 is a sum for each; 今天三十一号人没来 begins with a date.
_EACH_PERSON = re.compile(r"[百千万]一$")
_DAY_BEFORE = re.compile(r"(?:今天|昨天|前天|明天|月|月底|到了?)$")
# Two sides of so many each; the words stand before the number.
_EACH_OF_TWO = re.compile(r"(?:各有?|各自|各带了?|各来了?|各叫了?|一边|每边)(?:有|来|带|叫|站|约)?(?:了)?$")
_TWO_SIDES = re.compile(r"两|双方|各|一边|对方|互")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A quantity found in the text; `value` is the lowest the words allow (三十多 is 30)."""

    start: int
    end: int
    value: float


def parse_number(text: str) -> float:
    """Lowest value of a number; 几 and 数 count as three, a run such as 七八 as its first digit.

    Returns 0 for a text without a number.
    """
    text = text.replace(",", "")
    if text[:1].isascii() and text[:1].isdigit():
        return float(text)
    singles = [char for char in text if char in DIGITS]
    if len(singles) == len(text) and len(text) >= 3:
        return float("".join(str(DIGITS[char]) for char in text))
    total, digit, seen = 0, 0, False
    for index, char in enumerate(text):
        if char in UNITS:
            total += (digit if seen else 1) * UNITS[char]
            digit, seen = 0, False
        elif char in DIGITS and not (
            seen and index and text[index - 1] in DIGITS and text[index - 1] != "零"
        ):
            digit, seen = DIGITS[char], True
    if text[:2] in ("十几", "百几"):
        return float(UNITS[text[0]])
    return float(total + (digit if seen else 0))


def amounts(text: str) -> Iterator[Quantity]:
    """Sums of money in yuan, in the order of the text."""
    for match in _AMOUNT.finditer(text):
        wan = match["wan"] is not None
        if (
            not wan
            and not match["yuan"]
            and not _MONEY_NEAR.search(text[max(0, match.start() - 8) : match.start()])
        ):
            continue
        if wan and not match["yuan"] and _NOT_MONEY.match(text, match.end()):
            continue
        if match["n"] in ("数", "几") and not wan:
            continue
        value = parse_number(match["n"]) * (10000 if wan else 1)
        if wan and match["rest"]:
            value += _tail(match["rest"])
        yield Quantity(match.start(), match.end(), value)


def _tail(rest: str) -> float:
    """The part after 万: 7万6 is six thousand more, 两万三千 three thousand."""
    first = parse_number(rest[0])
    return first * 100 if rest[1:2] == "百" else first * 1000


def people(text: str) -> Iterator[Quantity]:
    """Numbers of people; whether they are parties or onlookers is for the reader of the clause.

    各带了七八人 of two sides counts both.
    """
    for match in _PEOPLE.finditer(text):
        before = text[max(0, match.start() - 1) : match.start()]
        if before in ("第", "每", "半") or (before == "一" and match["bare"]):
            continue
        if match["plain"] and not match["about"] and match["n"][-1:] not in "十百":
            continue
        if _EACH_PERSON.search(words := match["n"]) and match["bare"]:
            continue
        if match["heads"] and _DAY_BEFORE.search(text[max(0, match.start() - 4) : match.start()]):
            continue
        if match["alone"] and not _PERSONS_BEFORE.search(text[max(0, match.start() - 16) : match.start()]):
            continue
        if match["alone"] and _THINGS_BEFORE.search(text[max(0, match.start() - 5) : match.start()]):
            continue
        value = _ROUND.get(words) or parse_number(words)
        each = _EACH_OF_TWO.search(text[max(0, match.start() - 6) : match.start()])
        if each and _TWO_SIDES.search(text[max(0, match.start() - 30) : match.start()]):
            value *= 2
        if match["bare"] == "户" and value > _MOST_HOMES:
            continue
        if 0 < value < 100000:
            yield Quantity(match.start(), match.end(), value)


def ages(text: str) -> Iterator[Quantity]:
    """Ages in years, also 八旬 and 古稀."""
    tens = {"六": 60, "七": 70, "八": 80, "九": 90}
    words = {"花甲": 60, "古稀": 70, "耄耋": 80}
    for match in _AGE.finditer(text):
        if match["n"]:
            value = parse_number(match["n"])
        else:
            value = float(tens[match["decade"]] if match["decade"] else words[match["word"]])
        if value < 120:
            yield Quantity(match.start(), match.end(), value)

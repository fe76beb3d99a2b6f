"""Who laid hands on whom: the acts of a narrative with the part of each person, as far as the words say it."""

import re
from dataclasses import dataclass

from triage.engine.reading import Reading
from triage.engine.rules import RuleSet

_STRONG = re.compile(
    r"殴打|暴打|毒打|痛打|互殴|厮打|扭打|撕打|对打|打架|群殴|围殴|打人|打伤|打倒|打成|打得|打出|打肿|打破|打青|打骂|打了|打她|打他|打我|打其|打俺"
    r"|打(?:报警人|对方|孩子|老人|老婆|妻子|丈夫|母亲|父亲|儿子|女儿|老师|医生|护士|服务员)|打起来|打作一团|打在一起|动手打|动起手|动了手|动上手|动手|拳打脚踢"
    r"|扇(?:了)?(?=[^,。]{0,8}(?:耳光|巴掌|嘴巴|脸|下|她|他|我))|掴|甩(?:了)?(?:她|他|我|其|报警人|对方)?[一两二三几]?(?:个)?(?:耳光|巴掌)|耳光|巴掌|[一两二三几](?:记)?拳|拳头|挥拳"
    r"|(?:踹|踢|捶|咬|抓|揪|拽|掐|勒|砸|敲|撞)(?:了|住|伤|到|破|倒|翻)?(?:她|他|我|其|报警人|对方|孩子|老人|脖|头发|头|脸|腿|肚|腰|胸|后背|背|手臂|胳膊|[一两几]脚)"
    r"|踹(?:了|倒|伤)|踢(?:了|倒|伤)|揍|抓伤|抓破|咬伤|掐伤|砍伤|捅伤|刺伤|砍了|捅了|推倒|推下楼|推下|推翻在|摔在地|按在地|按床上|按在床|压在地|拖拽|拖着头发|撞倒|挠伤|挠破|泼(?:了)?(?:她|他|我|其|一身)|烫伤"
)
_WEAK = re.compile(
    r"推搡|推推搡搡|推拉|推了(?!一?(?:批|笔|期|车|单|回|天|个月|两回))|推我|推她|推他|推其|往[^,。]{1,6}推|你推我|互推|互相推|推(?:了)?(?:[一两几]|几)(?:把|下)|拉扯|拉拽|拉拉扯扯|撕扯|揪住|揪着|拽住|拽着|扯住|扯着"
    r"|抓住(?:他|她|我|衣|胳膊|手)|抓着(?:他|她|我|衣|胳膊|手)|肢体(?:冲突|接触|碰撞|摩擦)|撞了(?:他|她|我)?一下|搡了|顶了(?:他|她|我)?一下|推到(?:墙|门|一边|地)|扭在一起|厮扯|抓扯|抢夺|动手动脚|撕了起来|胸口顶|吐口水"
)
_OBJECTS = re.compile(r"[^,。]{0,4}(?:门(?!牙|口|外)|桶|桌|玻璃|车|窗|墙|东西|手机|电视|花盆|锁|柜|箱|货|价|招牌|苗|树)")
_THREAT_LEAD = re.compile(
    r"(?:扬言|威胁|恐吓|声称|说要|放话|喊着|叫嚣|要(?![账帐钱求债说退点不给是回])|就要|还要|想要|想|准备|打算|敢|作势|试图|会|将要|险些|差点|差一点|几乎|再[^,。]{0,8}就|不[^,。]{0,8}就|找人|叫人|喊人)[^,。]{0,4}$"
)
_ACCIDENT = re.compile(r"狗|犬|猫|牛|机器|车祸|追尾|工伤|开水洒|高空|坠物|滑倒|不小心|自己摔|自己没|意外|球")
_NAMED = re.compile(r"(?P<name>[\u4e00-\u9fff]某[某甲乙丙]?|[\u4e00-\u9fff]某)")

FAMILY, STRANGER, SIBLING, LOVER, SELF = "family", "stranger", "sibling", "lover", "self"


@dataclass(frozen=True, slots=True)
class Act:
    """One act of bodily force that the narrative asserts as present."""

    start: int
    end: int
    strong: bool
    agent: str
    patient: str
    patient_words: str


class People:
    """The persons named in a narrative, each with the part they play."""

    def __init__(self, reading: Reading, rules: RuleSet) -> None:
        self.text = reading.text
        self.marks: list[tuple[int, int, str]] = []
        words = rules.words
        for kind, name in ((FAMILY, "spouse"), (FAMILY, "kin"), (SIBLING, "sibling"), (LOVER, "lover"),
                           (STRANGER, "stranger"), (SELF, "self")):
            self.marks += [(match.start(), match.end(), kind) for match in words[name].finditer(self.text)]
        self._name_parts()
        self.marks.sort(key=lambda mark: (mark[0], -(mark[1] - mark[0])))

    def _name_parts(self) -> None:
        """柯某 after 丈夫 is family, before 报警 is the caller; any other name is a stranger."""
        known: dict[str, str] = {}
        by_end = {end: kind for _, end, kind in self.marks}
        for match in _NAMED.finditer(self.text):
            name = match["name"]
            if match.start() in by_end:
                known[name] = by_end[match.start()]
            elif name not in known:
                follows = self.text[match.end():match.end() + 4]
                caller = re.match(r"报警|来电|称|反映|报称|又报", follows) or match.start() == 0
                known[name] = SELF if caller else STRANGER
            self.marks.append((match.start(), match.end(), known[name]))

    def last_before(self, at: int, floor: int) -> str:
        """Part of the nearest person named in [floor, at) as a subject, objects and the caller left out."""
        for start, end, kind in reversed(self.marks):
            if end <= at and start >= floor:
                before = self.text[max(0, start - 1):start]
                if kind == SELF or before in "把将对向给被为" or self.text[max(0, start - 2):start] in ("因为", "想对"):
                    continue
                if self.text[end:end + 1] == "的" or self.text[end:end + 2] in ("家的", "家门"):
                    continue
                return kind
        return ""

    def first_after(self, at: int, ceiling: int) -> tuple[str, str]:
        for start, end, kind in self.marks:
            if at <= start < ceiling:
                return kind, self.text[start:end]
        return "", ""


def acts(reading: Reading, rules: RuleSet) -> list[Act]:
    """Every act of bodily force asserted as present, in the order of the text."""
    people: People | None = None
    found: list[Act] = []
    for pattern, strong in ((_STRONG, True), (_WEAK, False)):
        for match in pattern.finditer(reading.plain):
            if not _stands(reading, match.start(), match.end()):
                continue
            people = people or People(reading, rules)
            found.append(_act(reading, people, match, strong))
    found.sort(key=lambda act: act.start)
    return found


def _stands(reading: Reading, start: int, end: int) -> bool:
    clause_start, clause_end = reading.clause(start)
    lead = reading.plain[clause_start:start]
    if _THREAT_LEAD.search(lead) or not reading.holds(start, end, "event"):
        return False
    if reading.plain[start] in "踹踢砸敲撞推" and _OBJECTS.match(reading.plain, end):
        return False
    return not _ACCIDENT.search(reading.plain[clause_start:clause_end])


def _act(reading: Reading, people: People, match: re.Match[str], strong: bool) -> Act:
    text, start = reading.text, match.start()
    sentence_start, sentence_end = reading.sentence(start)
    clause_start, clause_end = reading.clause(start)
    passive = max(text.rfind(mark, clause_start, start) for mark in ("被", "遭", "让"))
    if text[passive:passive + 1] == "让" and start - passive > 12:
        passive = -1
    if passive >= 0:
        agent, _ = people.first_after(passive, start)
        patient_words = text[max(sentence_start, passive - 30):passive]
        patient = people.last_before(passive, sentence_start)
    else:
        agent = people.last_before(start, sentence_start) or people.last_before(start, 0)
        object_at = max(text.rfind(mark, clause_start, start) for mark in ("把", "将", "对", "给"))
        if object_at >= 0:
            patient_words = text[object_at:start]
            patient, _ = people.first_after(object_at, start)
        else:
            patient_words = text[start:min(match.end() + 8, clause_end)]
            patient, _ = people.first_after(start, min(match.end() + 8, clause_end))
    return Act(start, match.end(), strong, agent or "", patient, patient_words)

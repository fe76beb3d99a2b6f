"""A narrative read clause by clause: what is said to be so, and what is denied, past, feared or told of others."""

import re
from bisect import bisect_right
from functools import cached_property

from triage.engine.kinds import Span
from triage.engine.numbers import Quantity, ages, amounts, people
from triage.engine.text import masked, uniform

_CLAUSE_END = re.compile(r"。|,(?!\d{3}(?!\d))|,(?<!\d,)")
_NEGATOR = re.compile(
    r"否认|没有(?!说几|多久|想到|等到?|谈拢)|并没|并未|未曾|不曾|从未|不存在|并非|不是|谈不上|没见|没看到|没发现|不敢|不会|不想"
    r"|没(?!想到|等|说几|说完|过|多|几|拴|人管|注意|留神|站稳|给|理|钱|谈|敢|搭|忍|一会|成|讲|结|付|买|吃|开|接|答应|同意|还|收|办|法|见|啥|来"
    r"|少|完|打招呼)|未(?!付|结|还|果|成|婚|来|归|支|经|发工|及时|按|到|满|拴)|无(?!果|业|证|故|缘|法|奈|所|理|赖)|避免|免得|以免|勿"
)
_NEGATION_ENDS = re.compile(r"[就却但才便反]|而|结果|突然|直接|后又|还是|还(?!没|未)|的(?!肢|身|殴|打|冲|动|行|外|伤)")
_PAST = re.compile(
    r"去年|前年|大前年|往年|早年|当年|那年|年初|从前|以前|之前|此前|曾经|曾(?!某|家)|[一二三四五六七八九十两几多半\d]+(?:多)?(?:个)?[年月](?:多)?(?:以)?前(?!起|开始)"
    r"|上次|上回|上一次|前一次|年轻时|小时候|过去(?:有|的)|当初|那时|有一年|有一回"
)
_PRESENT = re.compile(
    r"今天|今日|今早|今晚|今晨|今年|今又|昨天|昨晚|昨日|昨夜|前天|刚才|刚刚|方才|现在|目前|此时|此刻|这次|此次|这回|当场|正在|眼下|如今|近来|近日|最近|这几天"
    r"|这两天|本周|上周|这周|前几天|下午|上午|晚上|中午|凌晨|傍晚|夜里|现又|现场|现(?=[对躲在被])|又来|又(?=[拿持打拎砸来去找])"
)
_FEARED = re.compile(r"(?<![不哪])怕|担心|恐(?!吓)|万一|会不会|以为|怀疑|防止|要不是|估计|可能会|提醒|误认为|唯恐|猜")
_CONDITION = re.compile(r"如果|假如|假若|要是|倘若|若是|若(?!某)")
_HEARSAY = re.compile(
    r"听说|据说|传闻|传言|新闻|电视里|电视上|网上看|抖音|听人[讲说]|[外邻别隔]村|别的小区|别人家|人家那边|游戏|电影|电视剧|短视频|小说|故事|演习|演练|排练|话剧|台词"
    r"|做梦|梦见|梦到|段子|比方|剧本"
)
_JOKE = re.compile(r"玩笑|口误|气话|嘴上说说|说着玩|戏言|逗")
_DENIED_AFTER = re.compile(r"[^。]{0,10}(?:不属实|系误会|是误会|没有的事|并无此事|没有此事|子虚乌有|不是真的|系口误|听错|看错)")
_EXPERIENCE = re.compile(r"过(?!来|去|程|后|分|头|道|路|年|节)")

NEGATED, PAST, FEARED, HEARSAY, JOKE = "negated", "past", "feared", "hearsay", "joke"
_KILLS: dict[str, frozenset[str]] = {
    # An event must be present and asserted.
    "event": frozenset((NEGATED, PAST, FEARED, HEARSAY, JOKE)),
    # A threat is conditional by nature (不给钱就…), so a condition does not weaken it.
    "speech": frozenset((NEGATED, PAST, FEARED, HEARSAY, JOKE)),
    # A record or a state counts although it began in the past.
    "state": frozenset((NEGATED, FEARED, HEARSAY)),
    # The topic of a quarrel: only denial takes it away.
    "topic": frozenset((NEGATED, HEARSAY)),
    "any": frozenset(),
}
SCOPES = frozenset(_KILLS)


class Reading:
    """One narrative, read once; every question about it is answered from here.

    `text` is the uniform text, `plain` the same with idioms and harmless compounds blanked. Offsets are those
    of the original narrative.
    """

    def __init__(self, narrative: str, harmless: re.Pattern[str]) -> None:
        self.narrative = narrative
        self.text = uniform(narrative)
        self.plain = masked(self.text, harmless)
        self._ends = [match.end() for match in _CLAUSE_END.finditer(self.text)]
        self._stops = [index + 1 for index, char in enumerate(self.text) if char == "。"]

    @cached_property
    def amounts(self) -> tuple[Quantity, ...]:
        return tuple(amounts(self.text))

    @cached_property
    def people(self) -> tuple[Quantity, ...]:
        return tuple(people(self.text))

    @cached_property
    def ages(self) -> tuple[Quantity, ...]:
        return tuple(ages(self.text))

    def span(self, start: int, end: int) -> Span:
        return Span(start, end, self.narrative[start:end])

    def clause(self, at: int) -> tuple[int, int]:
        """Bounds of the clause around an offset."""
        return self._around(self._ends, at)

    def sentence(self, at: int) -> tuple[int, int]:
        """Bounds of the sentence around an offset."""
        return self._around(self._stops, at)

    def next_clauses(self, at: int, count: int) -> str:
        """The clause around an offset and the `count` clauses after it."""
        index = bisect_right(self._ends, at)
        start = self._ends[index - 1] if index else 0
        last = index + count
        return self.plain[start:self._ends[last] if last < len(self._ends) else len(self.plain)]

    def _around(self, ends: list[int], at: int) -> tuple[int, int]:
        index = bisect_right(ends, at)
        return (ends[index - 1] if index else 0, ends[index] if index < len(ends) else len(self.text))

    def holds(self, start: int, end: int, scope: str) -> bool:
        """Whether the words at [start, end) are asserted in the sense of the scope (event, speech, state, topic)."""
        kills = _KILLS[scope]
        if not kills:
            return True
        clause_start, clause_end = self.clause(start)
        before = self.text[clause_start:start]
        if NEGATED in kills and (_negates(before) or _DENIED_AFTER.match(self.text, end)):
            return False
        if scope == "event" and _CONDITION.search(before):
            return False
        if FEARED in kills and self._feared(before, clause_start):
            return False
        sentence_start, sentence_end = self.sentence(start)
        lead = self.text[sentence_start:start]
        if HEARSAY in kills and _last_of(_HEARSAY, lead) > _last_of(_PRESENT, lead):
            return False
        if JOKE in kills and _JOKE.search(self.text, max(clause_start, start - 20), min(sentence_end, end + 15)):
            return False
        return not (PAST in kills and self._past(lead, before, start, end, clause_end))

    def _past(self, lead: str, before: str, start: int, end: int, clause_end: int) -> bool:
        past, present = _last_of(_PAST, lead), _last_of(_PRESENT, lead)
        if past > present:
            return True
        if present >= 0 or _PRESENT.search(before):
            return False
        inside = self.text[start:min(end + 1, clause_end)]
        return bool(_EXPERIENCE.search(inside))

    def _feared(self, before: str, clause_start: int) -> bool:
        if _FEARED.search(before):
            return True
        previous = self.text[max(0, clause_start - 4):max(0, clause_start - 1)]
        return previous.endswith(("担心", "害怕", "万一"))


def _last_of(pattern: re.Pattern[str], text: str) -> int:
    last = -1
    for match in pattern.finditer(text):
        last = match.start()
    return last


def _negates(before: str) -> bool:
    """Whether the words before a finding, in its clause, deny it: 没有推搡、打砸, 未发生肢体冲突, 否认…"""
    last = None
    for last in _NEGATOR.finditer(before):  # noqa: B007
        pass
    if last is None:
        return before.endswith("不") and not before.endswith(("是不", "要不"))
    gap = before[last.end():]
    if last[0] == "否认":
        return len(gap) <= 20
    if gap[:1] in ("把", "被", "对", "将", "跟", "和"):
        gap = gap[1:]
    return len(gap) <= (14 if "、" in gap or "或" in gap else 8) and not _NEGATION_ENDS.search(gap)

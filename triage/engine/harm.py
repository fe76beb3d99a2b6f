"""Factors of bodily harm: family violence, contact, injury, victims who need protection, orders, suicide."""

import re
from typing import TYPE_CHECKING

from triage.engine.kinds import Report, Span
from triage.engine.reading import Reading
from triage.engine.rules import RuleSet
from triage.engine.violence import FAMILY, LOVER, SELF, SIBLING, STRANGER, Act, acts

if TYPE_CHECKING:
    from triage.engine.factors import Findings

_INJURY = re.compile(
    r"打伤|砍伤|捅伤|刺伤|抓伤|咬伤|划伤|踢伤|踹伤|掐伤|烫伤|挠伤|砸伤|推伤|撞伤|伤到|受伤|受了伤|负伤|轻伤|轻微伤|重伤|外伤|皮外伤|流血|出血|见血|流了血|满脸血|都是血|血流|淌血|骨折|骨裂|肿|擦破|破皮|蹭破|磕破"
    r"|淤青|瘀青|青紫|青一块|(?:眼角|眼眶|眼睛|眼圈|脸|胳膊|手臂|腿)(?:都|也|被打|有点|有些)?(?:青|紫|黑|破|裂)|青了|紫了|乌青|缝(?:了)?[\d一二三四五六七八九十几两]+针|晕倒|昏迷|昏过去|牙(?:齿)?(?:被)?(?:打)?(?:掉|松)|抓破|打破|打肿|脑震荡|抓痕|抬不起来|头破血|起(?:了)?(?:个)?包|送医|住院|(?:脖子|颈部)(?:上)?有(?:红印|掐痕|勒痕|红痕)"
)
_AGED = re.compile(r"老人|老太|老头|老汉|老爷子|老大爷|大爷|大妈|老母|老父|老伯|老奶奶|奶奶|爷爷|外公|外婆|老两口|耄耋|古稀|花甲|[七八九六]旬|高龄")
_MINOR = re.compile(r"孩子|小孩|未成年|婴儿|幼儿|小学生|初中生|中学生|女童|男童|娃|小男孩|小女孩|男孩|女孩|儿童|幼童|学生|初[一二三]|幼儿园")
_SCHOOL = re.compile(r"念初|念小学|上小学|上初|初[一二三]|[一二三四五六]年级|幼儿园|上学|读小学|读初|高[一二三]|小学|放学|学生")
_CHILD = re.compile(r"儿子|女儿|孙子|孙女|外孙")
_PARENT = re.compile(r"父亲|母亲|爸|妈|公公|婆婆|岳父|岳母")
_PREGNANT = re.compile(r"怀孕|孕妇|身孕|有孕|孕[\d一二三四五六七八九十]+(?:个月|周)|孕期|孕\d|临产|怀着(?:孕|孩子)|[\d一二三四五六七八九两]个?多?月(?:的)?身孕|大肚子")
_DISABLED = re.compile(r"残疾|轮椅|残障|聋哑|哑巴|盲人|瘫痪|智障|智力(?:障碍|残疾|低下)|截肢|拄拐|拄着拐|肢残|腿脚不便|行动不便|脑瘫|偏瘫|听障|失明")
_ORDER = re.compile(r"告诫书|人身(?:安全)?保护令|保护令|告诫过|禁止令|限制令")
_ORDER_ASKED = re.compile(r"(?:申请|咨询|想(?:要|办|开|申请)|能不能|怎么|如何|要求|未|没|没有|不)[^,。]{0,8}$")
_APPROACH = re.compile(
    r"砸门|踹门|敲门|闯|找到|找上|上门|来闹|又来|又到|纠缠|骚扰|跟踪|尾随|靠近|威胁|扬言|堵|打|骂|掐|辱骂|跟到|守在|等在|出现在|电话轰炸|接触|违反"
)
_TOGETHER = re.compile(r"同居|住一起|一起住|同住|住在一起|合住|出租屋里|家里|家中|屋里|住处")
_SETTLED_PAST = re.compile(r"早就?(?:过去|和好|处理)")
_FACTORS_OF_FICTION = (
    "threat_targeted", "threat_vague", "weapon", "strangulation", "domestic_violence", "vulnerable_victim", "injury",
    "physical_contact", "suicide", "property_damage",
)
_HELPLESS_REACH = 26


def find_acts(report: Report, reading: Reading, rules: RuleSet, findings: "Findings") -> None:
    """Family violence, contact, injury and the victims who need protection, from the acts of the narrative."""
    done = acts(reading, rules)
    family = [act for act in done if _is_family(act, reading, rules)]
    if family:
        findings.add("domestic_violence", [reading.span(act.start, act.end) for act in family])
    attacked = [act for act in done if act.strong]
    injuries = _injuries(reading, bool(done) or "weapon" in findings or "strangulation" in findings)
    if "strangulation" in findings and not family and _family_about(reading, rules):
        findings.add("domestic_violence", findings.spans("strangulation"))
    if injuries:
        findings.add("injury", injuries)
    _find_helpless(done, reading, rules, findings)
    hurt = "injury" in findings or "domestic_violence" in findings
    if done and not hurt and "weapon" not in findings:
        findings.add("physical_contact", [reading.span(act.start, act.end) for act in attacked or done])


def _is_family(act: Act, reading: Reading, rules: RuleSet) -> bool:
    """Between spouses, parents and children, in-laws, people living together; siblings only with real blows."""
    if act.agent == FAMILY:
        return act.patient != STRANGER and (act.strong or (act.patient in (FAMILY, SELF, "") and not _mutual(act, reading)))
    if act.agent == LOVER:
        return act.patient != STRANGER and act.strong and bool(_TOGETHER.search(reading.text))
    if act.agent in (STRANGER, "") and act.patient in (SELF, "", FAMILY) and act.strong:
        start, _ = reading.sentence(act.start)
        with_family = re.search(rf"(?:与|跟|和|同)(?:其|她|他|我)?(?:{rules.lexicon['spouse']})", reading.text[:act.end])
        return bool(with_family) and (act.agent == "" or "对方" in reading.text[start:act.start])
    return False


def _mutual(act: Act, reading: Reading) -> bool:
    return "互" in reading.text[act.start:act.end]


def _family_about(reading: Reading, rules: RuleSet) -> bool:
    return bool(rules.words["spouse"].search(reading.text))


def _injuries(reading: Reading, fought: bool) -> list[Span]:
    """Injuries that a person did; without an act of force only words such as 打伤 say so."""
    spans = []
    for match in _INJURY.finditer(reading.plain):
        by_hand = match[0] in ("打伤", "砍伤", "捅伤", "刺伤", "抓伤", "踢伤", "踹伤", "掐伤", "打破", "打肿", "抓破", "挠伤")
        if not (fought or by_hand) or not reading.holds(match.start(), match.end(), "event"):
            continue
        clause_start, clause_end = reading.clause(match.start())
        clause = reading.plain[clause_start:clause_end]
        if re.search(r"狗|犬|机器|追尾|车祸|工伤|手术|输液|工地|咬了|自己摔|(?:要|扬言|威胁)[^,。]{0,4}打伤", clause):
            continue
        spans.append(reading.span(match.start(), match.end()))
    return spans


def _find_helpless(done: list[Act], reading: Reading, rules: RuleSet, findings: "Findings") -> None:
    places = [(act.start, act.end, act.patient_words) for act in done]
    for code in ("threat_targeted", "strangulation", "weapon"):
        for span in findings.spans(code):
            if span.in_narrative:
                start, _ = reading.clause(span.start)
                window = reading.text[start:min(len(reading.text), span.end + 4)]
                words = window if code != "weapon" else reading.text[span.end:span.end + 10]
                places.append((span.start, span.end, words))
    for start, _, words in places:
        victim = _helpless(words, start, reading, rules)
        if victim:
            at = reading.text.find(victim)
            findings.add("vulnerable_victim", [reading.span(at, at + len(victim))])


def _helpless(words: str, at: int, reading: Reading, rules: RuleSet) -> str:
    """The words that show a victim who is pregnant, a minor, aged or disabled; empty when none is shown."""
    for pattern in (_PREGNANT, _DISABLED, _AGED, _MINOR):
        match = pattern.search(words)
        if match and not re.search(r"大学生|成年(?!人)", words):
            return match[0]
    sentence_start, sentence_end = reading.sentence(at)
    sentence = reading.text[sentence_start:sentence_end]
    nearby = [age for age in reading.ages if sentence_start <= age.start < sentence_end]
    aged = next((age for age in nearby if age.value >= rules.thresholds["aged_from"]), None)
    young = next((age for age in nearby if 0 < age.value < rules.thresholds["minor_below"]), None)
    if aged and (_PARENT.search(words) or (aged.end <= at and abs(at - aged.start) <= 2 * _HELPLESS_REACH)):
        return reading.text[aged.start:aged.end]
    if _CHILD.search(words) and (young or _SCHOOL.search(reading.text)):
        return (_CHILD.search(words) or ["儿子"])[0]
    if young and (young.end <= at or reading.text[young.start:young.end] in words):
        return reading.text[young.start:young.end]
    pregnant = _PREGNANT.search(sentence) or _PREGNANT.search(reading.text)
    if pregnant and reading.holds(pregnant.start(), pregnant.end(), "topic"):
        return pregnant[0]
    return ""


def find_orders(report: Report, reading: Reading, rules: RuleSet, findings: "Findings") -> None:
    """An admonition or protection order, spoken of or recorded, and violence or approach after it."""
    for match in _ORDER.finditer(reading.text):
        clause_start, _ = reading.clause(match.start())
        if _ORDER_ASKED.search(reading.text[clause_start:match.start()]):
            continue
        after = _APPROACH.search(reading.plain, match.end())
        if after and reading.holds(after.start(), after.end(), "event"):
            findings.add("order_breach", [reading.span(match.start(), match.end()),
                                          reading.span(after.start(), after.end())])
            return
    recorded = any(_recorded_order(prior.narrative) for prior in report.priors) or "admonition_order" in report.flags
    if recorded and ("domestic_violence" in findings or "stalking" in findings):
        findings.add("order_breach", [Span(-1, -1, "此前警情已出具告诫书或保护令")])


def _recorded_order(narrative: str) -> bool:
    for match in _ORDER.finditer(narrative):
        if not re.search(r"(?:未|没|没有|申请|咨询|拟|建议)[^,，。]{0,6}$", narrative[:match.start()]):
            return True
    return False


def find_suicide_means(report: Report, reading: Reading, rules: RuleSet, findings: "Findings") -> None:
    """Talk of suicide with means at hand or at a height is red (handbook, triage)."""
    if "suicide" not in findings:
        return
    means = rules.factors["suicide"].extra["means"]
    for match in means.finditer(reading.plain):
        if reading.holds(match.start(), match.end(), "event"):
            findings.add("suicide", [reading.span(match.start(), match.end())], floor="red")
            return


def find_fiction(report: Report, reading: Reading, rules: RuleSet, findings: "Findings") -> None:
    """Shouts through a wall that turned out to be a game or a film are no threat."""
    if rules.stages["fiction"].search(reading.text) and rules.stages["fiction_shown"].search(reading.text):
        for code in _FACTORS_OF_FICTION:
            findings.drop(code)


__all__ = ["SIBLING", "find_acts", "find_fiction", "find_orders", "find_suicide_means"]

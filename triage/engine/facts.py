"""Factors that rest on numbers, dates and earlier alerts."""

from datetime import timedelta
from typing import TYPE_CHECKING

from triage.engine.kinds import Prior, Report, Span
from triage.engine.reading import Reading
from triage.engine.rules import RuleSet

if TYPE_CHECKING:
    from triage.engine.factors import Findings

_STANDING_REACH = 60
_FAILED_OFTEN = 2
# Flags that the call desk sets (intake), and the vulnerable people among them.
_ARMED, _HURT, _DRUNK = "涉刀", "有人受伤", "涉酒"
_VULNERABLE = ("孕妇", "未成年人", "老年人", "残疾人")
_HARM = frozenset(
    ("injury", "physical_contact", "domestic_violence", "strangulation", "weapon", "threat_targeted")
)
_THREATENED = frozenset(("domestic_violence", "stalking", "threat_targeted", "threat_vague", "weapon"))
_ORDERS = {"admonition_order": "告诫书在册", "protection_order": "人身安全保护令在册"}


def find_crowd(report: Report, reading: Reading, rules: RuleSet, findings: "Findings") -> None:
    """Claimants and fighters counted, onlookers left out.
    A queue or a festivity that only looked like a crowd counts nobody in its sentence."""
    count, span = _counted(reading, rules)
    spans = [span] if span else []
    if report.people_involved and report.people_involved > count:
        count = float(report.people_involved)
        spans.append(Span(-1, -1, f"涉及{report.people_involved}人"))
    for code, least in rules.thresholds["crowd"]:
        if spans and count >= least:
            findings.add(code, spans)
            break


def _counted(reading: Reading, rules: RuleSet) -> tuple[float, Span | None]:
    """The largest group that takes part, with the other side of the same sentence (男方九人，女方七人)."""
    sides = rules.grammar["facts"]["other_side"]
    count, span, last = 0.0, None, None
    for people in reading.people:
        if not _takes_part(people.start, people.end, reading, rules):
            continue
        value = people.value
        if (
            last
            and sides.search(reading.text[last.end : people.start])
            and "。" not in reading.text[last.end : people.start]
        ):
            value += last.value
        if value > count:
            count, span = value, reading.span(people.start, people.end)
        last = people
    return count, span


def _takes_part(start: int, end: int, reading: Reading, rules: RuleSet) -> bool:
    words = rules.grammar["facts"]
    clause_start, clause_end = reading.clause(start)
    clause = reading.text[clause_start:clause_end]
    if words["onlookers"].search(clause) or words["stock"].search(reading.text[clause_start:start]):
        return False
    if (
        words["family_size"].search(reading.text[max(clause_start, start - 4) : start])
        or clause[end - clause_start :][:1] in "口"
    ):
        return False
    if words["peaceful"].search(reading.text, *reading.sentence(start)):
        return False
    if not reading.holds(start, end, "state"):
        return False
    _, sentence_end = reading.sentence(start)
    return bool(
        words["standing"].search(reading.text, clause_start, min(sentence_end, end + _STANDING_REACH))
    )


def find_amount(report: Report, reading: Reading, rules: RuleSet, findings: "Findings") -> None:
    """A quarrel over the threshold in yuan or more; the price of a home is not what they quarrel over."""
    least = rules.thresholds["large_amount"]
    for amount in reading.amounts:
        around = reading.text[max(0, amount.start - 6) : amount.end + 4]
        if amount.value >= least and not rules.grammar["facts"]["house_price"].search(around):
            findings.add("large_amount", [reading.span(amount.start, amount.end)])
    if report.amount is not None and report.amount >= least and "large_amount" not in findings:
        findings.add("large_amount", [Span(-1, -1, f"涉及金额{report.amount:f}元")])


def find_priors(report: Report, reading: Reading, rules: RuleSet, findings: "Findings") -> None:
    """What earlier alerts add: repetition, failed mediation, an old grudge, a record of violence."""
    limits = rules.thresholds
    earlier = [prior for prior in report.priors if prior.received_at <= report.received_at]
    often = _within(earlier, report, limits["frequent_within_days"]) + 1
    repeated = _within(earlier, report, limits["repeat_within_days"]) + 1
    if repeated >= limits["repeat_count"]:
        words = f"{limits['repeat_within_days']}天内第{repeated}次报警"
        findings.add("repeat_alert", [Span(-1, -1, words)])
    if often >= limits["frequent_count"]:
        words = f"{limits['frequent_within_days']}天内第{often}次报警"
        findings.add("repeat_3_in_30", [Span(-1, -1, words)])
    if "repeat_3_in_30" in findings and "repeat_alert" not in findings:
        findings.add("repeat_alert", findings.spans("repeat_3_in_30"))
    failed = _recorded_failures(report)
    if failed:
        findings.add("failed_mediation", [Span(-1, -1, f"此前{failed}次未调成")])
    oldest = min((prior.received_at for prior in earlier), default=report.received_at)
    if report.received_at - oldest >= timedelta(days=limits["grudge_days"]):
        findings.add("long_grudge", [Span(-1, -1, f"{oldest:%Y-%m-%d}起即有警情")])
    _find_record(earlier, rules, findings)


def _recorded_failures(report: Report) -> int:
    earlier = sum(
        prior.outcome == "unsettled" for prior in report.priors if prior.received_at <= report.received_at
    )
    return max(earlier, report.failed_mediations)


def _failures(report: Report, findings: "Findings", reading: Reading, rules: RuleSet) -> int:
    """How many mediations failed: recorded ones, or those the narrative counts."""
    stated = 1 if any(span.in_narrative for span in findings.spans("failed_mediation")) else 0
    several = rules.grammar["facts"]["several"].search(reading.text)
    if stated and several:
        stated = 2
    return max(_recorded_failures(report), stated)


def _within(earlier: list[Prior], report: Report, days: int) -> int:
    return sum(report.received_at - prior.received_at <= timedelta(days=days) for prior in earlier)


def _find_record(earlier: list[Prior], rules: RuleSet, findings: "Findings") -> None:
    record = rules.factors["prior_violence"].extra["record"]
    for prior in earlier:
        told = Reading(prior.narrative, rules)
        for match in record.finditer(told.plain):
            if told.holds(match.start(), match.end(), "topic"):
                words = f"{prior.received_at:%Y-%m-%d}警情：{prior.narrative[match.start() : match.end()]}"
                findings.add("prior_violence", [Span(-1, -1, words)])
                return


def find_mental(report: Report, reading: Reading, rules: RuleSet, findings: "Findings") -> None:
    """A sign of disorder counts only beside conflict now, never alone (law on personal data)."""
    if "mental_disorder" in findings:
        behaviour = rules.factors["mental_disorder"].extra["behaviour"]
        shown = [
            match
            for match in behaviour.finditer(reading.plain)
            if reading.holds(match.start(), match.end(), "event")
        ]
        if not shown:
            findings.drop("mental_disorder")
    if "prior_violence" in findings and not rules.grammar["facts"]["conflict"].search(reading.text):
        findings.drop("prior_violence")


def find_broken_record(report: Report, reading: Reading, rules: RuleSet, findings: "Findings") -> None:
    """A broken admonition is itself a record of violence."""
    if "order_breach" in findings and "prior_violence" not in findings:
        for span in findings.spans("order_breach"):
            words = rules.spelling.uniform(span.text)
            if "告诫" in words or "保护令" in words:
                findings.add("prior_violence", [span])
                return


def find_flags(report: Report, reading: Reading, rules: RuleSet, findings: "Findings") -> None:
    """What the call desk ticked: a weapon, drink, injury in a conflict, vulnerable people beside harm."""
    if _ARMED in report.flags:
        findings.add("weapon", [_ticked(_ARMED)])
    if _DRUNK in report.flags:
        findings.add("alcohol", [_ticked(_DRUNK)])
    if _HURT in report.flags and _is_live(reading, rules, findings):
        findings.add("injury", [_ticked(_HURT)])
        findings.drop("physical_contact")
    if _HARM & findings.codes:
        for flag in _VULNERABLE:
            if flag in report.flags:
                findings.add("vulnerable_victim", [_ticked(flag)])


def _ticked(flag: str) -> Span:
    return Span(-1, -1, f"接警勾选：{flag}")


def _is_live(reading: Reading, rules: RuleSet, findings: "Findings") -> bool:
    """Whether people are at odds now; an accident or an animal alone is no conflict."""
    if (_HARM - {"injury"}) & findings.codes:
        return True
    words = rules.grammar["facts"]
    told = any(
        reading.holds(match.start(), match.end(), "event") for match in words["live"].finditer(reading.plain)
    )
    return told and not words["mishap"].search(reading.plain)


def find_markers(report: Report, reading: Reading, rules: RuleSet, findings: "Findings") -> None:
    """What is known of a party counts beside present behaviour only (law on personal data)."""
    if "prior_violence" in report.markers and _is_live(reading, rules, findings):
        findings.add("prior_violence", [Span(-1, -1, "当事人标记：有暴力记录")])
    if _THREATENED & findings.codes:
        for marker, words in _ORDERS.items():
            if marker in report.markers:
                findings.add("order_breach", [Span(-1, -1, f"当事人标记：{words}")])


def find_course(report: Report, reading: Reading, rules: RuleSet, findings: "Findings") -> None:
    """The course of the dispute so far: agreements broken, agreed waits that ran out, and failed mediations,
    which weigh orange from the second on when the grudge is old (handbook, triage).

    A missed follow-up is an omission of the office and says nothing of the parties.
    """
    if "long_grudge" in findings and _failures(report, findings, reading, rules) >= _FAILED_OFTEN:
        findings.add("failed_mediation", [], floor="orange")
    if report.broken_agreements:
        findings.add("agreement_breached", [Span(-1, -1, f"协议{report.broken_agreements}次未履行")])
    if report.expired_waits:
        findings.add("agreement_breached", [Span(-1, -1, f"约定期限{report.expired_waits}次届满未果")])

"""What is wrong with a draft of the rules: every flaw at its place, in Chinese, with the cure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Final, TypeGuard

from triage.engine import needs
from triage.engine.assessing import assess
from triage.engine.kinds import COLOUR_NAMES, COLOURS, Prior, Report
from triage.engine.learned import stored_models
from triage.engine.parts import WAIVED
from triage.engine.pattern_checks import Flaw, pattern_flaws
from triage.engine.reading import SCOPES
from triage.engine.rules import RuleError, compile_rules, load_rules
from triage.engine.taxonomy import load_taxonomy
from triage.engine.text import misspelt

__all__ = ["Flaw", "flaws"]

_CODE = re.compile(r"[a-z][a-z0-9_]{1,39}")
_MOST_POINTS, _MOST_WEIGHT, _LONGEST_LINE, _LONGEST_REASON = 100, 100, 80, 200
# How sure the learned part must be: beyond these it would confirm every hint, or none.
SURE: Final = (0.05, 0.95)
# Below what share it may doubt words of a pattern: more would take away what people read as plain.
DOUBT: Final = (0.0, 0.5)
# What a threshold may be at the least and at the most: beyond it the factor would always or never show.
LIMITS: Final[dict[str, tuple[int, int]]] = {
    "large_amount": (1_000, 100_000_000),
    "repeat_within_days": (1, 730),
    "repeat_count": (2, 20),
    "frequent_within_days": (1, 365),
    "frequent_count": (2, 50),
    "grudge_days": (30, 3650),
    "aged_from": (50, 100),
    "minor_below": (14, 18),
    "points_deep": (1, 1000),
}
_CROWD: Final = (2, 10_000)
_COLOURS_TO_SAY = (*COLOURS, "outside")
_TRIED: Final = (
    "",
    "报警人称丈夫酒后持菜刀追砍怀孕的妻子，扬言今晚要砍死她，此前有告诫书，孩子被抱走不还。",
    "四十名工人堵住厂门讨薪，有人爬上楼顶要跳，患精神病的男子砸门，多次调解未成，欠款十万元。",
    "在菜市场丢失钱包一个，请求登记。",
)


def flaws(draft: Mapping[str, Any]) -> tuple[Flaw, ...]:
    """Everything that keeps a draft from being used, the head of the content first; () when it is sound.

    Takes about a second for content that this process has not seen, and starts a process of its own to
    time the patterns. Never raises for a dict of the right outer shape (engine/parts.py).
    """
    found = [
        *_factor_flaws(draft.get("factor", [])),
        *_trigger_flaws(draft),
        *_threshold_flaws(draft),
        *_item_flaws(draft.get("items", {})),
        *_advice_flaws(draft.get("advice", {})),
        *_weight_flaws(draft.get("grammar", {})),
        *_spelling_flaws(draft.get("grammar", {}).get("spelling", {})),
        *_learned_flaws(draft),
        *pattern_flaws(draft),
    ]
    places = {flaw.field_path for flaw in found}
    found += [_lacking(place) for place in needs.missing(draft) if place not in places]
    return tuple(found or _trial_flaws(draft))


def _factor_flaws(factors: list[dict[str, Any]]) -> Iterator[Flaw]:
    codes: set[str] = set()
    for entry in factors:
        code = str(entry.get("code", ""))
        at = f"factor/{code}"
        if not _CODE.fullmatch(code):
            yield Flaw(
                f"{at}/code", f"因素代码“{code}”不合规则", "用2至40个小写字母、数字或下划线，以字母开头"
            )
        if code in codes:
            yield Flaw(f"{at}/code", f"因素代码“{code}”重复", "换一个未用过的代码")
        codes.add(code)
        for name, label in (("name", "名称"), ("short", "简称")):
            if not 0 < len(str(entry.get(name, "")).strip()) <= 20:
                yield Flaw(f"{at}/{name}", f"{label}未填或超过20个字", f"填写20个字以内的{label}")
        if entry.get("floor") not in COLOURS:
            yield Flaw(f"{at}/floor", "没有选定最低预警色", "在红、橙、黄、蓝中选一个")
        yield from _points_flaws(f"{at}/points", entry.get("points"))
        yield from _reason_flaws(f"{at}/reason", entry.get("reason"))
        yield from _share_flaws(f"{at}/sure_from", entry.get("sure_from", SURE[0]), SURE)
        yield from _share_flaws(f"{at}/doubt_below", entry.get("doubt_below", DOUBT[0]), DOUBT)
        for group in ("patterns", "hints"):
            yield from _scope_flaws(f"{at}/{group}", entry.get(group, []))


def _points_flaws(path: str, points: Any) -> Iterator[Flaw]:
    if not _is_number(points) or int(points) != points:
        yield Flaw(path, "分值不是整数", f"填写0至{_MOST_POINTS}的整数")
    elif points < 0:
        yield Flaw(path, "分值是负数", "分值不能为负；不想计分填0")
    elif points > _MOST_POINTS:
        yield Flaw(path, f"分值超过{_MOST_POINTS}", f"填写0至{_MOST_POINTS}的整数")


def _reason_flaws(path: str, reason: Any) -> Iterator[Flaw]:
    if not 0 < len(str(reason or "").strip()) <= _LONGEST_REASON:
        cure = f"用{_LONGEST_REASON}个字以内写明为何有这一条"
        yield Flaw(path, f"依据未填或超过{_LONGEST_REASON}个字", cure)


def _share_flaws(path: str, share: Any, within: tuple[float, float]) -> Iterator[Flaw]:
    low, high = within
    if not _is_number(share) or not low <= share <= high:
        yield Flaw(path, "门槛不合理", f"填写{low:g}至{high:g}之间的小数")


def _learned_flaws(draft: Mapping[str, Any]) -> Iterator[Flaw]:
    stored = draft.get("learned", {})
    if "sure_from" in stored:
        yield from _share_flaws("learned/sure_from", stored["sure_from"], SURE)
    yield from _share_flaws("learned/doubt_below", stored.get("doubt_below", DOUBT[0]), DOUBT)
    name = stored.get("model", "")
    if name and name not in stored_models():
        yield Flaw("learned/model", f"本产品没有学习模型“{name}”", "从列表中另选一个，或选择不使用")


def _lacking(place: str) -> Flaw:
    """The flaw of something that the engine reads by name and the content does not have."""
    kind, _, code = place.removesuffix("/removed").partition("/")
    rule = load_rules().factors.get(code) if kind == "factor" else None
    if rule:
        return Flaw(place, f"引擎需要因素“{rule.name}”，不能缺少", "恢复它；不想使用时可清空其词语")
    return Flaw(place, "研判要用到这一项，本版没有", "打开这一部分，核对后保存即补齐")


def _scope_flaws(at: str, patterns: list[dict[str, Any]]) -> Iterator[Flaw]:
    for index, one in enumerate(patterns):
        if "find" not in one:
            yield Flaw(f"{at}/{index}/find", "没有填写", "写上要识别的字词，或删除这一条")
        if one.get("scope", "event") not in SCOPES:
            yield Flaw(f"{at}/{index}/scope", "识别方式不存在", "从列表中选一种识别方式")


def _trigger_flaws(draft: Mapping[str, Any]) -> Iterator[Flaw]:
    """A hard trigger of the package that is missing or lowered, unless a reason stands beside it."""
    floors = {entry.get("code"): entry.get("floor") for entry in draft.get("factor", [])}
    waived = draft.get(WAIVED, {})
    for code, rule in load_rules().factors.items():
        lowered = floors.get(code) in COLOURS and floors[code] != "red"
        if rule.floor != "red" or (code in floors and not lowered) or str(waived.get(code, "")).strip():
            continue
        did = f"由红色降为{COLOUR_NAMES[str(floors[code])]}色" if lowered else "被删除"
        place = "floor" if lowered else "removed"
        yield Flaw(f"factor/{code}/{place}", f"红色硬性因素“{rule.name}”{did}", "写明理由，或恢复为红色")


def _threshold_flaws(draft: Mapping[str, Any]) -> Iterator[Flaw]:
    limits = draft.get("thresholds", {})
    for name, value in limits.items():
        low, high = LIMITS.get(name, (0, 100_000_000))
        if name != "crowd" and (not _is_number(value) or not low <= value <= high):
            yield Flaw(f"thresholds/{name}", "数值不合理", f"填写{low}至{high}之间的数")
    yield from (Flaw(f"thresholds/{name}", "没有填写", "填写数值") for name in LIMITS if name not in limits)
    if _above(limits, "frequent_within_days", "repeat_within_days"):
        yield Flaw("thresholds/frequent_within_days", "多于“重复报警”的天数", "不超过“重复报警”的天数")
    if _above(limits, "repeat_count", "frequent_count"):
        yield Flaw("thresholds/frequent_count", "少于“重复报警”的次数", "不少于“重复报警”的次数")
    codes = {entry.get("code") for entry in draft.get("factor", [])}
    former = math.inf
    for code, number in limits.get("crowd", []):
        path = f"thresholds/{code}"
        if code not in codes:
            yield Flaw(path, "对应的危险因素不存在", "恢复该因素")
        if not _is_number(number) or not _CROWD[0] <= number <= _CROWD[1]:
            yield Flaw(path, "人数不合理", f"填写{_CROWD[0]}至{_CROWD[1]}之间的人数")
        elif number >= former:
            yield Flaw(path, "人数顺序不对", "人数由多到少：后一档要少于前一档")
        former = number if _is_number(number) else former


def _above(limits: Mapping[str, Any], one: str, other: str) -> bool:
    more, less = limits.get(one), limits.get(other)
    return _is_number(more) and _is_number(less) and bool(more > less)


def _item_flaws(items: Mapping[str, Any]) -> Iterator[Flaw]:
    known = load_taxonomy().items
    for code, entry in items.items():
        if code not in known:
            yield Flaw(f"items/{code}/code", f"清单中没有事项“{code}”", "改为清单中的事项代码")
        yield from _reason_flaws(f"items/{code}/why", entry.get("why"))
        for index, (line, weight) in enumerate(entry.get("cues", [])):
            path, place = f"items/{code}/cues/{index}", f"第{index + 1}行"
            if not _is_number(weight) or not 0 < abs(weight) <= _MOST_WEIGHT:
                said = f"权重须是不为0、不超过{_MOST_WEIGHT}的数"
                yield Flaw(path, f"{place}的权重不对", f"{said}，写在行首，如“4 漏水|渗水”")
            groups = str(line).partition("!")[0].split("&")
            if not all(any(word.strip() for word in group.split("|")) for group in groups):
                yield Flaw(path, f"{place}有空的词组", "& 两边和 ! 前面都要有词语")


def _advice_flaws(advice: Mapping[str, Any]) -> Iterator[Flaw]:
    for section, names in (("lower", COLOURS), ("colour", _COLOURS_TO_SAY)):
        said = advice.get(section, {})
        yield from (
            Flaw(f"advice/{section}/{name}", "没有填写", "写一句话") for name in names if not said.get(name)
        )
    for section, entries in advice.items():
        for name, text in entries.items():
            lines = text if isinstance(text, list) else [text]
            if any(not str(line).strip() or len(str(line)) > _LONGEST_LINE for line in lines):
                yield Flaw(
                    f"advice/{section}/{name}", f"有空行或超过{_LONGEST_LINE}个字", "每句写短，不留空行"
                )
    outside = str(advice.get("sentence", {}).get("outside", ""))
    if "{urgency}" not in outside or set("{}") & set(outside.replace("{urgency}", "")):
        yield Flaw("advice/sentence/outside", "缺少或写错紧急程度的位置", "保留 {urgency}，不用其他大括号")


def _weight_flaws(grammar: Mapping[str, Any]) -> Iterator[Flaw]:
    for section, entries in grammar.items():
        for index, (_, weight) in enumerate(entries.get("weighted", [])):
            if not _is_number(weight) or abs(weight) > _MOST_WEIGHT:
                cure = f"权重写在行首，不超过{_MOST_WEIGHT}"
                yield Flaw(f"grammar/{section}/weighted/{index}", f"第{index + 1}行的权重不是数", cure)


def _spelling_flaws(lists: Mapping[str, str]) -> Iterator[Flaw]:
    for name, text in lists.items():
        for entry in misspelt(str(text)):
            cure = "每项写成“方言=通用语”，两边字数相同，用通用的半角写法，以 | 分隔"
            yield Flaw(f"grammar/spelling/{name}", f"“{entry[:20]}”不能替换", cure)


def _trial_flaws(draft: Mapping[str, Any]) -> Iterator[Flaw]:
    """What no single field shows: content that compiles in part only, or that the engine cannot use."""
    at = datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=8)))
    try:
        rules = compile_rules(draft)
        for text in _TRIED:
            prior = Prior(at - timedelta(days=400), text, "unsettled")
            assess(Report(text, at, priors=(prior, prior)), rules)
    except KeyError as missing:
        rule = load_rules().factors.get(str(missing.args[0]))
        said = f"引擎需要因素“{rule.name}”" if rule else f"引擎需要“{missing.args[0]}”"
        place = f"factor/{rule.code}/removed" if rule else ""
        yield Flaw(place, f"{said}，不能缺少", "恢复它；不想使用时可清空其词语")
    except (RuleError, LookupError, TypeError, ValueError, AttributeError):
        yield Flaw("", "规则不能试算", "撤回最近一次修改后再试")


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)

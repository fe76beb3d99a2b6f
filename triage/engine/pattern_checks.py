"""What is wrong with the patterns of a draft, in words for the person who typed them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from triage.engine import probing
from triage.engine import rules as compiling
from triage.engine.backtracking import runs_long

MOST_CHARACTERS: Final = 20_000
_LIST_NAME = re.compile(r"\{([^{}0-9,][^{}]*)\}")
_MARKS = re.compile(r"\{[a-z_]+\}|<<\d+>>|<\d+>")
_ERRORS: Final = (
    ("missing ), unterminated subpattern", "括号没有闭合", "补上右括号 )"),
    ("unbalanced parenthesis", "多了一个右括号", "删去多余的 ) 或补上左括号 ("),
    ("unterminated character set", "方括号没有闭合", "补上右方括号 ]"),
    ("bad character range", "方括号里的范围写反了", "范围由小到大写，如 0-9"),
    ("nothing to repeat", "重复符号前面没有内容", "在 * + ? 前写上要重复的字词"),
    ("multiple repeat", "重复符号连写", "只保留一个重复符号"),
    ("min repeat greater than max", "重复次数的下限大于上限", "小的数写在前面，如 {1,3}"),
    ("look-behind requires fixed-width", "“前面是”条件的长度不固定", "(?<…) 里只写一样长的字词"),
    ("bad escape", "反斜杠后的写法无效", "去掉反斜杠，或写成 \\\\"),
    ("redefinition of group name", "同一个组名用了两次", "改用不同的组名"),
)


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that must be mended: where (a place as in parts.py), what is wrong, what to do."""

    field_path: str
    text_zh: str
    cure_zh: str

    @property
    def message(self) -> str:
        return f"{self.text_zh}。{self.cure_zh}。"


@dataclass(frozen=True, slots=True)
class Written:
    """A pattern as it was typed and where; `is_lead` ones stand just before the words of the factor."""

    field_path: str
    text: str
    is_lead: bool = False


def written_in(draft: Mapping[str, Any]) -> Iterator[Written]:
    """Every pattern of a draft but the word lists, which are written out inside the others."""
    for entry in draft.get("factor", ()):
        at = f"factor/{entry.get('code', '')}"
        for group, index, one in _ways(entry):
            for name in ("find", "lead", "near", "unless", "requires", "context"):
                if name in one:
                    yield Written(f"{at}/{group}/{index}/{name}", str(one[name]), name == "lead")
        for name in ("means", "behaviour", "record"):
            if name in entry:
                yield Written(f"{at}/{name}", str(entry[name]))
    for index, word in enumerate(draft.get("harmless", {}).get("words", ())):
        yield Written(f"harmless/words/{index}", str(word))
    for name, text in draft.get("stages", {}).items():
        yield Written(f"stages/{name}", str(text))
    for section, entries in draft.get("grammar", {}).items():
        for name, text in entries.items():
            if isinstance(text, str):
                yield Written(f"grammar/{section}/{name}", text)
        for index, (text, _) in enumerate(entries.get("weighted", ())):
            yield Written(f"grammar/{section}/weighted/{index}", str(text))


def _ways(entry: Mapping[str, Any]) -> Iterator[tuple[str, int, Mapping[str, Any]]]:
    """The ways in which a factor is said or hinted at, each with its place."""
    for group in ("patterns", "hints"):
        for index, one in enumerate(entry.get(group, ())):
            yield group, index, one


def pattern_flaws(draft: Mapping[str, Any]) -> list[Flaw]:
    """Flaws of word lists and patterns: spelling, unknown and circular lists, length, running time."""
    lists = {name: str(text) for name, text in draft.get("lexicon", {}).items()}
    found = list(_list_flaws(lists))
    if found:
        # Without the word lists nothing that names them can be read.
        return found
    lexicon = compiling._lexicon(lists)
    timed: dict[str, list[str]] = {}
    every = [*(Written(f"lexicon/{name}", text) for name, text in lists.items()), *written_in(draft)]
    for one in every:
        flaw = _spelling(one, lists) or _behaviour(one, _whole(one, lexicon))
        if flaw:
            found.append(flaw)
        else:
            timed.setdefault(_whole(one, lexicon), []).append(one.field_path)
    slow = _slow_ones(tuple(timed))
    return [*found, *(_too_slow(path) for whole, paths in timed.items() if whole in slow for path in paths)]


def _list_flaws(lists: Mapping[str, str]) -> Iterator[Flaw]:
    for name, text in lists.items():
        flaw = _spelling(Written(f"lexicon/{name}", text), lists)
        circle = _circle(name, lists)
        if flaw:
            yield flaw
        elif circle:
            said = f"词表互相引用成环：{' → '.join(circle)}"
            yield Flaw(f"lexicon/{name}", said, "去掉其中一处引用")


def _circle(name: str, lists: Mapping[str, str]) -> list[str]:
    """The way from a list back to itself, shortest first; empty when there is none."""
    ways, seen = [[name]], {name}
    while ways:
        way = ways.pop(0)
        for inner in compiling._LEXICON_NAME.findall(lists.get(way[-1], "")):
            if inner == name:
                return [*way, name]
            if inner not in seen:
                seen.add(inner)
                ways.append([*way, inner])
    return []


def _spelling(one: Written, lists: Mapping[str, str]) -> Flaw | None:
    if not one.text.strip():
        return Flaw(one.field_path, "没有填写", "写上要识别的字词")
    if len(one.text) > MOST_CHARACTERS:
        said = f"共{len(one.text)}个字符，超过{MOST_CHARACTERS}个"
        return Flaw(one.field_path, said, "拆成几条，或把词语放进词表")
    for name in _LIST_NAME.findall(one.text):
        if name not in lists:
            return Flaw(one.field_path, f"没有名为“{name}”的词表", "改为已有词表的名称，或先新建该词表")
    try:
        # Marks of the house give way to as many letters, so that the place is that of the typed text.
        re.compile(_MARKS.sub(lambda mark: "x" * len(mark[0]), one.text))
    except re.error as error:
        place = f"第{error.pos + 1}个字符处：" if error.pos is not None else ""
        said, cure = next(
            ((said, cure) for word, said, cure in _ERRORS if error.msg.startswith(word)),
            ("写法不合规则", "参照其他词语的写法修改"),
        )
        return Flaw(one.field_path, f"{place}{said}", cure)
    except (OverflowError, RecursionError):
        return Flaw(one.field_path, "写法过于复杂", "拆成几条较短的词语")
    return None


def _whole(one: Written, lexicon: Mapping[str, str]) -> str:
    """The pattern as the engine compiles it."""
    text = compiling._LEXICON_NAME.sub(lambda match: f"(?:{lexicon[match[1]]})", one.text)
    text = compiling._GAP.sub(r"[^,。]{0,\1}?", compiling._LONG_GAP.sub(r"[^。]{0,\1}?", text))
    return f"(?:{text})[^,。]{{0,12}}$" if one.is_lead else text


def _behaviour(one: Written, whole: str) -> Flaw | None:
    try:
        compiled, bare = re.compile(whole), re.compile(whole.removesuffix("[^,。]{0,12}$"))
    except (re.error, OverflowError, RecursionError):
        return Flaw(one.field_path, "与所引用的词表合起来不能使用", "检查所引用词表里的括号和符号")
    if _reads_nothing(bare):
        return Flaw(
            one.field_path, "空的内容也算命中，等于每句都命中", "去掉多余的 | 或 ? *，保证至少要有一个字"
        )
    if _runs_long(compiled.pattern):
        cure = "不要在重复里再套重复，把 * + 改成有上限的写法，如 <8> 或 {0,8}"
        return Flaw(one.field_path, "遇到某些文字会运行过久", cure)
    return None


def _reads_nothing(compiled: re.Pattern[str]) -> bool:
    found = compiled.match("□□", 1)
    return found is not None and found.end() == 1


@lru_cache(maxsize=4096)
def _runs_long(whole: str) -> bool:
    return runs_long(whole)


_quick: set[str] = set()


def package_patterns() -> list[str]:
    """The package's own patterns as they are compiled."""
    draft = compiling.load_rules().draft
    lexicon = compiling._lexicon(draft["lexicon"])
    lists = (Written(f"lexicon/{name}", str(text)) for name, text in draft["lexicon"].items())
    return [_whole(one, lexicon) for one in (*lists, *written_in(draft))]


@lru_cache(maxsize=1)
def _tested() -> frozenset[str]:
    """Timed by the tests of every release; timing them again would cost each process seconds."""
    return frozenset(package_patterns())


def _slow_ones(patterns: tuple[str, ...]) -> frozenset[str]:
    """Those that take long; what was found quick once in this process is not tried again."""
    slow = probing.slow_ones([one for one in patterns if one not in _quick and one not in _tested()])
    if len(_quick) > 4096:
        _quick.clear()
    _quick.update(one for one in patterns if one not in slow)
    return slow


def _too_slow(field_path: str) -> Flaw:
    cure = "缩短 <n> 的间隔、减少连续的间隔，或拆成两条"
    return Flaw(field_path, "在长文字上运行过久（超过0.5秒）", cure)

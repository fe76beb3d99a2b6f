"""The narrative made uniform without moving a character, so that every offset stays true in the original."""

import re
from collections.abc import Iterable, Iterator

import opencc

_FULL = {0xFF01 + shift: 0x21 + shift for shift in range(94)}
_MARKS = {ord(char): "。" for char in "。!?；;！？\n\r…"} | {ord(char): "," for char in "，,:：\t"}
_MARKS |= {ord(char): '"' for char in "“”‘’「」『』《》\"'"} | {0x3000: " "}
_HAN = (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000), *range(0xF900, 0xFB00))


def _simplified() -> dict[int, str]:
    """Traditional and variant forms to simplified ones, a character for a character."""
    old = [chr(code) for code in _HAN]
    new = opencc.OpenCC("t2s").convert("\n".join(old)).split("\n")
    return {
        ord(before): after
        for before, after in zip(old, new, strict=True)
        if before != after and len(after) == 1
    }


_TABLE: dict[int, str | int] = {**_FULL}
_TABLE |= _simplified()
_TABLE |= dict(_MARKS)
_UPPER = {code: code + 32 for code in range(65, 91)}
_TABLE |= _UPPER
_TABLE |= {0xFF21 + shift: 0x61 + shift for shift in range(26)}

_DOT = re.compile(r"(?<!\d)\.|\.(?!\d)")
MASK = "□"


def uniform(narrative: str) -> str:
    """Width, case, traditional forms and marks made one; same length as the narrative.

    Sentence ends become 。 and clause marks become a comma.
    """
    text = narrative.translate(_TABLE)
    if len(text) != len(narrative):  # pragma: no cover - the table is one to one
        raise AssertionError("the table moved a character")
    if "." in text:
        text = _DOT.sub("。", text)
    return text


def masked(text: str, harmless: re.Pattern[str]) -> str:
    """The text with idioms and harmless compounds blanked, same length."""
    return harmless.sub(lambda match: MASK * len(match[0]), text)


class Spelling:
    """Dialect words and common slips as the words the rules are written in, each of the same length.

    Made of lists as the rules hold them: `勿=不|弄堂=巷子`. ValueError for an entry of another form.
    """

    def __init__(self, lists: Iterable[str]) -> None:
        said = list(lists)
        if wrong := [entry for text in said for entry in misspelt(text)]:
            raise ValueError(f"not one word for another of the same length: {wrong[0]}")
        self._standard = {
            uniform(word): standard for text in said for word, _, standard in _entries(text) if word
        }
        words = sorted(self._standard, key=len, reverse=True)
        self._words = re.compile("|".join(map(re.escape, words))) if words else None

    def uniform(self, narrative: str) -> str:
        """As `uniform`, in standard words; same length as the narrative."""
        text = uniform(narrative)
        return self._words.sub(lambda match: self._standard[match[0]], text) if self._words else text


def misspelt(text: str) -> Iterator[str]:
    """Entries of a list that are not one word for another of the same length."""
    for word, equals, standard in _entries(text):
        if not equals or not word or len(word) != len(standard) or uniform(standard) != standard:
            yield f"{word}{equals}{standard}"


def _entries(text: str) -> Iterator[tuple[str, str, str]]:
    return (entry.strip().partition("=") for entry in text.split("|") if entry.strip())

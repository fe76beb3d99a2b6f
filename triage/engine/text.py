"""The narrative made uniform without moving a character, so that every offset stays true in the original."""

import re

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

"""Text as people and machines send it: cleaned for storing, normalised for comparing.

Storing keeps what was written (NFC only); comparing folds width, invisible characters and look-alike
dots. Character classes are spelled out: `\\d` and `str.isdigit` also take full-width and superscript
digits (bad-input catalogue 18-21).
"""

from __future__ import annotations

import re
import unicodedata

import rjieba
from rapidfuzz import fuzz

from .errors import Invalid
from .identity import check_id_number, normalise_id_number
from .phones import Phone, normalise_phone, split_phones

__all__ = [
    "Phone",
    "check_id_number",
    "clean_name",
    "clean_text",
    "forbidden_character",
    "need_text",
    "normalise",
    "normalise_address",
    "normalise_id_number",
    "normalise_phone",
    "query_terms",
    "search_terms",
    "similarity",
    "split_phones",
    "strip_invisible",
]

QUERY_TERMS = 20

# C0 without TAB and LF, DEL, C1, surrogates, noncharacters of every plane.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    + "]"
)
_DOTS = re.compile("[•‧∙⋅・･●﹒．]")
_NAME_DOT = re.compile(r"(?<=[\u3400-\u9fff])\.(?=[\u3400-\u9fff])")
_SPACES = re.compile(r"\s+")
_CJK = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
_RUNS = re.compile(f"[{_CJK}]+|[0-9a-z]+")
_IS_CJK = re.compile(f"[{_CJK}]")


def forbidden_character(text: str) -> str:
    """The first character PostgreSQL, JSON or a log line cannot carry, or ""."""
    match = _FORBIDDEN.search(text)
    return match[0] if match else ""


def clean_text(text: str, *, field: str, max_length: int | None = None, single_line: bool = False) -> str:
    """Free text ready to store: NFC, LF line ends, trimmed. Raises Invalid naming `field`.

    Refuses NUL, controls, lone surrogates and noncharacters. `max_length` counts characters after
    cleaning; `single_line` turns line breaks and tabs into one space each.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    bad = forbidden_character(text)
    if bad:
        hint = f"含有无法保存的字符（U+{ord(bad):04X}），请删除后重新填写。"
        raise Invalid(code="forbidden_character", fields={field: [hint]})
    text = unicodedata.normalize("NFC", text).strip()
    if single_line:
        text = _SPACES.sub(" ", text)
    if max_length is not None and len(text) > max_length:
        hint = f"最多 {max_length} 个字，现有 {len(text)} 个字，请精简。"
        raise Invalid(code="too_long", fields={field: [hint]})
    return text


def need_text(text: str, message: str, *, field: str = "text", hint: str = "") -> None:
    """Raises Invalid with `message`, at `field` with `hint`, unless something was written."""
    if not text.strip():
        raise Invalid(message, fields={field: [hint or message]})


def clean_name(text: str, *, field: str, max_length: int = 40) -> str:
    """A person's or place's name: cleaned, one line, without invisible or direction characters."""
    text = clean_text(text, field=field, single_line=True)
    return clean_text(strip_invisible(text), field=field, max_length=max_length)


def strip_invisible(text: str) -> str:
    """Without format characters (zero width, bidi controls, BOM) and variation selectors."""
    return "".join(
        char
        for char in text
        if unicodedata.category(char) != "Cf" and not "\ufe00" <= char <= "\ufe0f" and char != "\u3164"
    )


def normalise(text: str) -> str:
    """The form two writings of the same words share; for comparing, never for storing.

    NFKC (full width, compatibility ideographs), no invisible characters, one middle dot, lower case,
    single spaces. Idempotent.
    """
    text = strip_invisible(unicodedata.normalize("NFKC", text))
    text = _NAME_DOT.sub("·", _DOTS.sub("·", text)).casefold()
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", text)).strip()


def normalise_address(text: str) -> str:
    """An address for equality: no spaces or punctuation, one word for building and room."""
    text = re.sub(f"[^{_CJK}0-9a-z]+", "", re.sub(r"(?<=[0-9])\s*[-—－#]\s*(?=[0-9])", "之", normalise(text)))
    text = re.sub(r"(?<=[0-9])(号楼|栋|座)", "幢", text)
    return re.sub(r"(?<=[0-9])(房间|号房|房)$", "室", text)


def similarity(one: str, other: str) -> float:
    """How alike two texts are after normalising, 0.0 to 1.0; two empty texts are not alike."""
    left, right = normalise(one), normalise(other)
    return fuzz.ratio(left, right) / 100 if left and right else 0.0


def search_terms(text: str) -> list[str]:
    """What a text is found by: words of the word cutter and bigrams of each Chinese run, sorted.

    For `array_to_tsvector` or a GIN array: PostgreSQL's own parser does not cut Chinese, and drops
    it altogether under the C locale.
    """
    text = normalise(text)
    terms = {word for word in rjieba.cut(text) if _RUNS.fullmatch(word)}
    for run in _RUNS.findall(text):
        terms.update(_bigrams(run))
    return sorted(terms)


def query_terms(text: str) -> list[str]:
    """Terms that must all be among a row's `search_terms`; at most 20, in order of writing.

    Bigrams while they are few enough (they find inside words the cutter joins otherwise), else the
    cutter's words.
    """
    text = normalise(text[:500])
    terms = list(dict.fromkeys(term for run in _RUNS.findall(text) for term in _bigrams(run)))
    if len(terms) > QUERY_TERMS:
        terms = list(dict.fromkeys(word for word in rjieba.cut(text) if _RUNS.fullmatch(word)))
    return terms[:QUERY_TERMS]


def _bigrams(run: str) -> list[str]:
    if len(run) == 1 or not _IS_CJK.match(run):
        return [run]
    return [run[start : start + 2] for start in range(len(run) - 1)]

"""The one search box: a case number, a person, or words. Persons are searched under a trace."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import NoReverseMatch, reverse

from dispute_hub.accounts.actor import PostActor
from dispute_hub.accounts.services import trace
from dispute_hub.cases import selectors as cases
from dispute_hub.cases.models import Case, Party
from dispute_hub.common.fields import blind_of
from dispute_hub.common.text import clean_text

MOST_RESULTS = 50
CASE_NO = re.compile(r"(?i)jf[0-9]{8,20}")
ID_NUMBER = re.compile(r"[0-9]{17}[0-9xX]|[0-9]{15}")
PHONE = re.compile(r"[+0-9][0-9 -]{5,18}[0-9]")
LAST_FOUR = re.compile(r"[0-9]{4}")
# What could be a name. Tracing a search that was none costs nothing; missing one would cost the trace.
NAME = re.compile(r"[\u4e00-\u9fff·]{2,4}|[\u4e00-\u9fff]+·[\u4e00-\u9fff·]+")


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gives: a page to go to, or cases in reach of the post. `by` names how it was read."""

    by: str
    words: str = ""
    url: str = ""
    cases: list[Case] = field(default_factory=list)
    is_cut: bool = False
    advice: str = "请核对编号、完整电话或证件号，也可只输后四位；当前岗位不能查看的案件不会显示。"


def find(actor: PostActor, words: str, *, at: datetime) -> Found:
    """Where the words lead, or the cases they find among those the post may see.

    A number or something that may be a name is a search for a person: it leaves a trace (how it was
    read and how many cases it found, never the words) and its words stay out of every address.
    """
    words = unicodedata.normalize("NFKC", clean_text(words, field="q", max_length=100, single_line=True))
    by = kind_of(words)
    if by == "case_no":
        return Found(by, words, url=_case_url(words.upper()))
    if by == "words" and (url := _list_url(words)):
        return Found(by, words, url=url)
    rows = _matching(actor, by, words, at=at) if words else []
    if by != "words":
        trace("search_person", actor, at=at, data={"by": by, "found": len(rows)})
    return Found(by, words, cases=rows[:MOST_RESULTS], is_cut=len(rows) > MOST_RESULTS)


def kind_of(words: str) -> str:
    """How typed words are read: case_no, id_number, phone, last_four, name or words."""
    for kind, pattern in (
        ("case_no", CASE_NO),
        ("id_number", ID_NUMBER),
        ("last_four", LAST_FOUR),
        ("phone", PHONE),
        ("name", NAME),
    ):
        if pattern.fullmatch(words):
            return kind
    return "words"


def _matching(actor: PostActor, by: str, words: str, *, at: datetime) -> list[Case]:
    visible = cases.visible_to(actor, at=at).select_related("station")
    columns = {"phone": ["phone_blind"], "id_number": ["id_number_blind"]}
    columns["last_four"] = ["phone_last4", "id_number_last4"]
    if by not in columns:
        rows = cases.search_cases(visible, words)
    else:
        matches = Q()
        for column in columns[by]:
            matches |= Q(**{column: blind_of(Party, column, words)})
        rows = visible.filter(pk__in=Party.objects.filter(matches).values("case_id"))
    return list(rows.order_by("-last_alert_at", "-id")[: MOST_RESULTS + 1])


def _case_url(case_no: str) -> str:
    try:
        return reverse("case_file", args=[case_no])
    except NoReverseMatch:
        return f"/cases/{case_no}/"


def _list_url(words: str) -> str:
    try:
        return f"{reverse('case_list')}?{urlencode({'q': words})}" if words else ""
    except NoReverseMatch:
        return ""

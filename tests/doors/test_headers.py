"""What every page says to the browser and what it is made of (reliability S7, 44, 69)."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.doors.crawling import Markup, Page

# What a Chinese office writes in Latin letters; codes, numbers and dates are no words.
KNOWN_WORDS = {
    "API", "ID", "CSV", "XLSX", "DOCX", "PDF", "JSON", "UTF", "GB", "GBK", "F", "Ctrl", "Enter", "Esc", "Alt",
    "Tab", "AM", "PM", "MB", "KB", "A", "B", "KTV", "Shift", "Page", "Up", "Down", "Home", "End", "AUC",
    "Word",
    # As a sender or a spreadsheet declared it, on the pages that ask a person to repair it.
    "application", "json", "utf", "sig", "junk",
}  # fmt: skip
CODES = re.compile(r"[A-Z]{1,3}\d[\w-]*|[0-9a-f]{12,}|\d[\w-]*|[a-z]+_[a-z_]+|\S+\.\w{2,4}\b")
TYPED = re.compile(r"<script>a[^\u4e00-\u9fff]*")  # what the people of this world typed, cut or not
TEXT_OF_MACHINES = ("script", "style", "code", "pre", "textarea")
SCRIPT_TYPES = {"application/json", "speculationrules"}


@pytest.fixture(scope="module")
def html(pages: list[Page]) -> list[tuple[Page, Markup]]:
    return [(page, Markup(page.text)) for page in pages if page.is_html]


def test_the_crawl_sees_the_pages(pages: list[Page]) -> None:
    assert len({page.name for page in pages}) > 60
    assert len(pages) > 300


def test_headers(pages: list[Page]) -> None:
    wrong = []
    for page in pages:
        rules = page.headers.get("Content-Security-Policy", "")
        good = (
            "default-src 'self'" in rules
            and "frame-ancestors 'none'" in rules
            and "unsafe" not in rules
            and page.headers.get("X-Content-Type-Options") == "nosniff"
            and "no-store" in page.headers.get("Cache-Control", "")
            and page.headers.get("X-Request-ID")
        )
        if not good:
            wrong.append((str(page), rules, page.headers.get("Cache-Control")))
    assert wrong == []


def test_strict_transport_is_promised_outside_of_tests() -> None:
    from pathlib import Path

    production = Path(__file__).parents[2] / "dispute_hub" / "settings" / "production.py"
    seconds = re.search(r"SECURE_HSTS_SECONDS\s*=\s*(.+)", production.read_text(encoding="utf-8"))
    assert seconds, "HSTS is set where there is TLS"


def _scripts(page: Page, seen: Markup) -> list[str]:
    types = [attrs for tag, attrs in seen.elements if tag == "script"]
    bare = [attrs for attrs in types if "src" not in attrs and attrs.get("type") not in SCRIPT_TYPES]
    return ["an inline script"] if bare else []


def _attributes(page: Page, seen: Markup) -> list[str]:
    found = []
    for tag, attrs in seen.elements:
        found += [f"<{tag} {name}>" for name in attrs if name == "style" or name.startswith(("on", "hx-on"))]
    return found + ["<style>" for tag, _ in seen.elements if tag == "style"]


def _outside(page: Page, seen: Markup) -> list[str]:
    said = [value or "" for _, attrs in seen.elements for name, value in attrs.items() if name in LINKS]
    return [value for value in said if re.match(r"(?i)\s*(https?:|//|javascript:|data:text)", value)]


LINKS = {"href", "src", "action", "formaction", "srcset", "poster", "hx-get", "hx-post", "data-url"}


@pytest.mark.parametrize("check", [_scripts, _attributes, _outside])
def test_markup(html: list[tuple[Page, Markup]], check: Callable[[Page, Markup], list[str]]) -> None:
    wrong = {str(page): found for page, seen in html if (found := check(page, seen))}
    assert wrong == {}


def _foreign(text: str) -> list[str]:
    own = CODES.sub("", TYPED.sub("", text))
    return [word for word in re.findall(r"[A-Za-z]{2,}", own) if word not in KNOWN_WORDS]


def test_every_word_is_chinese(html: list[tuple[Page, Markup]]) -> None:
    wrong: dict[str, set[str]] = {}
    for page, seen in html:
        said = [text for inside, text in seen.texts if inside not in TEXT_OF_MACHINES]
        said += [
            attrs[name] or ""
            for _, attrs in seen.elements
            for name in ("title", "placeholder", "aria-label", "alt")
            if name in attrs
        ]
        for text in said:
            for word in _foreign(text):
                wrong.setdefault(word, set()).add(f"{page}: {text[:60]}")
    assert {word: sorted(where)[:2] for word, where in wrong.items()} == {}


def test_what_people_typed_stays_text(html: list[tuple[Page, Markup]]) -> None:
    """Markup in names, narratives, reports, reasons and records becomes neither element nor attribute."""
    shown = 0
    for page, seen in html:
        shown += "<script>alert(1)</script>" in " ".join(text for _, text in seen.texts)
        for tag, attrs in seen.elements:
            assert attrs.get("src") != "x", f"{page}: an image of a stranger's"
            assert "hx-on:click" not in attrs, f"{page}: <{tag}> listens to a stranger"
            assert attrs.get("hx-get") != "/x", f"{page}: <{tag}> fetches for a stranger"
        assert "49" not in re.findall(r"onerror=a\(\)>(\d+)", page.text), f"{page}: a template in a text ran"
    assert shown > 20, "the crawl shows what people typed"

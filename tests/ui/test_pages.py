"""Frame, error pages and log-in; and a stranger's text stays text in every component."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils.html import escape

from dispute_hub.common import gallery
from dispute_hub.common.errors import Stale
from tests.ui.reading import HOUR, NOW, Elements, words

ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{7*7}}",
    "{% load hub %}",
    '<b hx-get="/steal/" hx-on:click="alert(1)">',
)
TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))


def test_a_stale_form_tells_who_changed_what_and_gives_the_text_back() -> None:
    refusal = Stale(who="象珠派出所 责任民警 陈立", at=NOW, what="把下一步改为“约调解”")
    context = {
        "refusal": refusal,
        "message": refusal.message,
        "kept": [("text", "约明天九点"), ("row_version", "3")],
    }
    said = words(render_to_string("errors/409.html", context))
    assert "象珠派出所 责任民警 陈立" in said
    assert "把下一步改为“约调解”" in said
    assert "约明天九点" in said
    assert "row_version" not in said


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422, 500, 503, "offline"])
def test_every_error_page_stands_alone_and_says_what_to_do_next(status: int | str) -> None:
    html = render_to_string(f"errors/{status}.html", {"request_id": "3f9c2a7e"})
    assert "请求号 3f9c2a7e" in words(html)
    assert "请" in words(html.split("<h1>")[1])


def test_an_expired_page_says_that_the_text_is_kept() -> None:
    html = render_to_string("errors/403.html", {"code": "page_expired", "kept": [("narrative", "吵架")]})
    assert "页面已过期，内容已保留" in words(html)
    assert "吵架" in html


def test_the_log_in_page_offers_the_posts_of_a_person_who_holds_several() -> None:
    posts = [
        {"pk": 1, "unit": "象珠派出所", "role": "officer"},
        {"pk": 2, "unit": "象珠派出所", "role": "station_chief"},
    ]
    said = words(render_to_string("accounts/login.html", {"posts": posts}))
    assert "象珠派出所 · 处警民警" in said
    assert "象珠派出所 · 派出所领导" in said


def test_the_frame_stands_without_anything_in_its_context() -> None:
    assert "三推" in words(render_to_string("base.html", {}))


@pytest.fixture
def page() -> str:
    request = RequestFactory().get("/_gallery/")
    return render_to_string("components/gallery.html", gallery.sample(NOW, panel="1"), request)


def test_the_gallery_shows_the_frame_with_menu_counts_and_the_unit_of_the_person(page: str) -> None:
    said = words(page)
    for word in ("三推 · 矛盾纠纷警情", "象珠派出所 · 责任民警 陈立", "跟踪化解台账", "撤销", "下一页"):
        assert word in said
    assert '<span class="hub-count">23</span>' in page


def test_no_page_has_an_inline_style_or_script_or_handler(page: str) -> None:
    for tag, attrs in Elements(page).found:
        assert "style" not in attrs, (tag, attrs)
        assert not [name for name in attrs if name.startswith("on")], (tag, attrs)
        if tag == "script":
            assert attrs.get("src") or attrs.get("type") == "application/json", attrs


def test_nothing_is_fetched_from_another_host(page: str) -> None:
    for _, attrs in Elements(page).found:
        for name in ("src", "href", "action", "hx-get", "hx-post"):
            assert not re.match(r"(https?:)?//", attrs.get(name) or ""), attrs


@pytest.mark.parametrize("attack", ATTACKS)
def test_hostile_text_stays_text_in_every_component(attack: str) -> None:
    row = {
        "no": attack,
        "colour": "red",
        "status": attack,
        "level": attack,
        "parties": attack,
        "about": attack,
    }
    deadline = {"starts_at": NOW, "due_at": NOW + HOUR, "state": "open"}
    context = {
        **gallery.sample(NOW, panel="1"),
        "rows": [{**row, "clock": deadline, "next": attack, "days": attack}],
        "segments": [{"text": attack, "factor_codes": [attack]}],
        "factors": [{"code": attack, "name": attack}],
        "phases": [
            {"name": attack, "events": [{"at": NOW, "who": attack, "text": attack, "detail": attack}]}
        ],
        "figures": [{"label": attack, "value": attack, "unit": attack, "change": attack, "base": attack}],
        "tabs": [{"title": attack, "url": "#", "count": 1}],
        "facts": [(attack, attack)],
        "chart": {"title": {"text": attack}},
        "form": gallery.SampleForm({"place": attack, "narrative": attack, "unit": attack}),
        "hub_menu": [{"title": attack, "url": "#", "icon": "list"}],
        "kept": [(attack, attack)],
    }
    clean = render_to_string(
        "components/gallery.html", gallery.sample(NOW, panel="1"), RequestFactory().get("/")
    )
    html = render_to_string("components/gallery.html", context, RequestFactory().get("/"))
    known = {tag for tag, _ in Elements(clean).found}
    for tag, attrs in Elements(html).found:
        assert tag in known | {"textarea"}, tag
        assert "onerror" not in attrs
        assert "hx-on:click" not in attrs
        assert attrs.get("hx-get") != "/steal/"
    assert escape(attack) in html


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_carries_style_inline_script_or_evaluated_htmx(path: Path) -> None:
    source = re.sub(r"{#.*?#}", "", path.read_text())
    assert not re.search(r"\sstyle\s*=", source)
    assert not re.search(r"<style|javascript:|\shx-on|\shx-vars|js:{|\son[a-z]+\s*=", source)
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)
    assert "|safe" not in source
    assert "autoescape off" not in source

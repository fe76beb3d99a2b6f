"""Components say what the page design promises."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.template.loader import render_to_string
from django.test import RequestFactory

from dispute_hub.common.templatetags import _instants
from tests.ui.reading import HOUR, NOW, Elements, render, words


@pytest.mark.parametrize(
    ("colour", "word"), [("red", "红"), ("orange", "橙"), ("yellow", "黄"), ("blue", "蓝"), (None, "未定")]
)
def test_a_colour_is_never_shown_without_its_word(colour: str | None, word: str) -> None:
    assert words(render("{% colour_badge colour %}", colour=colour)) == word


def test_the_sentence_follows_the_word_once_and_the_disclaimer_stands_under_it() -> None:
    html = words(render('{% colour_badge "red" "红：持刀 + 扬言杀人" True %}'))
    assert html == "红 持刀 + 扬言杀人 研判仅供参考，以现场判断为准；蓝色不等于没有危险"


@pytest.mark.parametrize(("level", "word"), [("high", "高"), ("medium", "中"), ("low", "低"), ("", "—")])
def test_a_level_is_told_by_its_word(level: str, word: str) -> None:
    assert words(render("{% level_badge level %}", level=level)).replace("·", "") == word


@pytest.mark.parametrize(
    ("status", "kind", "word"),
    [
        ("pool", "case", "待分派"),
        ("settled", "case", "已化解(回访中)"),
        ("sent", "order", "待签收"),
        ("done", "order", "已办结"),
        ("done", "follow_up", "已回访"),
        ("none", "alert", "不派"),
        ("no_such", "case", "no_such"),
        (None, "case", "—"),
    ],
)
def test_a_status_is_told_in_words_of_its_own_kind(status: str | None, kind: str, word: str) -> None:
    assert words(render("{% status_badge status kind %}", status=status, kind=kind)) == word


@pytest.mark.parametrize(
    ("gone", "left", "state", "words_said"),
    [
        (1 * HOUR, 3.2 * HOUR, "is-open", "剩余 3小时12分"),
        (79 * HOUR, 21 * HOUR, "is-open", "剩余 21小时"),
        (80 * HOUR, 20 * HOUR, "is-near", "剩余 20小时"),
        (1 * HOUR, timedelta(seconds=30), "is-near", "剩余 不到1分钟"),
        (1 * HOUR, timedelta(0), "is-over", "已超时 不到1分钟"),
        (60 * HOUR, -28 * HOUR, "is-over", "已超时 1天4小时"),
        (60 * HOUR, -48 * HOUR, "is-over", "已超时 2天"),
    ],
)
def test_a_clock_says_what_is_left_and_turns_at_four_fifths(
    gone: timedelta, left: timedelta, state: str, words_said: str
) -> None:
    html = render(
        "{% clock deadline %}", deadline={"starts_at": NOW - gone, "due_at": NOW + left, "state": "open"}
    )
    assert state in html
    assert words(html).startswith(words_said)


def test_a_clock_shows_its_full_instant_and_why() -> None:
    deadline = {"starts_at": NOW, "due_at": NOW + HOUR, "state": "open"}
    html = render('{% clock deadline why_url="/why/1/" %}', deadline=deadline)
    assert "到期 2026-11-21 15:05:00" in words(html)
    assert '<a href="/why/1/">为什么是这一刻</a>' in html
    assert 'data-hub-due-at="2026-11-21T15:05:00+08:00"' in html


def test_a_day_limit_ends_at_24_of_its_last_day_and_keeps_the_date_it_had() -> None:
    midnight = NOW.replace(hour=0, minute=0, second=0) + 24 * HOUR
    deadline = {
        "starts_at": NOW,
        "due_at": midnight + 24 * HOUR,
        "first_due_at": midnight,
        "why_url": "/why/2/",
    }
    said = render("{% clock deadline %}", deadline=deadline)
    assert "到期 2026-11-22 24:00" in words(said)
    assert "原到期 2026-11-21 24:00" in words(said)
    assert '<a href="/why/2/">' in said


def test_a_paused_clock_does_not_tick() -> None:
    deadline = {"starts_at": NOW - HOUR, "due_at": NOW + HOUR, "state": "open", "paused_at": NOW}
    html = render("{% clock deadline %}", deadline=deadline)
    assert words(html).startswith("已暂停")
    assert "data-hub-due-at" not in html


@pytest.mark.parametrize(
    ("state", "ended", "said"),
    [("met", -2 * HOUR, "已按时完成"), ("met", 2 * HOUR, "超时 2小时完成"), ("ended", HOUR, "已终止")],
)
def test_a_clock_that_no_longer_runs_does_not_tick(state: str, ended: timedelta, said: str) -> None:
    deadline = {"starts_at": NOW - HOUR, "due_at": NOW, "state": state, "ended_at": NOW + ended}
    html = render("{% clock deadline %}", deadline=deadline)
    assert words(html).startswith(said)
    assert "data-hub-due-at" not in html


@pytest.mark.parametrize(
    ("instant", "said"),
    [
        (NOW, "11-21 14:05"),
        (datetime(2025, 12, 31, 23, 59, tzinfo=NOW.tzinfo), "2025-12-31 23:59"),
        (datetime(2025, 12, 31, 16, 0, tzinfo=ZoneInfo("UTC")), "01-01 00:00"),
        (None, "—"),
    ],
)
def test_a_short_time_is_beijing_and_names_another_year_only(instant: datetime | None, said: str) -> None:
    assert render("{{ instant|short_time:now }}", instant=instant) == said
    assert words(render("{% when instant %}", instant=instant)) == said


@pytest.mark.parametrize(("instant", "said"), [
    (datetime(2026, 11, 19, tzinfo=NOW.tzinfo), "2026-11-18 24:00"),
    (datetime(2026, 11, 19, 0, 0, 1, tzinfo=NOW.tzinfo), "2026-11-19 00:00"),
    (datetime(2026, 11, 19, 14, 30, tzinfo=NOW.tzinfo), "2026-11-19 14:30"),
    (None, "—"),
])  # fmt: skip
def test_a_day_limit_ends_at_twenty_four_hours(instant: datetime | None, said: str) -> None:
    assert render("{{ instant|due_time }}", instant=instant) == said


def test_a_short_time_without_a_known_now_keeps_its_year() -> None:
    _instants.render_at(None)
    assert render("{{ instant|short_time }}", instant=NOW) == "2026-11-21 14:05"


def test_marked_words_carry_the_factor_and_the_rest_stays_text() -> None:
    segments = [
        {"text": "对方从车里", "factor_codes": []},
        {"text": "拿出<b>菜刀", "factor_codes": ["weapon"]},
        {"text": "<script>alert(1)</script>", "factor_codes": []},
    ]
    html = render(
        "{% marked segments factors %}", segments=segments, factors=[{"code": "weapon", "name": "持械"}]
    )
    assert '<mark title="持械">拿出&lt;b&gt;菜刀</mark>' in html
    assert "<script" not in html


def test_the_stepper_shows_where_a_case_is_and_what_it_never_passed() -> None:
    html = render("{% stepper status visited %}", status="settled", visited=["scene"])
    assert re.findall(r'data-state="(\w+)"', html) == [
        "done",
        "done",
        "skipped",
        "skipped",
        "current",
        "todo",
    ]
    assert "现为" not in html


def test_the_stepper_names_an_end_beside_the_road() -> None:
    assert "该事件现为：非纠纷" in words(
        render("{% stepper status visited %}", status="not_dispute", visited=["scene"])
    )


def test_masks_hide_what_the_rule_hides() -> None:
    said = render(
        "{{ a|mask_name }} {{ b|mask_phone }} {{ c|redact }}",
        a="张三丰",
        b="13800001234",
        c="电话13800001234",
    )
    assert "三丰" not in said
    assert "0000" not in said


def test_a_masked_value_asks_for_the_purpose_only_where_it_may_be_revealed() -> None:
    html = render('{% masked_value "138****1234" "/reveal/7/" "电话" %}')
    assert [w for w in ("回访", "出警", "制作文书", "核实身份") if w in html] == [
        "回访",
        "出警",
        "制作文书",
        "核实身份",
    ]
    assert "<form" not in render('{% masked_value "138****1234" %}')


class Refused(forms.Form):
    place = forms.CharField(label="在哪里", max_length=3, help_text="写到门牌")
    unit = forms.ChoiceField(label="主责单位", choices=[("", "请选择"), ("1", "司法所")])
    grade = forms.ChoiceField(
        label="等级", widget=forms.RadioSelect, choices=[("urgent", "紧急｜12小时内审批")]
    )


def test_an_error_names_its_field_and_the_cure_and_keeps_the_text() -> None:
    form = Refused({"place": "象珠镇清渭街", "unit": ""})
    html = render_to_string("components/form.html", {"form": form, "action": "/x/", "row_version": 3})
    said = words(html)
    assert "在哪里：" in said
    assert "请选择主责单位" in said
    assert "请选择等级" in said
    assert 'value="象珠镇清渭街"' in html
    assert 'aria-invalid="true"' in html
    assert "12小时内审批" in said


def test_every_form_carries_its_token_and_row_version() -> None:
    html = render_to_string("components/form_hidden.html", {"row_version": 0}, RequestFactory().get("/"))
    names = {attrs.get("name"): attrs.get("value") for tag, attrs in Elements(html).found if tag == "input"}
    assert names["row_version"] == "0"
    assert re.fullmatch(r"[0-9a-f-]{36}", names["form_token"] or "")
    assert names["csrfmiddlewaretoken"]

"""Pages of the replay: who starts and reads it, what stands behind each cell, and in whose territory."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.urls import reverse

from tests.triage.conftest import CALM, KNIFE, call_some, run
from triage import selectors
from triage.models import Replay, ReplayedAlert

State = Replay.State
CELL = re.compile(r'href="(/replays/\d+/alerts/\?old=\w+&amp;new=\w+)">(\d+)<')


@pytest.fixture
def done(ask, call, clock) -> Replay:
    call_some(call, clock)
    return run(ask(), clock.at)


def page(cast: Any, who: str, url: str, **headers: str) -> Any:
    return cast.client(getattr(cast, who)).get(url, headers=headers)


def text_of(answer: Any) -> str:
    return answer.content.decode()


# Starting -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["bureau", "security_admin"])
def test_starting_leads_to_the_page(cast, call, clock, softer, who: str) -> None:
    call(CALM)
    clock.advance(minutes=1)
    answer = cast.client(getattr(cast, who)).post(f"/rules/{softer.pk}/replays/", {"days": "30"})
    replay = Replay.objects.get()
    assert (answer.status_code, answer.url) == (302, f"/replays/{replay.pk}/")
    assert (replay.state, replay.total, replay.digest) == (State.QUEUED, 1, softer.digest)
    html = text_of(page(cast, who, answer.url))
    assert 'hx-trigger="every 2s"' in html
    assert "还没有结果" in html
    assert "停止试算" in html


def test_a_second_start_says_who_runs_the_first(cast, call, softer, ask) -> None:
    call(CALM)
    ask()
    answer = cast.client(cast.bureau).post(f"/rules/{softer.pk}/replays/", {"days": "7"})
    assert answer.status_code == 409
    assert "防控员发起" in text_of(answer)
    assert re.search(r'value="7"[^>]*checked', text_of(answer))


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"days": "custom"}, "请填写起始日期"),
        ({"days": "custom", "since": "2026-03-05", "until": "2026-03-01"}, "起止日期应先后有序"),
        ({"days": "custom", "since": "2030-01-01", "until": "2030-01-02"}, "起止日期应先后有序"),
        ({"days": "custom", "since": "2020-01-01", "until": "2020-01-02"}, "没有警情"),
        ({"days": "3"}, "试算范围"),
    ],
)
def test_days_that_cannot_be_are_told_at_their_field(cast, call, softer, said: dict, words: str) -> None:
    call(CALM)
    answer = cast.client(cast.bureau).post(f"/rules/{softer.pk}/replays/", said)
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert not Replay.objects.exists()


def test_days_of_ones_own_are_whole_beijing_days(cast, call, clock, softer) -> None:
    call(CALM)
    clock.advance(minutes=1)
    said = {"days": "custom", "since": "2026-03-03", "until": "2026-03-04"}
    cast.client(cast.bureau).post(f"/rules/{softer.pk}/replays/", said)
    replay = Replay.objects.get()
    assert replay.since.isoformat() == "2026-03-02T16:00:00+00:00"
    assert replay.until == clock.at


def test_the_estimate_comes_before_the_start(cast, call, clock, softer) -> None:
    call(CALM)
    clock.advance(minutes=1)
    answer = page(cast, "bureau", f"/rules/{softer.pk}/replays/estimate/?days=30")
    assert "共 <strong>1</strong> 条警情" in text_of(answer)
    assert "不到1分钟" in text_of(answer)
    assert "请填写起始日期" in text_of(
        page(cast, "bureau", f"/rules/{softer.pk}/replays/estimate/?days=custom")
    )
    assert not Replay.objects.exists()


# What is shown --------------------------------------------------------------------------------------------


def test_every_cell_opens_as_many_alerts_as_it_counts(cast, done) -> None:
    cells = CELL.findall(text_of(page(cast, "bureau", f"/replays/{done.pk}/")))
    assert sum(int(number) for _, number in cells) == 7
    for url, number in cells:
        html = text_of(page(cast, "bureau", url.replace("&amp;", "&")))
        assert html.count('<tr class="hub-row"') == int(number), url


def test_a_list_pages_on(cast, done, monkeypatch) -> None:
    monkeypatch.setattr("dispute_hub.common.paging.PAGE_ROWS", 2)
    first = text_of(page(cast, "bureau", f"/replays/{done.pk}/alerts/?old=blue&new=blue"))
    assert first.count('<tr class="hub-row"') == 2
    link = re.search(r'href="(\?[^"]+)"\s+rel="next"', first)
    rest = text_of(page(cast, "bureau", f"/replays/{done.pk}/alerts/{link[1].replace('&amp;', '&')}"))
    assert rest.count('<tr class="hub-row"') == 1


def test_a_list_says_what_would_be_said(cast, done) -> None:
    html = text_of(page(cast, "bureau", f"/replays/{done.pk}/alerts/?old=red&new=yellow"))
    row = ReplayedAlert.objects.filter(old_colour="red").select_related("alert__case").latest("id")
    assert row.alert.case.case_no in html
    assert row.new_sentence in html
    assert "象珠派出所" in html


def test_a_security_administrator_sees_figures_and_no_list(cast, done) -> None:
    html = text_of(page(cast, "security_admin", f"/replays/{done.pk}/"))
    assert "本岗位只看数字" in html
    assert "/alerts/" not in html
    assert page(cast, "security_admin", f"/replays/{done.pk}/alerts/?old=red&new=yellow").status_code == 403


def test_another_bureau_sees_the_figures_and_none_of_our_cases(cast, done) -> None:
    units = cast.units
    elsewhere = type(units.bureau).objects.create(
        code="330783", name="东阳市公安局", line="police", kind="bureau", parent=units.city
    )
    cast.add("elsewhere", "bureau", elsewhere)
    html = text_of(page(cast, "elsewhere", f"/replays/{done.pk}/"))
    assert len(CELL.findall(html)) == 4
    rows = text_of(page(cast, "elsewhere", f"/replays/{done.pk}/alerts/?old=red&new=yellow"))
    assert '<tr class="hub-row"' not in rows
    assert "没有可查看的警情" in rows


@pytest.mark.parametrize("query", ["", "?old=red", "?old=red&new=green", "?old=red&old=blue&new=red"])
def test_a_cell_that_is_none(cast, done, query: str) -> None:
    assert page(cast, "bureau", f"/replays/{done.pk}/alerts/{query}").status_code == 400


def test_progress_stops_asking_when_it_is_over(cast, call, ask, clock) -> None:
    call(KNIFE)
    replay = ask()
    assert page(cast, "bureau", f"/replays/{replay.pk}/progress/").status_code == 200
    run(replay, clock.at)
    answer = page(cast, "bureau", f"/replays/{replay.pk}/progress/")
    assert answer.status_code == 286
    assert "再试算一次" in text_of(answer)
    assert "↓降" in text_of(answer)


def test_stopping_from_the_page(cast, call, ask) -> None:
    call(KNIFE)
    replay = ask()
    answer = cast.client(cast.bureau).post(f"/replays/{replay.pk}/stop/")
    assert answer.status_code == 302
    html = text_of(page(cast, "bureau", answer.url))
    assert "已停止" in html
    assert "没有试算结果" in html
    assert "every 2s" not in html


def test_the_last_replays_of_a_version(cast, done) -> None:
    html = text_of(page(cast, "bureau", f"/rules/{done.rule_set_id}/replays/"))
    assert f'href="/replays/{done.pk}/"' in html
    (row,) = selectors.last_replays(done.rule_set)
    assert (row.changes.down, row.changes.total) == (2, 7)


# Who and at what cost -------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["station_chief", "officer", "auditor", "system_admin", "leader", "centre"])
def test_nobody_else(cast, done, who: str) -> None:
    for url in (f"/replays/{done.pk}/", f"/rules/{done.rule_set_id}/replays/"):
        assert page(cast, who, url).status_code == 403


@pytest.mark.parametrize("name", ["replay", "replay_progress", "replay_start", "replay_estimate"])
def test_what_does_not_exist(cast, reference, name: str) -> None:
    assert page(cast, "bureau", reverse(name, args=[987654])).status_code == 404


@pytest.mark.parametrize(
    ("url", "queries"),
    [
        ("/replays/{replay}/", 4),
        ("/replays/{replay}/progress/", 4),
        ("/replays/{replay}/alerts/?old=blue&new=blue", 4),
        ("/rules/{rule_set}/replays/", 5),
    ],
)
def test_pages_cost_few_queries(cast, done, django_assert_num_queries, url: str, queries: int) -> None:
    browser = cast.client(cast.bureau)
    address = url.format(replay=done.pk, rule_set=done.rule_set_id)
    browser.get(address)
    with django_assert_num_queries(queries):
        assert browser.get(address).status_code in (200, 286)

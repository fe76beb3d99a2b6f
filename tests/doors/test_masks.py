"""Where personal data may be read: nowhere but on the page of the one case, by those who handle it.

Three canaries stand on every case: the caller's number and ID in their columns, another number typed into
the narrative. Promises A6, S6, and row 56 of the reliability catalogue; who may see what is its matrix.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterable

import pytest

from dispute_hub.audit.models import AccessLog
from dispute_hub.cases.models import CaseEvent
from dispute_hub.common.logging import JsonFormatter
from dispute_hub.outbox.models import Notice, OutboxRow
from tests.doors.crawling import Page
from tests.doors.world import HOUSE, ID_NUMBER, NAME, PHONE, TOLD_PHONE, World

ID = re.compile(ID_NUMBER + r"\d{3}[\dXx]")
# Those who handle the open case read it in the clear on its own page (reliability 4.2) …
HANDLERS = {"officer", "community_officer", "station_command", "station_chief"}
# … and whom an order was handed to reads the numbers of the parties there, once it accepted.
RECEIVERS = {"centre", "department"}
ORDER_PAGES = {"order_detail", "api-order", "order_print", "order_notice"}


def shown(pages: Iterable[Page], pattern: re.Pattern[str]) -> set[tuple[str, str]]:
    return {(page.name, page.who) for page in pages if pattern.search(page.text)}


def test_lists_boards_and_tables_show_no_number(pages: list[Page]) -> None:
    lists = [page for page in pages if not page.thing]
    assert len(lists) > 100
    assert NAME[:1] in "".join(page.text for page in lists), "they do show the cases"
    for pattern in (PHONE, TOLD_PHONE, ID):
        assert shown(lists, pattern) == set()


def test_a_number_of_a_column_stays_behind_its_mask(pages: list[Page]) -> None:
    found = shown(pages, PHONE)
    assert {name for name, _ in found} <= ORDER_PAGES
    assert {who for _, who in found} == RECEIVERS, "the police side taps the eye of the case file"


def test_id_numbers_are_on_no_page(pages: list[Page]) -> None:
    assert shown(pages, ID) == set()


def test_a_number_in_a_narrative_is_read_where_the_case_is_handled(pages: list[Page]) -> None:
    assert {who for _, who in shown(pages, TOLD_PHONE)} == HANDLERS


def test_before_acceptance_the_centre_reads_neither_name_nor_number(pages: list[Page]) -> None:
    waiting = [
        page for page in pages if page.who == "centre" and page.thing in ("order sent", "order diverted")
    ]
    assert waiting
    for page in waiting:
        for canary in (NAME, HOUSE):
            assert canary not in page.text, f"{page} shows {canary}"
        assert not PHONE.search(page.text) and not TOLD_PHONE.search(page.text)


def _stored() -> dict[str, list[str]]:
    return {
        "notices": [f"{one.title} {one.body} {one.link}" for one in Notice.objects.all()],
        "outbox": [json.dumps(one.payload, ensure_ascii=False) for one in OutboxRow.objects.all()],
        "events": [json.dumps(one.data, ensure_ascii=False) for one in CaseEvent.objects.all()],
        "trace": [json.dumps(one, default=str, ensure_ascii=False) for one in AccessLog.objects.values()],
    }


@pytest.mark.parametrize("kept", ["notices", "outbox", "events", "trace"])
def test_what_is_kept_and_sent_names_nobody(world: World, pages: list[Page], kept: str) -> None:
    said = _stored()[kept]
    assert said
    found = [
        (canary, text[:200])
        for text in said
        for canary in (NAME, HOUSE, PHONE.pattern, TOLD_PHONE.pattern, ID.pattern)
        if re.search(canary, text)
    ]
    assert found == []


def test_no_line_of_the_log_names_a_number(world: World, caplog: pytest.LogCaptureFixture) -> None:
    number = "13987650001"
    browser = world.cast.client(world.cast.station_command)
    with caplog.at_level(logging.DEBUG):
        browser.get(f"/cases/{number}/")
        browser.get(f"/cases/?q={number}")
        browser.post("/search/", {"q": number})
        browser.post(f"/alerts/{world.alert['scene'].alert_no}/reveal/", {"purpose": "follow_up"})
    lines = [JsonFormatter().format(record) for record in caplog.records if record.name.startswith("hub")]
    assert len(lines) >= 4
    assert [line for line in lines if number in line or ID.search(line)] == []


def test_a_search_leaves_its_trace_without_the_number(world: World) -> None:
    number = "13987650001"
    world.cast.client(world.cast.station_command).post("/search/", {"q": number})
    assert not [one for one in AccessLog.objects.values() if number in json.dumps(one, default=str)]

"""The case list and the case file: who sees what, masked how, in how many queries."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from dispute_hub.cases import lifecycle
from dispute_hub.cases.models import Case, CaseEvent
from dispute_hub.cases.selectors import visible_to
from dispute_hub.cases.services import PartyFacts
from reports import event_words, selectors
from tests.architecture import ROOT
from tests.reports.conftest import CALM, KNIFE, OTHER_PLACE, page, people

# In all, session, person and post included; the design allows the file twelve.
FILE_QUERIES = 11
LIST_QUERIES = 3


FOUND = {
    "status=tracking": 1,
    "status=settled": 1,
    "colour=red": 1,
    "colour=blue": 1,
    "level=high": 1,
    "station=330784-XZ": 2,
    "station=330784-GS": 0,
    "q=菜刀": 1,
    "q=菜市场": 0,
    "updated_since=2026-03-04T08:00:00%2B08:00": 2,
    "updated_since=2026-03-04T10:00:00%2B08:00": 0,
    "status=tracking&colour=blue": 0,
}


OPEN_TO = (
    "officer", "community_officer", "station_command", "station_chief", "bureau", "leader",
)  # fmt: skip
OUT_OF_REACH = (
    "other_station_chief", "other_community_officer", "other_officer", "centre", "county_centre",
    "department", "mediator", "grid_worker", "political_legal",
)  # fmt: skip
WITHOUT_RIGHT = ("dispatcher", "duty_commander", "system_admin", "security_admin", "auditor")


class TestWho:
    def test_the_file_its_api_and_its_timeline(self, case, cast) -> None:
        expected = dict.fromkeys(OPEN_TO, 200) | dict.fromkeys(OUT_OF_REACH, 404)
        expected |= dict.fromkeys(WITHOUT_RIGHT, 403)
        wrong = {}
        for name, status in expected.items():
            actor = getattr(cast, name)
            api = cast.api(actor)
            given = (
                page(cast, actor, f"/cases/{case.case_no}/").status_code,
                api.get(f"/api/v1/cases/{case.case_no}/").status_code,
                api.get(f"/api/v1/cases/{case.case_no}/timeline/").status_code,
            )
            if given != (status,) * 3:
                wrong[name] = given
        assert wrong == {}

    def test_nobody_without_log_in(self, case, cast) -> None:
        for url in ("/cases/", f"/cases/{case.case_no}/", "/board/", "/board/rows/", "/"):
            assert page(cast, None, url).status_code == 302
        for url in ("cases/", f"cases/{case.case_no}/", "worklist/", "reports/clearance/"):
            assert cast.api(None).get(f"/api/v1/{url}").status_code == 401

    def test_an_unknown_number_is_told_apart_by_nobody(self, case, cast) -> None:
        url = f"/api/v1/cases/{case.case_no}/"
        foreign, unknown = (
            cast.api(cast.other_station_chief).get(one).json() for one in (url, "/api/v1/cases/JF1/")
        )
        assert foreign["message"] == unknown["message"]


class TestList:
    def test_every_role_lists_exactly_what_it_may_see(self, handled, cast, clock) -> None:
        for number in range(1, 4):
            handled("unsettled", **people(number))
        handled("settled", **OTHER_PLACE)
        for actor in cast.actors.values():
            rows = selectors.case_page(actor, selectors.CaseFilter(), at=clock.at, cursor=None).rows
            assert {row.pk for row in rows} == set(
                visible_to(actor, at=clock.at).values_list("pk", flat=True)
            )

    def test_pages_by_key_through_both_branches(self, handled, cast, clock) -> None:
        for number in range(1, 6):
            handled("unsettled", at=clock.at - timedelta(hours=number), **people(number))
        seen, cursor = [], None
        while cursor != "":
            found = selectors.case_page(
                cast.community_officer, selectors.CaseFilter(), at=clock.at, cursor=cursor, size=2
            )
            seen += [row.opened_at for row in found.rows]
            cursor = found.next_cursor
        assert len(seen) == 5
        assert seen == sorted(seen, reverse=True)

    def test_filters(self, handled, cast) -> None:
        handled("settled", text=CALM, **people(1))
        handled("unsettled", text=KNIFE, **people(2))
        api, browser = cast.api(cast.bureau), cast.client(cast.bureau)
        given = {}
        for query in FOUND:
            rows = api.get(f"/api/v1/cases/?{query}").json()["results"]
            html = browser.get(f"/cases/?{query}").content.decode()
            given[query] = len(rows)
            assert html.count('<tr class="hub-row"') == len(rows)
        assert given == FOUND

    def test_an_unknown_value_is_refused(self, cast) -> None:
        api = cast.api(cast.bureau)
        for query in ("status=x", "colour=green", "updated_since=2026", "page_size=x", "status=a&status=b"):
            assert api.get(f"/api/v1/cases/?{query}").status_code == 400

    def test_the_other_side_cannot_ask_for_colours(self, cast) -> None:
        assert cast.api(cast.centre).get("/api/v1/cases/?colour=red").status_code == 400

    def test_empty_says_what_to_do(self, cast) -> None:
        assert "请放宽或清除筛选条件" in page(cast, cast.station_chief, "/cases/").content.decode()

    def test_queries_do_not_grow(self, handled, cast, django_assert_num_queries) -> None:
        handled("unsettled", **people(1))
        browser = cast.client(cast.station_chief)
        browser.get("/cases/")
        with django_assert_num_queries(LIST_QUERIES):
            browser.get("/cases/")
        for number in range(2, 6):
            handled("unsettled", **people(number))
        with django_assert_num_queries(LIST_QUERIES):
            browser.get("/cases/")


class TestFile:
    def test_within_twelve_queries_however_long_its_story(
        self, case, call, cast, clock, django_assert_num_queries
    ) -> None:
        browser = cast.client(cast.community_officer)
        browser.get(f"/cases/{case.case_no}/")
        with django_assert_num_queries(FILE_QUERIES):
            browser.get(f"/cases/{case.case_no}/")
        for _ in range(3):
            clock.advance(hours=2)
            call(KNIFE)
        with django_assert_num_queries(FILE_QUERIES):
            html = browser.get(f"/cases/{case.case_no}/").content.decode()
        assert "再次报警，计为重复警情" in html

    def test_the_timeline_reads_in_words(self, case, cast) -> None:
        html = page(cast, cast.station_chief, f"/cases/{case.case_no}/").content.decode()
        for words in (
            "接报警情",
            "研判：红色",
            "下发一推送",
            "处警反馈：未化解",
            "转跟踪化解（未化解）",
            "中期",
        ):
            assert words in html

    def test_a_topic_narrows_the_timeline(self, case, cast) -> None:
        html = page(cast, cast.station_chief, f"/cases/{case.case_no}/?topic=push").content.decode()
        assert "处警反馈：未化解" in html
        assert "接报警情" not in html

    def test_actions_are_those_of_role_and_status(self, case, cast) -> None:
        def titles(actor):
            file = selectors.case_file(actor, case.case_no, topic="", at=case.updated_at)
            return [action.title for action in selectors.actions_for(actor, file.case, file.parts)]

        assert "提请三推" in titles(cast.community_officer)
        assert "非警务分流" not in titles(cast.community_officer)  # red is dispatched, never diverted
        assert titles(cast.leader) == []


class TestMasks:
    def test_names_are_clear_in_the_own_stations_open_case_numbers_never(self, case, cast) -> None:
        html = page(cast, cast.community_officer, f"/cases/{case.case_no}/").content.decode()
        assert "对方乙" in html
        assert "13800000002" not in html
        assert "138****0002" in html

    @pytest.mark.parametrize("name", ["bureau", "leader"])
    def test_elsewhere_names_are_masked(self, case, cast, name) -> None:
        html = page(cast, getattr(cast, name), f"/cases/{case.case_no}/").content.decode()
        assert "对方乙" not in html
        assert "对**" in html

    def test_a_closed_case_is_masked_at_home_too(self, case, cast) -> None:
        Case.objects.filter(pk=case.pk).update(status="closed")
        html = page(cast, cast.community_officer, f"/cases/{case.case_no}/").content.decode()
        assert "对方乙" not in html

    def test_the_api_masks_free_text(self, call, cast) -> None:
        alert = call("对方电话13911112222，" + CALM)
        told = cast.api(cast.station_chief).get(f"/api/v1/cases/{alert.case.case_no}/").content.decode()
        assert "13911112222" not in told


class TestWords:
    def test_every_event_the_product_records_has_words(self) -> None:
        recorded = set()
        for folder in ("dispute_hub/cases", "intake", "triage", "routing", "mediation", "followup"):
            for path in Path(ROOT / folder).rglob("*.py"):
                text = path.read_text(encoding="utf-8")
                recorded |= set(re.findall(r'lifecycle\.record\(\s*\w+,\s*"([a-z_]+\.[a-z_]+)"', text))
        assert len(recorded) > 30
        assert recorded - set(event_words.WORDS) == set()
        assert {f"case.{status}" for status in lifecycle.TRANSITIONS} <= set(event_words.WORDS)

    def test_a_missing_code_leaves_its_phrase_out(self) -> None:
        assert event_words.say(CaseEvent(kind="push.reported", data={})).text == "处警反馈"
        said = event_words.say(CaseEvent(kind="push.reported", data={"outcome": "void", "text": "误拨"}))
        assert (said.text, said.detail) == ("处警反馈：无效警情", "误拨")

    def test_an_unknown_kind_is_not_left_out(self) -> None:
        assert "new.kind" in event_words.say(CaseEvent(kind="new.kind", data={})).text

    def test_unidentified_is_said(self, call, cast) -> None:
        alert = call(CALM, parties=(PartyFacts(known_as="绿车司机"),))
        html = page(cast, cast.station_chief, f"/cases/{alert.case.case_no}/").content.decode()
        assert "绿车司机" in html

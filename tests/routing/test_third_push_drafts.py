"""三推办理 while it is written: drafts safe against a second tab, and 抄告 only where the law has it."""

import pytest

from dispute_hub.cases import services as cases
from routing import selectors
from routing.models import ReportDraft, ThirdPushFiling, WorkOrder
from tests.routing.test_third_push import confirmed


class TestDrafts:
    def save(self, browser, case, edition, **given):
        return browser.post(f"/cases/{case.case_no}/third-push/draft/", {**given, "draft_edition": edition})

    def test_what_was_typed_comes_back_on_another_desk(self, story, cast):
        case = story.tracked()
        answer = self.save(cast.client(cast.station_command), case, 0, risk="写到一半", grade="extra_urgent")
        assert (answer.status_code, answer["X-Draft-Edition"]) == (204, "1")
        page = cast.client(cast.station_command).get(f"/cases/{case.case_no}/third-push/").content.decode()
        assert "写到一半" in page
        assert "保存的草稿" in page
        assert (
            "写到一半"
            not in cast.client(cast.community_officer)
            .get(f"/cases/{case.case_no}/third-push/")
            .content.decode()
        )

    def test_with_the_case_they_end(self, story, cast, clock):
        case = story.tracked()
        self.save(cast.client(cast.station_command), case, 0, risk="写到一半")
        cases.settle(case, how="oral_agreement", text="和好", actor=cast.community_officer, at=clock.at)
        assert not ReportDraft.objects.exists()

    def test_an_older_tab_never_writes_over_a_newer_one(self, story, cast):
        case = story.tracked()
        browser = cast.client(cast.station_command)
        assert self.save(browser, case, 0, risk="甲页")["X-Draft-Edition"] == "1"
        assert self.save(browser, case, 0, risk="乙页").status_code == 409
        assert self.save(browser, case, 1, risk="甲页续写")["X-Draft-Edition"] == "2"
        assert selectors.typed_before(ReportDraft.objects.get())["risk"] == "甲页续写"

    def test_given_up_or_proposed_it_is_gone_and_stays_gone(self, story, cast):
        case = story.tracked()
        browser = cast.client(cast.station_command)
        self.save(browser, case, 0, risk="写到一半")
        browser.post(f"/cases/{case.case_no}/third-push/draft/drop/")
        assert not ReportDraft.objects.exists()
        assert self.save(browser, case, 1, risk="迟到的保存").status_code == 409
        self.save(browser, case, 0, risk="再写")
        story.proposed(case)
        assert not ReportDraft.objects.exists()
        self.save(browser, case, 1, risk="迟到的保存")
        assert not ReportDraft.objects.exists()

    def test_it_is_sealed_in_the_database(self, story, cast):
        from django.db import connection

        self.save(cast.client(cast.station_command), story.tracked(), 0, facts="报警甲与对方乙")
        with connection.cursor() as cursor:
            cursor.execute("SELECT content FROM routing_reportdraft")
            assert "报警甲".encode() not in bytes(cursor.fetchone()[0])


class TestLawfulProcedure:
    """抄告 only while 诉讼, 仲裁, 复议 or 信访 runs; refused both ways with the cure."""

    @pytest.mark.parametrize(("procedure", "given", "kind", "field"), [
        ("", {"kind": "notice_only"}, "", "kind"),
        ("已终结", {"kind": "notice_only"}, "", "kind"),
        ("已终结", {"kind": "third_push"}, "third_push", ""),
        ("信访", {"kind": "third_push"}, "", "both_applied"),
        ("信访", {"kind": "notice_only"}, "notice_only", ""),
        ("复议", {"kind": "third_push", "both_applied": "on"}, "", "applied_text"),
        ("复议", {"kind": "third_push", "both_applied": "on", "applied_text": "双方3月3日书面申请"},
         "third_push", ""),
    ])  # fmt: skip
    def test_what_the_page_lets_through(self, story, cast, procedure, given, kind, field):
        case = story.tracked(procedure=procedure)
        browser = cast.client(cast.station_command)
        response = browser.post(f"/cases/{case.case_no}/third-push/", confirmed(browser, case, **given))
        if kind:
            assert response.status_code == 302
            assert WorkOrder.objects.get().kind == kind
            return
        assert response.status_code == 422
        assert list(response.context["form"].errors) == [field]

    def test_the_application_is_recorded(self, story):
        case = story.tracked(procedure="诉讼")
        story.proposed(case, both_applied=True, applied_text="双方3月3日书面申请")
        filing = ThirdPushFiling.objects.get()
        assert (filing.procedure, filing.both_applied, filing.applied_text) == (
            "诉讼", True, "双方3月3日书面申请",
        )  # fmt: skip

    def test_a_procedure_that_ended_is_none(self, story, call, clock):
        case = story.tracked(procedure="诉讼")
        assert selectors.procedure_under_way(case)
        clock.advance(hours=30)
        call(procedure="已终结")
        assert not selectors.procedure_under_way(case)

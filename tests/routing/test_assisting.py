"""协助二推送: the station of occurrence leads, a party's home station helps and sees its task only."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from dispute_hub.accounts.models import Line, Role, Unit, UnitKind
from dispute_hub.cases import deadlines
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, CaseEvent, Deadline
from dispute_hub.cases.selectors import visible_to
from dispute_hub.common.errors import Conflict, Invalid, NoRight
from dispute_hub.outbox.models import OutboxRow
from reports import selectors as reports
from routing import services
from routing.models import AssistingPush, Push
from tests.routing.conftest import CALM, KNIFE


@pytest.fixture
def case(story):
    """A red case whose push 2 was sent at once."""
    return story.tracked(KNIFE)


@pytest.fixture
def ask(case, cast, clock):
    def asked(actor=None, **changed):
        said = {
            "party": case.parties.latest("id"), "station": cast.units.other_station, "home": "residence",
            "text": "请上门了解近况。",
        } | changed  # fmt: skip
        return services.ask_assistance(case, actor=actor or cast.station_command, at=clock.at, **said)

    return asked


@pytest.fixture
def asked(ask):
    return ask()


def open_kinds(row):
    running = Deadline.objects.filter(subject_kind="assistingpush", subject_id=row.pk, state="open")
    return list(running.values_list("kind", flat=True))


def titles(unit, kind="push.assisting"):
    rows = OutboxRow.objects.filter(topic="notice", payload__unit_id=unit.pk, payload__kind=kind)
    return list(rows.order_by("id").values_list("payload__title", flat=True))


class TestAsking:
    def test_the_other_command_room_has_24_hours_to_sign(self, asked, cast, clock):
        row = Deadline.objects.get(kind="assist.sign")
        assert row.due_at - clock.at == timedelta(hours=24)
        assert (row.holder_unit, row.holder_role) == (cast.units.other_station, "station_command")
        assert titles(cast.units.other_station) == [f"协助二推送待签收（24小时内）：{asked.case.case_no}"]

    def test_the_first_station_leads_on(self, asked, case, cast):
        assert Case.objects.get(pk=case.pk).station == cast.units.station
        assert Push.objects.filter(case=case, tier=2).count() == 1

    def test_the_responsible_officer_may_ask(self, ask, cast):
        assert ask(actor=cast.community_officer).issued_by == cast.community_officer.post

    def test_not_before_push_2_was_sent(self, story, cast, clock):
        calm = story.tracked(CALM, address="象珠镇后村3号", reporter=None)
        assert Push.objects.get(case=calm, tier=2).status == "queued"
        with pytest.raises(Conflict, match="尚未下发"):
            services.ask_assistance(
                calm, party=calm.parties.first(), station=cast.units.other_station, home="residence",
                text="请了解近况。", actor=cast.station_command, at=clock.at,
            )  # fmt: skip

    @pytest.mark.parametrize("field", ["station", "home", "party", "text"])
    def test_a_refusal_names_its_field(self, ask, cast, story, field):
        stranger = story.tracked(CALM, address="象珠镇后村3号", reporter=None).parties.first()
        wrong = {"station": cast.units.station, "home": "work", "party": stranger, "text": " "}
        with pytest.raises(Invalid) as refusal:
            ask(**{field: wrong[field]})
        assert set(refusal.value.fields) == {field}

    def test_the_same_is_asked_once(self, asked, ask):
        with pytest.raises(Conflict, match="已请该派出所"):
            ask()
        with pytest.raises(IntegrityError), transaction.atomic():
            asked.pk = None
            asked.save()

    def test_only_the_leading_station_asks(self, ask, cast):
        with pytest.raises(NoRight):
            ask(actor=cast.other_station_command)


class TestHelping:
    def test_signing_starts_three_working_days(self, asked, cast, clock):
        services.sign_assistance(asked, actor=cast.other_station_command, at=clock.at)
        assert open_kinds(asked) == ["assist.answer"]
        assert Deadline.objects.get(kind="assist.answer").limit == "3 working_days"
        assert titles(cast.units.station) == [f"协助二推送已签收：{asked.case.case_no}"]

    def test_the_answer_stands_on_the_timeline(self, asked, case, cast, clock):
        services.sign_assistance(asked, actor=cast.other_community_officer, at=clock.at)
        services.answer_assistance(
            asked, text="已上门，情绪平稳。", actor=cast.other_community_officer, at=clock.at
        )
        assert AssistingPush.objects.get().status == "answered"
        assert open_kinds(asked) == []
        event = CaseEvent.objects.get(case=case, kind="assist.answered")
        assert event.data == {"unit": "古山派出所", "text": "已上门，情绪平稳。"}
        for path in (f"/cases/{case.case_no}/", f"/tracking/{case.case_no}/", "/assists/"):
            assert "已上门，情绪平稳。" in cast.client(cast.station_command).get(path).content.decode()

    def test_who_leads_cannot_sign_and_who_helps_cannot_withdraw(self, asked, cast, clock):
        with pytest.raises(NoRight):
            services.sign_assistance(asked, actor=cast.station_command, at=clock.at)
        with pytest.raises(NoRight):
            services.withdraw_assistance(asked, text="不办", actor=cast.other_station_command, at=clock.at)

    def test_no_answer_before_the_signature(self, asked, cast, clock):
        with pytest.raises(Conflict, match="待签收"):
            services.answer_assistance(asked, text="已办", actor=cast.other_station_command, at=clock.at)

    def test_unsigned_in_time_the_leading_room_hears_it(self, asked, cast, clock):
        clock.advance(hours=25)
        deadlines.sweep(at=clock.at)
        for unit in (cast.units.other_station, cast.units.station):
            assert f"协助二推签收已超时：{asked.case.case_no}" in titles(unit, "deadline.breached")
        rows = OutboxRow.objects.filter(payload__title__startswith="协助二推签收已超时")
        assert set(rows.values_list("payload__link", flat=True)) == {"/assists/"}


class TestEnding:
    def test_withdrawn_it_asks_nothing_more(self, asked, cast, clock, ask):
        services.withdraw_assistance(asked, text="当事人已到所", actor=cast.station_command, at=clock.at)
        assert (AssistingPush.objects.get().status, open_kinds(asked)) == ("withdrawn", [])
        assert "已撤回" in titles(cast.units.other_station)[-1]
        with pytest.raises(Conflict):
            services.sign_assistance(asked, actor=cast.other_station_command, at=clock.at)
        assert ask().status == "issued"

    def test_it_ends_with_the_case(self, asked, case, cast, clock):
        case.refresh_from_db()
        cases.settle(
            case, how="oral_agreement", text="双方和解。", version=case.version, actor=cast.station_command,
            at=clock.at,
        )  # fmt: skip
        assert (AssistingPush.objects.get().status, open_kinds(asked)) == ("withdrawn", [])

    def test_who_gets_the_case_needs_not_help(self, asked, case, cast, clock):
        row = services.raise_jurisdiction(
            case,
            proposed=cast.units.other_station,
            text="事发地在古山",
            actor=cast.station_command,
            at=clock.at,
        )
        services.decide_jurisdiction(
            row, to=cast.units.other_station, text="由古山管辖", actor=cast.bureau, at=clock.at
        )
        assert (AssistingPush.objects.get().status, open_kinds(asked)) == ("withdrawn", [])


class TestSight:
    def test_the_helping_station_sees_its_task_only(self, asked, case, cast, clock):
        other = cast.client(cast.other_station_command)
        page = other.get("/assists/").content.decode()
        assert "对方乙" not in page
        assert "对*" in page
        assert "110" in page
        assert f"/cases/{case.case_no}/" not in page
        assert other.get(f"/cases/{case.case_no}/").status_code == 404
        assert not visible_to(cast.other_station_command, at=clock.at).exists()

    def test_it_reads_the_name_while_the_task_is_in_its_hands(self, asked, cast, clock):
        helper, client = cast.other_station_command, cast.client(cast.other_station_command)
        services.sign_assistance(asked, actor=helper, at=clock.at)
        page = client.get("/assists/").content.decode()
        assert "对方乙" in page
        assert "13800000002" not in page
        services.answer_assistance(asked, text="已核实", actor=helper, at=clock.at)
        assert "对方乙" not in client.get("/assists/").content.decode()

    def test_its_worklist_says_nothing_of_the_case(self, asked, cast, clock):
        (row,) = [
            one for one in reports.worklist(cast.other_station_command, at=clock.at).rows
            if one.kind == "assist.sign"
        ]  # fmt: skip
        assert (row.title, row.colour, row.url) == ("其他派出所请求协助", "", "/assists/")

    def test_the_page_of_its_clock_leads_to_the_task(self, asked, case, cast):
        clock_id = Deadline.objects.get(kind="assist.sign").pk
        page = cast.client(cast.other_station_command).get(f"/clocks/{clock_id}/").content.decode()
        assert 'href="/assists/"' in page
        assert f"/cases/{case.case_no}/" not in page

    def test_a_third_station_finds_nothing(self, asked, cast):
        third = Unit.objects.create(
            code="330784-SZ", name="石柱派出所", line=Line.POLICE, kind=UnitKind.STATION,
            parent=cast.units.bureau, bureau=cast.units.bureau,
        )  # fmt: skip
        client = cast.client(cast.add("third_command", Role.STATION_COMMAND, third))
        assert asked.case.case_no not in client.get("/assists/").content.decode()
        assert client.post(f"/assists/{asked.pk}/sign/").status_code == 404

    def test_no_other_role_has_the_page(self, asked, cast):
        for actor in (cast.bureau, cast.officer, cast.centre):
            assert cast.client(actor).get("/assists/").status_code == 403


class TestPages:
    def test_from_the_case_to_the_answer(self, case, cast):
        lead, other = cast.client(cast.station_command), cast.client(cast.other_station_command)
        path = f"/cases/{case.case_no}/assist/"
        assert "请求协助" in lead.get(f"/cases/{case.case_no}/").content.decode()
        said = {
            "party": case.parties.latest("id").pk, "home": "registered", "station": "330784-GS",
            "text": "请核实近况",
        }  # fmt: skip
        refused = lead.post(path, said | {"text": ""})
        assert (refused.status_code, AssistingPush.objects.count()) == (422, 0)
        assert lead.post(path, said).status_code == 302
        row = AssistingPush.objects.get()
        assert "协助请求" in other.get("/tracking/").content.decode()
        assert other.post(f"/assists/{row.pk}/sign/").status_code == 302
        kept = other.post(f"/assists/{row.pk}/answer/", {"text": ""})
        assert kept.status_code == 422
        assert other.post(f"/assists/{row.pk}/answer/", {"text": "已核实"}).status_code == 302
        assert "已核实" in lead.get("/assists/").content.decode()

    def test_withdrawn_on_the_page(self, asked, cast):
        lead = cast.client(cast.station_command)
        assert lead.post(f"/assists/{asked.pk}/withdraw/", {"text": "已到所"}).status_code == 302
        assert AssistingPush.objects.get().status == "withdrawn"

    def test_queries_do_not_grow(self, asked, ask, case, cast, django_assert_num_queries):
        client = cast.client(cast.other_station_command)
        client.get("/assists/")
        with django_assert_num_queries(5):
            client.get("/assists/")
        ask(party=case.parties.earliest("id"))
        with django_assert_num_queries(5):
            client.get("/assists/")

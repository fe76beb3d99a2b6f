"""The frame of every page: menu with open counts, search under a trace, one effect per form, refusals."""

import uuid

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import resolve

from dispute_hub.accounts import doors, policy
from dispute_hub.accounts.models import Role, SubmittedForm
from dispute_hub.audit.models import AccessLog
from dispute_hub.cases import services as cases
from dispute_hub.cases.models import Case, Deadline
from dispute_hub.common.errors import Conflict, NoRight
from dispute_hub.outbox import services as outbox
from dispute_hub.outbox.models import Notice, OutboxRow
from reports import menu, search


def a_case(cast, clock, **parts) -> Case:
    place = cases.Place(station=cast.units.station, bureau=cast.units.bureau, area=cast.units.area)
    facts = {"status": "scene", "source": "110", "title": "邻里噪音纠纷", "place": place} | parts
    return cases.open_case(cases.Opening(**facts), at=clock.at)


def a_clock(case: Case, kind: str, at, number: int, **holder) -> Deadline:
    return Deadline.objects.create(
        case=case, subject_kind="push", subject_id=number, kind=kind, limit="1 hours", starts_at=at,
        due_at=at, next_step_at=at, **holder,
    )  # fmt: skip


# Menu --------------------------------------------------------------------------------------------------


def test_every_role_has_a_menu_of_at_most_eight() -> None:
    assert set(menu.MENU) == set(Role.values)
    assert all(0 < len(entries) <= menu.MOST_ENTRIES for entries in menu.MENU.values())


@pytest.mark.parametrize("role", Role.values)
def test_no_entry_leads_to_a_closed_door(role: str) -> None:
    for entry in menu.entries_for(role, "/"):
        act = getattr(resolve(entry.url).func, "act", "")
        assert policy.allows(role, act), f"{entry.page} asks for {act}"


def test_counts_are_the_posts_own_clocks_read_in_one_query(cast, clock, django_assert_num_queries) -> None:
    case, station = a_case(cast, clock), cast.units.station
    a_clock(case, "order.approve", clock.at, 1, holder_unit=station, holder_role="station_chief")
    a_clock(case, "close.approve", clock.at, 2, holder_unit=station, holder_role="station_chief")
    a_clock(case, "order.approve", clock.at, 3, holder_unit=station, holder_role="station_command")
    a_clock(case, "order.approve", clock.at, 4, holder_post=cast.other_station_chief.post)
    ended = a_clock(case, "order.approve", clock.at, 5, holder_unit=station, holder_role="station_chief")
    Deadline.objects.filter(pk=ended.pk).update(state="ended")
    note(cast.station_chief, clock)
    with django_assert_num_queries(1):
        numbers = menu.open_counts(cast.station_chief)
    assert numbers == {"order.approve": 1, "close.approve": 1, "notices": 1}


def test_the_fragment_costs_session_post_and_one_query(cast, clock, django_assert_num_queries) -> None:
    browser = cast.client(cast.station_chief)
    with django_assert_num_queries(3):
        page = browser.get("/_menu/?at=/")
    assert 'id="hub-unread"' in page.content.decode()


def test_the_current_entry_is_the_nearest() -> None:
    current = [entry.page for entry in menu.entries_for("auditor", "/x/") if entry.is_current]
    assert current == []


@pytest.mark.parametrize("role", Role.values)
def test_the_help_opens_for_everybody(cast, clock, role: str) -> None:
    actor = next(actor for actor in cast.actors.values() if actor.role == role)
    page = cast.client(actor).get("/help/")
    assert "研判仅供参考，以现场判断为准；蓝色不等于没有危险" in page.content.decode()


@pytest.mark.parametrize("path", ["/help/", "/notices/", "/"])
def test_nobody_sees_a_page_without_a_log_in(db, client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404 or answer["Location"].startswith("/login/")


# Search ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("JF20261121000123", "case_no"),
        ("jf20261121000123", "case_no"),
        ("13800001234", "phone"),
        ("0579-87112233", "phone"),
        ("+86 138 0000 1234", "phone"),
        ("1234", "last_four"),
        ("999101199001011234", "id_number"),
        ("99910119900101123x", "id_number"),
        ("王小明", "name"),
        ("欧阳小明", "name"),
        ("买买提·吐尔逊", "name"),
        ("象珠一村 噪音", "words"),
        ("拖欠装修工程款", "words"),
        ("", "words"),
    ],
)
def test_how_words_are_read(words: str, kind: str) -> None:
    assert search.kind_of(words) == kind


@pytest.mark.parametrize("words", ["13800001234", "１３８００００１２３４", " 138 0000 1234 ", "1234"])
def test_a_person_is_found_by_number_under_a_trace(cast, clock, words: str) -> None:
    party = cases.PartyFacts(name="王小明", phone="13800001234")
    case = a_case(cast, clock, parties=(party,))
    page = cast.client(cast.station_command).post("/search/", {"q": words})
    assert case.case_no in page.content.decode()
    trace = AccessLog.objects.get(kind="search_person")
    assert trace.data["found"] == 1
    assert "1234" not in str(trace.data)


def test_a_search_ends_at_the_posts_reach(cast, clock) -> None:
    case = a_case(cast, clock, parties=(cases.PartyFacts(phone="13800001234"),))
    for actor in (cast.other_station_command, cast.centre, cast.dispatcher, cast.system_admin):
        page = cast.client(actor).post("/search/", {"q": "13800001234"})
        assert case.case_no not in page.content.decode()
    assert AccessLog.objects.filter(kind="search_person").count() == 4


def test_a_case_number_leads_to_its_file(cast, clock) -> None:
    answer = cast.client(cast.officer).post("/search/", {"q": "jf20261121000123"})
    assert answer["Location"] == "/cases/JF20261121000123/"
    assert not AccessLog.objects.filter(kind="search_person").exists()


def test_a_name_stays_out_of_every_address(cast, clock) -> None:
    a_case(cast, clock, narrative="王小明与邻居争吵")
    page = cast.client(cast.station_command).post("/search/", {"q": "王小明"})
    assert page.status_code == 200
    assert AccessLog.objects.get(kind="search_person").data == {"by": "name", "found": 1}


def test_nothing_typed_finds_nothing(cast, clock) -> None:
    a_case(cast, clock)
    found = search.find(cast.station_command, "  ", at=clock.at)
    assert (found.cases, found.url) == ([], "")


# Doors -------------------------------------------------------------------------------------------------


def entered(view, cast, *, method="POST", **posted):
    request = getattr(RequestFactory(), method.lower())("/x/", posted)
    request.actor, request.resolver_match, request.session = cast.officer, None, {}
    request._messages = type("Messages", (list,), {"add": lambda self, *a, **k: None})()
    return view(request)


def test_a_form_sent_twice_has_one_effect(cast, clock) -> None:
    done = []

    @doors.door("self.use", "POST")
    def save(request):
        done.append(1)
        return HttpResponse("saved")

    token = str(uuid.uuid4())
    first = entered(save, cast, form_token=token)
    second = entered(save, cast, form_token=token)
    assert (first.status_code, second.status_code, done) == (200, 302, [1])


@pytest.mark.parametrize("answer", [Conflict("否"), HttpResponse(status=422)])
def test_a_refused_form_may_be_sent_again(cast, clock, answer) -> None:
    @doors.door("self.use", "POST")
    def refuse(request):
        if isinstance(answer, Exception):
            raise answer
        return answer

    token = str(uuid.uuid4())
    for _ in range(2):
        try:
            response = entered(refuse, cast, form_token=token)
            assert response.status_code == 422
        except Conflict:
            pass
    assert not SubmittedForm.objects.exists()


def test_a_door_refuses_the_wrong_role(cast, clock) -> None:
    @doors.door("sheet.sign", "POST")
    def sign(request):
        raise AssertionError("entered")

    with pytest.raises(NoRight):
        entered(sign, cast)


def test_a_refusal_leaves_a_trace(cast, clock) -> None:
    cast.client(cast.officer).post("/notices/999999/open/")
    trace = AccessLog.objects.get(kind="refusal")
    assert (trace.object_id, trace.data) == ("/notices/999999/open/", {"code": "not_found", "method": "POST"})


@pytest.mark.parametrize("name", ["officer", "centre", "system_admin"])
def test_a_closed_door_is_a_403_and_a_trace(cast, clock, name: str) -> None:
    actor = getattr(cast, name)
    assert cast.client(actor).get("/quarantine/?x=1").status_code == 403
    trace = AccessLog.objects.get(kind="refusal")
    assert (trace.user_id, trace.post_id, trace.object_id) == (actor.user.pk, actor.post.pk, "/quarantine/")
    assert trace.data == {"code": "no_right", "method": "GET"}


def test_a_refusal_at_the_api_leaves_the_same_trace(cast, clock) -> None:
    caller = cast.api(cast.centre)
    assert caller.post("/api/v1/triage/preview/", {"narrative": "争吵"}, format="json").status_code == 403
    assert AccessLog.objects.get(kind="refusal").object_id == "/api/v1/triage/preview/"


# Inbox -------------------------------------------------------------------------------------------------


def note(actor, clock, **parts) -> None:
    facts = {"kind": "push.issued", "title": "新的一推", "post_id": actor.post.pk} | parts
    outbox.notify(outbox.Message(**facts), at=clock.at, case_id=None)
    for row in OutboxRow.objects.filter(state="pending"):
        outbox.deliver_notice(row, at=clock.at)
    OutboxRow.objects.update(state="sent")


def test_the_inbox_shows_what_was_sent_to_the_post_and_its_role(cast, clock) -> None:
    note(cast.officer, clock, title="给本人")
    note(cast.officer, clock, title="给全组", post_id=None, unit_id=cast.units.station.pk, role="officer")
    note(
        cast.officer, clock, title="给领导", post_id=None, unit_id=cast.units.station.pk, role="station_chief"
    )
    note(cast.second_officer, clock, title="给同事")
    page = cast.client(cast.officer).get("/notices/").content.decode()
    assert [title in page for title in ("给本人", "给全组", "给领导", "给同事")] == [True, True, False, False]


def test_numbers_in_the_words_of_a_notice_stay_masked(cast, clock) -> None:
    note(cast.officer, clock, title="请求增援", body="对方电话13812345678，持刀")
    page = cast.client(cast.officer).get("/notices/").content.decode()
    assert "持刀" in page
    assert "13812345678" not in page


def test_the_inbox_asks_the_same_whatever_its_size(cast, clock, django_assert_num_queries) -> None:
    browser = cast.client(cast.officer)
    for number in range(60):
        note(cast.officer, clock, title=f"第{number}条")
    with django_assert_num_queries(3):
        page = browser.get("/notices/")
    assert len(page.context["rows"]) == 50
    rest = browser.get("/notices/", {"cursor": page.context["next_cursor"]})
    assert len(rest.context["rows"]) == 10


def test_an_empty_inbox_says_what_to_do(cast, clock) -> None:
    assert "待办事项请看左侧菜单" in cast.client(cast.officer).get("/notices/").content.decode()


def test_opening_a_notice_reads_it_for_this_person_only(cast, clock) -> None:
    note(cast.officer, clock, post_id=None, unit_id=cast.units.station.pk, role="officer", link="/cases/X/")
    notice = Notice.objects.get()
    answer = cast.client(cast.officer).post(f"/notices/{notice.pk}/open/")
    assert answer["Location"] == "/cases/X/"
    assert menu.open_counts(cast.officer) == {}
    assert menu.open_counts(cast.second_officer) == {"notices": 1}


def test_another_posts_notice_is_not_there(cast, clock) -> None:
    note(cast.officer, clock)
    notice = Notice.objects.get()
    assert cast.client(cast.second_officer).post(f"/notices/{notice.pk}/open/").status_code == 404
    assert menu.open_counts(cast.officer) == {"notices": 1}


@pytest.mark.parametrize("newest", ["", "x", "-1", "²", "9" * 30])
def test_read_all_takes_no_nonsense(cast, clock, newest: str) -> None:
    note(cast.officer, clock)
    assert cast.client(cast.officer).post("/notices/read/", {"newest": newest}).status_code == 302
    assert menu.open_counts(cast.officer) == {"notices": 1}


def test_read_all_leaves_what_came_since(cast, clock) -> None:
    note(cast.officer, clock)
    newest = Notice.objects.get().pk
    note(cast.officer, clock)
    cast.client(cast.officer).post("/notices/read/", {"newest": str(newest)})
    assert menu.open_counts(cast.officer) == {"notices": 1}

"""跟踪化解台账: who finds which case in which group, and the side panel's acts."""

import pytest

from dispute_hub.cases import grants
from dispute_hub.cases.models import Case
from dispute_hub.common.errors import NoRight
from routing import selectors, services
from routing.models import Push
from tests.routing.conftest import CALM, KNIFE


@pytest.fixture
def case(handle, clock):
    clock.set("2026-03-04T09:00:00+08:00")
    return handle(KNIFE)


def groups(cast, actor, at):
    cases = list(selectors.ledger_cases(actor, at=at).order_by(*selectors.LEDGER_ORDER))
    return {
        group.code: [row.case.case_no for row in group.rows]
        for group in selectors.ledger(cases, actor, at=at)
    }


class TestGroups:
    @pytest.mark.parametrize(
        ("instant", "group"),
        [
            ("2026-03-04T09:29:59+08:00", "today"),
            ("2026-03-04T09:30:00+08:00", "overdue"),
        ],
    )
    def test_by_the_nearest_clock(self, case, cast, clock, instant, group):
        clock.set(instant)
        assert groups(cast, cast.community_officer, clock.at) == {group: [case.case_no]}

    def test_without_a_running_clock_it_is_later(self, handle, cast, clock):
        queued = handle(CALM)
        assert groups(cast, cast.community_officer, clock.at) == {"later": [queued.case_no]}

    def test_verifying_stands_apart(self, case, cast, clock):
        Case.objects.filter(pk=case.pk).update(status="verifying")
        assert groups(cast, cast.community_officer, clock.at) == {"verify": [case.case_no]}

    def test_station_leads_see_all_others_only_their_own(self, case, cast, clock):
        other = cast.add("second_community", "community_officer", cast.units.area)
        assert groups(cast, cast.station_chief, clock.at)
        assert groups(cast, other, clock.at) == {}
        assert groups(cast, cast.other_station_chief, clock.at) == {}

    def test_names_are_clear_for_the_holder_and_masked_in_the_station_list(self, case, cast, clock):
        cases = list(selectors.ledger_cases(cast.community_officer, at=clock.at))
        (mine,) = selectors.ledger(cases, cast.community_officer, at=clock.at)[0].rows
        (seen,) = selectors.ledger(cases, cast.station_chief, at=clock.at)[0].rows
        assert mine.parties == "报警甲、对方乙"
        assert seen.parties == "报**、对**"

    def test_queries_do_not_grow_with_the_rows(self, handle, cast, django_assert_num_queries):
        client = cast.client(cast.community_officer)
        for number in range(2):
            handle(CALM, address=f"象珠镇{number}村", reporter=None, parties=())
        with django_assert_num_queries(5):
            client.get("/tracking/")
        for number in range(2, 6):
            handle(KNIFE, address=f"象珠镇{number}村", reporter=None, parties=())
        with django_assert_num_queries(5):
            client.get("/tracking/")


class TestPanel:
    def test_a_call_is_recorded_and_the_ledger_read_anew(self, case, cast):
        client = cast.client(cast.community_officer)
        told = {"mode": "phone", "text": "已联系双方，约明日调解"}
        answer = client.post(f"/tracking/{case.case_no}/contact/", told, headers={"HX-Request": "true"})
        assert answer["HX-Redirect"] == "/tracking/"
        assert Push.objects.get(case=case, tier=2).status == "reported"

    def test_an_empty_note_comes_back_in_the_panel(self, case, cast):
        client = cast.client(cast.community_officer)
        answer = client.post(f"/tracking/{case.case_no}/contact/", {"mode": "phone"})
        assert answer.status_code == 422

    def test_settled_with_the_version_that_was_read(self, case, cast):
        client = cast.client(cast.community_officer)
        told = {"how": "agreement", "text": "双方达成书面协议", "row_version": case.version - 1}
        stale = client.post(f"/tracking/{case.case_no}/settle/", told)
        assert stale.status_code == 409
        assert "双方达成书面协议" in stale.content.decode()
        told["row_version"] = case.version
        assert client.post(f"/tracking/{case.case_no}/settle/", told).status_code == 303
        case.refresh_from_db()
        assert case.status == "settled"

    def test_the_stations_leaders_assign_without_a_sheet(self, case, cast):
        client, panel = cast.client(cast.station_chief), f"/tracking/{case.case_no}/"
        other = cast.add("second_community", "community_officer", cast.units.area)
        assert f"{panel}assign/" in client.get(panel).content.decode()
        refused = client.post(f"{panel}assign/", {"post": ""}, headers={"HX-Request": "true"})
        assert (refused.status_code, "id_assign_post" in refused.content.decode()) == (422, True)
        assert client.post(f"{panel}assign/", {"post": other.post.pk}).status_code == 303
        assert Push.objects.get(case=case, tier=2).addressee_post == other.post
        page = client.get(f"/cases/{case.case_no}/").content.decode()
        assert f'hx-get="{panel}"' in page.replace("\n", "")

    def test_another_station_that_sees_the_case_assigns_nothing(self, case, cast, clock):
        grants.give(case, "test", at=clock.at, unit_id=cast.units.other_station.pk)
        client, panel = cast.client(cast.other_station_command), f"/tracking/{case.case_no}/"
        assert f"{panel}assign/" not in client.get(panel).content.decode()
        with pytest.raises(NoRight):
            services.assign_case(case, post=cast.officer.post, actor=cast.other_station_command, at=clock.at)

    def test_the_panel_is_a_fragment_for_htmx_and_a_page_otherwise(self, case, cast):
        client = cast.client(cast.community_officer)
        address = f"/tracking/{case.case_no}/"
        assert "<html" not in client.get(address, headers={"HX-Request": "true"}).content.decode()
        assert "<html" in client.get(address).content.decode()


# who -> GET ledger, GET panel, POST contact, POST settle
WHO = {
    "community_officer": (200, 200, 303, 303),
    "station_command": (200, 200, 303, 303),
    "station_chief": (200, 200, 403, 403),
    "officer": (200, 200, 303, 403),
    "bureau": (200, 200, 403, 403),
    "other_community_officer": (200, 404, 404, 404),
    "centre": (403, 403, 403, 403),
    None: (302, 302, 302, 302),
}


@pytest.mark.parametrize("who", WHO)
def test_who_may_do_what(case, cast, who):
    client = cast.client(getattr(cast, who) if who else None)
    base = f"/tracking/{case.case_no}/"
    settle = {"how": "agreement", "text": "协议"}
    found = (
        client.get("/tracking/").status_code,
        client.get(base).status_code,
        client.post(f"{base}contact/", {"mode": "visit", "text": "走访"}).status_code,
        client.post(f"{base}settle/", settle).status_code,
    )
    assert found == WHO[who]

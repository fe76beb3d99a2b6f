"""Pages of the follow-up: who opens what, what a refused form keeps, what a list costs."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest

from dispute_hub.audit.models import AccessLog
from dispute_hub.cases import deadlines, grants
from dispute_hub.cases.models import Case
from followup import services
from followup.models import FollowUp, Supervision
from tests.followup.conftest import CALLER, OTHER, WITNESS, both, visits

STATION = ["officer", "community_officer", "station_command", "station_chief"]
OUTSIDE = ["centre", "grid_worker", "department", "bureau", "leader", "auditor", "dispatcher"]
SAID = {
    "reporter_contact": "answered", "reporter_result_kept": "yes", "reporter_knot": "no",
    "reporter_new_dispute": "no", "reporter_escalation": "no", "reporter_satisfaction": "very",
    "reporter_text": "相安无事",
}  # fmt: skip
OTHER_SAID = {name.replace("reporter", "other"): value for name, value in SAID.items()}


def who(cast, name: str | None):
    return cast.client(getattr(cast, name) if name else None)


def send(cast, name: str | None, url: str, **fields):
    return who(cast, name).post(url, {"form_token": str(uuid.uuid4())} | fields)


def text_of(response) -> str:
    return response.content.decode()


@pytest.fixture
def case(settled, cast) -> Case:
    return settled("orange", how="agreement", parties=(CALLER, OTHER, WITNESS))


@pytest.fixture
def mediated(settled, cast) -> Case:
    return settled("yellow", how="agreement", mediator=cast.mediator)


@pytest.fixture
def supervision(settled, clock) -> Supervision:
    settled("yellow")
    clock.set("2026-03-20T00:00:00+08:00")
    deadlines.sweep(at=clock.at)
    return Supervision.objects.get(kind="order")


# Who opens what ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["/follow-ups/", "/follow-ups/done/"])
@pytest.mark.parametrize(
    ("name", "status"),
    [(None, 302), *((one, 200) for one in [*STATION, "mediator"]), *((one, 403) for one in OUTSIDE)],
)
def test_who_opens_the_list(cast, clock, url: str, name: str | None, status: int) -> None:
    assert who(cast, name).get(url).status_code == status


@pytest.mark.parametrize(
    ("name", "status"),
    [
        (None, 302),
        *((one, 200) for one in ("community_officer", "station_command", "station_chief")),
        *((one, 404) for one in ("other_community_officer", "other_station_command", "officer", "mediator")),
        *((one, 403) for one in OUTSIDE),
    ],
)
def test_who_opens_one(case, cast, name: str | None, status: int) -> None:
    assert who(cast, name).get(f"/follow-ups/{visits(case)[0].pk}/").status_code == status


@pytest.mark.parametrize(("name", "status"), [("mediator", 200), ("other_mediator", 404)])
def test_a_mediator_opens_his_own(mediated, cast, name: str, status: int) -> None:
    assert who(cast, name).get(f"/follow-ups/{visits(mediated)[0].pk}/").status_code == status


def test_a_mediator_does_not_open_what_another_asks(case, cast, clock) -> None:
    grants.give(case, "mediation", at=clock.at, post_id=cast.mediator.post.pk)
    assert who(cast, "mediator").get(f"/follow-ups/{visits(case)[0].pk}/").status_code == 404


ACTS = {
    "result": SAID | OTHER_SAID | {"mode": "call", "reporter_agreement_performed": "yes",
                                   "other_agreement_performed": "yes"},
    "waive": {"reason": "双方已迁走"},
    "safe-contact": {"text": "周二下午"},
}  # fmt: skip


def acting() -> list[tuple[str, str | None, int]]:
    rows: list[tuple[str, str | None, int]] = [(act, None, 302) for act in ACTS]
    for act in ("result", "safe-contact"):
        rows += [(act, one, 302) for one in ("community_officer", "station_command")]
        rows += [(act, one, 404) for one in ("other_community_officer", "other_station_command", "mediator")]
        rows += [(act, one, 403) for one in ("officer", "station_chief", *OUTSIDE)]
    rows += [("waive", "station_chief", 302), ("waive", "other_station_chief", 404)]
    rows += [("waive", one, 403) for one in ("community_officer", "station_command", "mediator", *OUTSIDE)]
    return rows


@pytest.mark.parametrize(("act", "name", "status"), acting())
def test_who_acts(case, cast, act: str, name: str | None, status: int) -> None:
    follow_up = visits(case)[0]
    answer = send(cast, name, f"/follow-ups/{follow_up.pk}/{act}/", **ACTS[act])
    assert answer.status_code == status
    changed = FollowUp.objects.get(pk=follow_up.pk)
    touched = changed.status != "planned" or changed.safe_contact != ""
    assert touched == (status == 302 and name is not None)


# The list ---------------------------------------------------------------------------------------------------


def test_groups_by_date(settled, cast, clock) -> None:
    settled("yellow", at=clock.at - timedelta(days=20))
    settled("yellow", at=clock.at - timedelta(days=14))
    settled("yellow", at=clock.at - timedelta(days=12))
    settled("yellow")
    page = text_of(who(cast, "station_command").get("/follow-ups/"))
    order = [page.index(f"{title} · 本页 1 件") for title in ("已超期", "今天", "本周", "以后")]
    assert order == sorted(order)
    today = text_of(who(cast, "station_command").get("/follow-ups/?group=today"))
    assert today.count('<tr class="hub-row"') == 1


@pytest.mark.parametrize(
    ("name", "rows"),
    [("mediator", 1), ("other_mediator", 0), ("community_officer", 3), ("station_command", 4),
     ("other_station_command", 0), ("officer", 0)],
)  # fmt: skip
def test_everybody_sees_his_own(case, mediated, cast, name: str, rows: int) -> None:
    page = text_of(who(cast, name).get("/follow-ups/"))
    assert page.count('<tr class="hub-row"') == rows
    assert ("没有回访" in page) == (rows == 0)


def test_the_list_masks_everybody(case, cast) -> None:
    page = text_of(who(cast, "community_officer").get("/follow-ups/"))
    assert "报**" in page
    assert "报警甲" not in page
    assert "13800000001" not in page


@pytest.mark.parametrize(("url", "most"), [("/follow-ups/", 8), ("/follow-ups/done/", 9)])
def test_the_list_costs_the_same_for_many(
    settled, cast, clock, url: str, most: int, django_assert_max_num_queries
) -> None:
    for _ in range(12):
        case = settled("yellow")
    services.record_result(visits(case)[0], answers=both(), text="", actor=cast.station_command, at=clock.at)
    browser = who(cast, "station_command")
    with django_assert_max_num_queries(most):
        page = text_of(browser.get(url))
    assert page.count('<tr class="hub-row"') == (11 if url == "/follow-ups/" else 1)


def test_the_list_pages_by_key(settled, cast, clock) -> None:
    for _ in range(52):
        settled("yellow")
    browser = who(cast, "station_command")
    first = text_of(browser.get("/follow-ups/"))
    assert first.count('<tr class="hub-row"') == 50
    cursor = first.split("cursor=")[1].split('"')[0]
    assert text_of(browser.get(f"/follow-ups/?cursor={cursor}")).count('<tr class="hub-row"') == 2


# Call mode --------------------------------------------------------------------------------------------------


def test_the_call_page_asks_both_sides_apart(case, cast, django_assert_max_num_queries) -> None:
    browser = who(cast, "community_officer")
    with django_assert_max_num_queries(14):
        page = text_of(browser.get(f"/follow-ups/{visits(case)[0].pk}/"))
    for question in ("化解结果是否保持", "协议是否履行", "有无心结未解", "有无新的矛盾", "有无激化迹象"):
        assert page.count(question) == 2
    assert "保存后案件重新跟踪" in page
    assert "报警甲" in page
    assert "对方乙" in page
    assert "证人丙" not in page
    assert "13800000001" not in page


def test_without_an_agreement_nobody_asks_about_it(settled, cast) -> None:
    page = text_of(who(cast, "station_command").get(f"/follow-ups/{visits(settled('yellow'))[0].pk}/"))
    assert "协议是否履行" not in page


def test_a_sensitive_case_shows_the_safe_way(settled, cast) -> None:
    case = settled("orange", item="P0401", how="penalty")
    page = text_of(who(cast, "community_officer").get(f"/follow-ups/{visits(case)[0].pk}/"))
    assert "安全联系方式" in page
    assert "满意度（选填）" not in page
    assert ">短信<" not in page


@pytest.mark.parametrize(("hour", "shown"), [("20:59", False), ("21:00", True)])
def test_quiet_hours_are_said(case, cast, clock, hour: str, shown: bool) -> None:
    clock.set(f"2026-03-04T{hour}:00+08:00")
    page = text_of(who(cast, "community_officer").get(f"/follow-ups/{visits(case)[0].pk}/"))
    assert ("除有危险外不给当事人打电话" in page) is shown


def test_who_was_called_lately_is_not_called_again(settled, cast, clock) -> None:
    earlier, case = settled("yellow"), settled("yellow")
    services.record_result(
        visits(earlier)[0], answers=both(), text="", actor=cast.station_command, at=clock.at
    )
    url = f"/follow-ups/{visits(case)[0].pk}/"
    clock.advance(days=6, hours=23)
    assert "7天内已因其他案件回访过此人" in text_of(who(cast, "station_command").get(url))
    clock.advance(hours=1)
    assert "7天内已因其他案件回访过此人" not in text_of(who(cast, "station_command").get(url))


def test_one_side_now_and_the_other_later(settled, cast) -> None:
    case = settled("yellow")
    (follow_up,) = visits(case)
    url = f"/follow-ups/{follow_up.pk}/result/"
    send(cast, "station_command", url, mode="call", **SAID, other_contact="unreached")
    page = text_of(who(cast, "station_command").get(f"/follow-ups/{follow_up.pk}/"))
    assert "相安无事" in page
    assert 'name="reporter_contact"' not in page
    assert "已试1天" in page
    answer = send(cast, "station_command", url, mode="call", **OTHER_SAID)
    assert answer.status_code == 302
    assert Case.objects.get(pk=case.pk).status == "closed"


def test_saved_and_on_to_the_next(settled, cast, clock) -> None:
    first, second = settled("yellow"), settled("yellow")
    answer = send(
        cast, "station_command", f"/follow-ups/{visits(first)[0].pk}/result/", mode="call", act="next",
        **SAID, **OTHER_SAID,
    )  # fmt: skip
    assert answer["Location"] == f"/follow-ups/{visits(second)[0].pk}/"


@pytest.mark.parametrize("missing", ["result_kept", "knot", "new_dispute", "escalation"])
def test_a_left_out_question_is_named_and_the_text_kept(settled, cast, missing: str) -> None:
    (follow_up,) = visits(settled("yellow"))
    told = {name: value for name, value in SAID.items() if name != f"reporter_{missing}"}
    answer = send(
        cast, "station_command", f"/follow-ups/{follow_up.pk}/result/", mode="call", other_contact="later",
        **told,
    )  # fmt: skip
    assert answer.status_code == 422
    assert "相安无事" in text_of(answer)
    assert "请问报警人一方" in text_of(answer)
    assert not follow_up.answers.exists()


def test_nobody_asked_is_no_result(settled, cast) -> None:
    (follow_up,) = visits(settled("yellow"))
    answer = send(
        cast, "station_command", f"/follow-ups/{follow_up.pk}/result/", mode="call",
        reporter_contact="later", other_contact="later", text="改日再访",
    )  # fmt: skip
    assert answer.status_code == 422
    assert "改日再访" in text_of(answer)


def test_a_second_click_has_no_second_effect(settled, cast) -> None:
    (follow_up,) = visits(settled("yellow"))
    fields = {"form_token": str(uuid.uuid4()), "mode": "call", "reporter_contact": "unreached",
              "other_contact": "later"}  # fmt: skip
    browser = who(cast, "station_command")
    for _ in range(2):
        browser.post(f"/follow-ups/{follow_up.pk}/result/", fields)
    assert follow_up.failed_tries.count() == 1


@pytest.mark.parametrize(
    ("name", "status"),
    [(None, 302), ("community_officer", 200), ("station_command", 200), ("officer", 403), ("bureau", 403),
     ("other_station_command", 404), ("mediator", 404), ("centre", 403)],
)  # fmt: skip
def test_who_sees_the_number(case, cast, name: str | None, status: int) -> None:
    party = case.parties.get(role="reporter")
    url = f"/follow-ups/{visits(case)[0].pk}/parties/{party.pk}/reveal/"
    answer = send(cast, name, url, purpose="follow_up")
    assert answer.status_code == status
    assert ("13800000001" in text_of(answer)) == (status == 200)
    assert AccessLog.objects.filter(kind="reveal").count() == (1 if status == 200 else 0)


def test_a_party_of_another_case_stays_hidden(case, settled, cast) -> None:
    stranger = settled("yellow").parties.first()
    url = f"/follow-ups/{visits(case)[0].pk}/parties/{stranger.pk}/reveal/"
    assert send(cast, "community_officer", url, purpose="follow_up").status_code == 404

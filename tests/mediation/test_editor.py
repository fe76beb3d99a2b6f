"""The agreement editor and the agreement's page: two tables, a checked sum, nothing typed is lost."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest

from dispute_hub.cases.models import Case
from mediation.models import Agreement
from tests.mediation.conftest import FACTS

EDITOR = {
    "form": "written", "facts": FACTS, "terms": "甲方支付三万元。\r\n\r\n双方再无争议。", "copies": "3",
    "total_amount": "30000", "parties-TOTAL_FORMS": "3", "parties-INITIAL_FORMS": "2",
    "parties-0-name": "王甲", "parties-1-name": "李乙", "parties-1-phone": "13900000009",
    "promises-TOTAL_FORMS": "3", "promises-INITIAL_FORMS": "0",
    "promises-0-what": "第一期", "promises-0-amount": "10000", "promises-0-due_on": "2026-03-31",
    "promises-1-what": "第二期", "promises-1-amount": "20000", "promises-1-due_on": "2026-04-30",
}  # fmt: skip


def send(cast, who: str, url: str, fields: dict[str, Any]) -> Any:
    return cast.client(getattr(cast, who)).post(url, {"form_token": str(uuid.uuid4()), **fields})


@pytest.fixture
def url(tracked) -> str:
    return f"/cases/{tracked().case_no}/agreements/new/"


def party_ids() -> dict[str, str]:
    ids = Case.objects.get().parties.order_by("id").values_list("pk", flat=True)
    return {f"parties-{number}-party_id": str(pk) for number, pk in enumerate(ids)}


def test_the_editor_knows_the_parties_and_hides_their_numbers(url, cast) -> None:
    page = cast.client(cast.community_officer).get(url).content.decode()
    assert 'value="王甲"' in page
    assert 'placeholder="138****0001"' in page
    assert "13800000001" not in page
    assert "999784198001010019" not in page
    assert "赔礼道歉" in page


def test_what_is_left_empty_is_taken_as_recorded(url, cast, clock) -> None:
    answer = send(cast, "community_officer", url, EDITOR | party_ids())
    agreement = Agreement.objects.get()
    assert answer["Location"] == f"/agreements/{agreement.number}/"
    first, second = agreement.parties.order_by("id")
    assert (first.phone, first.id_number, first.party.name) == ("13800000001", "999784198001010019", "王甲")
    assert second.phone == "13900000009"
    assert agreement.terms == ["甲方支付三万元。", "双方再无争议。"]
    assert [item.amount for item in agreement.items.order_by("number")] == [10000, 20000]


def test_a_party_of_another_case_lends_no_number(url, tracked, cast, clock) -> None:
    other = tracked().parties.first()
    send(cast, "community_officer", url, EDITOR | {"parties-0-party_id": str(other.pk)})
    first = Agreement.objects.get().parties.order_by("id").first()
    assert (first.party, first.phone) == (None, "")


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"total_amount": "30001"}, 422, "与总额 30001 元不一致"),
        ({"terms": "付【金额】元"}, 422, "还有未改好的【】内容"),
        ({"promises-0-due_on": ""}, 422, "履行内容和履行期限都要填写"),
        ({"promises-0-due_on": "2026-03-03"}, 422, "履行期限不能早于今天"),
        ({"parties-1-name": ""}, 422, "至少有两方当事人"),
        ({"parties-0-age": "131"}, 422, "年龄"),
        ({"facts": ""}, 422, "请填写主要事实和争议事项"),
        ({"facts": "a\u0007b"}, 422, "U+0007"),
        ({"row_version": "99"}, 409, "已被他人更新"),
        ({"parties-TOTAL_FORMS": "x"}, 422, "当事人"),
        ({"promises-TOTAL_FORMS": "99999"}, 422, "履行项"),
    ],
)
def test_what_is_refused_keeps_what_was_typed(
    url, cast, clock, changes: dict, status: int, words: str
) -> None:
    answer = send(cast, "community_officer", url, {**EDITOR, "performance_way": "当面交付", **changes})
    page = answer.content.decode()
    assert answer.status_code == status
    assert words in page
    assert 'value="当面交付"' in page
    assert not Agreement.objects.exists()


def test_family_violence_is_told_at_the_head(tracked, cast, clock) -> None:
    url = f"/cases/{tracked(item_code='P0401').case_no}/agreements/new/"
    answer = send(cast, "community_officer", url, EDITOR)
    assert answer.status_code == 422
    assert "先录入处理决定" in answer.content.decode()


# The agreement's page ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "fields", "status"),
    [
        ("mediator", {"performed": "yes", "proof": "收条"}, 302),
        ("community_officer", {"performed": "no", "proof": "联系不上"}, 302),
        ("mediator", {"performed": "yes", "proof": ""}, 422),
        ("mediator", {"proof": "写好的说明"}, 422),
        ("station_chief", {"performed": "yes", "proof": "收条"}, 403),
        ("other_mediator", {"performed": "yes", "proof": "收条"}, 404),
    ],
)
def test_who_records_performance(concluded, cast, clock, who: str, fields: dict, status: int) -> None:
    agreement = concluded()
    answer = send(cast, who, f"/agreements/{agreement.number}/items/1/", fields)
    assert answer.status_code == status
    item = agreement.items.get(number=1)
    assert item.status == (
        "due" if status != 302 else {"yes": "performed", "no": "breached"}[fields["performed"]]
    )
    assert status != 422 or fields["proof"] in answer.content.decode()


def test_a_promise_recorded_twice_is_a_conflict(concluded, cast, clock) -> None:
    url = f"/agreements/{concluded().number}/items/1/"
    fields = {"performed": "yes", "proof": "收条"}
    assert [send(cast, "mediator", url, fields).status_code for _ in range(2)] == [302, 409]
    assert send(cast, "mediator", url.replace("/1/", "/9/"), fields).status_code == 404


@pytest.mark.parametrize(("outcome", "status"), [("applied", 302), ("declined", 302), ("lapsed", 422)])
def test_the_parties_choice_by_form(concluded, cast, clock, outcome: str, status: int) -> None:
    agreement = concluded()
    url = f"/agreements/{agreement.number}/confirmation/"
    assert send(cast, "mediator", url, {"outcome": outcome}).status_code == status
    agreement.refresh_from_db()
    assert agreement.confirmation == (outcome if status == 302 else "")


def test_the_download(concluded, cast, clock) -> None:
    agreement = concluded()
    answer = cast.client(cast.mediator).get(f"/agreements/{agreement.number}/docx/")
    assert answer["Content-Type"].endswith("wordprocessingml.document")
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert (answer["X-Content-Type-Options"], answer["Cache-Control"]) == ("nosniff", "no-store")
    assert b"".join(answer.streaming_content)[:2] == b"PK"


def test_the_print_view_says_what_the_file_says(concluded, cast, clock) -> None:
    page = cast.client(cast.mediator).get(f"/agreements/{concluded(facts='<b>{{ 1 }}</b>𠮷').number}/print/")
    text = re.sub(r"\s+", " ", page.content.decode())
    for words in (
        "人民调解协议书",
        "&lt;b&gt;{{ 1 }}&lt;/b&gt;𠮷",
        "叁万元整",
        "当事人（1）：王甲，性别男",
        "司法确认",
    ):
        assert words in text
    assert "style=" not in text.replace("stylesheet=", "")

"""A page form runs one service; what the service says no to comes back at its field, the text kept."""

from __future__ import annotations

from typing import Any

import pytest

from dispute_hub.common.errors import Conflict, Invalid, NoRight, OutOfScope, Refused, Stale
from dispute_hub.common.forms import SubmittedForm, area, day, line, row_version


class _NoteForm(SubmittedForm):
    named = {"due_at": "due_on"}
    text = area("内容", 20, 2)
    place = line("地点", 10, required=False)
    due_on = day("期限", required=False)
    row_version = row_version()


TYPED = {"text": "双方约定", "place": "", "due_on": "2026-03-04", "row_version": "7"}


def _refusing(refusal: Refused) -> Any:
    def act(**told: Any) -> None:
        raise refusal

    return act


def test_the_service_gets_what_was_typed_and_the_version_that_was_read() -> None:
    form = _NoteForm(TYPED)
    told = form.submit(lambda **given: given)
    assert told is not None
    assert (told["text"], told["version"]) == ("双方约定", 7)
    assert "row_version" not in told
    assert (form.did, form.status) == (True, 200)


@pytest.mark.parametrize("made", [None, 0, "", []])
def test_an_act_that_gives_nothing_back_was_done_all_the_same(made: Any) -> None:
    form = _NoteForm(TYPED)
    assert form.submit(lambda **given: made) == made
    assert (form.did, form.status) == (True, 200)


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (Invalid("不行"), 422),
        (Invalid("不行", status=400), 422),
        (Conflict("不行"), 409),
        (Stale("不行"), 409),
    ],
)
def test_a_refusal_about_the_content_comes_back_with_the_text_kept(refusal: Refused, status: int) -> None:
    form = _NoteForm(TYPED)
    assert form.submit(_refusing(refusal)) is None
    assert (form.did, form.status) == (False, status)
    assert form.non_field_errors() == ["不行"]
    assert form["text"].value() == "双方约定"


@pytest.mark.parametrize("refusal", [NoRight(), OutOfScope()])
def test_rights_and_scope_go_on_up(refusal: Refused) -> None:
    with pytest.raises(type(refusal)):
        _NoteForm(TYPED).submit(_refusing(refusal))


@pytest.mark.parametrize(("named", "field"), [("text", "text"), ("due_at", "due_on"), ("unknown", "__all__")])
def test_each_word_stands_at_its_field(named: str, field: str) -> None:
    form = _NoteForm(TYPED)
    form.submit(_refusing(Invalid(fields={named: ["请核对。"]})))
    assert form.errors == {field: ["请核对。"]}


def test_a_form_over_a_message_tells_the_place_inside_it() -> None:
    class Repair(_NoteForm):
        tells_places = True

    form = Repair(TYPED)
    form.submit(_refusing(Invalid(fields={"parties[0].name": ["过长。"]})))
    assert form.non_field_errors() == ["parties[0].name：过长。"]


@pytest.mark.parametrize("field", ["text", "place"])
def test_what_cannot_be_stored_is_named_at_its_field(field: str) -> None:
    form = _NoteForm(TYPED | {field: "a\u0007b"})
    assert form.submit(lambda **given: given) is None
    assert list(form.errors) == [field]
    assert form.status == 422

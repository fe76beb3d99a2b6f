"""The life of a version: drafted, edited, replayed, submitted, brought into force by somebody else."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from dispute_hub.audit.models import AccessLog
from dispute_hub.common.errors import Conflict, Invalid, NoRight, Refused, Stale
from triage import engine, services
from triage.engine import checking
from triage.engine.parts import part_of
from triage.models import Replay, RuleSet
from triage.services._rules import digest_of, named_rules_in_force, rules_in_force

WORDS = {"lexicon/child": "孩子|小孩|娃娃"}


@pytest.fixture
def people(cast: Any) -> Any:
    cast.add("second_bureau", "bureau", cast.units.bureau)
    return cast


@pytest.fixture
def first(reference: None) -> RuleSet:
    return RuleSet.objects.get(status="active")


@pytest.fixture
def draft(first: RuleSet, people: Any, clock: Any) -> RuleSet:
    return services.draft_from(first, note="补充孩子的说法", actor=people.bureau, at=clock.at)


def edit(draft: RuleSet, actor: Any, at: Any, **options: Any) -> RuleSet:
    given = {"changes": WORDS, "edit_no": draft.edit_no} | options
    return services.edit_draft(draft, actor=actor, at=at, **given)


def replayed(draft: RuleSet, at: Any, **columns: Any) -> Replay:
    given = {"digest": draft.digest, "state": "done", "requested_by_id": draft.author_id} | columns
    return Replay.objects.create(rule_set=draft, since=at, until=at, requested_at=at, **given)


def submitted(draft: RuleSet, people: Any, at: Any) -> RuleSet:
    replayed(draft, at)
    return services.submit_draft(draft, edit_no=draft.edit_no, actor=people.bureau, at=at)


def test_a_draft_has_the_content_and_the_next_number(draft: RuleSet, first: RuleSet) -> None:
    assert (draft.version, draft.status, draft.based_on_id) == ("2", "draft", first.pk)
    assert {**draft.content, "version": "1"} == first.content
    assert draft.digest == digest_of(draft.content) != first.digest


def test_an_edit_changes_the_digest_and_names_its_editor(draft: RuleSet, people: Any, clock: Any) -> None:
    made = edit(draft, people.security_admin, clock.at)
    made.refresh_from_db()
    assert part_of(made.content, "lexicon/child") == WORDS["lexicon/child"]
    assert made.digest == digest_of(made.content) != draft.digest
    assert (made.editors, made.edit_no) == ([people.bureau.user.pk, people.security_admin.user.pk], 1)


def test_the_same_content_is_no_edit(draft: RuleSet, people: Any, clock: Any) -> None:
    same = {"lexicon/child": draft.content["lexicon"]["child"]}
    assert edit(draft, people.security_admin, clock.at, changes=same).editors == [people.bureau.user.pk]


def test_a_stale_form_hears_whose_edit_it_was(draft: RuleSet, people: Any, clock: Any) -> None:
    edit(draft, people.security_admin, clock.at)
    with pytest.raises(Stale, match="安全管已修改过这份草稿") as refused:
        edit(draft, people.bureau, clock.at, changes={"lexicon/child": "娃"}, edit_no=0)
    assert refused.value.status == 409
    draft.refresh_from_db()
    assert part_of(draft.content, "lexicon/child") == WORDS["lexicon/child"]


def test_a_flawed_edit_is_refused_at_its_place(draft: RuleSet, people: Any, clock: Any) -> None:
    with pytest.raises(Invalid) as refused:
        edit(draft, people.bureau, clock.at, changes={"lexicon/child": "(孩子"})
    assert list(refused.value.fields) == ["lexicon/child"]
    draft.refresh_from_db()
    assert draft.edit_no == 0


def test_content_is_checked_before_the_row_is_locked(
    draft: RuleSet, people: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checking takes a second in which nobody else should wait for the draft."""
    locked: list[bool] = []
    with CaptureQueriesContext(connection) as seen:
        monkeypatch.setattr(
            checking, "flaws", lambda content: locked.append("FOR UPDATE" in repr(list(seen))) or ()
        )
        edited = edit(draft, people.bureau, clock.at)
        submitted(edited, people, clock.at)
        assert locked[0] is False
        assert "FOR UPDATE" in repr(list(seen))


@pytest.mark.parametrize("act", ["edit", "submit", "activate"])
def test_an_edit_made_meanwhile_is_noticed_under_the_lock(
    draft: RuleSet, people: Any, clock: Any, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    submitted(draft, people, clock.at)

    def meanwhile(content: Any) -> tuple[()]:
        RuleSet.objects.filter(pk=draft.pk).update(edit_no=1)
        return ()

    monkeypatch.setattr(checking, "flaws", meanwhile)
    given: dict[str, Any] = {"edit_no": 0, "at": clock.at}
    with pytest.raises(Stale):
        if act == "edit":
            services.edit_draft(draft, changes=WORDS, actor=people.bureau, **given)
        elif act == "submit":
            services.submit_draft(draft, actor=people.bureau, **given)
        else:
            services.activate(draft, actor=people.security_admin, **given)


def test_submitting_needs_a_finished_replay_of_this_content(draft: RuleSet, people: Any, clock: Any) -> None:
    submit = {"edit_no": 0, "actor": people.bureau, "at": clock.at}
    with pytest.raises(Conflict, match="请先试算"):
        services.submit_draft(draft, **submit)
    replayed(draft, clock.at, state="running")
    with pytest.raises(Conflict, match="请先试算"):
        services.submit_draft(draft, **submit)
    Replay.objects.update(state="done")
    edited = edit(draft, people.bureau, clock.at)
    with pytest.raises(Conflict, match="又有修改"):
        services.submit_draft(edited, **submit | {"edit_no": 1})


def test_an_edit_withdraws_the_submission(draft: RuleSet, people: Any, clock: Any) -> None:
    submitted(draft, people, clock.at)
    made = edit(draft, people.security_admin, clock.at)
    assert (made.submitted_by_id, made.submitted_at) == (None, None)


def test_a_second_person_brings_it_into_force_at_once(
    draft: RuleSet, first: RuleSet, people: Any, clock: Any
) -> None:
    before = named_rules_in_force().digest
    submitted(draft, people, clock.at)
    made = services.activate(draft, edit_no=0, actor=people.security_admin, at=clock.at)
    first.refresh_from_db()
    assert (made.status, made.approver, made.activated_at) == ("active", people.security_admin.user, clock.at)
    assert (first.status, first.retired_at) == ("retired", clock.at)
    assert named_rules_in_force().digest == made.digest != before
    assert rules_in_force().version == "2"


@pytest.mark.parametrize("part", ["author", "editor", "submitter"])
def test_nobody_activates_what_he_had_a_hand_in(draft: RuleSet, people: Any, clock: Any, part: str) -> None:
    """reliability 63; a person with a second post is the same person."""
    hands = {"author": people.bureau, "editor": people.security_admin, "submitter": people.second_bureau}
    made = edit(draft, people.security_admin, clock.at)
    replayed(made, clock.at)
    services.submit_draft(made, edit_no=1, actor=people.second_bureau, at=clock.at)
    other_post = people.add_post(hands[part], "bureau", people.units.city)
    with pytest.raises(NoRight, match="另一位"):
        services.activate(made, edit_no=1, actor=other_post, at=clock.at)
    fresh = people.add("third_bureau", "bureau", people.units.bureau)
    assert services.activate(made, edit_no=1, actor=fresh, at=clock.at).status == "active"


@pytest.mark.parametrize("column", ["author_id", "submitted_by_id", "editors", None])
def test_the_database_refuses_it_too(draft: RuleSet, people: Any, clock: Any, column: str | None) -> None:
    RuleSet.objects.filter(status="active").update(status="retired")
    user = people.second_bureau.user.pk
    values: dict[str, Any] = {"author_id": people.bureau.user.pk, "submitted_at": clock.at}
    if column:
        values |= {"approver_id": user, column: [user] if column == "editors" else user}
    with pytest.raises(IntegrityError, match="rule_set_"), transaction.atomic():
        RuleSet.objects.filter(pk=draft.pk).update(status="active", **values)


def test_what_is_not_submitted_cannot_be_activated(draft: RuleSet, people: Any, clock: Any) -> None:
    with pytest.raises(Conflict, match="还没有提交"):
        services.activate(draft, edit_no=0, actor=people.security_admin, at=clock.at)


def test_a_draft_edited_since_it_was_read_is_not_activated(draft: RuleSet, people: Any, clock: Any) -> None:
    made = edit(draft, people.bureau, clock.at)
    replayed(made, clock.at)
    services.submit_draft(made, edit_no=1, actor=people.bureau, at=clock.at)
    with pytest.raises(Stale):
        services.activate(draft, edit_no=0, actor=people.security_admin, at=clock.at)


def test_the_way_back(draft: RuleSet, first: RuleSet, people: Any, clock: Any) -> None:
    """A retired version is drafted again, and takes the same way into force."""
    with pytest.raises(Conflict):
        services.restore(first, note="退回", actor=people.bureau, at=clock.at)
    submitted(edit(draft, people.bureau, clock.at), people, clock.at)
    services.activate(draft, edit_no=1, actor=people.security_admin, at=clock.at)
    first.refresh_from_db()
    back = services.restore(first, note="退回第1版", actor=people.bureau, at=clock.at)
    submitted(back, people, clock.at)
    services.activate(back, edit_no=0, actor=people.security_admin, at=clock.at)
    assert rules_in_force().version == "3"
    assert rules_in_force().draft["lexicon"] == first.content["lexicon"]


def test_a_discarded_draft_is_kept_and_never_in_force(draft: RuleSet, people: Any, clock: Any) -> None:
    running = replayed(draft, clock.at, state="running")
    with pytest.raises(Conflict, match="正在试算"):
        services.discard_draft(draft, edit_no=0, actor=people.bureau, at=clock.at)
    running.delete()
    made = services.discard_draft(draft, edit_no=0, actor=people.bureau, at=clock.at)
    assert (made.status, made.activated_at) == ("retired", None)
    for act in (services.submit_draft, services.activate, services.discard_draft):
        with pytest.raises(Refused):
            act(made, edit_no=0, actor=people.security_admin, at=clock.at)


def test_only_drafts_are_edited(first: RuleSet, people: Any, clock: Any) -> None:
    with pytest.raises(Conflict, match="不再是草稿"):
        edit(first, people.bureau, clock.at)


def test_every_act_leaves_a_trace(draft: RuleSet, people: Any, clock: Any) -> None:
    submitted(edit(draft, people.bureau, clock.at), people, clock.at)
    services.activate(draft, edit_no=1, actor=people.security_admin, at=clock.at)
    traces = AccessLog.objects.filter(kind="admin_act", object_kind="rule_set", object_id=str(draft.pk))
    said = list(traces.order_by("id").values_list("user_id", "data__act"))
    bureau, admin = people.bureau.user.pk, people.security_admin.user.pk
    assert said == [
        (bureau, "rules.draft"), (bureau, "rules.edit"), (bureau, "rules.submit"), (admin, "rules.activate"),
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["station_chief", "system_admin", "auditor", "leader"])
def test_rules_are_the_business_of_few(first: RuleSet, people: Any, clock: Any, who: str) -> None:
    with pytest.raises(NoRight):
        services.draft_from(first, note="x", actor=getattr(people, who), at=clock.at)


def test_trying_stores_nothing(draft: RuleSet, people: Any, clock: Any) -> None:
    made = edit(draft, people.bureau, clock.at, changes={"factor/alcohol": alcohol_in_red(draft)})
    ours, theirs = services.try_out(made, narrative="对方喝醉酒后在店里吵闹。", at=clock.at)
    assert (ours.verdict.colour, theirs.verdict.colour) == ("red", "yellow")
    assert "".join(segment.text for segment in ours.segments) == "对方喝醉酒后在店里吵闹。"
    assert isinstance(ours.verdict, engine.Verdict)


def alcohol_in_red(draft: RuleSet) -> dict[str, Any]:
    return {**part_of(draft.content, "factor/alcohol"), "floor": "red"}

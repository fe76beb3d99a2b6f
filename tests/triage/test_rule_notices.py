"""Who hears of a version: those who may activate it, those who had a hand in it, all when it fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from dispute_hub.outbox import services as outbox
from dispute_hub.outbox.models import Notice, OutboxRow
from triage import engine, services
from triage import reference as reference_data
from triage.engine.parts import with_parts
from triage.models import Assessment, Replay, RuleSet
from triage.services import _rules
from triage.services._rules import digest_of, named_rules_in_force, rules_in_force

KNIFE = "报警人称邻居手持菜刀堵在门口，扬言要砍死他。"


@pytest.fixture(autouse=True)
def nothing_told() -> Iterator[None]:
    yield
    _rules._unusable.clear()


@pytest.fixture
def people(cast: Any) -> Any:
    cast.add("second_bureau", "bureau", cast.units.bureau)
    cast.add("third_bureau", "bureau", cast.units.city)
    return cast


@pytest.fixture
def draft(reference: None, people: Any, clock: Any) -> RuleSet:
    first = RuleSet.objects.get(status="active")
    made = services.draft_from(first, note="补充说法", actor=people.bureau, at=clock.at)
    return replayed(edit(made, people.second_bureau, clock.at), clock.at)


def edit(draft: RuleSet, actor: Any, at: Any, words: str = "孩子|娃娃") -> RuleSet:
    changes = {"lexicon/child": words}
    return services.edit_draft(draft, changes=changes, edit_no=draft.edit_no, actor=actor, at=at)


def replayed(draft: RuleSet, at: Any) -> RuleSet:
    Replay.objects.create(
        rule_set=draft, digest=draft.digest, state="done", since=at, until=at, requested_at=at,
        requested_by_id=draft.author_id,
    )  # fmt: skip
    return draft


@pytest.fixture
def submitted(draft: RuleSet, people: Any, clock: Any) -> RuleSet:
    return services.submit_draft(draft, edit_no=1, actor=people.bureau, at=clock.at)


def inbox(kind: str) -> dict[int, Notice]:
    """Delivered notices of a kind by post."""
    for row in OutboxRow.objects.filter(topic="notice", payload__kind=kind):
        outbox.deliver_notice(row, at=row.created_at)
    return {notice.post_id: notice for notice in Notice.objects.filter(kind=kind)}


def posts(people: Any, *names: str) -> set[int]:
    return {getattr(people, name).post.pk for name in names}


def test_a_submitted_draft_reaches_whoever_may_activate_it(submitted: RuleSet, people: Any) -> None:
    told = inbox("rules.submitted")
    assert set(told) == posts(people, "security_admin", "third_bureau")
    notice = told[people.security_admin.post.pk]
    assert (notice.link, notice.urgency) == (f"/rules/{submitted.pk}/", "important")
    assert "第2版待审核启用" in notice.title
    assert "补充说法" in notice.body


def test_who_edits_at_another_post_is_no_second_person(draft: RuleSet, people: Any, clock: Any) -> None:
    other = people.add_post(people.second_bureau, "security_admin", people.units.city)
    services.submit_draft(draft, edit_no=1, actor=people.bureau, at=clock.at)
    assert other.post.pk not in inbox("rules.submitted")


def test_an_activation_reaches_editors_and_submitter(submitted: RuleSet, people: Any, clock: Any) -> None:
    services.activate(submitted, edit_no=1, actor=people.security_admin, at=clock.at)
    told = inbox("rules.decided")
    assert set(told) == posts(people, "bureau", "second_bureau")
    assert {notice.title for notice in told.values()} == {"研判规则第2版已启用"}


def test_a_discarded_submission_reaches_the_others(submitted: RuleSet, people: Any, clock: Any) -> None:
    services.discard_draft(submitted, edit_no=1, actor=people.second_bureau, at=clock.at)
    told = inbox("rules.decided")
    assert set(told) == posts(people, "bureau")
    assert "草稿已作废" in told[people.bureau.post.pk].title


def test_a_withdrawn_submission_reaches_the_others(submitted: RuleSet, people: Any, clock: Any) -> None:
    edit(submitted, people.security_admin, clock.at, "孩子")
    assert set(inbox("rules.decided")) == posts(people, "bureau", "second_bureau")


def test_what_was_never_submitted_concerns_nobody(draft: RuleSet, people: Any, clock: Any) -> None:
    edit(draft, people.security_admin, clock.at, "孩子")
    services.discard_draft(draft, edit_no=2, actor=people.security_admin, at=clock.at)
    assert inbox("rules.decided") == {}


# A version in force that this product cannot use ------------------------------------------------------------


@pytest.fixture
def outdated(reference: None, people: Any, clock: Any) -> RuleSet:
    """A version of people's own, as it stands after an upgrade that reads more words."""
    RuleSet.objects.update(status="retired")
    content = with_parts(engine.load_rules().draft, {"grammar/facts": None}) | {"version": "2"}
    return RuleSet.objects.create(
        version="2", status="active", content=content, digest=digest_of(content), created_at=clock.at,
        author=people.bureau.user, approver=people.security_admin.user, activated_at=clock.at,
    )  # fmt: skip


def test_alerts_are_read_by_the_package_and_say_so(outdated: RuleSet, call: Any) -> None:
    assert rules_in_force() is engine.load_rules()
    assert named_rules_in_force().digest == digest_of(engine.load_rules().draft) != outdated.digest
    call(KNIFE)
    made = Assessment.objects.get()
    assert (made.colour, made.failed) == ("red", False)
    assert (made.rule_version, made.rule_digest) == ("1", named_rules_in_force().digest)


def test_all_who_manage_rules_are_alarmed_once(
    outdated: RuleSet, call: Any, people: Any, clock: Any, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        call(KNIFE)
    call(KNIFE, phone="13800002222")
    reference_data.load(at=clock.at)
    assert OutboxRow.objects.filter(payload__kind="rules.unusable").count() == 4
    told = inbox("rules.unusable")
    assert set(told) == posts(people, "bureau", "second_bureau", "third_bureau", "security_admin")
    (link,) = {notice.link for notice in told.values()}
    assert (link, {notice.urgency for notice in told.values()}) == (f"/rules/{outdated.pk}/", {"alarm"})


def test_an_upgrade_alarms_without_waiting_for_an_alert(outdated: RuleSet, clock: Any) -> None:
    reference_data.load(at=clock.at)
    assert OutboxRow.objects.filter(payload__kind="rules.unusable").count() == 4


def test_sound_rules_alarm_nobody_and_cost_no_query(
    reference: None, call: Any, clock: Any, django_assert_num_queries: Any
) -> None:
    call(KNIFE)
    assert not OutboxRow.objects.filter(payload__kind="rules.unusable").exists()
    with django_assert_num_queries(0):
        _rules.tell_unusable(at=clock.at)


def test_content_that_cannot_be_used_is_compiled_once(
    outdated: RuleSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[Any] = []

    def refuse(draft: Any) -> Any:
        tries.append(draft)
        raise TypeError("not iterable")

    monkeypatch.setattr(engine, "compile_rules", refuse)
    for _ in range(3):
        assert rules_in_force().version == "1"
    assert len(tries) == 1


def test_its_pages_say_what_is_missing_and_mend_it(outdated: RuleSet, people: Any, clock: Any) -> None:
    """A draft of it shows the package's words where its own are missing; saving them is the cure."""
    draft = services.draft_from(outdated, note="补齐", actor=people.bureau, at=clock.at)
    browser = people.client(people.bureau)
    page = browser.get(f"/rules/{draft.pk}/?kind=grammar").content.decode()
    assert "本版没有，研判要用到" in page
    tried = browser.post(f"/rules/{draft.pk}/trial/", {"narrative": KNIFE})
    assert "缺少研判所需的内容" in tried.content.decode()
    url = f"/rules/{draft.pk}/parts/grammar/facts/"
    form = browser.get(url).context["form"]
    typed = {name: form[name].value() for name in form.fields} | {"row_version": 0}
    assert browser.post(url, typed).status_code == 302
    mended = RuleSet.objects.get(pk=draft.pk)
    assert mended.content["grammar"] == engine.load_rules().draft["grammar"]

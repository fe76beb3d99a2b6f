"""The tables of the kernel name functions by path: each is there and takes what it will be given."""

import inspect

import pytest

from dispute_hub.cases import lifecycle
from dispute_hub.outbox.topics import APPLIED_BY, COMPLETED_BY, CONFIRMED_BY, DELIVERED_BY, LOCKED_BY

PATHS = sorted({path for paths in lifecycle.FOLLOWED_BY.values() for path in paths})
STAND_INS = sorted(path for path in lifecycle.GUARDED.values() if path)

# handbook 4 and design 2: what follows an event
WHAT_FOLLOWS = {
    "alert.received": ["triage.services.assess"],
    "alert.amended": ["triage.services.assess"],
    "alert.repeated": ["routing.services.push_second"],
    "case.assessed": [
        "routing.services.keep_complaint",
        "routing.services.push_first",
        "routing.services.offer_emergency",
    ],
    "case.reassessed": ["routing.services.offer_emergency"],
    "case.colour_raised": ["routing.services.notify_rise"],
    "case.tracking": ["followup.services.end_open", "routing.services.push_second"],
    "mediation.failed": ["triage.services.reassess"],
    "agreement.breached": ["triage.services.reassess", "followup.services.plan_visit"],
    "follow_up.answered_badly": ["triage.services.reassess"],
    "follow_up.missed": ["triage.services.reassess"],
    "push.reported": ["triage.services.reassess", "routing.services.answer_emergency"],
    "case.contacted": ["triage.services.reassess"],
    "case_file.accepted": ["triage.services.reassess"],
    "case_file.detained": ["triage.services.reassess"],
    "case_file.released": ["triage.services.reassess"],
    "case_file.decided": ["triage.services.reassess"],
    "deadline.wait_expired": ["triage.services.reassess"],
    "deadline.recounted": ["followup.services.move_with_clock"],
    "deadline.approval_expired": ["routing.services.raise_unapproved"],
    "deadline.written_expired": ["routing.services.flag_unwritten"],
    "order.sent": ["routing.services.publish_order", "routing.services.assign_watcher"],
    "order.accepted": ["routing.services.publish_order", "routing.services.renew_watch"],
    "order.contacted": ["routing.services.renew_watch"],
    "order.assigned": ["routing.services.renew_watch"],
    "order.fed_back": ["routing.services.renew_watch"],
    "order.task_done": ["routing.services.renew_watch"],
    "order.to_verify": ["routing.services.renew_watch"],
    "order.returned": ["routing.services.end_watch"],
    "order.recalled": ["routing.services.publish_order", "routing.services.end_watch"],
    "order.redirected": ["routing.services.publish_order"],
    "order.done": ["routing.services.publish_order", "routing.services.end_watch"],
    "order.verify_failed": ["routing.services.publish_order", "routing.services.renew_watch"],
    "order.extended": ["routing.services.publish_order"],
    "order.extension_refused": ["routing.services.publish_order"],
    "consultation.requested": ["mediation.services.list_requested"],
    "consultation.withdrawn": ["mediation.services.drop_requested"],
    "order.proposed": ["routing.services.meet_preparation"],
    "deadline.supervision_due": ["followup.services.propose_supervision"],
    "deadline.naming_due": ["followup.services.propose_naming"],
}
ENDING = [
    "routing.services.end_emergency_with_case", "routing.services.end_open", "mediation.services.end_open",
    "followup.services.end_open",
]  # fmt: skip


@pytest.mark.parametrize("path", [*PATHS, *STAND_INS])
def test_every_follower_is_there_and_takes_an_event(path: str) -> None:
    parameters = list(inspect.signature(lifecycle.resolve(path)).parameters.values())
    assert parameters[0].name == "case"
    assert parameters[0].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    assert {one.name for one in parameters[1:]} >= {"event", "actor", "at"}
    assert all(one.kind is inspect.Parameter.KEYWORD_ONLY for one in parameters[1:])
    needed = {one.name for one in parameters[1:] if one.default is inspect.Parameter.empty}
    assert needed == {"event", "actor", "at"}


@pytest.mark.parametrize("kind", sorted(WHAT_FOLLOWS))
def test_what_follows_is_what_the_handbook_says(kind: str) -> None:
    assert list(lifecycle.FOLLOWED_BY[kind]) == WHAT_FOLLOWS[kind]


@pytest.mark.parametrize("kind", ["settled", "closed", "not_dispute", "void", "absorbed"])
def test_an_end_takes_open_things_with_it(kind: str) -> None:
    followers = list(lifecycle.FOLLOWED_BY[f"case.{kind}"])
    assert followers == ENDING + (["followup.services.plan"] if kind == "settled" else [])


def test_no_other_event_is_followed() -> None:
    ends = {f"case.{kind}" for kind in ("settled", "closed", "not_dispute", "void", "absorbed")}
    assert set(lifecycle.FOLLOWED_BY) == set(WHAT_FOLLOWS) | ends


def test_whatever_follows_the_arrival_of_an_alert_is_guarded() -> None:
    arrival = {"alert.received", "alert.amended", "alert.repeated", "case.assessed", "case.colour_raised"}
    followers = {path for kind in arrival for path in lifecycle.FOLLOWED_BY[kind]}
    assert followers <= set(lifecycle.GUARDED)
    assert set(lifecycle.GUARDED) <= set(PATHS)


@pytest.mark.parametrize("topic", sorted(DELIVERED_BY))
def test_every_topic_is_delivered_by_a_service(topic: str) -> None:
    parameters = list(inspect.signature(lifecycle.resolve(DELIVERED_BY[topic])).parameters.values())
    assert [one.name for one in parameters] == ["row", "at"]
    assert parameters[1].kind is inspect.Parameter.KEYWORD_ONLY


@pytest.mark.parametrize(
    ("path", "named"),
    [*((path, ["row"]) for path in COMPLETED_BY.values()),
     *((path, ["row", "word", "connector", "at"]) for path in APPLIED_BY.values()),
     *((path, ["row", "at"]) for path in CONFIRMED_BY.values()),
     (LOCKED_BY, ["case_id"])],
)  # fmt: skip
def test_what_a_platform_moves_is_a_service(path: str, named: list[str]) -> None:
    assert list(inspect.signature(lifecycle.resolve(path)).parameters) == named

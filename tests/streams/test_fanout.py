"""Who is told what in one process: addresses, own acts, what was missed, how many."""

from __future__ import annotations

from typing import Any

import pytest

from dispute_hub.streams import fanout
from dispute_hub.streams.fanout import Fanout, Holder, Said

OFFICER = Holder("s1", 1, 11, 5, "officer")
COMMAND = Holder("s2", 2, 12, 5, "station_command")
STRANGER = Holder("s3", 3, 13, 6, "officer")


def said(number: str, kind: str, *keys: str) -> Said:
    return Said(number, kind, frozenset(keys))


@pytest.fixture
def streams() -> Fanout:
    made = Fanout()
    made.begin("from-1")
    return made


def opened(streams: Fanout, holder: Holder, **asked: Any) -> fanout.Stream:
    return streams.open(holder, **{"last_id": "", "age": 0.0, **asked})


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("p11", [OFFICER]),
        ("u5", [OFFICER, COMMAND]),
        ("u5:station_command", [COMMAND]),
        ("u6", [STRANGER]),
        ("*", [OFFICER, COMMAND, STRANGER]),
        ("u7", []),
    ],
)
def test_a_message_reaches_its_addressees_alone(streams: Fanout, key: str, told: list[Holder]) -> None:
    open_ones = [opened(streams, holder) for holder in (OFFICER, COMMAND, STRANGER)]
    streams.tell([said("7", "push.issued", key)])
    assert [stream.holder for stream in open_ones if stream.take()] == told


def test_what_one_transaction_says_twice_counts_once(streams: Fanout) -> None:
    stream = opened(streams, OFFICER)
    streams.tell([said("7", "push.issued", "p11"), said("7", "push.issued", "u5")])
    streams.tell([said("8", "push.issued", "u5"), said("8", "case.assessed", "u5")])
    assert stream.take() == "push.issued=2 case.assessed=1"
    assert stream.take() == ""
    assert stream.number == "8"


def test_what_a_post_did_itself_is_marked(streams: Fanout) -> None:
    mine, theirs = opened(streams, OFFICER), opened(streams, COMMAND)
    streams.tell([said("7", "push.signed", "u5", "-p11")])
    assert (mine.take(), theirs.take()) == ("own:push.signed=1", "push.signed=1")
    streams.tell([said("8", "push.signed", "u5", "-p11"), said("8", "push.signed", "p11")])
    assert mine.take() == "push.signed=1"


def test_a_page_that_comes_back_hears_what_it_missed(streams: Fanout) -> None:
    streams.tell([said("7", "push.issued", "u5"), said("5", "push.signed", "u5"), said("9", "x", "u6")])
    assert opened(streams, OFFICER, last_id="7").take() == "push.signed=1"
    assert opened(streams, OFFICER, last_id="from-1").take() == "push.issued=1 push.signed=1"
    assert not opened(streams, OFFICER, last_id="9").wake.is_set()


@pytest.mark.parametrize("last_id", ["garbage", "99999999999999999999", "from-0", "é", "7\n"])
def test_who_cannot_be_told_what_he_missed_looks_at_all(streams: Fanout, last_id: str) -> None:
    streams.tell([said("7", "push.issued", "u5")])
    stream = opened(streams, OFFICER, last_id=last_id)
    assert stream.looks_at_all
    assert stream.wake.is_set()


def test_what_is_older_than_the_memory_is_looked_at(streams: Fanout, monkeypatch: Any) -> None:
    streams.tell(said(str(number), "x", "u9") for number in range(fanout.REMEMBERED + 1))
    assert opened(streams, OFFICER, last_id="0").looks_at_all
    assert opened(streams, OFFICER, last_id="from-1").looks_at_all
    assert not opened(streams, OFFICER, last_id="1").looks_at_all


def test_a_new_page_hears_what_came_while_it_was_made(streams: Fanout) -> None:
    streams.since -= 60
    streams.tell([said("7", "push.issued", "u5")])
    assert opened(streams, OFFICER, age=2.0).take() == "push.issued=1"
    assert opened(streams, OFFICER, age=100.0).looks_at_all


def test_a_cut_is_told_and_everybody_looks_afterwards(streams: Fanout) -> None:
    stream = opened(streams, OFFICER)
    streams.tell([said("7", "push.issued", "u5")])
    streams.cut()
    assert stream.is_cut
    streams.begin("from-9")
    assert (stream.is_cut, stream.looks_at_all, stream.number) == (False, True, "from-9")
    assert opened(streams, OFFICER, last_id="7").looks_at_all


def test_the_sixth_stream_of_a_person_has_no_room(streams: Fanout) -> None:
    five = [opened(streams, OFFICER) for _ in range(fanout.MOST_PER_USER)]
    assert not streams.has_room_for(OFFICER)
    assert streams.has_room_for(COMMAND)
    streams.close(five[0])
    assert streams.has_room_for(OFFICER)


def test_ended_sessions_alone_end(streams: Fanout) -> None:
    mine, theirs = opened(streams, OFFICER), opened(streams, COMMAND)
    streams.end(["s1"])
    assert (mine.is_over, theirs.is_over) == (True, False)
    streams.close(mine)
    assert "p11" not in streams.by_key

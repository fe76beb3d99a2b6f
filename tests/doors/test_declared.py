"""Default deny at every door: an address that does not say whose act it is does not pass."""

from __future__ import annotations

from collections import Counter

import pytest
from django.urls import get_resolver, path

from dispute_hub.accounts.policy import MATRIX
from tests.doors import addresses
from tests.doors.addresses import doors

# Whoever comes without a log-in finds these and nothing else.
PUBLIC = {
    "healthz-live", "healthz-ready", "healthz-deep", "login", "api-token", "api-schema", "api-docs",
    "api-source-alerts", "api-platform-callbacks", "gallery",
}  # fmt: skip


def test_every_door_says_whose_act_it_is() -> None:
    found = [f"{door} {method}" for door in doors() for method, act in door.acts.items() if act is None]
    assert found == []
    assert [str(door) for door in doors() if not door.acts] == []


def test_every_act_is_in_the_matrix() -> None:
    known = {*MATRIX, "public"}
    assert [f"{door}: {act}" for door in doors() for act in door.acts.values() if act not in known] == []


def test_what_is_public_is_listed_here() -> None:
    assert {door.name for door in doors() if "public" in door.acts.values()} == PUBLIC


def test_every_address_has_a_name_of_its_own() -> None:
    names = Counter(door.name for door in doors())
    assert [name for name, number in names.items() if number > 1 or not name] == []


def test_a_view_without_a_declaration_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    patterns = [*get_resolver().url_patterns, path("forgotten/", lambda request: None, name="forgotten")]
    monkeypatch.setattr(addresses.get_resolver(), "url_patterns", patterns)
    assert [str(door) for door in doors() if None in door.acts.values()] == ["/forgotten/ (forgotten)"]

"""Sealing: keys rotate, contexts do not mix, changes are noticed (promise S6)."""

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispute_hub.common import crypto
from dispute_hub.common.errors import NotReady

OLD, NEW = crypto.new_key(), crypto.new_key()


@given(st.binary(max_size=200))
def test_what_is_sealed_opens_again_and_never_looks_the_same(plain: bytes) -> None:
    sealed = crypto.seal(plain, "party.phone")
    assert crypto.open_sealed(sealed, "party.phone") == plain
    assert crypto.seal(plain, "party.phone") != sealed


def test_a_value_moved_to_another_column_does_not_open() -> None:
    with pytest.raises(crypto.Unsealable):
        crypto.open_sealed(crypto.seal(b"1", "party.phone"), "party.id_number")


@pytest.mark.parametrize("place", [0, 3, 8, 20, -1])
def test_a_changed_byte_is_noticed(place: int) -> None:
    sealed = bytearray(crypto.seal(b"13812345678", "c"))
    sealed[place] ^= 1
    with pytest.raises(crypto.Unsealable):
        crypto.open_sealed(bytes(sealed), "c")


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"plain text", b"\x01" + bytes(40)])
def test_foreign_bytes_are_refused(sealed: bytes) -> None:
    with pytest.raises(crypto.Unsealable):
        crypto.open_sealed(sealed, "c")


def test_after_a_rotation_old_values_open_and_blind_indexes_still_match(settings: object) -> None:
    settings.HUB_KEYS = [OLD]  # type: ignore[attr-defined]
    sealed, index = crypto.seal(b"x", "c"), crypto.blind("x", purpose="phone:full")
    settings.HUB_KEYS = [NEW, OLD]  # type: ignore[attr-defined]
    assert crypto.open_sealed(sealed, "c") == b"x"
    assert crypto.blind("x", purpose="phone:full") == index
    renewed = crypto.seal(b"x", "c")
    settings.HUB_KEYS = [OLD]  # type: ignore[attr-defined]
    with pytest.raises(crypto.Unsealable):
        crypto.open_sealed(renewed, "c")


def test_blind_indexes_depend_on_value_purpose_and_key(settings: object) -> None:
    settings.HUB_KEYS = f"{OLD}, {NEW}"  # type: ignore[attr-defined]
    one = crypto.blind("5678", purpose="phone:4")
    assert len(one) == crypto.BLIND_BYTES
    assert one != crypto.blind("5678", purpose="id_number:4")
    assert one != crypto.blind("5679", purpose="phone:4")
    settings.HUB_KEYS = [OLD]  # type: ignore[attr-defined]
    assert one != crypto.blind("5678", purpose="phone:4")


@pytest.mark.parametrize("keys", [["short"], ["bm90IDMyIGJ5dGVz"], ["%%%"]])
def test_a_bad_key_is_told_in_words(settings: object, keys: list[str]) -> None:
    settings.HUB_KEYS = keys  # type: ignore[attr-defined]
    with pytest.raises(NotReady):
        crypto.seal(b"x", "c")


def test_without_keys_one_is_made_in_the_data_folder_for_its_owner_only(
    settings: object, tmp_path: Path
) -> None:
    settings.HUB_KEYS, settings.HUB_DATA_DIR = [], tmp_path  # type: ignore[attr-defined]
    sealed = crypto.seal(b"x", "c")
    file = tmp_path / "keys" / "hub.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["hub.key"]
    crypto._keys_of_folder.cache_clear()
    assert crypto.open_sealed(sealed, "c") == b"x"


def test_neither_keys_nor_folder_refuses(settings: object) -> None:
    settings.HUB_KEYS, settings.HUB_DATA_DIR = [], None  # type: ignore[attr-defined]
    with pytest.raises(NotReady):
        crypto.seal(b"x", "c")

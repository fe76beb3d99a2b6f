"""Text cleaned for storing and normalised for comparing (bad-input 19-21, 47-53)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispute_hub.common import text
from dispute_hub.common.errors import Invalid
from dispute_hub.common.identity import check_digit

ON = date(2026, 3, 4)


@pytest.mark.parametrize(
    "bad", ["\x00", "\x0b", "\x1b[31m", "\x7f", "\x85", "\ud800", "\ufffe", "\U0001ffff", "\ufdd0"]
)
def test_what_cannot_be_stored_is_refused_by_field(bad: str) -> None:
    with pytest.raises(Invalid) as caught:
        text.clean_text(f"张三{bad}", field="name")
    assert list(caught.value.fields) == ["name"]
    str(caught.value.fields).encode()


def test_cleaning_keeps_what_was_written_but_for_form() -> None:
    assert text.clean_text("  e\u0301 第一行\r\n第二行\t○ \n", field="t") == "é 第一行\n第二行\t○"
    assert text.clean_text("a\r\nb\tc", field="t", single_line=True) == "a b c"
    assert text.clean_text("👨‍👩‍👧 ﬁ ①", field="t") == "👨‍👩‍👧 ﬁ ①"


def test_length_counts_characters() -> None:
    assert text.clean_text("𠮷" * 40, field="name", max_length=40) == "𠮷" * 40
    with pytest.raises(Invalid) as caught:
        text.clean_text("𠮷" * 41, field="name", max_length=40)
    assert caught.value.code == "too_long"


@pytest.mark.parametrize("name", ["𠮷田", "㛃", "买买提·艾力", "null", "None", "N/A", "测试", "张"])
def test_rare_and_odd_names_are_kept(name: str) -> None:
    assert text.clean_name(name, field="name") == name


def test_names_lose_invisible_and_direction_characters() -> None:
    assert text.clean_name("张\u200b三\u202e\u2066", field="name") == "张三"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("张\u200b三", "张三"),
        ("买买提•艾力", "买买提·艾力"),
        ("买买提・艾力", "买买提·艾力"),
        ("买买提.艾力", "买买提·艾力"),
        ("ＡＢＣ１２３", "abc123"),
        ("豈", "豈"),
        ("e\u0301", "é"),
        ("ｶﾞ", "ガ"),
        ("a\u00a0 b", "a b"),
    ],
)
def test_two_writings_of_one_thing_compare_equal(one: str, other: str) -> None:
    assert text.normalise(one) == text.normalise(other)


@given(st.text(max_size=60))
def test_normalising_twice_changes_nothing(value: str) -> None:
    once = text.normalise(value)
    assert text.normalise(once) == once


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("永康市 丽州北路88号3幢", "永康市丽州北路８８号，3号楼"),
        ("阳光小区3栋201房间", "阳光小区3座201室"),
        ("3-201", "3—201"),
    ],
)
def test_addresses_compare_by_place(one: str, other: str) -> None:
    assert text.normalise_address(one) == text.normalise_address(other)


def test_different_house_numbers_stay_different() -> None:
    assert text.normalise_address("丽州路1号12室") != text.normalise_address("丽州路11号2室")


@pytest.mark.parametrize(
    ("raw", "numbers", "kind"),
    [
        ("13812345678", ["+8613812345678"], "mobile"),
        ("+86 138-1234-5678", ["+8613812345678"], "mobile"),
        ("0086 13812345678", ["+8613812345678"], "mobile"),
        ("８６１３８１２３４５６７８", ["+8613812345678"], "mobile"),
        ("0579-87112233", ["+8657987112233"], "landline"),
        ("+86 579 87112233", ["+8657987112233"], "landline"),
        ("(021)61234567转801", ["+862161234567"], "landline"),
        ("0579-87112233-801", ["+8657987112233"], "landline"),
        ("400-800-1234", ["+864008001234"], "service"),
        ("110", ["110"], "short"),
        ("10086", ["10086"], "short"),
        ("+1 415 555 1234", ["+14155551234"], "foreign"),
        ("13812345678/13900001111", ["+8613812345678", "+8613900001111"], "mobile"),
        ("13812345678 13900001111", ["+8613812345678", "+8613900001111"], "mobile"),
        ("13812345678或0579-87112233", ["+8613812345678", "+8657987112233"], "mobile"),
        ("不详", [], ""),
    ],
)
def test_telephone_numbers(raw: str, numbers: list[str], kind: str) -> None:
    found = text.split_phones(raw)
    assert [phone.number for phone in found] == numbers
    assert not found or found[0].kind == kind
    assert text.normalise_phone(raw) == (numbers[0] if numbers else "")


@pytest.mark.parametrize(
    ("raw", "flag"),
    [
        ("00000000000", "repeated_digits"),
        ("1381234567", "unrecognised"),
        ("17012345678", "virtual"),
        ("87112233", "no_area_code"),
    ],
)
def test_doubtful_numbers_are_kept_and_flagged(raw: str, flag: str) -> None:
    (phone,) = text.split_phones(raw)
    assert flag in phone.flags
    assert phone.raw == raw


@pytest.mark.parametrize(
    ("raw", "kind", "warnings"),
    [
        ("11010519491231002X", "resident", ()),
        ("11010519491231002x", "resident", ()),
        ("１１０１０５１９４９１２３１００２Ｘ", "resident", ()),
        ("110105 19491231 002X", "resident", ()),
        ("110105194912310021", "resident", ("check_digit",)),
        ("110105491231002", "resident_15", ("old_number",)),
        ("11010519000230002X", "resident", ("check_digit", "birth_impossible")),
        ("999900199001010018", "resident", ("check_digit",)),
        ("000000199001010018", "resident", ("region_unknown",)),
        ("1101051949123100", "unknown", ("unrecognised",)),
        ("1101051949123100²X", "unknown", ("unrecognised",)),
        ("E12345678", "passport", ()),
        ("H12345678", "hk_macao_permit", ()),
        ("12345678", "taiwan_permit", ()),
        ("", "unknown", ()),
    ],
)
def test_identity_numbers_warn_and_never_refuse(raw: str, kind: str, warnings: tuple[str, ...]) -> None:
    found = text.check_id_number(raw, on=ON)
    assert (found.kind, found.warnings) == (kind, warnings)
    assert len(found.messages) == len(warnings)


def test_identity_numbers_are_compared_with_what_is_stated() -> None:
    assert text.check_id_number("11010519491231002X", on=ON, sex="male").warnings == ("sex_differs",)
    born = "110105" + "20260305" + "001"
    assert text.check_id_number(born + check_digit(born), on=ON).warnings == ("birth_in_future",)


def test_search_terms_hold_every_query_inside_the_text() -> None:
    narrative = "张三与李四在永康市象珠镇因货款发生纠纷，微信 ABC123"
    terms = set(text.search_terms(narrative))
    for asked in ("货款", "象珠镇", "货款发生", "张三", "ａｂｃ123", "因货款发生纠纷"):
        assert set(text.query_terms(asked)) <= terms, asked
    assert not set(text.query_terms("工资")) <= terms


def test_a_long_query_is_cut_to_twenty_terms() -> None:
    assert len(text.query_terms("纠纷调解" * 5_000)) <= text.QUERY_TERMS
    assert text.query_terms("%%%") == []


def test_similarity_is_of_the_normal_forms() -> None:
    assert text.similarity("ＡＢ 纠纷", "ab 纠纷") == 1.0
    assert text.similarity("", "") == 0.0
    assert 0 < text.similarity("拖欠货款三万元", "拖欠工资三万元") < 1

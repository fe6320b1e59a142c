"""What a cell may be, and what is said about what it may not be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kaur_gis.layers import KODE_DESA, KODE_TPS
from kaur_gis.read.cells import Fault, code, decimal, integer, own_code, text_up_to, words, yes_no


def what(value):
    return value.what if isinstance(value, Fault) else value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1704012001001", "1704012001001"),
        ("1.70401E+12", "code_damaged"),
        ("1,70401E+12", "code_damaged"),
        ("1E10", "code_damaged"),
        ("1704012001001.0", "code_damaged"),
        ("1704012001001,00", "code_damaged"),
        ("704012001001", "code_short"),
        ("Jan-01", "code_date"),
        ("01/02/2024", "code_date"),
        ("17040120010011", "code_pattern"),
        ("１７０４０１２００１００１", "code_pattern"),
        ("'1704012001001", "code_pattern"),
    ],
)
def test_a_code_is_text_and_damage_by_a_spreadsheet_is_named(text, expected):
    assert what(code(KODE_TPS, "1704012001001")(text)) == expected


@pytest.mark.parametrize("text", ["PPS-17.04.01.2001", "ppk-1", "PPK 1", "P", "P" * 21])
def test_a_code_that_the_committee_chooses_says_of_what_it_may_consist(text):
    assert what(own_code("PPK-01")(text)) == "code_own"
    assert own_code("PPK-01")("PPS-1704012001") == "PPS-1704012001"


@pytest.mark.parametrize(("text", "expected"), [("17.04.01.2001", "17.04.01.2001"), ("17.4.1.2001", "code_short")])
def test_a_code_that_lost_its_zeros_is_named(text, expected):
    assert what(code(KODE_DESA, "17.04.01.2001")(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("300", 300),
        ("0300", 300),
        ("-1", "number_range"),
        ("301", "number_range"),
        ("1.000", "thousands"),
        ("1 000", "thousands"),
        ("1,000,000", "thousands"),
        ("2.5", "fraction"),
        ("2,5", "fraction"),
        ("1e2", "not_integer"),
        ("٣", "not_integer"),
        ("9" * 5000, "not_integer"),
        ("inf", "not_integer"),
    ],
)
def test_a_whole_number_is_digits_alone(text, expected):
    assert what(integer(0, 300)(text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-4.5", -4.5),
        ("+4", 4.0),
        ("-4,5", "decimal_comma"),
        ("4°42'30\"S", "degrees_minutes"),
        ("4 42 30 S", "degrees_minutes"),
        ("4º42′", "degrees_minutes"),
        ("nan", "not_number"),
        ("1e300", "not_number"),
        ("0x1p3", "not_number"),
        ("-11", "number_range"),
        ("٤", "not_number"),
    ],
)
def test_a_number_has_a_decimal_point(text, expected):
    assert what(decimal(-10, 10)(text)) == expected


@given(st.floats(-180, 180).map(lambda value: f"{value:.6f}"))
def test_every_plain_decimal_is_read_as_python_reads_it(text):
    assert decimal(-180, 180)(text) == float(text)


@given(st.text())
def test_no_text_raises(text):
    for parse in (
        code(KODE_TPS, "1704012001001"),
        integer(0, 9),
        decimal(0, 9),
        words("a", "b_c"),
        yes_no,
        text_up_to(9),
    ):
        parse(text)


def test_words_forgive_case_and_spaces_and_nothing_else():
    parse = words("sangat_rawan", "rawan", "")
    assert parse("Sangat Rawan") == "sangat_rawan"
    assert what(parse("rwan")) == "word"
    assert parse("rwan").details == {"allowed": "sangat_rawan, rawan"}
    assert yes_no("Ya") is True
    assert yes_no("tidak") is False
    assert what(yes_no("1")) == "word"
    assert what(text_up_to(3)("abcd")) == "text_too_long"

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest

from kaur_gis.catalogue import LANGS, say, sentences, thousands

CODE = Path(__file__).resolve().parent.parent / "kaur_gis"


def _fields(text: str) -> set[str]:
    return {name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_name_the_same_values() -> None:
    for key, texts in sentences().items():
        assert _fields(texts["id"]) == _fields(texts["en"]), key


def test_no_sentence_is_empty_and_none_names_a_value_by_position() -> None:
    for key, texts in sentences().items():
        for lang in LANGS:
            assert texts[lang].strip(), key
            assert "" not in _fields(texts[lang]), key


def test_text_from_data_is_not_interpreted() -> None:
    told = say("summary.title", "id", name="{version} {0} %s", version="abc")
    assert told == "{version} {0} %s · versi abc"


def test_an_unknown_key_and_a_missing_value_are_errors() -> None:
    with pytest.raises(KeyError):
        say("summary.no_such_sentence")
    with pytest.raises(KeyError):
        say("summary.title", name="x")


def test_every_key_that_the_code_says_is_in_the_catalogue() -> None:
    said: dict[str, str] = {}
    for file in CODE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "say" and node.args:
                key = node.args[0]
                if isinstance(key, ast.Constant):
                    said[key.value] = file.name
    assert said, "no sentence is said anywhere: this test looks in the wrong place"
    assert {key: file for key, file in said.items() if key not in sentences()} == {}


@pytest.mark.parametrize(("lang", "told"), [("id", "96.011"), ("en", "96,011")])
def test_numbers_are_written_as_the_language_does(lang: str, told: str) -> None:
    assert thousands(96011, lang) == told


@pytest.mark.parametrize(("n", "told"), [(0, "0 files"), (1, "1 file"), ("1", "1 file"), (2, "2 files")])
def test_words_follow_the_number(n: object, told: str) -> None:
    assert say("cli.files", "en", folder="gpx", n=n) == f"gpx: {told}"
    assert say("cli.files", "id", folder="gpx", n=n) == f"gpx: {n} berkas"


def test_decimals_are_written_as_the_language_does() -> None:
    assert thousands(1234.5, "id", 1) == "1.234,5"
    assert thousands(1234.5, "en", 1) == "1,234.5"


def test_a_half_goes_up_as_in_a_browser() -> None:
    assert [thousands(number, "en", 1) for number in (2.05, 2.15, 4.25, 8.75)] == ["2.1", "2.2", "4.3", "8.8"]
    assert [thousands(number, "en") for number in (0.5, 2.5, 886.5)] == ["1", "3", "887"]

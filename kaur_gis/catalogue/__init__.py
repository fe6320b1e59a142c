"""Every sentence a person reads, in Bahasa Indonesia and in English, by key.

The sentences are TOML files beside this module, one per room; a key is the file's name and the
key inside it: ``say("problem.unknown_kode_desa", "id", value="17.04.99.2001")``.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from importlib import resources
from typing import Any

from kaur_gis.config import Lang

LANGS: tuple[Lang, ...] = ("id", "en")


@cache
def sentences() -> dict[str, dict[str, str]]:
    """Read every sentence: key -> language -> text.

    Raises
    ------
    ValueError
        Where a sentence misses one of the languages.
    """
    found: dict[str, dict[str, str]] = {}
    for file in sorted(resources.files(__name__).iterdir(), key=lambda item: item.name):
        if file.name.endswith(".toml"):
            room = file.name.removesuffix(".toml")
            for key, texts in tomllib.loads(file.read_text(encoding="utf-8")).items():
                if set(texts) != set(LANGS):
                    msg = f"{room}.{key} must be said in exactly {LANGS}"
                    raise ValueError(msg)
                found[f"{room}.{key}"] = texts
    return found


def say(key: str, lang: Lang = "id", /, **values: object) -> str:
    """Say a sentence of the catalogue.

    Parameters
    ----------
    key : str
        ``<file>.<key>``.
    lang : {"id", "en"}
        Language.
    **values
        What the sentence's ``{names}`` stand for; text in them is never interpreted.

    Raises
    ------
    KeyError
        For a key that is not in the catalogue, or a value that the sentence needs and did not get.
    """
    return _FORMATTER.vformat(sentences()[key][lang], (), values)


class _Formatter(string.Formatter):
    """Format values as `str.format` does, and words by number: ``{n} {n:trip|trips}``."""

    def format_field(self, value: Any, format_spec: str) -> str:  # noqa: ANN401 - as in the standard library
        one, bar, many = format_spec.partition("|")
        if bar:
            return one if str(value) == "1" else many
        return str(super().format_field(value, format_spec))


_FORMATTER = _Formatter()


def thousands(number: float, lang: Lang, decimals: int = 0) -> str:
    """Write a number the way the language does: 96.011 and 0,5 in Indonesian, 96,011 and 0.5 in English.

    A half goes up, as the page of the map rounds: 4.25 km are 4,3 km on the papers and on the map.
    """
    half_up = Decimal(str(number)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    text = f"{half_up:,}"
    return text if lang == "en" else text.translate(str.maketrans(",.", ".,"))


def wave_word(wave: str, lang: Lang, way_back: str = "report.way_back", *, on: int | None = None) -> str:
    """Name a wave as people read it; what is driven after counting counts as one, or a part of it.

    What is driven for it `on` an earlier day is named by that day, too: so many days before voting day.
    """
    if on is not None:
        return say("report.wave_overnight", lang, wave=wave, on=on)
    word, _, hours = wave.partition(" ")
    return " ".join(filter(None, [say(way_back, lang), hours])) if word == "kembali" else wave


def wave_words(
    waves: Iterable[str], stages: Iterable[str], overnight: Mapping[tuple[str, str], int], lang: Lang
) -> list[str]:
    """Name the wave of each row as people read it, with the day of its stage where that is another (`overnight`)."""
    return [wave_word(wave, lang, on=overnight.get((wave, stage))) for wave, stage in zip(waves, stages, strict=True)]


def ranges(numbers: Sequence[int]) -> str:
    """Say numbers in rising order shortly: ``1–3, 5``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)

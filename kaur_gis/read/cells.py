"""What a cell may be: each rule turns a cleaned text into a value, or says what is wrong with it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

OWN_CODE = r"^[A-Z0-9-]{2,20}$"
NUMBER = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,20})?")
DMS = re.compile(r"\d\s*[°º'′\"″]|\d+\s+\d+(\s+\d+([.,]\d+)?)?\s*[NSEWUTB]?$")
"""Looks like degrees and minutes: 4 42'30"S."""


def _decimal_degrees(text: str) -> str:
    """Read degrees, minutes and seconds as decimal degrees, as far as they can be; ``""`` else."""
    parts = [float(part.replace(",", ".")) for part in re.findall(r"\d+(?:[.,]\d+)?", text)]
    if not 1 <= len(parts) <= 3 or any(part >= 60 for part in parts[1:]):  # noqa: PLR2004 - degrees, minutes, seconds
        return ""
    south = re.search(r"-|[SW]|LS|BB", text.upper()) is not None
    degrees = sum(part / 60**power for power, part in enumerate(parts))
    return f"{-degrees if south else degrees:.6f}"


class Fault:
    """A cell is not what its column wants.

    Attributes
    ----------
    what : str
        Key of the Problem.
    details : dict
        What its sentence names.
    """

    def __init__(self, what: str, **details: str | float) -> None:
        self.what = what
        self.details = details


def iso_day(text: str) -> str | Fault:
    """Parse a day as ``2024-02-13``; what a phone writes behind it, the time, is left out."""
    try:
        return dt.datetime.fromisoformat(text).date().isoformat()
    except ValueError:
        return Fault("not_a_day")


def words(*allowed: str) -> Callable[[str], str | Fault]:
    """Parse one of the allowed words; case and spaces for underscores are forgiven by table."""

    def parse(text: str) -> str | Fault:
        word = re.sub(r"[\s_-]+", "_", text).casefold()
        if word not in allowed:
            return Fault("word", allowed=", ".join(item for item in allowed if item))
        return word

    return parse


def yes_no(text: str) -> bool | Fault:
    """Parse ``ya`` or ``tidak``."""
    word = text.casefold()
    if word not in {"ya", "tidak"}:
        return Fault("word", allowed="ya, tidak")
    return word == "ya"


def text_up_to(most: int) -> Callable[[str], str | Fault]:
    """Parse any text of at most `most` characters."""

    def parse(text: str) -> str | Fault:
        if len(text) > most:
            return Fault("text_too_long", limit=most)
        return text

    return parse


def own_code(example: str) -> Callable[[str], str | Fault]:
    """Parse a code that the committee chooses itself; a miss says of what such a code may consist."""
    right = re.compile(OWN_CODE, re.ASCII)
    return lambda text: text if right.fullmatch(text) else Fault("code_own", example=example)


def code(pattern: str, example: str) -> Callable[[str], str | Fault]:
    """Parse a code; a miss says whether a spreadsheet has damaged it."""
    digits = sum(char.isdigit() for char in example)
    right = re.compile(pattern, re.ASCII)

    def parse(text: str) -> str | Fault:
        if right.fullmatch(text):
            return text
        if re.fullmatch(r"\d+([.,]\d+)?E[+-]?\d+", text, re.IGNORECASE):
            return Fault("code_damaged", example=example)
        if re.fullmatch(r"\d+[.,]0+", text) and example.isdigit():
            return Fault("code_damaged", example=example)
        if re.search(r"[A-Za-z]{3}|/", text) and re.fullmatch(r"[\w/ -]*\d[\w/ -]*", text) and example[0].isdigit():
            return Fault("code_date", example=example)
        if re.fullmatch(r"[\d.]+", text) and sum(char.isdigit() for char in text) < digits:
            return Fault("code_short", example=example)
        return Fault("code_pattern", example=example)

    return parse


def integer(low: int, high: int) -> Callable[[str], int | Fault]:
    """Parse a whole number written with digits alone, from `low` to `high`."""

    def parse(text: str) -> int | Fault:
        if re.fullmatch(r"-?[0-9]{1,12}", text):
            if low <= int(text) <= high:
                return int(text)
            return Fault("number_range", low=low, high=high)
        if re.fullmatch(r"\d{1,3}([., ]\d{3})+", text):
            return Fault("thousands", example=re.sub(r"\D", "", text))
        if re.fullmatch(r"-?\d+[.,]\d+", text):
            return Fault("fraction")
        return Fault("not_integer")

    return parse


def decimal(low: float, high: float) -> Callable[[str], float | Fault]:
    """Parse a number with a decimal point, from `low` to `high`."""

    def parse(text: str) -> float | Fault:
        if NUMBER.fullmatch(text):
            number = float(text)
            return number if low <= number <= high else Fault("number_range", low=low, high=high)
        if re.fullmatch(r"[+-]?\d+,\d+", text):
            return Fault("decimal_comma", example=text.replace(",", "."))
        if DMS.search(text):
            return Fault("degrees_minutes", nearest=_decimal_degrees(text))
        return Fault("not_number")

    return parse

"""Words that the page needs before its payload is open."""

from __future__ import annotations

from kaur_gis.catalogue import say
from kaur_gis.config import Lang

FIRST_WORDS = ("too_old", "lock_title", "lock_about", "password", "unlock", "unlocking", "wrong_password")


def first_words(lang: Lang) -> dict[str, str]:
    """Say them: the catalogue's own text, never from data."""
    return {name: say(f"map.{name}", lang) for name in FIRST_WORDS}

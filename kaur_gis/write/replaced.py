"""What a paper replaces: each page bears a code of what stands on it, and says so only where an older one says else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kaur_gis.catalogue import say
from kaur_gis.config import Lang

Pages = Mapping[str, bool | None]
"""Code of a page -> whether it replaces another one; None where that depends on the code of the older one."""


@dataclass(frozen=True)
class Replaced:
    """An earlier paper of the same name.

    Attributes
    ----------
    version : str
        Of its plan; "" for none.
    same : collection of str, optional
        Codes of its pages, which hold still; None where nobody knows them.
    """

    version: str = ""
    same: Collection[str] | None = None


NOTHING = Replaced()


@dataclass(frozen=True)
class Earlier:
    """The papers of an earlier plan.

    Attributes
    ----------
    version : str
        Of that plan; "" for none.
    same : mapping of str to collection of str, optional
        File -> codes of its pages, which hold still; None where nobody knows them.
    """

    version: str = ""
    same: Mapping[str, Collection[str]] | None = None

    @classmethod
    def of(cls, version: str, pages: Mapping[str, Pages], *, again: bool) -> Earlier:
        """Take what an earlier run says of its papers; those written again replace what they did."""
        if not pages or (again and any(None in paper.values() for paper in pages.values())):
            return cls(version)
        held = {name: [code for code, other in paper.items() if not (again and other)] for name, paper in pages.items()}
        return cls(version, held)

    def without(self, codes: Collection[str]) -> Earlier:
        """Leave out pages that hold no longer, though the code of what stands on them is the same."""
        if self.same is None:
            return self
        return Earlier(self.version, {name: [*set(own).difference(codes)] for name, own in self.same.items()})

    def paper(self, name: str) -> Replaced:
        """Give what is known of one file."""
        return Replaced(self.version, None if self.same is None else self.same.get(name, ()))


NONE = Earlier()


def stamped(
    pages: Iterable[dict[str, Any]], version: str, replaces: Replaced, lang: Lang, shared: object = None
) -> dict[str, bool | None]:
    """Put on each page its code and which version it replaces, as `hash` and `version`.

    Parameters
    ----------
    pages : iterable of dict
        What stands on each page or card that is handed out by itself; a code that it has already stays.
    version : str
        Of the plan, in words.
    replaces : Replaced
    lang : {"id", "en"}
    shared : optional
        What stands on every page besides, ready for JSON.

    Returns
    -------
    dict
        As `Pages`.
    """
    found: dict[str, bool | None] = {}
    for page in pages:
        text = json.dumps([page, shared], ensure_ascii=False, sort_keys=True)
        code = page.get("hash") or hashlib.sha256(text.encode()).hexdigest()[:8]
        other = None if replaces.same is None else code not in replaces.same
        found[code] = other
        told = version
        if replaces.version and other is not False:
            told = say("sheets.replaces", lang, version=version, old=replaces.version)
            told = say("sheets.replaces_others", lang, version=told) if other is None else told
        page |= {"hash": say("sheets.hash", lang, hash=code), "version": told}
    return found

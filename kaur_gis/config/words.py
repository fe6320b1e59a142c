"""Words, units and limits of the operation file, and what all of its tables have in common."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, LiteralString, NoReturn

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

Lang = Literal["id", "en"]
Sumber = Literal["ukur", "terbit", "simpulan", "perkiraan", "contoh", "asumsi"]
"""How a value is known, best first: measured, published, inferred, estimated, example, assumed."""
SUMBER_ORDER: tuple[Sumber, ...] = ("ukur", "terbit", "simpulan", "perkiraan", "contoh", "asumsi")
Weather = Literal["kering", "hujan", "hujan_lebat"]
WEATHERS: tuple[Weather, ...] = ("kering", "hujan", "hujan_lebat")
Akses = Literal["biasa", "sulit"]
Kerawanan = Literal["kurang_rawan", "rawan", "sangat_rawan"]
KERAWANAN: tuple[Kerawanan, ...] = ("kurang_rawan", "rawan", "sangat_rawan")
Sinyal = Literal["kuat", "sedang", "lemah", "tidak_ada", "belum_diketahui"]
SINYAL: tuple[Sinyal, ...] = ("kuat", "sedang", "lemah", "tidak_ada", "belum_diketahui")
Bawaslu = Literal["hak_pilih", "keamanan", "kampanye", "netralitas", "logistik", "lokasi", "listrik_internet"]
BAWASLU: tuple[Bawaslu, ...] = (
    "hak_pilih",
    "keamanan",
    "kampanye",
    "netralitas",
    "logistik",
    "lokasi",
    "listrik_internet",
)
"""Bawaslu's seven variables of 2024: whether a TPS is flagged for one stands in the column ``bawaslu_<variable>``."""
SourceKey = Literal[
    "kecamatan",
    "desa",
    "tempat",
    "tps",
    "personel",
    "tanda",
    "sungai",
    "puncak",
    "batas",
    "nama_tempat",
    "sinyal",
    "cakupan",
    "relay",
]
PlaceKind = Literal["gudang", "ppk", "pps", "polsek"]

Metres = Annotated[float, Field(ge=0, le=1_000_000)]
Minutes = Annotated[float, Field(ge=0, le=24 * 60)]
Text = Annotated[str, Field(min_length=1, max_length=200)]
KodeKec = Annotated[str, Field(pattern=r"^\d{2}\.\d{2}\.\d{2}$")]
RelativePath = Annotated[str, Field(min_length=1, max_length=300)]
Rupiah = Annotated[int, Field(ge=0, le=100_000_000)]
Chance = Annotated[float, Field(ge=0, le=1)]

DAY_S = 24 * 3600


def seconds_of_day(time: dt.time) -> int:
    """Seconds from midnight."""
    return time.hour * 3600 + time.minute * 60 + time.second


def refuse(rule: LiteralString, said: LiteralString, **values: str) -> NoReturn:
    """Refuse a model whose keys do not go together.

    Parameters
    ----------
    rule : str
        ``rule_<name>``: the key of the sentence in the catalogue.
    said : str
        The same for developers.
    **values
        What both name.

    Raises
    ------
    PydanticCustomError
        Always.
    """
    raise PydanticCustomError(rule, said, dict(values))


class Strict(BaseModel):
    """Base of every model that is read from a TOML file: frozen, strict, no unknown keys."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)

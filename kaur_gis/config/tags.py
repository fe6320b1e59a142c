"""What is decided of each TPS: its kerawanan, its guards, and how its results are sent."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

from pydantic import Field, model_validator

from kaur_gis.config.words import (
    BAWASLU,
    DAY_S,
    Akses,
    Bawaslu,
    Kerawanan,
    Metres,
    Minutes,
    RelativePath,
    Sinyal,
    Strict,
    Sumber,
    Text,
    refuse,
    seconds_of_day,
)


class KerawananRule(Strict):
    """One line of the ordered rule list: the first line that holds decides the class.

    Every condition that is given must hold; the reasons of all lines that hold and name the
    deciding class are shown together.
    """

    kelas: Kerawanan
    sebab: Text
    reason: str = ""  # `sebab` in English, for a plan in that language
    psu_sebelumnya: bool | None = None
    akses: Akses | None = None
    sinyal: tuple[Sinyal, ...] | None = None
    bawaslu: Annotated[tuple[Bawaslu, ...], Field(min_length=1)] | None = None  # Bawaslu flags the TPS for these
    bawaslu_at_least: Annotated[int, Field(ge=1, le=len(BAWASLU))] = 1  # for so many of them


class KerawananRules(Strict):
    """The ordered rule list, and the class of a TPS for which no line holds."""

    rules: tuple[KerawananRule, ...]
    otherwise: Kerawanan
    otherwise_sebab: Text
    otherwise_reason: str = ""  # the same in English


class GuardFiles(Strict):
    """The pattern file, with which vehicle guards move, and their hours on voting day."""

    pattern: RelativePath
    vehicle: Text
    reaction_minutes: Annotated[float, Field(gt=0, le=24 * 60)] | None = None  # a Polsek must reach each TPS within
    duty_from: dt.time | None = None  # hours at the posts; None where nobody has said
    duty_until: dt.time | None = None


class Komunikasi(Strict):
    """How results are sent from where there is no signal (`[komunikasi]`): who needs it, how far, and who carries."""

    start: dt.time  # couriers leave from then: counting is over and the forms are photographed
    start_day: Annotated[int, Field(ge=0, le=30)] = 0  # days after voting day
    vehicles: Annotated[tuple[Text, ...], Field(min_length=1)] = ("jalan_kaki", "motor")  # of the speed table
    max_minutes: Annotated[float, Field(gt=0, le=24 * 60)] = 60.0  # to a place with signal, at most
    needs: Annotated[tuple[Sinyal, ...], Field(min_length=1)] = ("lemah", "tidak_ada")  # TPS that can't send
    enough: Annotated[tuple[Sinyal, ...], Field(min_length=1)] = ("kuat",)  # signal from which one can
    max_stops: Annotated[int, Field(ge=1, le=5)] = 3  # points with TPS that one courier serves
    handover_minutes: Minutes = 5.0  # at each further point, each way
    send_minutes_per_tps: Minutes = 5.0  # at the place with signal
    radio_range_m: Metres = 0.0  # of an HT radio, as the crow flies; 0: there are none
    post_range_m: Metres = 0.0  # between two relay posts; 0: as of an HT radio
    radios: Annotated[int, Field(ge=0, le=1000)] | None = None  # relay posts that there are; None: not said
    sumber: Sumber

    @model_validator(mode="after")
    def _enough_is_no_need(self) -> Komunikasi:
        if both := sorted(set(self.needs) & set(self.enough)):
            refuse("rule_signal", "komunikasi: {both} can't both need help and be enough", both=", ".join(both))
        return self

    @property
    def start_s(self) -> int:
        """When couriers leave [s from midnight of voting day]."""
        return self.start_day * DAY_S + seconds_of_day(self.start)

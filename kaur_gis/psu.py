"""A repeated vote (PSU): the same operation for the chosen TPS and kinds of ballot, on a new day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import pandas as pd

from kaur_gis.hours import holds_ever, parted
from kaur_gis.inputs import Inputs
from kaur_gis.kit import kits
from kaur_gis.problems import InputProblems, Problem
from kaur_gis.rules import Ballot, Item, KitRules


def psu(inputs: Inputs, kode_tps: Sequence[str], jenis: Sequence[str], day: dt.date) -> Inputs:
    """Turn an operation into that of a repeated vote; `make_plan` of it gives kit, trips, guards and sheets.

    Parameters
    ----------
    inputs : Inputs
        Of the election that is repeated.
    kode_tps : sequence of str
        Where the vote is repeated.
    jenis : sequence of str
        Which kinds of ballot: their keys in the rule file.
    day : date
        When.

    Returns
    -------
    Inputs
        The chosen TPS alone, a kit of the chosen kinds, waves counted back from `day`, those of the days after the
        vote that is repeated, with the parts that the roads closed then ask for; a note for every kind of which the
        kabupaten has too small a spare.

    Raises
    ------
    InputProblems
        For TPS or kinds that are not known, a rule file that says nothing of a repeated vote, and a day that is too
        late, or so early that boxes would have to leave before the vote that is repeated.
    """
    rules, operation = inputs.kit_rules, inputs.operation
    known = [ballot.key for ballot in rules.ballots]
    problems = [Problem("tps_not_in_plan", value=kode) for kode in sorted({*kode_tps} - {*inputs.tps.index})]
    problems += [
        Problem("ballot_unknown", value=key, details={"known": ", ".join(known)}) for key in sorted({*jenis} - {*known})
    ]
    if problems or not kode_tps or not jenis:
        raise InputProblems(problems or [Problem("psu_of_nothing")])
    chosen = inputs.tps.loc[sorted(set(kode_tps))]
    earlier = _days_earlier(inputs, chosen)
    problems = _day_problems(inputs, chosen, day, earlier)
    if problems:
        raise InputProblems(problems)
    name = f"PSU {operation.operation.name}"[:200]
    head = operation.operation.model_copy(update={"name": name, "voting_day": day})
    election = operation.election.model_copy(update={"expected_tps": None, "expected_voters": None})
    # parts are those of the first vote's day, and nobody leaves before the ballots of that day are counted
    voted = operation.operation.voting_day
    most = (day - voted).days - earlier
    whole = tuple(wave for wave in operation.waves if wave.part_of is None and wave.days_before < most)
    again = operation.model_copy(update={"operation": head, "election": election, "waves": whole})
    again = again.model_copy(update={"waves": parted(again)})
    closures = tuple(replace(own, in_force=holds_ever(again, own.asked)) for own in inputs.roads.closures)
    new_rules = _rules(rules, [key for key in known if key in jenis])
    return replace(
        inputs,
        operation=again,
        roads=replace(inputs.roads, closures=closures),
        kit_rules=new_rules,
        kecamatan=inputs.kecamatan.assign(n_tps_resmi=0),
        tps=chosen,
        notes=(*inputs.notes, *_reserve_notes(rules, kits(chosen, new_rules, inputs.kecamatan["dapil"]))),
    )


def _days_earlier(inputs: Inputs, chosen: pd.DataFrame) -> int:
    """Count by how many days the first of the stages by which some TPS go is earlier than their wave."""
    kecamatan = set(inputs.desa.loc[chosen["kode_desa"], "kode_kec"])
    return max(stage.days_earlier for kec in kecamatan for stage in inputs.operation.stages_of(kec))


def _day_problems(inputs: Inputs, chosen: pd.DataFrame, day: dt.date, earlier: int) -> list[Problem]:
    """Say why a vote can't be repeated on a day."""
    voted, rule = inputs.operation.operation.voting_day, inputs.kit_rules.psu
    if rule is None:
        return [Problem("psu_without_rule", file=inputs.operation.election.kit)]
    last = voted + dt.timedelta(days=rule.within_days)
    last_wave = min(wave.days_before for wave in inputs.operation.waves)  # that of the TPS which no wave forces
    akses = chosen["akses_sulit"].map({True: "sulit", False: "biasa"})
    forced = [inputs.operation.forced_wave(str(kode), own) for kode, own in akses.items()]
    out = max([last_wave, *(wave.days_before for wave in forced if wave)]) + earlier
    first = voted + dt.timedelta(days=out + 1)
    if first <= day <= last:
        return []
    details: dict[str, str | int | float] = {"first": str(first), "last": str(last)}
    return [Problem("psu_day", value=str(day), details=details)]


def _rules(rules: KitRules, keys: Sequence[str]) -> KitRules:
    """Keep what the chosen kinds need; these ballots come from the kabupaten's spare, which is not ordered twice."""
    ballots = tuple(kind for kind in rules.ballots if kind.key in keys)
    items = [
        item.model_copy(update={"per_tps": len(ballots), **_of_these(item, ballots)} if item.one_per_ballot else {})
        for item in rules.items
    ]
    return rules.model_copy(
        update={
            "name": f"PSU {rules.name}: {', '.join(keys)}"[:200],
            "items": tuple(item.model_copy(update={"spare_per_kabupaten": None}) for item in items),
            "ballots": tuple(kind.model_copy(update={"spare_per_kabupaten": None}) for kind in ballots),
        }
    )


def _of_these(item: Item, ballots: Sequence[Ballot]) -> dict[str, str]:
    """Call an item that is one for each ballot by these ballots alone, where all of them say what theirs is called."""
    told = [kind.kotak for kind in ballots if kind.kotak is not None]
    if len(told) < len(ballots):
        return {}
    nama, name = ", ".join(own.nama for own in told), ", ".join(own.name for own in told)
    return {"nama": f"{item.nama.partition(' (')[0]} ({nama})", "name": f"{item.name.partition(' (')[0]} ({name})"}


def _reserve_notes(rules: KitRules, needed: pd.DataFrame) -> list[Problem]:
    """Compare the ballots that are needed with the spare of the kabupaten, of the dapil where they are printed so."""
    notes = []
    for kind in rules.ballots:
        column, spare = f"suara_{kind.key}", kind.spare_per_kabupaten
        if column not in needed or spare is None:
            continue
        areas = needed["dapil"] if kind.by_dapil else pd.Series("", index=needed.index)
        for dapil, count in needed.groupby(areas)[column].sum().items():
            if count > spare.pieces:
                where: dict[str, str | int | float] = {
                    "dapil": str(dapil) or "-",
                    "needed": int(count),
                    "spare": spare.pieces,
                }
                notes.append(Problem("psu_spare_short", value=kind.nama, level="note", details=where))
    return notes

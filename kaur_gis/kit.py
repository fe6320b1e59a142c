"""What each TPS must receive, and what goes with it: pieces, ballots, boxes, kilograms and cubic metres.

A kit is counted for each TPS (`kits`); what PPS and PPK receive and what the kabupaten keeps is counted beside it
(`goods`). Everything else is adding up: `per_place` for a desa, PPK or gudang, `manifest` and `per_vehicle` for what
is on the road. Layers in, frame out; sums agree to the last ballot, whichever way they are taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Literal

import pandas as pd

from kaur_gis.layers import Kits, checked
from kaur_gis.rules import Ballot, Count, Item, KitRules

ROUNDING: dict[str, Callable[[Fraction], int]] = {
    "up": ceil,
    "nearest": lambda spare: floor(spare + Fraction(1, 2)),  # a half goes up: never one ballot too few
    "down": floor,
}
Level = Literal["desa", "ppk", "gudang"]
LEVELS: dict[Level, str] = {"desa": "kode_desa", "ppk": "kode_ppk", "gudang": "kode_gudang"}
_KEC = len("17.04.01")


def kits(tps: pd.DataFrame, rules: KitRules, dapil: Mapping[str, str] | pd.Series) -> pd.DataFrame:
    """Count the kit of each TPS.

    Parameters
    ----------
    tps : DataFrame
        Layer `layers.Tps` or any that has its columns.
    rules : KitRules
        The kit of the election.
    dapil : Series or mapping
        Electoral district for DPRD kabupaten of each `kode_kec`, as `layers.Kecamatan.dapil`.

    Returns
    -------
    DataFrame
        Layer `layers.Kits`, rows as given: ``jml_<item>``, ``suara_<ballot>``, dapil, kotak, kg [kg], m3 [m³].
    """
    kotak = next(item.per_tps for item in rules.items if item.key == rules.kotak_item)
    of_kec = dict(dapil) if rules.by_dapil else {}
    found = pd.DataFrame(
        {
            **{f"jml_{item.key}": item.per_tps for item in rules.items},
            **{f"suara_{ballot.key}": _ballots(tps["pemilih"], ballot, rules.rounding) for ballot in rules.ballots},
            "dapil": pd.Series([of_kec.get(kode[:_KEC], "") for kode in tps["kode_desa"]], index=tps.index, dtype=str),
            "kotak": kotak,
            "kg": float(kotak * _decimal(rules.kg_per_kotak)),
            "m3": float(kotak * _decimal(rules.m3_per_kotak)),
        },
        index=tps.index,
    )
    return checked(found, Kits)


def totals(kits: pd.DataFrame, by: pd.Series) -> pd.DataFrame:
    """Add kits up by kecamatan, desa, gudang or whatever else.

    Parameters
    ----------
    kits : DataFrame
        Layer `layers.Kits`.
    by : Series
        Group of each TPS, indexed by `kode_tps`, in any order.

    Returns
    -------
    DataFrame
        One row a group, sorted: n_tps and the columns of `kits` that are numbers. Weights add up as the decimals
        they are written as, so totals of totals are equal whatever the order.

    Raises
    ------
    KeyError
        For a TPS of `kits` that is not in `by`.
    """
    return _summed(kits.assign(n_tps=1), by.loc[kits.index])


def chain(tps: pd.DataFrame, tempat: pd.DataFrame) -> pd.DataFrame:
    """Say through whose hands the kit of each TPS goes.

    Its gudang is that which supplies its PPK, else that which supplies its PPS: not every kecamatan has boxes at a PPK.

    Parameters
    ----------
    tps : DataFrame
        Layer `layers.PlacedTps` or `layers.TaggedTps`.
    tempat : DataFrame
        Layer `layers.Tempat`.

    Returns
    -------
    DataFrame
        By `kode_tps`: kode_desa, kode_kec, kode_ppk, kode_gudang; "" where there is none.
    """
    places = pd.DataFrame(tempat).sort_index(ascending=False)  # the first by code stands last and wins
    ppk, pps = (places[places["jenis"] == jenis].reset_index() for jenis in ("ppk", "pps"))
    of_kec, of_desa = (
        dict(zip(own[by], own["kode_tempat"], strict=True)) for own, by in ((ppk, "kode_kec"), (pps, "kode_desa"))
    )
    supplied = places["induk"].where(places["induk"].isin(places.index[places["jenis"] == "gudang"]), "").to_dict()
    rows = [
        (desa, kec, of_kec.get(kec, ""), supplied.get(of_kec.get(kec, "")) or supplied.get(of_desa.get(desa), ""))
        for desa, kec in zip(tps["kode_desa"], tps["kode_kec"], strict=True)
    ]
    return pd.DataFrame(rows, tps.index, ["kode_desa", "kode_kec", "kode_ppk", "kode_gudang"], dtype=str)


def goods(kits: pd.DataFrame, chain: pd.DataFrame, rules: KitRules) -> pd.DataFrame:
    """Count what PPS and PPK receive for themselves, and what the kabupaten keeps as a spare.

    Every desa with TPS has a PPS, every PPK of the chain is one; a PPK belongs to the gudang of all its TPS. The spare
    of ballots printed by dapil is kept dapil by dapil, at the gudang that serves no other dapil; all other spare is
    kept by the kabupaten, at no stated gudang.

    Parameters
    ----------
    kits : DataFrame
        Layer `layers.Kits`.
    chain : DataFrame
        As `chain` gives it, for the same TPS.
    rules : KitRules

    Returns
    -------
    DataFrame
        By `untuk` (``pps``, ``ppk``, ``cadangan``) and `kode` (of the desa or the PPK; the dapil, or "" for the whole
        kabupaten): kode_desa, kode_ppk and kode_gudang ("" where it belongs to none), ``jml_<item>``,
        ``suara_<ballot>``, kg [kg], m3 [m³] by the sizes of the rule file. Rows are sorted.
    """
    ways = chain.assign(dapil=kits["dapil"]).sort_index()
    pps, ppk = _pieces(rules, lambda item: item.per_pps), _pieces(rules, lambda item: item.per_ppk)
    hands = ways[list(LEVELS.values())]
    held = dict.fromkeys(LEVELS.values(), "")
    desa = hands.drop_duplicates("kode_desa").to_dict("records")
    rows = [{"untuk": "pps", "kode": own["kode_desa"], **own, **pps} for own in desa]
    for kode, gudang in hands[hands["kode_ppk"] != ""].groupby("kode_ppk")["kode_gudang"]:
        rows.append({"untuk": "ppk", "kode": kode, **held, "kode_ppk": kode, "kode_gudang": only(gudang), **ppk})
    spare = _pieces(rules, lambda item: item.spare_per_kabupaten, lambda kind: not kind.by_dapil)
    rows.append({"untuk": "cadangan", "kode": "", **held, **spare})
    for kode in sorted(set(ways["dapil"]) - {""}):
        own_gudang = only(ways.loc[ways["dapil"] == kode, "kode_gudang"])
        spare = _pieces(rules, lambda _: None, lambda kind: kind.by_dapil)
        rows.append({"untuk": "cadangan", "kode": kode, **held, "kode_gudang": own_gudang, **spare})
    return pd.DataFrame(rows).set_index(["untuk", "kode"]).sort_index()


def per_place(kits: pd.DataFrame, chain: pd.DataFrame, goods: pd.DataFrame, level: Level) -> pd.DataFrame:
    """Add up all that is meant for a desa, PPK or gudang and whatever lies behind it.

    Parameters
    ----------
    kits, chain, goods : DataFrame
        Layer `layers.Kits`, and what `chain` and `goods` give for it.
    level : {"desa", "ppk", "gudang"}

    Returns
    -------
    DataFrame
        By the code of the place, sorted: n_tps, ``jml_<item>``, ``suara_<ballot>``, kotak, kg [kg], m3 [m³]. A row ""
        holds what belongs to no such place, so that the rows of every level add up to the same order for the printer.
    """
    mine = kits.drop(columns="dapil").assign(n_tps=1)
    other = goods.assign(n_tps=0, kotak=0)[mine.columns]
    places = pd.concat([chain.loc[mine.index, LEVELS[level]], goods[LEVELS[level]]]).to_numpy()
    both = pd.concat([mine.reset_index(drop=True), other.reset_index(drop=True)])
    return _summed(both.reset_index(drop=True), pd.Series(places, name=LEVELS[level]))


def manifest(loads: pd.DataFrame, kits: pd.DataFrame) -> pd.DataFrame:
    """List what is on board of each trip: the bundle of each TPS, with the dapil of its ballots.

    Parameters
    ----------
    loads : DataFrame
        Layer `layers.Loads`.
    kits : DataFrame
        Layer `layers.Kits`.

    Returns
    -------
    DataFrame
        By `kode_trip` and `kode_tps`, rows as given: order (of the leg at whose end it is handed over), dapil of the
        load, ``jml_<item>``, ``suara_<ballot>``, kotak, kg [kg], m3 [m³].
    """
    return loads[["order", "dapil"]].join(kits.drop(columns="dapil"), on="kode_tps")


def riding(loads: pd.DataFrame, chain: pd.DataFrame, goods: pd.DataFrame) -> pd.DataFrame:
    """List the goods of PPS and PPK on board of each trip, which ride with the boxes of a TPS.

    Parameters
    ----------
    loads : DataFrame
        Layer `layers.Loads`.
    chain, goods : DataFrame
        As `chain` and `goods` give them.

    Returns
    -------
    DataFrame
        By `kode_trip` and `kode_tps`, once for each: `untuk`, `kode`, and the columns of `goods` that are numbers.
    """
    rides = loads["panitia"].str.split().explode().dropna().rename("untuk").reset_index()
    columns = {"ppk": chain["kode_ppk"], "pps": chain["kode_desa"]}
    rides["kode"] = [columns[untuk][kode] for untuk, kode in zip(rides["untuk"], rides["kode_tps"], strict=True)]
    listed = rides.join(goods.drop(columns=list(LEVELS.values())), on=["untuk", "kode"])
    return listed.set_index(["kode_trip", "kode_tps"])


def per_vehicle(
    trips: pd.DataFrame, loads: pd.DataFrame, kits: pd.DataFrame, chain: pd.DataFrame, goods: pd.DataFrame
) -> pd.DataFrame:
    """Add up what each vehicle brings, all its trips of one wave together.

    Parameters
    ----------
    trips, loads, kits : DataFrame
        Layers of these names.
    chain, goods : DataFrame
        As `chain` and `goods` give them.

    Returns
    -------
    DataFrame
        By stage, wave, vehicle and dapil, sorted: n_tps, ``jml_<item>``, ``suara_<ballot>``, kotak, kg [kg], m3 [m³].
        The rows of one stage add up to the kits of the TPS that it serves, and the goods that ride along.
    """
    keys = ["stage", "wave", "vehicle"]
    bundles = manifest(loads, kits).drop(columns="order").assign(n_tps=1, kotak=loads["kotak"])  # all that is on board
    more = riding(loads, chain, goods).drop(columns=["untuk", "kode"]).join(loads["dapil"])
    both = pd.concat([bundles, more.assign(n_tps=0, kotak=0)])
    listed = both.join(trips[keys], on="kode_trip").reset_index(drop=True)
    by = [listed.pop(name) for name in (*keys, "dapil")]
    return _summed(listed, *by)


def only(codes: Iterable[str]) -> str:
    """Give the one code that all have; "" where they have several.

    Parameters
    ----------
    codes : iterable of str
    """
    found = set(codes)
    return found.pop() if len(found) == 1 else ""


def _summed(frame: pd.DataFrame, *by: pd.Series) -> pd.DataFrame:
    """Add up the columns that are numbers, n_tps first, groups sorted; weights as decimals."""
    names = ["n_tps", *(name for name in frame.columns if name != "n_tps" and frame[name].dtype.kind in "if")]
    groups = frame.groupby(list(by), sort=True)
    summed = {name: groups[name].agg(_added if name in {"kg", "m3"} else "sum") for name in names}
    found = pd.DataFrame(summed)
    return found if len(by) > 1 else found.set_axis(pd.Index(found.index.get_level_values(0), name=by[0].name))


def _pieces(
    rules: KitRules, of_item: Callable[[Item], Count | None], of_ballot: Callable[[Ballot], bool] = lambda _: False
) -> dict[str, int | float]:
    """Count pieces and spare ballots of one receiver, and their load by the sizes of the rule file."""
    counts = [(f"jml_{item.key}", of_item(item), item.size) for item in rules.items]
    spare = [(f"suara_{kind.key}", kind.spare_per_kabupaten, kind) for kind in rules.ballots]
    counts += [(name, count if of_ballot(kind) else None, kind.size) for name, count, kind in spare]
    pieces = {name: 0 if count is None else count.pieces for name, count, _ in counts}
    sized = [(count.pieces, size) for _, count, size in counts if count is not None and size is not None]
    kg = sum((n * _decimal(size.kg) for n, size in sized), Decimal(0))
    m3 = sum((n * _decimal(size.m3) for n, size in sized), Decimal(0))
    return {**pieces, "kg": float(kg), "m3": float(m3)}


def _ballots(pemilih: pd.Series, ballot: Ballot, rounding: str) -> pd.Series:
    """One ballot a voter and the spare, in exact arithmetic: 2 percent of 300 is 6, not 6.000000001."""
    share = Fraction(_decimal(ballot.spare_percent)) / 100
    return pemilih.map(lambda voters: voters + ROUNDING[rounding](voters * share)).astype("int64")


def _decimal(value: float) -> Decimal:
    """Read a float as the decimal that was written in the file."""
    return Decimal(repr(float(value)))


def _added(values: pd.Series) -> float:
    """Add up as decimals."""
    return float(sum(map(_decimal, values), Decimal(0)))

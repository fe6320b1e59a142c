"""The tables of the kit: for each TPS, for the committees, for every place it passes, and on every vehicle."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from kaur_gis import kit
from kaur_gis.catalogue import say, wave_words
from kaur_gis.config import Lang
from kaur_gis.write.columns import kit_names
from kaur_gis.write.laid_out import LOAD, PLACE, looked_up, table_of
from kaur_gis.write.workbook import RollUp, Summed, Table

if TYPE_CHECKING:
    from kaur_gis.plan import Plan

CHAIN = ["kode_ppk", "kode_gudang"]


def logistics(plan: Plan, lang: Lang) -> list[Table]:
    """Lay out the kit of each TPS, what PPS, PPK and the kabupaten get, and what that makes for each place.

    Every level adds up to the same order for the printer: what belongs to no place of a level stands in the last row,
    without a code, which says what it is.

    Parameters
    ----------
    plan : Plan
    lang : {"id", "en"}

    Returns
    -------
    list of Table
    """
    rules, tempat = plan.inputs.kit_rules, plan.inputs.tempat
    heads = kit_names(rules, lang)
    goods_of = [name for name in plan.kits.columns if name in heads]
    ppk = tempat[tempat["jenis"] == "ppk"].sort_index().reset_index().drop_duplicates("kode_kec").set_index("kode_kec")
    ways = kit.chain(plan.tps, tempat)
    tps = plan.tps.reset_index().join(plan.kits, on="kode_tps").join(ways[CHAIN], on="kode_tps")
    tps["dapil"] = looked_up(plan.inputs.kecamatan["dapil"], tps["kode_kec"])
    numbers = ["pemilih", *goods_of, *LOAD]
    whole = table_of(
        "perlengkapan_tps", tps, ["kode_tps", *PLACE, "dapil", *CHAIN, *numbers], lang, heads=heads, total=numbers
    )
    weighed = [*goods_of, "kg", "m3"]
    goods = kit.goods(plan.kits, ways, rules)
    others = _committees(plan, goods, lang)
    beside = table_of(
        "perlengkapan_panitia",
        others,
        ["untuk", "kode", "nama", "kode_desa", "kode_kec", *CHAIN, *weighed],
        lang,
        heads=heads,
        frozen=3,
        total=weighed,
    )

    def rolled(file: str, by: str, names: Sequence[str], of: pd.DataFrame) -> Table:
        """Add up both sheets by one of their columns."""
        groups = tps.groupby(by, sort=True)
        mine = groups[numbers].sum()
        mine.insert(0, "n_tps", groups.size())
        rows = mine.add(others.groupby(by, sort=True)[weighed].sum(), fill_value=0).fillna(0)
        counts = [name for name in rows.columns if name not in {"kg", "m3"}]
        rows = rows.astype(dict.fromkeys(counts, "int64")).rename_axis(by)
        rows = rows.loc[sorted(rows.index, key=lambda code: (not code, code))]
        for name in names:
            rows[name] = looked_up(of[name], rows.index.to_series())
        whose = [*others["untuk"][others[by] == ""].unique(), *(["TPS"] if (tps[by] == "").any() else [])]
        rows.loc[rows.index == "", next(name for name in names if name.startswith("nama_"))] = say(
            f"tables.none_{by}", lang, whose=", ".join(whose)
        )
        sums: dict[str, str | None] = {"n_tps": None, **{name: name for name in numbers}}
        more = Summed(beside.sheet, beside.frame, {name: name for name in weighed})
        return table_of(
            file,
            rows.reset_index(),
            [by, *names, *sums],
            lang,
            heads=heads,
            total=tuple(sums),
            roll_up=RollUp(by, (Summed(whole.sheet, whole.frame, sums), more)),
        )

    desa = plan.tps.drop_duplicates("kode_desa").set_index("kode_desa")
    desa["dapil"] = looked_up(plan.inputs.kecamatan["dapil"], desa["kode_kec"])
    areas = pd.DataFrame(plan.inputs.kecamatan[["dapil"]]).assign(nama_kec=plan.inputs.kecamatan["nama"])
    areas["nama_ppk"] = looked_up(ppk["nama"], areas.index.to_series())
    areas["kode_gudang"] = looked_up(ways.groupby("kode_kec")["kode_gudang"].agg(kit.only), areas.index.to_series())
    return [
        whole,
        beside,
        rolled("perlengkapan_desa", "kode_desa", ["nama_desa", "kode_kec", "nama_kec", "dapil"], desa),
        rolled("perlengkapan_kecamatan", "kode_kec", ["nama_kec", "dapil", "nama_ppk", "kode_gudang"], areas),
        rolled("perlengkapan_gudang", "kode_gudang", ["nama_gudang"], tempat.rename(columns={"nama": "nama_gudang"})),
        _vehicles(plan, ways, goods, goods_of, heads, lang),
    ]


def _committees(plan: Plan, goods: pd.DataFrame, lang: Lang) -> pd.DataFrame:
    """Name for whom goods are, and in which kecamatan."""
    inputs = plan.inputs
    frame = goods.reset_index()
    names = pd.concat([inputs.desa["nama"], inputs.tempat["nama"]])
    frame["nama"] = looked_up(names, frame["kode"])
    spare = frame["untuk"] == "cadangan"
    frame.loc[spare, "nama"] = [
        say("tables.cadangan_dapil", lang, dapil=kode) if kode else say("tables.cadangan_all", lang)
        for kode in frame.loc[spare, "kode"]
    ]
    frame["kode_kec"] = [
        kode_desa[:8] if kode_desa else str(inputs.tempat["kode_kec"].get(kode_ppk, ""))
        for kode_desa, kode_ppk in zip(frame["kode_desa"], frame["kode_ppk"], strict=True)
    ]
    frame["untuk"] = [say(f"tables.untuk_{whom}", lang) for whom in frame["untuk"]]
    return frame


def _vehicles(
    plan: Plan, ways: pd.DataFrame, goods: pd.DataFrame, goods_of: list[str], heads: dict[str, str], lang: Lang
) -> Table:
    frame = kit.per_vehicle(plan.trips, plan.loads, plan.kits, ways, goods).reset_index()
    frame["wave"] = wave_words(frame["wave"], frame["stage"], plan.inputs.operation.overnight, lang)
    columns = ["stage", "wave", "vehicle", "dapil", "n_tps", *goods_of, *LOAD]
    return table_of("perlengkapan_kendaraan", frame, columns, lang, heads=heads, frozen=3)

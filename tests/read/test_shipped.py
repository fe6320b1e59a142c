"""The shipped operation reads without a note, shows the published figures, and says how each value is known."""

from __future__ import annotations

import datetime as dt

import pytest
from world import kode_tps, world

from kaur_gis.config import SUMBER_ORDER
from kaur_gis.kit import kits
from kaur_gis.problems import InputProblems
from kaur_gis.psu import psu
from kaur_gis.read import read_inputs
from kaur_gis.read.operation import read_model
from kaur_gis.rules import GuardPattern, KitRules


@pytest.fixture(scope="module")
def inputs(kaur):
    return read_inputs(kaur)


def test_the_shipped_operation_reads_without_a_note(inputs):
    assert inputs.notes == ()
    assert next(iter(inputs.sha256)) == "operation.toml"
    assert len(inputs.sha256) == 10


def test_the_published_figures_are_in_the_tables(inputs):
    tps = inputs.tps
    assert (len(tps), tps["pemilih"].sum()) == (434, 96_011)
    assert tps["akses_sulit"].sum() == 31
    assert tps["psu_sebelumnya"].sum() == 3
    assert (tps["sinyal_data"] == "lemah").sum() == 37
    assert (tps["sinyal_data"] == "tidak_ada").sum() == 30
    assert tps.loc[tps["akses_sulit"], "kode_desa"].str[:8].value_counts().to_dict() == {
        "17.04.06": 13,
        "17.04.07": 11,
        "17.04.11": 5,
        "17.04.12": 2,
    }
    assert (len(inputs.desa), len(inputs.kecamatan)) == (195, 15)
    assert inputs.tempat["jenis"].value_counts().to_dict() == {"ppk": 15, "gudang": 3}


def test_each_gudang_supplies_the_published_number_of_tps(inputs):
    ppk = inputs.tempat[inputs.tempat["jenis"] == "ppk"].set_index("kode_kec")["induk"]
    gudang = inputs.tps["kode_desa"].str[:8].map(ppk)
    assert gudang.value_counts().to_dict() == {"GDG-III": 172, "GDG-I": 158, "GDG-II": 104}


def test_no_tps_has_a_coordinate_and_no_point_is_called_measured(inputs):
    assert inputs.tps["lon"].isna().all()
    assert (inputs.desa["titik_sumber"] == "perkiraan").all()
    assert (inputs.tempat["posisi"] == "desa").all()
    assert (inputs.kecamatan["sumber"] == "perkiraan").all()


def test_every_village_hangs_on_one_point_of_the_schematic_network(inputs):
    villages = [kode for kodes in inputs.roads.nodes["kode_desa"] for kode in kodes.split()]
    assert sorted(villages) == list(inputs.desa.index)
    assert inputs.roads.schematic
    assert len(inputs.roads.edges) == 2 * 325


def test_every_vehicle_slows_in_rain_and_says_it_is_assumed(inputs):
    speeds = inputs.speeds
    assert set(speeds.vehicles) == {"truk", "pikap", "pikap_4x4", "motor", "motor_rantai", "jalan_kaki", "perahu"}
    used = set(inputs.roads.edges["highway"])
    for vehicle in speeds.vehicles.values():
        assert vehicle.sumber == "asumsi"
        assert vehicle.moves_as == "boat" or used <= set(vehicle.kmh)
    assert "path" not in speeds.vehicles["truk"].kmh
    assert "path" in speeds.vehicles["motor"].kmh
    assert [name for name, vehicle in speeds.vehicles.items() if "steps" in vehicle.kmh] == ["jalan_kaki"]
    assert [name for name, vehicle in speeds.vehicles.items() if "ferry" in vehicle.kmh] == ["perahu"]


@pytest.mark.parametrize("name", ["kit/pemilu-2024.toml", "kit/pilkada-2024.toml"])
def test_each_kit_names_a_source_for_every_figure(name, kaur):
    rules = read_model((kaur.parent / name).read_bytes(), name, KitRules, [])
    assert rules is not None
    assert all(item.source and item.sumber in SUMBER_ORDER for item in (*rules.items, *rules.ballots))
    assert rules.psu is not None
    assert rules.psu.source


def test_the_vote_of_a_regent_is_repeated_by_the_shipped_rules_for_pilkada(kaur):
    rules = read_model((kaur.parent / "kit/pilkada-2024.toml").read_bytes(), "pilkada-2024.toml", KitRules, [])
    assert rules is not None
    voted = dt.date(2024, 11, 27)
    held = world("G---P---A", pemilih=201, kit=rules, operation={"voting_day": voted})
    again = psu(held, [kode_tps("A")], ["bupati"], dt.date(2024, 12, 6))
    own = kits(again.tps, again.kit_rules, {}).iloc[0]
    assert (own["kotak"], own["jml_kotak"], own["jml_bilik"], own["suara_bupati"]) == (1, 1, 2, 201 + 6)
    assert "suara_gubernur" not in own.index
    with pytest.raises(InputProblems, match="psu_day"):
        psu(held, [kode_tps("A")], ["bupati", "gubernur"], dt.date(2024, 12, 7))


def test_the_two_readings_of_the_pattern_and_another_pattern_are_there(kaur):
    groups = {}
    for name in ("kaur-2024", "kaur-2024-tiga-dua", "dua-enambelas-tigadua"):
        pattern = read_model((kaur.parent / "pattern" / f"{name}.toml").read_bytes(), name, GuardPattern, [])
        assert pattern is not None
        groups[name] = (pattern.kelas["kurang_rawan"].officers, pattern.kelas["kurang_rawan"].tps_per_group)
    assert groups == {"kaur-2024": (2, 5), "kaur-2024-tiga-dua": (3, 2), "dua-enambelas-tigadua": (2, 16)}

"""One small file per fault: what is said about it, where; and the good file beside it passes.

The good operation is `tests/bad/good`; a file ``<fault>.<name>`` stands in for the file ``<name>`` of it.
Rows are ``(what, row, column)``, with the file in front where the problem shows in another one.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kaur_gis.inputs import Inputs
from kaur_gis.problems import InputProblems
from kaur_gis.read import read_inputs
from kaur_gis.report import told

BAD = Path(__file__).parent.parent / "bad"

REFUSED = {
    "a_list.kecamatan.geojson": [("not_features", None, "type")],
    "all_rows_swapped.desa.csv": [("coord_swapped_all", 2, "lat")],
    "base_is_a_ppk.operation.toml": [("base_kind", None, "fleet.1.bases")],
    "base_unknown.operation.toml": [("code_unknown", None, "fleet.1.bases")],
    "end_of_day_unknown.operation.toml": [("code_unknown", None, "fleet.1.pulang_ke")],
    "daylight_unknown.operation.toml": [("rule_daylight_only", None, "")],
    "store_is_a_gudang.operation.toml": [("base_kind", None, "simpan.1.tempat")],
    "store_told_twice.operation.toml": [("rule_store", None, "")],
    "store_unknown.operation.toml": [("code_unknown", None, "simpan.1.tempat")],
    "sooner_for_nobody.operation.toml": [("rule_sooner", None, "batas.1")],
    "sooner_for_unknown_tps.operation.toml": [("code_unknown", None, "batas.1.kode_tps")],
    "waves_of_one_day_turned_round.operation.toml": [("rule_wave_order", None, "")],
    "wave_of_unknown_tps.operation.toml": [("code_unknown", None, "waves.1.kode_tps")],
    "wave_twice_for_one_tps.operation.toml": [("rule_wave_tps", None, "")],
    "blank_only.tps.csv": [("file_empty", None, "")],
    "bow_tie.kecamatan.geojson": [("geometry_invalid", 2, "geometry")],
    "class_missing.pola.toml": [("word", None, "kelas.sangat_rawn")],
    "code_became_a_date.tempat.csv": [("code_date", 3, "kode_desa")],
    "code_blank.tps.csv": [("cell_blank", 3, "kode_tps")],
    "code_form.operation.toml": [("key_pattern", None, "region.kode_kab")],
    "code_in_other_digits.tps.csv": [("code_pattern", 3, "kode_tps")],
    "code_is_1e10.tps.csv": [("code_damaged", 3, "kode_tps")],
    "code_is_number.kecamatan.geojson": [("code_pattern", 2, "kode_kec")],
    "code_lost_a_zero.tps.csv": [("code_short", 3, "kode_tps")],
    "code_with_comma_exponent.tps.csv": [("code_damaged", 3, "kode_tps")],
    "code_with_point_zero.tps.csv": [("code_damaged", 3, "kode_tps")],
    "code_without_points.desa.csv": [
        ("code_pattern", 3, "kode_desa"),
        ("code_unknown", 4, "kode_desa", "tps.csv"),
        ("code_unknown", 3, "kode_desa", "tempat.csv"),
    ],
    "column_extra.tps.csv": [("column_unknown", 1, "sinyal")],
    "column_in_capitals.tps.csv": [("column_missing", 1, "kode_tps")],
    "column_missing.tps.csv": [("column_missing", 1, "pemilih")],
    "column_renamed.tps.csv": [("column_missing", 1, "pemilih_sumber")],
    "coordinates_empty.kecamatan.geojson": [("geometry_empty", 2, "geometry")],
    "coordinates_null.kecamatan.geojson": [("geometry_empty", 2, "geometry")],
    "coordinates_text.kecamatan.geojson": [("coord_not_number", 2, "geometry")],
    "commas_only.tps.csv": [("file_empty", None, "")],
    "crs_in_degrees.operation.toml": [("metric_crs", None, "region.metric_crs")],
    "crs_of_another_zone.operation.toml": [("metric_crs", None, "region.metric_crs")],
    "crs_unknown.operation.toml": [("metric_crs", None, "region.metric_crs")],
    "day_before_at_the_tps.operation.toml": [("rule_days_earlier_tps", None, "")],
    "day_before_boxes_come.operation.toml": [("rule_days_earlier", None, "")],
    "day_ends_before_it_starts.operation.toml": [("rule_hours", None, "stages.1")],
    "decimal_comma.desa.csv": [("decimal_comma", 3, "lat")],
    "deep_nesting.kecamatan.geojson": [("bad_json", None, "")],
    "deep_nesting.operation.toml": [("toml_deep", None, "")],
    "degrees_minutes.desa.csv": [("degrees_minutes", 3, "lat")],
    "duplicate_different.tps.csv": [("duplicate_different", 7, "kode_tps")],
    "empty.tps.csv": [("file_empty", None, "")],
    "escape.tps.csv": [("control_character", 3, "nama_desa")],
    "every_row_too_long.tps.csv": [
        ("row_length", 2, ""),
        ("row_length", 3, ""),
        ("row_length", 4, ""),
        ("row_length", 5, ""),
        ("row_length", 6, ""),
    ],
    "far_away.desa.csv": [("coord_outside", 3, "lon")],
    "feature_is_null.kecamatan.geojson": [("bad_feature", 1, "")],
    "gate_far_away.tps.csv": [("coord_outside", 3, "akses_lon")],
    "gate_swapped.tps.csv": [("coord_swapped", 4, "akses_lon")],
    "gate_without_lat.tps.csv": [("coord_half", 3, "akses_lat")],
    "gate_without_sumber.tps.csv": [("sumber_missing", 3, "akses_titik_sumber")],
    "gdalg.kecamatan.geojson": [("not_features", None, "type")],
    "geometry_null.kecamatan.geojson": [("geometry_empty", 2, "geometry")],
    "geometry_point.kecamatan.geojson": [("geometry_kind", 2, "geometry")],
    "gps_without_point.tempat.csv": [("posisi_without_point", 3, "posisi")],
    "guard_vehicle_unknown.operation.toml": [("vehicle_unknown", None, "guard.vehicle")],
    "gudang_of_another_dapil.tempat.csv": [("gudang_other_dapil", 3, "induk"), ("gudang_other_dapil", 4, "induk")],
    "header_blank.tps.csv": [("header_blank", 1, "")],
    "header_only.tps.csv": [("no_rows", None, "")],
    "header_twice.tps.csv": [("header_twice", 1, "kode_desa")],
    "induk_is_a_ppk.tempat.csv": [("induk_kind", 3, "induk")],
    "induk_missing.tempat.csv": [("induk_missing", 3, "induk")],
    "induk_without_sumber.tempat.csv": [("sumber_missing", 3, "induk_sumber")],
    "is_a_geopackage.tps.csv": [("disguised", 1, "")],
    "is_a_vrt.tps.csv": [("disguised", 1, "")],
    "is_a_zip.tps.csv": [("disguised", 1, "")],
    "key_twice.operation.toml": [("toml_twice", 10, "")],
    "kode_tps_of_other_desa.tps.csv": [("kode_tps_differs", 3, "kode_tps")],
    "lat_1e300.desa.csv": [("not_number", 3, "lat")],
    "lat_blank.desa.csv": [("cell_blank", 3, "lat")],
    "lat_nan.desa.csv": [("not_number", 3, "lat")],
    "latin1.tps.csv": [("encoding", 4, "")],
    "lon_without_lat.tps.csv": [("coord_half", 2, "lat")],
    "name_is_list.kecamatan.geojson": [("not_text", 2, "nama")],
    "name_with_nul.kecamatan.geojson": [("control_character", 2, "nama")],
    "nan_in_json.kecamatan.geojson": [("bad_json", None, "")],
    "newline_in_name.tps.csv": [("control_character", 3, "nama_desa")],
    "no_area.kecamatan.geojson": [("geometry_invalid", 2, "geometry")],
    "no_features.kecamatan.geojson": [("no_rows", None, "features")],
    "no_gudang.tempat.csv": [
        ("induk_missing", 3, "induk"),
        ("induk_missing", 4, "induk"),
        ("no_gudang", None, ""),
        ("base_kind", None, "fleet.1.bases", "operation.toml"),
    ],
    "no_tps_zero.tps.csv": [("number_range", 3, "no_tps")],
    "nul.tps.csv": [("control_character", 3, "nama_desa")],
    "number_is_inf.operation.toml": [("key_number", None, "fleet.1.max_kg")],
    "number_is_nan.operation.toml": [("key_number", None, "fleet.1.max_kg")],
    "number_is_text.operation.toml": [("key_integer", None, "fleet.1.count")],
    "number_is_true.operation.toml": [("key_integer", None, "fleet.1.count")],
    "one_row_swapped.desa.csv": [("coord_swapped", 3, "lon")],
    "one_tps_less.tps.csv": [("total_tps", None, "kode_tps"), ("total_voters", None, "pemilih")],
    "other_bps.desa.csv": [("wrong_kabupaten", 3, "kode_bps")],
    "other_kabupaten.desa.csv": [
        ("wrong_kabupaten", 4, "kode_desa"),
        ("code_unknown", 4, "kode_desa"),
        ("code_unknown", 5, "kode_desa", "tps.csv"),
        ("code_unknown", 6, "kode_desa", "tps.csv"),
        ("code_unknown", 4, "kode_desa", "tempat.csv"),
    ],
    "out_of_range.operation.toml": [("key_range", None, "stages.1.loading_minutes")],
    "path_absolute.operation.toml": [("path_outside", None, "", "/etc/hostname.csv")],
    "path_is_a_spreadsheet.operation.toml": [("file_missing", None, "", "tps.xlsx")],
    "path_is_missing.operation.toml": [("file_missing", None, "", "tsp.csv")],
    "path_up.operation.toml": [("path_outside", None, "", "../tps.csv")],
    "path_with_nul.operation.toml": [("path_not_local", None, "", "tps\\x00.csv")],
    "point_without_posisi.tps.csv": [("point_without_posisi", 2, "posisi_data")],
    "posisi_without_point.tps.csv": [("posisi_without_point", 3, "posisi_data")],
    "ppk_missing.tempat.csv": [("no_ppk", None, "kode_kec")],
    "property_missing.kecamatan.geojson": [("column_missing", 2, "kode_kec")],
    "rain_is_faster.kecepatan.toml": [("rule_rain", None, "vehicles.truk.kmh.secondary")],
    "ring_open.kecamatan.geojson": [("ring_open", 2, "geometry")],
    "ring_short.kecamatan.geojson": [("ring_short", 2, "geometry")],
    "row_too_long.tps.csv": [("row_length", 3, "")],
    "row_too_short.tps.csv": [("row_length", 3, "")],
    "same_code_twice.kecamatan.geojson": [("duplicate_different", 2, "kode_kec")],
    "same_polygon_twice.kecamatan.geojson": [("kecamatan_overlap", 1, "geometry")],
    "sign_lost.desa.csv": [("coord_sign", 3, "lon")],
    "signal_word.tps.csv": [("word", 3, "sinyal_data")],
    "single_feature.kecamatan.geojson": [("not_features", None, "type")],
    "stage_unknown.operation.toml": [("rule_fleet_stage", None, "")],
    "sumber_missing.tps.csv": [("sumber_missing", 4, "kerawanan_polri_sumber")],
    "swapped_polygon.kecamatan.geojson": [("coord_swapped", 2, "geometry")],
    "syntax.operation.toml": [("toml_quotes", 3, "")],
    "text_after_quote.tps.csv": [("bad_quotes", 4, "")],
    "thousands_comma.tps.csv": [("thousands", 3, "pemilih")],
    "thousands_point.tps.csv": [("thousands", 3, "pemilih")],
    "totals_differ.tps.csv": [("total_voters", None, "pemilih")],
    "totals_row.tps.csv": [("totals_row", 7, "kode_tps")],
    "totals_row_without_key.tps.csv": [("totals_row", 7, "kode_tps")],
    "truncated.kecamatan.geojson": [("bad_json", 1, "")],
    "two_ppk.tempat.csv": [("two_ppk", 5, "kode_kec")],
    "unclosed_quote.tps.csv": [("bad_quotes", 4, "")],
    "unknown_desa.tempat.csv": [("code_unknown", 3, "kode_desa")],
    "unknown_desa.tps.csv": [("code_unknown", 3, "kode_desa")],
    "unknown_desa_alone.tps.csv": [("code_unknown", 3, "kode_desa")],
    "unknown_induk.tempat.csv": [("code_unknown", 3, "induk")],
    "unknown_kec.tempat.csv": [("code_unknown", 3, "kode_kec")],
    "unknown_kecamatan.desa.csv": [("code_unknown", 5, "kode_desa")],
    "unknown_key.kit.toml": [("key_missing", None, "rounding"), ("key_unknown", None, "roundin")],
    "unknown_key.operation.toml": [
        ("key_missing", None, "operation.voting_opens"),
        ("key_unknown", None, "operation.voting_open"),
    ],
    "unknown_key_in_a_list.operation.toml": [
        ("key_missing", None, "fleet.1.max_kotak"),
        ("key_unknown", None, "fleet.1.max_kotek"),
    ],
    "unknown_table.operation.toml": [("key_unknown", None, "solvr")],
    "url_as_path.operation.toml": [("path_not_local", None, "", "https://example.invalid/tps.csv")],
    "utf16.tps.csv": [("encoding", 1, "")],
    "utf16_without_bom.tps.csv": [("encoding", 1, "")],
    "utm_crs.kecamatan.geojson": [("coord_outside", 1, "geometry"), ("coord_outside", 2, "geometry")],
    "utm_metres.desa.csv": [("coord_utm", 3, "lon")],
    "utm_polygon.kecamatan.geojson": [("coord_utm", 2, "geometry")],
    "vehicle_unknown.operation.toml": [("vehicle_unknown", None, "fleet.1.vehicle")],
    "voters_99999.tps.csv": [("voters_too_many", 3, "pemilih")],
    "voters_blank.tps.csv": [("cell_blank", 3, "pemilih")],
    "voters_fraction.tps.csv": [("fraction", 3, "pemilih")],
    "voters_negative.tps.csv": [("number_range", 3, "pemilih")],
    "voters_word.tps.csv": [("not_integer", 3, "pemilih")],
    "vrt.kecamatan.geojson": [("disguised", 1, "")],
    "vsi_path.operation.toml": [("path_not_local", None, "", "/vsicurl/http://127.0.0.1/tps.csv")],
    "word.operation.toml": [("word", None, "weather.plan")],
    "yes_no_word.tps.csv": [("word", 3, "akses_sulit")],
    "zero_zero.desa.csv": [("coord_zero", 3, "lon")],
}

REPAIRED = {
    "blank_lines.tps.csv": [],
    "bom.tps.csv": [("bom", 1, "")],
    "coarse.desa.csv": [("coord_coarse", 3, "lon")],
    "collection.kecamatan.geojson": [("geometry_collection", 2, "geometry")],
    "columns_in_other_order.tps.csv": [],
    "count_differs.kecamatan.geojson": [("count_differs", None, "kode_kec")],
    "crlf.tps.csv": [],
    "desa_without_tps.desa.csv": [("desa_without_tps", 5, "kode_desa")],
    "duplicate_same.tps.csv": [("duplicate_same", 7, "kode_tps")],
    "gap.kecamatan.geojson": [("kecamatan_gap", None, "geometry")],
    "height.kecamatan.geojson": [("height_dropped", 2, "geometry")],
    "kecamatan_without_tps.kecamatan.geojson": [("kecamatan_without_tps", None, "kode_kec")],
    "name_differs.tps.csv": [("name_differs", 3, "nama_desa")],
    "nfd.desa.csv": [("nfc", 3, "nama"), ("name_differs", 4, "nama_desa")],
    "no_voters.tps.csv": [("voters_none", 3, "pemilih")],
    "old_crs_member.kecamatan.geojson": [],
    "optional_columns_absent.tps.csv": [],
    "overlap.kecamatan.geojson": [("kecamatan_overlap", 1, "geometry")],
    "semicolons.tps.csv": [("delimiter", 1, "")],
    "small_spike.kecamatan.geojson": [("geometry_mended", 2, "geometry")],
    "spaces.tps.csv": [("spaces", 3, "kode_tps")],
    "tabs.tps.csv": [("delimiter", 1, "")],
    "word_form.tps.csv": [("word_form", 3, "akses_sulit"), ("word_form", 4, "kerawanan_polri")],
}


def read_with(folder: Path, path: Path) -> Inputs:
    """Read the good operation with one of its files replaced."""
    operation = folder / "operation"
    shutil.copytree(BAD / "good", operation)
    shutil.copyfile(path, operation / path.name.partition(".")[2])
    return read_inputs(operation / "operation.toml")


def test_the_good_operation_passes_without_a_note():
    inputs = read_inputs(BAD / "good" / "operation.toml")
    assert inputs.notes == ()
    assert len(inputs.tps) == 5
    assert len(inputs.sha256) == 10


@pytest.mark.parametrize("name", REFUSED)
def test_a_fault_is_refused_at_its_place_and_nothing_else_is(name, tmp_path):
    with pytest.raises(InputProblems) as refusal:
        read_with(tmp_path, BAD / name)
    target = name.partition(".")[2]
    refused = [problem for problem in refusal.value.problems if problem.level == "refuse"]
    found = [(p.what, p.row, p.column) if p.file == target else (p.what, p.row, p.column, p.file) for p in refused]
    assert sorted(found, key=str) == sorted(REFUSED[name], key=str)
    assert list(refusal.value.problems) == sorted(refusal.value.problems, key=lambda p: (p.file, p.row or 0, p.column))
    for problem in refusal.value.problems:
        for lang in ("id", "en"):
            assert told(problem, lang)


@pytest.mark.parametrize("name", REPAIRED)
def test_a_repair_or_a_note_is_listed_and_the_run_goes_on(name, tmp_path):
    inputs = read_with(tmp_path, BAD / "repaired" / name)
    assert [(p.what, p.row, p.column) for p in inputs.notes] == REPAIRED[name]
    assert all(p.level in {"fix", "note"} for p in inputs.notes)
    for problem in inputs.notes:
        for lang in ("id", "en"):
            assert told(problem, lang)


def test_every_file_of_the_folder_is_in_the_table():
    assert {path.name for path in BAD.iterdir() if path.is_file()} == set(REFUSED)
    assert {path.name for path in (BAD / "repaired").iterdir()} == set(REPAIRED)


def test_repairs_change_nothing_else(tmp_path):
    good = read_inputs(BAD / "good" / "operation.toml")
    same = ("blank_lines", "bom", "columns_in_other_order", "crlf", "duplicate_same", "semicolons", "spaces", "tabs")
    for fault in same:
        repaired = read_with(tmp_path / fault, BAD / "repaired" / f"{fault}.tps.csv")
        assert repaired.tps.equals(good.tps), fault

"""The same tables as workbooks, GeoPackages, Shapefiles and GeoJSON, in other CRS and under other names."""

from __future__ import annotations

import csv
import json
import re
import shutil
import sqlite3
import zipfile
from pathlib import Path

import geopandas as gpd
import openpyxl
import pyogrio
import pyproj
import pytest
import shapely

from kaur_gis.inputs import Inputs
from kaur_gis.problems import InputProblems
from kaur_gis.read import read_inputs
from kaur_gis.report import told

GOOD = Path(__file__).parent.parent / "bad" / "good"
UTM = "EPSG:32748"
KEYS = ("desa", "tempat", "tps")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The good operation, to be given in other forms."""
    shutil.copytree(GOOD, tmp_path / "operasi")
    return tmp_path / "operasi"


@pytest.fixture(scope="module")
def good() -> Inputs:
    return read_inputs(GOOD / "operation.toml")


def rows_of(key: str) -> tuple[list[str], list[list[str]]]:
    with (GOOD / f"{key}.csv").open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    return header, rows


def use(folder: Path, key: str, name: str, how: str = "") -> None:
    """Let the operation name another file for a layer."""
    (folder / f"{key}.csv").unlink(missing_ok=True)
    operation = folder / "operation.toml"
    text = re.sub(rf"(?m)^{key} = .*$", f'{key} = "{name}"', operation.read_text(encoding="utf-8"))
    operation.write_text(f"{text}\n{how}", encoding="utf-8")


def refused(folder: Path) -> list[tuple[str, int | None, str]]:
    with pytest.raises(InputProblems) as refusal:
        read_inputs(folder / "operation.toml")
    for problem in refusal.value.problems:
        assert told(problem, "id")
        assert told(problem, "en")
    return [(p.what, p.row, p.column) for p in refusal.value.problems if p.level == "refuse"]


def workbook(path: Path, key: str) -> None:
    header, rows = rows_of(key)
    book = openpyxl.Workbook()
    book.active.append(header)
    for row in rows:  # numbers as numbers, as a person types them; codes too
        book.active.append([float(cell) if cell.lstrip("-").replace(".", "", 1).isdigit() else cell for cell in row])
    book.save(path)


def points(key: str, crs: str = "EPSG:4326") -> gpd.GeoDataFrame:
    header, rows = rows_of(key)
    records = [dict(zip(header, row, strict=True)) for row in rows]
    at = [(r.pop("lon", ""), r.pop("lat", "")) for r in records]
    shapes = [shapely.Point(float(x), float(y)) if x else None for x, y in at]
    return gpd.GeoDataFrame(records, geometry=shapes, crs="EPSG:4326").to_crs(crs)


def assert_same(found: Inputs, good: Inputs, tolerance: float = 0.0) -> None:
    assert found.tps.drop(columns=["lon", "lat"]).equals(good.tps.drop(columns=["lon", "lat"]))
    assert (found.tps[["lon", "lat"]] - good.tps[["lon", "lat"]]).abs().max().max() <= tolerance
    assert (found.tps["lon"].isna() == good.tps["lon"].isna()).all()
    for key in ("desa", "tempat", "kecamatan"):
        one, other = getattr(found, key), getattr(good, key)
        assert one.drop(columns="geometry").equals(other.drop(columns="geometry")), key
        assert shapely.equals_exact(one.geometry, other.geometry, tolerance=tolerance).all(), key


def test_workbooks_are_read_as_the_tables_they_show(folder, good):
    for key in KEYS:
        workbook(folder / f"{key}.xlsx", key)
        use(folder, key, f"{key}.xlsx")
    assert_same(read_inputs(folder / "operation.toml"), good)


@pytest.mark.parametrize("crs", ["EPSG:4326", UTM, "EPSG:4755"])
def test_geopackages_are_read_in_any_crs_and_the_transformation_is_named(crs, folder, good):
    for key in KEYS:
        points(key, crs).to_file(folder / f"{key}.gpkg", driver="GPKG", layer="apa saja")
        use(folder, key, f"{key}.gpkg")
    boundary = gpd.read_file(GOOD / "kecamatan.geojson").to_crs(crs)
    boundary.to_file(folder / "kecamatan.gpkg", driver="GPKG")
    use(folder, "kecamatan", "kecamatan.gpkg")
    found = read_inputs(folder / "operation.toml")
    assert_same(found, good, tolerance=0 if crs == "EPSG:4326" else 2e-9)
    named = [p for p in found.notes if p.what == "crs_transformed"]
    assert len(named) == (0 if crs == "EPSG:4326" else 4)
    for note in named:
        assert note.value == pyproj.CRS(crs).name
        assert note.details["operation"]


@pytest.mark.parametrize("metric", [False, True])
def test_decimal_commas_are_read_and_listed_where_the_operation_says_that_the_file_has_them(metric, folder, good):
    header, rows = rows_of("desa")
    lon, lat, name = (header.index(column) for column in ("lon", "lat", "nama"))
    to_utm = pyproj.Transformer.from_crs("EPSG:4326", UTM, always_xy=True)
    for row in rows:
        if metric:
            row[lon], row[lat] = (f"{x:.4f}" for x in to_utm.transform(float(row[lon]), float(row[lat])))
        row[lon], row[lat] = row[lon].replace(".", ","), row[lat].replace(".", ",")
    rows[0][name] = "7,5"
    lines = [";".join(row) for row in (header, *rows)]
    (folder / "desa.csv").write_text("\n".join(lines), encoding="utf-8")
    crs = f'crs = "{UTM}"\n' if metric else ""
    operation = folder / "operation.toml"
    with operation.open("a", encoding="utf-8") as file:
        file.write(f"[sources.desa]\n{crs}")
    commas = {what for what, _, _ in refused(folder)}
    assert commas == {"decimal_comma"}
    with operation.open("a", encoding="utf-8") as file:
        file.write("decimal_comma = true\n")
    found = read_inputs(operation)
    assert found.desa.geometry.geom_equals_exact(good.desa.geometry, 1e-8).all()
    assert found.desa["nama"].iloc[0] == "7,5"
    (fix,) = [p for p in found.notes if p.what == "comma_read" and p.column == "lon"]
    assert (fix.level, fix.row, fix.details["count"], fix.details["rows"]) == ("fix", 2, len(rows), "2, 3, 4")


def test_a_point_and_a_comma_in_one_number_are_never_guessed(folder):
    header, rows = rows_of("desa")
    rows[0][header.index("lon")] = "1.103,255"
    (folder / "desa.csv").write_text("\n".join(";".join(row) for row in (header, *rows)), encoding="utf-8")
    with (folder / "operation.toml").open("a", encoding="utf-8") as file:
        file.write("[sources.desa]\ndecimal_comma = true\n")
    assert refused(folder) == [("not_number", 2, "lon")]


def test_shapefiles_are_read_with_their_short_names_mapped(folder, good):
    for key in KEYS:
        frame = points(key, UTM)
        short = {name: f"k{n}" for n, name in enumerate(frame.columns) if name != "geometry"}
        frame.rename(columns=short).to_file(folder / f"{key}.shp", encoding="utf-8")
        columns = ", ".join(f'{ours} = "{theirs}"' for ours, theirs in short.items() if ours != "catatan")
        use(folder, key, f"{key}.shp", f"[sources.{key}]\ncolumns = {{ {columns} }}\n")
    boundary = gpd.read_file(GOOD / "kecamatan.geojson").to_crs(UTM)
    boundary.rename(columns={"n_tps_resmi": "n_resmi"}).to_file(folder / "batas.shp")
    use(folder, "kecamatan", "batas.shp", '[sources.kecamatan.columns]\nn_tps_resmi = "n_resmi"\n')
    found = read_inputs(folder / "operation.toml")
    assert_same(found, good, tolerance=2e-9)
    assert {p.what for p in found.notes} == {"crs_transformed", "columns_passed"}
    assert {"tps.shp", "tps.shx", "tps.dbf", "tps.prj", "tps.cpg"} <= set(found.sha256)


def gated(crs: str = "EPSG:4326") -> gpd.GeoDataFrame:
    """The TPS as points in a CRS, the second one with a gate in degrees."""
    frame = points("tps", crs)
    gate = {"akses_lon": ["", "103.256"], "akses_lat": ["", "-4.652"], "akses_titik_sumber": ["", "ukur"]}
    return frame.assign(**{name: [*told, *[""] * (len(frame) - 2)] for name, told in gate.items()})


def test_gates_of_tps_come_with_every_form_of_the_list(folder):
    def read(file: str, how: str) -> None:
        use(folder, "tps", file, how)
        tps = read_inputs(folder / "operation.toml").tps
        at = tps[["akses_lon", "akses_lat"]].fillna(0).to_numpy()
        assert abs(at[1] - (103.256, -4.652)).max() < 2e-9, file
        assert not at[[0, *range(2, len(at))]].any()
        assert tps["akses_titik_sumber"].tolist()[:2] == ["", "ukur"]

    names = 'akses_lon = "GERBANG X", akses_lat = "GERBANG Y"'
    frame = gated(UTM)
    frame.to_file(folder / "tps.gpkg", driver="GPKG")
    read("tps.gpkg", "")
    short = {name: f"k{n}" for n, name in enumerate(frame.columns) if name != "geometry"}
    frame.rename(columns=short).to_file(folder / "tps.shp", encoding="utf-8")
    columns = ", ".join(f'{ours} = "{theirs}"' for ours, theirs in short.items() if ours != "catatan")
    read("tps.shp", f"[sources.tps]\ncolumns = {{ {columns} }}\n")
    operation = folder / "operation.toml"
    operation.write_text(operation.read_text(encoding="utf-8").partition("[sources.tps]")[0], encoding="utf-8")
    to_utm = pyproj.Transformer.from_crs("EPSG:4326", UTM, always_xy=True)
    table = frame.drop(columns="geometry").rename(columns={"akses_lon": "GERBANG X", "akses_lat": "GERBANG Y"})
    east, north = to_utm.transform(103.256, -4.652)
    table.loc[1, ["GERBANG X", "GERBANG Y"]] = [f"{east:.4f}", f"{north:.4f}".replace(".", ",")]
    table["posisi_data"] = ""  # no positions of their own, only gates
    table.to_csv(folder / "daftar.csv", index=False, sep=";")
    read("daftar.csv", f'[sources.tps]\ncrs = "{UTM}"\ndecimal_comma = true\ncolumns = {{ {names} }}\n')


def test_points_come_from_geojson_too(folder, good):
    for key in KEYS:
        points(key).to_file(folder / f"{key}.geojson")
        use(folder, key, f"{key}.geojson")
    assert_same(read_inputs(folder / "operation.toml"), good)


def test_a_table_in_utm_metres_is_reprojected_where_the_operation_says_so(folder, good):
    header, rows = rows_of("desa")
    to_utm = pyproj.Transformer.from_crs("EPSG:4326", UTM, always_xy=True)
    at = header.index("lon")
    for row in rows:
        row[at : at + 2] = [f"{value:.4f}" for value in to_utm.transform(float(row[at]), float(row[at + 1]))]
    header[at : at + 2] = ["Easting (m)", "Northing (m)"]
    with (folder / "daftar desa.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    columns = '{ lon = "Easting (m)", lat = "Northing (m)" }'
    use(folder, "desa", "daftar desa.csv", f'[sources.desa]\ncrs = "{UTM}"\ncolumns = {columns}\n')
    found = read_inputs(folder / "operation.toml")
    assert_same(found, good, tolerance=1e-8)
    assert [p.what for p in found.notes] == ["crs_transformed"]


def test_a_boundary_with_names_of_its_own_needs_only_a_mapping(folder, good):
    boundary = gpd.read_file(GOOD / "kecamatan.geojson")[["kode_kec", "nama", "geometry"]]
    boundary.rename(columns={"kode_kec": "kode", "nama": "kecamatan"}).assign(km2=1.5).to_file(folder / "big.geojson")
    use(
        folder,
        "kecamatan",
        "big.geojson",
        '[sources.kecamatan]\ncolumns = { kode_kec = "kode", nama = "kecamatan" }\nfixed = { sumber = "terbit" }\n',
    )
    found = read_inputs(folder / "operation.toml")
    assert found.kecamatan["nama"].equals(good.kecamatan["nama"])
    assert set(found.kecamatan["sumber"]) == {"terbit"}


def test_a_mapped_column_that_is_not_there_is_named_with_the_nearest(folder):
    use(folder, "tps", "tps2.csv", '[sources.tps.columns]\npemilih = "Jumlah Pemilh"\npemilh = "x"\n')
    shutil.copyfile(GOOD / "tps.csv", folder / "tps2.csv")
    text = (folder / "tps2.csv").read_text().replace(",pemilih,", ",Jumlah Pemilih,", 1)
    (folder / "tps2.csv").write_text(text)
    with pytest.raises(InputProblems) as refusal:
        read_inputs(folder / "operation.toml")
    by_what = {p.what: p for p in refusal.value.problems}
    assert set(by_what) == {"column_mapped", "source_column"}
    assert by_what["column_mapped"].details["nearest"] == "Jumlah Pemilih"
    assert by_what["source_column"].details["nearest"] == "pemilih"


def test_a_fixed_value_must_not_stand_against_the_file(folder):
    use(folder, "tps", "tps.csv", '[sources.tps.fixed]\npemilih_sumber = "terbit"\n')
    shutil.copyfile(GOOD / "tps.csv", folder / "tps.csv")
    assert refused(folder) == [("fixed_there", 1, "pemilih_sumber")]


def edited_book(folder: Path, change) -> None:
    workbook(folder / "tps.xlsx", "tps")
    book = openpyxl.load_workbook(folder / "tps.xlsx")
    change(book)
    book.save(folder / "tps.xlsx")
    use(folder, "tps", "tps.xlsx")


def put(cell: str, value: object):
    def change(book: openpyxl.Workbook) -> None:
        book.active[cell] = value

    return change


def test_formulas_errors_and_dates_in_cells_are_refused_at_their_place(folder):
    edited_book(folder, put("E3", "=E2+1"))
    assert refused(folder) == [("formula_cell", 3, "E")]
    edited_book(folder, put("E3", "#N/A"))
    assert refused(folder) == [("error_cell", 3, "E")]


def test_hidden_rows_merged_cells_and_a_second_header_row_are_refused_at_their_place(folder):
    header, rows = rows_of("tps")
    use(folder, "tps", "tps.xlsx")

    def refused_with(change) -> list[tuple[str, int | None, str]]:
        book = openpyxl.Workbook()
        for row in (header, *rows):
            book.active.append(row)
        change(book.active)
        book.save(folder / "tps.xlsx")
        return refused(folder)

    def hide(sheet) -> None:
        sheet.row_dimensions[3].hidden = True
        sheet.row_dimensions[99].hidden = True  # holds nothing

    assert refused_with(hide) == [("row_hidden", 3, "")]
    assert refused_with(lambda sheet: sheet.merge_cells("C3:C4")) == [("cells_merged", 3, "")]
    again = refused_with(lambda sheet: (sheet.insert_rows(2), [sheet.cell(2, n + 1, x) for n, x in enumerate(header)]))
    assert ("code_pattern", 2, "kode_tps") in again


def test_a_second_sheet_must_be_named(folder, good):
    edited_book(folder, lambda book: book.create_sheet("Lain"))
    assert refused(folder) == [("layer_choose", None, "")]
    use(folder, "tps", "tps.xlsx", '[sources.tps]\nlayer = "Shet"\n')
    assert refused(folder) == [("layer_unknown", None, "sources.tps.layer")]
    operation = folder / "operation.toml"
    operation.write_text(operation.read_text().replace('"Shet"', '"Sheet"'))
    assert_same(read_inputs(operation), good)


def test_empty_rows_and_columns_of_a_sheet_are_passed_over_and_rows_keep_their_numbers(folder, good):
    def change(book: openpyxl.Workbook) -> None:
        book.active.insert_rows(1, amount=2)
        book.active["AB5"] = " "

    edited_book(folder, change)
    assert_same(read_inputs(folder / "operation.toml"), good)
    edited_book(folder, lambda book: (change(book), put("A5", "17")(book)))
    assert refused(folder)[0] == ("code_short", 5, "kode_tps")


def test_a_damaged_archive_is_refused(folder):
    edited_book(folder, lambda _book: None)
    data = (folder / "tps.xlsx").read_bytes()
    for broken in (data[: len(data) // 2], data[:4] + b"x" * 500, b"PK\x03\x04"):
        (folder / "tps.xlsx").write_bytes(broken)
        assert refused(folder) == [("file_damaged", None, "")]


def test_an_archive_with_odd_parts_is_refused(folder):
    for name in ("../evil.xml", "/etc/x.xml", "inner.zip", "xl/macro.exe"):
        edited_book(folder, lambda _book: None)
        with zipfile.ZipFile(folder / "tps.xlsx", "a") as archive:
            archive.writestr(name, "x")
        assert refused(folder) == [("archive_odd", None, "")]


def test_a_dtd_in_a_sheet_is_refused(folder):
    edited_book(folder, lambda _book: None)
    with zipfile.ZipFile(folder / "tps.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    parts["xl/worksheets/sheet1.xml"] = (bomb + sheet.replace("kode_tps", "&b;")).encode()
    with zipfile.ZipFile(folder / "tps.xlsx", "w") as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    assert refused(folder) == [("file_damaged", None, "")]


@pytest.mark.parametrize(
    ("rows", "behind"),
    [
        ('<row r="9"><c r="A9"/></row><row r="8"><c r="A8"><v>1</v></c></row>', 8),
        ('<row r="9"><c r="A9"/></row><row r="9"><c r="B9"><v>1</v></c></row>', 9),
        ('<row r="9"><c r="AA9"><v>1</v></c><c s="1" r="B9"/></row>', 9),
        ('<row r="9"><c r="B9"><v>1</v></c><c r="B9"/></row>', 9),
        ('<row r="9"><c r="B8"><v>1</v></c></row>', 8),
        ('<row r="8"><c r="A8"/><c r="Z8"/><c r="AA8"/></row><row r="9"/>', None),
    ],
)
def test_a_row_or_a_cell_behind_a_later_one_is_refused_and_never_lost(rows, behind, folder, good):
    workbook(folder / "utuh.xlsx", "tps")
    with zipfile.ZipFile(folder / "utuh.xlsx") as whole, zipfile.ZipFile(folder / "tps.xlsx", "w") as other:
        for name in whole.namelist():
            other.writestr(name, whole.read(name).replace(b"</sheetData>", f"{rows}</sheetData>".encode()))
    use(folder, "tps", "tps.xlsx")
    if behind is None:
        assert_same(read_inputs(folder / "operation.toml"), good)
    else:
        assert refused(folder) == [("file_damaged", behind, "")]


def test_files_that_only_call_themselves_so_are_refused(folder):
    vrt = f'<OGRVRTDataSource><OGRVRTLayer name="tps"><SrcDataSource>{folder}/desa.csv</SrcDataSource></OGRVRTLayer>'
    for name, what in (("tps.gpkg", "disguised"), ("tps.shp", "file_missing"), ("tps.xlsx", "file_damaged")):
        (folder / name).write_text(vrt)
        use(folder, "tps", name)
        assert {found for found, *_ in refused(folder)} == {what}
    for end in ("shx", "dbf"):
        (folder / f"tps.{end}").write_text(vrt)
    use(folder, "tps", "tps.shp")
    assert refused(folder) == [("disguised", None, "")]


def spoil(folder: Path, *statements: str) -> None:
    """Write the TPS as a GeoPackage and change it by SQL."""
    (folder / "tps.gpkg").unlink(missing_ok=True)
    points("tps").to_file(folder / "tps.gpkg", driver="GPKG", layer="tps")
    connection = sqlite3.connect(folder / "tps.gpkg")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    use(folder, "tps", "tps.gpkg")


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        (["UPDATE gpkg_geometry_columns SET srs_id = -1"], [("crs_missing", None, "")]),
        (["UPDATE gpkg_spatial_ref_sys SET organization_coordsys_id = 32633"], [("crs_elsewhere", None, "crs")]),
        (["UPDATE gpkg_spatial_ref_sys SET organization = '', definition = 'X'"], [("crs_other", None, "crs")]),
        (["UPDATE tps SET geom = x'00' WHERE fid = 1"], [("point_kind", 1, "geometry")]),
        (["DELETE FROM tps"], [("no_rows", None, "")]),
        (["DELETE FROM gpkg_contents"], [("no_rows", None, "")]),
        (["DROP TABLE gpkg_contents"], [("file_damaged", None, "")]),
    ],
)  # fmt: skip
def test_a_spoiled_geopackage_is_refused_at_its_place(statements, found, folder):
    drop = ["DROP TRIGGER IF EXISTS trigger_delete_feature_count_tps", "DROP TRIGGER IF EXISTS rtree_tps_geom_update1"]
    ends = ("insert", "delete", *(f"update{n}" for n in range(2, 8)))
    rtree = [f"DROP TRIGGER IF EXISTS rtree_tps_geom_{end}" for end in ends]
    spoil(folder, *drop, *rtree, *statements)
    assert refused(folder) == found


def test_views_of_a_geopackage_are_not_followed(folder):
    spoil(
        folder,
        "ALTER TABLE tps RENAME TO rahasia",
        "CREATE VIEW tps AS SELECT * FROM rahasia",
        "UPDATE gpkg_contents SET table_name = 'tps'",
    )
    assert refused(folder) == [("no_rows", None, "")]


def test_a_geopackage_that_is_open_elsewhere_is_refused_and_one_left_in_wal_mode_is_read(folder, good):
    spoil(folder, "PRAGMA journal_mode = WAL")
    (folder / "tps.gpkg-wal").unlink(missing_ok=True)
    assert_same(read_inputs(folder / "operation.toml"), good)
    (folder / "tps.gpkg-wal").write_bytes(b"x")
    assert refused(folder) == [("file_open_elsewhere", None, "")]


def test_a_shapefile_without_its_crs_needs_it_from_the_operation(folder, good):
    boundary = gpd.read_file(GOOD / "kecamatan.geojson").rename(columns={"n_tps_resmi": "n_resmi"})
    pyogrio.write_dataframe(boundary.to_crs(UTM), folder / "batas.shp")
    (folder / "batas.prj").unlink()
    how = '[sources.kecamatan]\ncolumns = { n_tps_resmi = "n_resmi" }\n'
    use(folder, "kecamatan", "batas.shp", how)
    assert refused(folder) == [("crs_missing", None, "")]
    operation = folder / "operation.toml"
    operation.write_text(operation.read_text().replace(how, f'{how}crs = "{UTM}"\n'))
    assert_same(read_inputs(operation), good, tolerance=2e-9)


def test_a_shapefile_with_another_number_of_records_is_refused(folder):
    desa = points("desa")[["kode_desa", "nama", "geometry"]]
    desa.iloc[:2].to_file(folder / "lain.shp")
    desa.to_file(folder / "desa.shp")
    shutil.copyfile(folder / "lain.dbf", folder / "desa.dbf")
    use(folder, "desa", "desa.shp")
    assert refused(folder) == [("file_damaged", None, "")]


def test_a_polygon_where_a_point_is_wanted_is_named(folder):
    data = json.loads(points("desa").to_json())
    data["features"][1]["geometry"] = {
        "type": "Polygon",
        "coordinates": [[[103, -4], [103.1, -4], [103, -4.1], [103, -4]]],
    }
    data["features"][0]["geometry"] = {
        "type": "MultiPoint",
        "coordinates": [data["features"][0]["geometry"]["coordinates"]],
    }
    (folder / "desa.geojson").write_text(json.dumps(data))
    use(folder, "desa", "desa.geojson")
    assert refused(folder) == [("point_kind", 2, "geometry")]


def test_swapped_axes_show_by_the_study_area(folder):
    swapped = points("desa")
    swapped["geometry"] = [shapely.Point(p.y, p.x) for p in swapped.geometry]
    swapped.to_file(folder / "desa.gpkg", driver="GPKG")
    use(folder, "desa", "desa.gpkg")
    assert [what for what, *_ in refused(folder)] == ["coord_swapped_all"]

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import shutil
import subprocess
import tarfile
import tomllib
from dataclasses import fields, replace
from html.parser import HTMLParser
from itertools import combinations
from pathlib import Path

import folium
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from specimens import HOSTILE
from world import world

import kaur_gis as kg
from kaur_gis.catalogue import sentences
from kaur_gis.layers import CRS, Peaks, Waters, checked_geo
from kaur_gis.store import INPUT_LAYERS, frames_of
from kaur_gis.write.map import plan_map, update_assets, vendor, write_map
from kaur_gis.write.map.pack import UNITS_PER_DEGREE, pack, pack_lines, unpack, unpack_lines
from kaur_gis.write.map.plain import LETTER, LINE
from kaur_gis.write.map.shown import document

LINES = st.lists(
    st.integers(0, 6).flatmap(lambda n: arrays(np.float64, (n, 2), elements=st.floats(-180, 180))),
    max_size=6,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def plan() -> kg.Plan:
    drawing = """
        G---P---A---B
                |
                C#~.D   +---E
    """
    return kg.make_plan(
        world(
            drawing,
            tps={"A": 3, "E": 2},
            sulit="D",
            psu="B",
            sinyal={"C": "tidak_ada", "D": "lemah"},
            names={"A": HOSTILE["script"], "B": HOSTILE["jinja_sum"], "C": HOSTILE["jinja_run"], "1": HOSTILE["img"]},
            operation={"name": HOSTILE["close_script"] + HOSTILE["jinja_sum"]},
        )
    )


class Page(HTMLParser):
    """What an HTML parser that is not ours finds in a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self.title = self.text = ""
        self._in = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._in = tag if tag in {"script", "style", "title"} and "type" not in dict(attrs) else ""
        if self._in:
            getattr(self, f"{self._in}s", []).append("") if self._in != "title" else None

    def handle_endtag(self, tag: str) -> None:
        self._in = "" if tag == self._in else self._in

    def handle_data(self, data: str) -> None:
        if self._in == "title":
            self.title += data
        elif self._in:
            getattr(self, f"{self._in}s")[-1] += data
        else:
            self.text += data


def digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@given(LINES)
def test_lines_come_back_to_half_a_unit(lines: list[np.ndarray]) -> None:
    packed = b"before" + pack_lines(lines)
    found, end = unpack_lines(packed, 6)
    assert end == len(packed)
    assert [len(line) for line in found] == [len(line) for line in lines]
    for one, other in zip(found, lines, strict=True):
        np.testing.assert_allclose(one, other, atol=0.5000001 / UNITS_PER_DEGREE, rtol=0)


@given(JSON, st.lists(st.binary(max_size=40), max_size=3))
def test_a_packed_document_comes_back(data: object, parts: list[bytes]) -> None:
    assert unpack(pack(data, parts)) == (data, b"".join(parts))


def test_not_a_number_is_no_json() -> None:
    with pytest.raises(ValueError, match="JSON"):
        pack({"kg": float("nan")})


def test_the_same_plan_gives_the_same_bytes(plan: kg.Plan, tmp_path: Path) -> None:
    first, second = write_map(plan, tmp_path / "a.html"), write_map(plan, tmp_path / "b.html")
    assert first.read_bytes() == second.read_bytes()
    drawn = plan_map(plan)
    assert drawn.get_root().render() == drawn.get_root().render() == first.read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_policy_names_exactly_our_scripts_and_styles(plan: kg.Plan, lang: str) -> None:
    page = Page(plan_map(plan, lang).get_root().render())
    policy = next(attrs["content"] for tag, attrs in page.tags if attrs.get("http-equiv") == "Content-Security-Policy")
    told = dict(part.strip().split(" ", 1) for part in str(policy).split(";"))
    assert told["default-src"] == "'none'"
    assert told["script-src"].split() == [digest(script) for script in page.scripts]
    assert told["style-src"].split() == [digest(style) for style in page.styles]
    assert len(page.scripts) == 3
    assert ("html", {"lang": lang}) in page.tags


def test_the_page_asks_for_nothing(plan: kg.Plan) -> None:
    page = Page(plan_map(plan).get_root().render())
    links = {attrs.get("src") or attrs.get("href") for _, attrs in page.tags} - {None}
    assert links == {"data:,"}
    assert not any("url(images" in style or "@import" in style for style in page.styles)
    assert "sourceMappingURL" not in "".join(page.scripts)


def test_nothing_from_data_is_markup_or_runs_in_python(plan: kg.Plan) -> None:
    text = plan_map(plan).get_root().render()
    page = Page(text)
    name = plan.inputs.operation.operation.name
    assert name in page.title
    assert HOSTILE["jinja_sum"] in page.text
    assert HOSTILE["jinja_run"] in page.text
    assert HOSTILE["img"] in page.text
    assert "1337" not in text
    assert "document.title=" not in text.replace("&#x27;", "'").replace("&lt;script&gt;document.title=", "").replace(
        "onerror=&quot;document.title=", ""
    )
    assert not any(tag == "img" or "onerror" in attrs for tag, attrs in page.tags)
    assert not any("style" in attrs for _, attrs in page.tags)


def test_a_map_is_a_folium_map_that_shows_itself(plan: kg.Plan) -> None:
    drawn = plan.map()
    assert isinstance(drawn, folium.Map)
    shown = drawn._repr_html_()
    assert "<iframe srcdoc=" in shown
    assert drawn.get_root().payload in shown


def test_an_added_folium_layer_works_and_lifts_the_policy(plan: kg.Plan) -> None:
    drawn = plan_map(plan)
    own = drawn.get_root().render()
    folium.Marker([-4.7, 103.3], popup="Posko").add_to(drawn)
    page = Page(drawn.get_root().render())
    assert "Content-Security-Policy" in own
    assert not any("http-equiv" in attrs for _, attrs in page.tags)
    assert any("jquery" in str(attrs.get("src")) for tag, attrs in page.tags if tag == "script")
    assert not any("leaflet@" in str(attrs.get("src") or attrs.get("href")) for _, attrs in page.tags)
    assert "L.marker(" in page.scripts[-1]


def test_an_added_folium_plugin_needs_only_its_own_links(plan: kg.Plan) -> None:
    drawn = plan_map(plan)
    folium.FeatureGroup("Catatan").add_to(drawn)
    folium.LayerControl().add_to(drawn)
    assert "L.control.layers(" in Page(drawn.get_root().render()).scripts[-1]


def test_the_document_holds_every_tps_once_and_the_totals_agree(plan: kg.Plan) -> None:
    shown, parts = document(plan, "id")
    assert shown["tps"]["kode"] == sorted(plan.tps.index)
    assert sum(shown["kec"]["n_tps"]) == len(plan.tps)
    assert sum(shown["kec"]["pemilih"]) == plan.tps["pemilih"].sum()
    assert sum(shown["kec"]["petugas"]) == plan.posts["officers"].sum()
    assert [shown["stops"]["kode"][at] for at in shown["tps"]["stop"]] == list(plan.tps.sort_index()["kode_stop"])
    assert {shown["trips"]["kode"][at] for at in shown["loads"]["trip"]} == set(plan.trips.index)
    unserved = {kode for kode, reason in zip(shown["tps"]["kode"], shown["tps"]["unserved"], strict=True) if reason}
    assert unserved == set(plan.unserved.index) != set()
    rings, labels, desa, stops, roads, _waters, _peaks, legs = (unpack_lines(part)[0] for part in parts)
    assert (len(rings), len(labels[0]), len(desa[0])) == (len(shown["ring_of"]), 1, len(plan.inputs.desa))
    assert (len(stops[0]), len(legs)) == (len(plan.stops), len(plan.legs))
    assert 2 * len(roads) == len(plan.inputs.roads.edges)


def everything(page: str) -> str:
    """Take every character of a page, its payload opened, but for the scripts, which are the same for every plan."""
    assert f"<script>{vendor.script()}</script>" in page
    page = page.replace(vendor.script(), "").replace(vendor.leaflet_script(), "")
    payload = re.search(r'id="kaur-payload" data-rounds="0">([A-Za-z0-9+/]+=*)<', page)[1]
    shown, _ = unpack(base64.b64decode(payload, validate=True))
    return html.unescape(page.replace(payload, "")) + json.dumps(shown, ensure_ascii=False)


@pytest.mark.parametrize("lang", ["id", "en"])
def test_the_public_edition_holds_no_guard_no_trip_and_no_time_in_the_file_at_all(plan: kg.Plan, lang: str) -> None:
    whole = everything(plan_map(plan, lang).get_root().render())
    public = everything(plan_map(plan, lang, "publik").get_root().render())
    common = {text[lang] for key, text in sentences().items() if key.startswith("map.")}
    secrets = {
        *plan.posts.index,
        *plan.trips.index,
        *plan.trips["vehicle"],
        *(fleet.name for fleet in plan.inputs.operation.fleet),
        *(stage.name for stage in plan.inputs.operation.stages),
        *(wave.name for wave in plan.inputs.operation.waves),
        *plan.tps["kerawanan_sebab"],
        *plan.inputs.tempat.index[plan.inputs.tempat["jenis"] == "gudang"],
    } - common
    assert len(secrets) >= 12
    assert {secret for secret in secrets if secret not in whole} == set()
    assert {secret for secret in secrets if secret in public} == set()
    own = {text[lang] for key, text in sentences().items() if key.startswith("map_operasi.")} - common
    assert own & set(document(plan, lang, "publik")[0]["words"].values()) == set()
    assert not re.search(r"\b\d\d:\d\d\b", re.sub(r"<script>.*?</script>", "", public, flags=re.DOTALL))
    for name in ("trips", "legs", "loads", "posts", "post", "officers", "unserved", "petugas", "induk"):
        assert f'"{name}":' not in public


def test_of_every_text_of_every_layer_the_public_edition_shows_only_what_is_listed_here(plan: kg.Plan) -> None:
    """A column that is added anywhere is private until somebody lists it here."""
    structure = {"jenis", "kind", "highway", "kode_kec", "kode_desa", "kode_stop", "kode_post", "kode_trip", "stage"}
    inputs, marked, every = {}, {}, set()
    for name, frame in frames_of(plan).items():
        texts = [
            column
            for column in frame.columns.difference(structure)
            if pd.api.types.is_string_dtype(frame[column].dtype) and not column.endswith("sumber")  # one of six words
        ]
        every |= {f"§{name}.{column}§" for column in texts}
        changed = frame.assign(**{column: f"§{name}.{column}§" for column in texts})
        (inputs if name in INPUT_LAYERS else marked)[name] = changed
    roads = replace(plan.inputs.roads, nodes=inputs.pop("road_nodes"), edges=inputs.pop("road_edges"))
    known = {field.name for field in fields(plan.inputs)}
    inputs = {{"tps_daftar": "tps"}.get(name, name): frame for name, frame in inputs.items()}
    assert set(inputs) <= known
    spoilt = replace(plan, inputs=replace(plan.inputs, roads=roads, **inputs), **marked)
    for lang in ("id", "en"):
        public = everything(plan_map(spoilt, lang, "publik").get_root().render())
        assert {mark for mark in every if mark in public} == {
            "§kecamatan.nama§",
            "§kecamatan.dapil§",
            "§desa.nama§",
            "§stops.nama§",  # of a village or a committee's office
            "§stops.posisi§",
            "§tps.nama_kec§",
            "§tps.nama_desa§",
            "§tps.posisi§",
        }
    assert {"§tps.kerawanan_sebab§", "§tps.kerawanan§", "§trips.vehicle§"} <= every
    assert len(every) > 40


def test_the_public_edition_has_no_route_among_its_lines(plan: kg.Plan) -> None:
    whole, public = document(plan, "id"), document(plan, "id", "publik")
    assert len(whole[1]) == len(public[1]) + 1
    lines = b"".join(public[1])
    for leg in unpack_lines(whole[1][-1])[0]:
        if len(leg) > 2:
            assert pack_lines([leg])[1:] not in lines
    assert len(unpack_lines(public[1][3])[0][0]) == len(public[0]["stops"]["kode"]) < len(whole[0]["stops"]["kode"])


def test_the_public_edition_shows_only_tags_that_were_published(plan: kg.Plan) -> None:
    tags = plan.tps.assign(kerawanan_polri_sumber="")
    first, second, third = tags.index[:3]
    tags.loc[first, ["sinyal", "sinyal_sumber"]] = ["lemah", "terbit"]
    tags.loc[second, ["akses", "akses_sumber"]] = ["sulit", "terbit"]
    tags.loc[third, ["kerawanan", "kerawanan_sumber", "kerawanan_polri_sumber"]] = ["rawan", "terbit", "terbit"]
    shown = document(replace(plan, tps=tags), "id", "publik")[0]["tps"]
    for axis, kode, value in (("sinyal", first, "lemah"), ("akses", second, "sulit"), ("kerawanan", third, "rawan")):
        told = dict(zip(shown["kode"], shown[axis], strict=True))
        assert told.pop(kode) == value
        published = tags.index[tags[f"{axis}_sumber"] == "terbit"] if axis != "kerawanan" else []
        assert {told[other] for other in told if other not in published} == {""}


def test_the_public_plain_page_has_a_row_for_every_tps_too(plan: kg.Plan) -> None:
    page = Page(plan_map(plan, "id", "publik").get_root().plain)
    assert sum(tag == "tr" for tag, _ in page.tags) == len(plan.tps) + 1
    assert all(kode in page.text for kode in plan.tps.index)
    assert not any("k2" in str(attrs.get("class")) for _, attrs in page.tags)
    assert "Edisi publik" in page.text


def test_a_police_post_is_a_place_of_the_operations_map_alone() -> None:
    made = kg.make_plan(world("G---P---A---O"))
    shown, parts = document(made, "id")
    at = unpack_lines(parts[3])[0][0][shown["stops"]["kind"].index("polsek")]
    point = made.inputs.tempat.geometry[made.inputs.tempat["jenis"] == "polsek"].iloc[0]
    assert tuple(at) == pytest.approx((point.x, point.y), abs=1e-5)
    assert "polsek" not in document(made, "id", "publik")[0]["stops"]["kind"]


def test_the_plain_page_has_a_row_for_every_tps(plan: kg.Plan) -> None:
    text = plan_map(plan).get_root().plain
    page = Page(text)
    assert sum(tag == "tr" for tag, _ in page.tags) == len(plan.tps) + 1
    assert sum(tag == "svg" for tag, _ in page.tags) == 1
    assert all(kode in page.text for kode in plan.tps.index)
    assert "TIDAK TERLAYANI" in page.text
    assert all(line in page.text for line in plan_lines(plan))
    late = replace(plan, legs=plan.legs.assign(arrive_late=plan.legs["arrive_late"] + pd.Timedelta(days=1)))
    first = next(iter(plan.loads.index.get_level_values("kode_tps")))
    (row,) = re.findall(f"<tr><td>{first}.*</tr>", plan_map(late).get_root().plain)
    assert re.search(r"13/02 \d\d:\d\d – 14/02 \d\d:\d\d", row), "the late end says its day where it is another"


def test_no_two_names_of_the_plain_drawing_lie_on_one_another(kaur_plan: kg.Plan) -> None:
    drawn = plan_map(kaur_plan).get_root().plain
    names = [
        (int(x), int(y), len(name) * LETTER / 2)
        for x, y, name in re.findall(r'<text x="(-?\d+)" y="(-?\d+)">([^<]*)</text>', drawn)
    ]
    assert len(names) == len(kaur_plan.inputs.kecamatan)
    for (ax, ay, a), (bx, by, b) in combinations(names, 2):
        assert abs(ay - by) >= LINE or abs(ax - bx) > a + b


def plan_lines(plan: kg.Plan) -> list[str]:
    from kaur_gis.summary import notices  # noqa: PLC0415 - used once

    return notices(plan, "id")


def test_leaflet_is_the_published_one(monkeypatch: pytest.MonkeyPatch) -> None:
    told = vendor.vendored()["leaflet"]
    assert told["version"] in vendor.published("leaflet", "leaflet.js")
    assert "BSD 2-Clause" in vendor.published("leaflet", told["license_file"])
    vendor.published.cache_clear()
    changed = {"leaflet": {**told, "files": {"leaflet.js": {"sha256": "0" * 64}}}}
    monkeypatch.setattr(vendor, "vendored", lambda: changed)
    with pytest.raises(ValueError, match=re.escape("leaflet.js is not the file")):
        vendor.published("leaflet", "leaflet.js")
    vendor.published.cache_clear()


@pytest.mark.parametrize("honest", [True, False])
def test_another_version_is_taken_only_as_the_registry_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, honest: bool
) -> None:
    shutil.copy(Path(str(vendor.ASSETS)) / "vendored.toml", tmp_path)
    noble = vendor.vendored()["noble"]

    def npm(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        assert command[:4] == ["npm", "pack", "--json", "leaflet@9.9.9"]
        archive = Path(command[-1]) / "leaflet-9.9.9.tgz"
        with tarfile.open(archive, "w:gz") as tar:
            for name in ("dist/leaflet.js", "dist/leaflet.css", "LICENSE"):
                file = tmp_path / "content"
                file.write_text(f"new {name}", encoding="utf-8")
                tar.add(file, f"package/{name}")
        whole = archive.read_bytes() if honest else b"another"
        said = f"sha512-{base64.b64encode(hashlib.sha512(whole).digest()).decode()}"
        told = [{"filename": archive.name, "version": "9.9.9", "integrity": said}]
        return subprocess.CompletedProcess(command, 0, stdout=json.dumps(told).encode())

    monkeypatch.setattr(vendor, "ASSETS", tmp_path)
    monkeypatch.setattr(subprocess, "run", npm)
    if not honest:
        with pytest.raises(ValueError, match="registry"):
            update_assets.main("leaflet", "9.9.9")
        assert not (tmp_path / "leaflet.js").exists()
        return
    update_assets.main("leaflet", "9.9.9")
    whole = tomllib.loads((tmp_path / "vendored.toml").read_text(encoding="utf-8"))
    assert whole["noble"] == noble
    told = whole["leaflet"]
    assert told["version"] == "9.9.9"
    for name, file in told["files"].items():
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == file["sha256"]


def test_the_scripts_never_make_markup_from_text() -> None:
    for name in vendor.OWN_SCRIPTS:
        text = (vendor.ASSETS / name).read_text(encoding="utf-8")
        found = re.findall(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function|DOMParser", text)
        assert found == [], name


def test_the_scripts_say_only_words_of_the_catalogue_and_all_of_them() -> None:
    text = vendor.script() + "".join(
        file.read_text(encoding="utf-8") for file in Path(vendor.__file__).parent.glob("*.py")
    )
    words = {key.partition(".")[2] for key in sentences() if key.startswith(("map.", "map_operasi."))}
    literals = set(re.findall(r"""["'](?:map\.|map_operasi\.)?(\w+)["']""", text))
    said = set(re.findall(r"""say\(\s*f?["'](?:map\.|map_operasi\.)?(\w+)["']""", text))
    assert said - words == set()
    starts = tuple(re.findall(r"""(?:say\(f?|words\[f)[`"'](?:map\.|map_operasi\.)?(\w+_)[${]""", text))
    assert {
        word for word in words - literals if word.removesuffix("_1") not in literals and not word.startswith(starts)
    } == set()


def test_the_two_rooms_of_words_have_no_word_in_common() -> None:
    both, own = (
        {key.partition(".")[2] for key in sentences() if key.startswith(room)} for room in ("map.", "map_operasi.")
    )
    assert both & own == set()


def test_rivers_lakes_and_the_coast_are_part_of_the_base_map(plan: kg.Plan) -> None:
    point = plan.tps.geometry.iloc[0]
    river = shapely.LineString([(point.x, point.y), (point.x + 0.02, point.y + 0.01)])
    lake = point.buffer(0.01).difference(point.buffer(0.004))
    waters = gpd.GeoDataFrame(
        {"jenis": ["sungai", "danau"], "nama": [HOSTILE["img"], ""]}, geometry=[river, lake], crs=CRS
    ).rename_axis("air")
    west, _, east, north = plan.inputs.kecamatan.total_bounds
    hills = gpd.GeoDataFrame(
        {"nama": [HOSTILE["jinja_sum"], "Bukit Rendah"], "elevasi_m": [2100.0, 90.0]},
        geometry=[shapely.Point((west + east) / 2, north - step) for step in (0.003, 0.0031)],
        crs=CRS,
    ).rename_axis("puncak")
    inputs = replace(plan.inputs, sungai=checked_geo(waters, Waters), puncak=checked_geo(hills, Peaks))
    wet = replace(plan, inputs=inputs)
    for edition in ("operasi", "publik"):
        shown, parts = document(wet, "id", edition)
        assert shown["water"]["nama"] == [HOSTILE["img"], ""]
        assert (shown["water"]["of"], shown["water"]["area"]) == ([0, 1, 1], [False, True, True])
        lines = unpack_lines(parts[5])[0]
        assert np.allclose(lines[0], river.coords, atol=1e-5)
        drawn = Page(plan_map(wet, "id", edition).get_root().render())
        kinds = [attrs["class"] for tag, attrs in drawn.tags if tag == "path" and "water" in (attrs["class"] or "")]
        assert kinds == ["water", "water lake"]
        marks = [attrs["class"] for tag, attrs in drawn.tags if attrs.get("class") == "peak"]
        assert f"{HOSTILE['jinja_sum']} 2.100 m" in drawn.text
        assert len(marks) == 2, "the mark and the name of the higher hill; the other has no room beside it"
    assert document(plan, "id")[0]["water"] == {"of": [], "area": [], "jenis": [], "nama": []}

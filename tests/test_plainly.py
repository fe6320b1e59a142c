"""The first look at a layer: it never lets pass what pandera refuses, and it passes what is good."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.pandas as pa
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pandera.errors import SchemaErrors
from pandera.geopandas import GeoDataFrameModel
from pandera.typing import Index, Series
from pandera.typing.geopandas import GeoSeries

from kaur_gis import layers
from kaur_gis.layers import CRS, Wgs84, checked, empty
from kaur_gis.plainly import HOLDS, plainly


class Sample(GeoDataFrameModel):
    """One column of every kind, and every check that the layers use."""

    kode: Index[str] = pa.Field(unique=True, str_matches=r"^\d{2}$", check_name=True)
    kind: Series[str] = pa.Field(isin=("a", "b"))
    n: Series[np.int64] = pa.Field(ge=0, le=9)
    metres: Series[float] = pa.Field(gt=0, nullable=True)
    at: Series[layers.Seconds]
    flag: Series[bool]
    geometry: GeoSeries[Wgs84]

    class Config:
        strict = True
        coerce = False


class Levels(pa.DataFrameModel):
    """Two levels of index."""

    kode: Index[str] = pa.Field(check_name=True)
    no: Index[np.int64] = pa.Field(ge=1, check_name=True)
    text: Series[str]

    class Config:
        strict = True
        coerce = False


class Open(pa.DataFrameModel):
    """Columns by a pattern."""

    kode: Index[str] = pa.Field(check_name=True)
    pieces: Series[np.int64] = pa.Field(ge=0, alias=r"^jml_[a-z]+$", regex=True)

    class Config:
        strict = True
        coerce = False


class Odd(pa.DataFrameModel):
    """A check that no layer uses, which the first look leaves to pandera."""

    kode: Index[str] = pa.Field(check_name=True)
    text: Series[str] = pa.Field(str_startswith="a")


def sample(n=(1, 2), kind=("a", "b"), metres=(1.5, np.nan), kode=("01", "02")) -> gpd.GeoDataFrame:
    columns = {
        "kind": pd.Series(kind, dtype="str"),
        "n": pd.Series(n, dtype="int64"),
        "metres": pd.Series(metres, dtype="float64"),
        "at": pd.Series(["2024-02-14 07:00:00"] * len(n)).astype("datetime64[s]"),
        "flag": pd.Series([True, False][: len(n)], dtype="bool"),
    }
    frame = gpd.GeoDataFrame(columns, geometry=[shapely.Point(103, -4)] * len(n), crs=CRS)
    frame.index = pd.Index(kode, name="kode", dtype="str")
    return frame


def levels() -> pd.DataFrame:
    index = pd.MultiIndex.from_arrays([pd.array(["a", "a"], dtype="str"), [1, 2]], names=["kode", "no"])
    return pd.DataFrame({"text": pd.array(["x", ""], dtype="str")}, index=index)


def taken(frame: pd.DataFrame, layer: type[pa.DataFrameModel]) -> bool:
    """Whether pandera finds no fault."""
    try:
        layer.validate(frame, lazy=True)
    except SchemaErrors:
        return False
    return True


@pytest.mark.parametrize(("frame", "layer"), [(sample(), Sample), (sample()[::-1], Sample), (levels(), Levels)])
def test_a_good_layer_is_plainly_good(frame: pd.DataFrame, layer: type[pa.DataFrameModel]) -> None:
    assert plainly(frame, layer.to_schema(), CRS)
    assert plainly(frame[frame.columns[::-1]], layer.to_schema(), CRS), "columns come in any order"
    assert taken(frame, layer)


def test_every_layer_without_a_row_is_plainly_good_unless_its_columns_go_by_a_pattern() -> None:
    every = {
        layer
        for layer in vars(layers).values()
        if isinstance(layer, type) and issubclass(layer, pa.DataFrameModel) and layer.__module__ == layers.__name__
    }
    plain = {layer for layer in every if plainly(empty(layer), layer.to_schema(), CRS)}
    by_pattern = {layer for layer in every if any(column.regex for column in layer.to_schema().columns.values())}
    assert plain == every - by_pattern
    assert len(plain) > 30
    used = {check.name for layer in every for column in layer.to_schema().columns.values() for check in column.checks}
    assert used == set(HOLDS), "no check is left to pandera, and none is listed in vain"


def _moved(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return frame.set_crs("EPSG:32748", allow_override=True)


FAULTS = {
    "another crs": _moved(sample()),
    "no crs": sample().set_crs(None, allow_override=True),
    "no geometry": sample().drop(columns="geometry"),
    "a missing point": sample().set_geometry(gpd.GeoSeries([None, shapely.Point(103, -4)], ["01", "02"], crs=CRS)),
    "points as text": pd.DataFrame(sample()).astype({"geometry": "str"}),
    "a column too many": sample().assign(x=1),
    "another name of the index": sample().rename_axis("nomor"),
    "twice in the index": sample(kode=("01", "01")),
    "a code of another form": sample(kode=("01", "002")),
    "text that is missing": sample(kind=("a", None)),
    "text of another list": sample(kind=("a", "c")),
    "whole numbers as reals": sample().astype({"n": "float64"}),
    "whole numbers as text": sample().astype({"n": "str"}),
    "too small": sample(n=(-1, 0)),
    "too big": sample(n=(9, 10)),
    "not above": sample(metres=(0.0, np.nan)),
    "reals as whole numbers": sample(metres=(1, 2)).astype({"metres": "int64"}),
    "times as text": sample().astype({"at": "str"}),
    "a missing time": sample().assign(at=pd.Series([pd.NaT, pd.NaT], ["01", "02"]).astype("datetime64[s]")),
    "truth as numbers": sample().astype({"flag": "int64"}),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_not_passed_and_pandera_names_it(fault: str) -> None:
    assert not plainly(FAULTS[fault], Sample.to_schema(), CRS)
    with pytest.raises(SchemaErrors if "crs" not in fault else (SchemaErrors, TypeError)):
        checked(FAULTS[fault], Sample)


def test_a_fault_of_a_level_is_not_passed() -> None:
    for frame in (
        levels().rename_axis(["kode", "nomor"]),
        levels().reset_index("no", drop=True),
        levels().rename(index={1: 0}),
        levels().reset_index().astype({"no": "float64"}).set_index(["kode", "no"]),
    ):
        assert not plainly(frame, Levels.to_schema(), CRS)
        assert not taken(frame, Levels)


def test_what_it_does_not_know_is_left_to_pandera() -> None:
    index = pd.Index(["01"], name="kode", dtype="str")
    text = pd.DataFrame({"text": pd.array(["ab"], "str")}, index)
    twice = pd.concat([levels(), levels()], axis=1)
    for frame, layer in ((text, Odd), (twice, Levels)):
        assert not plainly(frame, layer.to_schema(), CRS)
        assert taken(frame, layer)


def test_columns_of_a_pattern_are_each_held_against_it() -> None:
    index = pd.Index(["01"], name="kode", dtype="str")
    good = pd.DataFrame({"jml_kotak": [1], "jml_bilik": [2]}, index)
    assert plainly(good, Open.to_schema(), CRS)
    assert taken(good, Open)
    for bad in (good.assign(jml_bilik=-1), good.assign(jml_2=1), good.assign(jml_bilik=1.0), good[[]]):
        assert not plainly(bad, Open.to_schema(), CRS)
        assert not taken(bad, Open)


@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(["01", "02", "03", "1", ""]),
            st.sampled_from(["a", "a", "b", "b", "", None]),
            st.integers(-1, 10),
            st.sampled_from([1.0, 2.0, 0.0, -1.0, np.inf, np.nan]),
        ),
        min_size=1,
        max_size=2,
    )
)
@settings(max_examples=40, deadline=None)
def test_for_values_of_the_right_types_the_first_look_and_pandera_agree(rows) -> None:
    kode, kind, n, metres = zip(*rows, strict=True)
    frame = sample(n=n, kind=kind, metres=metres, kode=kode)
    assert plainly(frame, Sample.to_schema(), CRS) == taken(frame, Sample)

"""What a layer refuses: another type, a missing or another column, a value that is not allowed, a blank."""

from __future__ import annotations

import inspect

import pandas as pd
import pandera.pandas as pa
import pytest
from pandera.errors import SchemaErrors

from kaur_gis import layers
from kaur_gis.layers import checked, empty

ALL = [
    layer
    for _, layer in inspect.getmembers(layers, inspect.isclass)
    if issubclass(layer, pa.DataFrameModel) and layer.__module__ == layers.__name__ and layer is not layers.Kits
    if not layer.__subclasses__()
]  # the columns of kits are those of a rule file; what others are made from is no layer itself


def refused(frame: pd.DataFrame, layer: type[pa.DataFrameModel]) -> set[str]:
    """Name the columns that the layer complains of."""
    with pytest.raises(SchemaErrors) as caught:
        checked(frame, layer)
    return set(caught.value.failure_cases["column"].dropna()) | set(caught.value.failure_cases["failure_case"].dropna())


@pytest.mark.parametrize("layer", ALL, ids=lambda layer: layer.__name__)
def test_a_layer_is_strict_about_the_names_and_the_types_of_its_columns(layer: type[pa.DataFrameModel]) -> None:
    frame = empty(layer)
    assert set(checked(frame, layer)) == set(frame)
    last = [name for name, column in layer.to_schema().columns.items() if column.required and name != "geometry"][-1]
    assert last in refused(frame.drop(columns=last), layer)
    assert last in refused(frame.assign(**{last: pd.Series([], dtype="complex128")}), layer)
    assert "lain" in refused(frame.assign(lain=1), layer)


def test_a_text_is_held_to_its_words_and_a_blank_or_a_number_is_none() -> None:
    row = {"jenis": "bko", "nama": "Brimob", "kode_tempat": "G", "petugas": 3, "menjaga": "", "sumber": "contoh"}
    frame = pd.DataFrame([row], index=pd.Index(["U-1"], name="kode_satuan", dtype="str")).astype(
        {name: "str" for name, value in row.items() if isinstance(value, str)}
    )
    assert checked(frame, layers.Personel).equals(frame)
    assert "jenis" in refused(frame.assign(jenis=pd.Series(["tentara"], frame.index, dtype="str")), layers.Personel)
    assert "nama" in refused(frame.assign(nama=pd.Series([None], frame.index, dtype="str")), layers.Personel)
    assert "nama" in refused(frame.assign(nama=7), layers.Personel)
    assert "nama" in refused(frame.assign(nama=pd.Series([7], frame.index, dtype="object")), layers.Personel)
    assert "petugas" in refused(frame.assign(petugas=-1), layers.Personel)

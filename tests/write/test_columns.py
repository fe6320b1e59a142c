from __future__ import annotations

from pathlib import Path

from kaur_gis.config import KERAWANAN
from kaur_gis.store import LAYERS
from kaur_gis.write.columns import aliases, column_name, layer_page
from tests.world import world

PAGE = Path(__file__).resolve().parents[2] / "docs" / "layers.md"


def test_the_page_of_the_layers_is_what_the_code_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == layer_page(), "run `make docs`"


def test_every_column_of_every_layer_stands_on_the_page_with_its_meaning_where_the_code_says_one() -> None:
    text = layer_page()
    for name, model in LAYERS.items():
        part = text.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        rows = [line for line in part.splitlines() if line.startswith("| `")]
        schema = model.to_schema()
        levels = getattr(schema.index, "indexes", [schema.index])
        assert len(rows) == len(levels) + len(schema.columns)
    assert "| boxes to carry |" in text
    assert " · ".join(f"`{kelas}`" for kelas in KERAWANAN) in text


def test_a_column_has_the_name_of_its_own_layer_before_the_common_one() -> None:
    assert column_name("guards", "seconds", "en") == "From the TPS before [s] (-1: no road)"
    assert column_name("legs", "seconds", "en") == "Driving [s]"
    assert column_name("legs", "no_such_column", "en") == "no_such_column"


def test_every_column_has_a_name_for_people() -> None:
    for name, model in LAYERS.items():
        schema = model.to_schema()
        columns = [level.name for level in getattr(schema.index, "indexes", [schema.index])] + list(schema.columns)
        nameless = [c for c in columns if "^" not in c and column_name(name, c, "id") == c]
        assert nameless == [], f"{name}: add to catalogue/column.toml"


def test_names_within_a_layer_differ_since_the_geopackage_wants_them_so() -> None:
    rules = world("G---P--A").kit_rules
    for lang in ("id", "en"):
        for name, model in LAYERS.items():
            columns = [column for column in model.to_schema().columns if "^" not in column]
            named = aliases(name, columns, rules, lang)
            assert len(set(named.values())) == len(columns), name

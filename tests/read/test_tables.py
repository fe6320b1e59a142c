"""CSV, cell by cell: what is kept is what stands in the file."""

from __future__ import annotations

import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from kaur_gis.read import grid
from kaur_gis.read.cells import text_up_to
from kaur_gis.read.near import near
from kaur_gis.read.tables import _TOTALS, Column, read_table

COLUMNS = (Column("kode", text_up_to(100)), Column("nama", text_up_to(1000), blank=""))
plain = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)


def written(rows: list[list[str]], delimiter: str = ",") -> bytes:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue().encode()


@given(
    st.lists(st.tuples(plain, plain), min_size=1, max_size=20, unique_by=lambda row: row[0]), st.sampled_from(",;\t")
)
@settings(deadline=None)
def test_what_was_written_is_read(rows, delimiter):
    rows = [row for row in rows if row[0].casefold() not in _TOTALS]
    problems: list = []
    table = read_table(written([["kode", "nama"], *map(list, rows)], delimiter), "a.csv", COLUMNS, problems)
    if not rows:
        assert table is None
        return
    assert table is not None
    assert list(table.frame.itertuples(index=False, name=None)) == rows
    assert list(table.frame.index) == list(range(2, len(rows) + 2))
    assert [problem.what for problem in problems] == (["delimiter"] if delimiter != "," else [])


def test_words_that_pandas_takes_for_nothing_are_names():
    names = ["NA", "null", "None", "n/a", "NaN", "0012", "1E10", "1.000", "TRUE"]
    data = written([["kode", "nama"], *([name, name] for name in names)])
    table = read_table(data, "a.csv", COLUMNS, [])
    assert table is not None
    assert list(table.frame["nama"]) == names


def test_more_rows_than_the_budget_are_refused(monkeypatch):
    monkeypatch.setattr(grid, "MAX_ROWS", 3)
    problems: list = []
    rows = [["kode", "nama"], *([str(number), "x"] for number in range(4))]
    assert read_table(written(rows[:-1]), "a.csv", COLUMNS, problems) is not None
    assert read_table(written(rows), "a.csv", COLUMNS, problems) is None
    assert [problem.what for problem in problems] == ["too_many_rows"]


def test_a_repair_is_listed_once_a_column_with_its_rows():
    data = written([["kode", "nama"], *([str(number), "x\u00a0"] for number in range(12))])
    problems: list = []
    read_table(data, "a.csv", COLUMNS, problems)
    (problem,) = problems
    assert (problem.what, problem.level, problem.row, problem.column) == ("spaces", "fix", 2, "nama")
    assert problem.details == {"count": 12, "rows": "2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …"}


def test_a_quoted_cell_over_lines_does_not_shift_the_line_numbers():
    problems: list = []
    table = read_table(b'kode,nama\n1,"a\nb"\n2,c\n', "a.csv", COLUMNS, problems)
    assert table is not None
    assert list(table.frame.index) == [2, 4]
    assert [(problem.what, problem.row) for problem in problems] == [("control_character", 2)]


def test_a_notes_column_is_allowed_and_not_read():
    table = read_table(b"kode,nama,catatan\n1,a,apa saja\n", "a.csv", COLUMNS, [])
    assert table is not None
    assert list(table.frame.columns) == ["kode", "nama"]


def test_a_table_without_a_key_may_repeat_its_first_column():
    problems: list = []
    table = read_table(b"kode,nama\n1,a\n1,b\n", "a.csv", COLUMNS, problems, keyed=False)
    assert table is not None
    assert len(table.frame) == 2
    assert problems == []


def test_the_nearest_name_is_found_in_any_case_and_the_known_ones_are_named():
    assert near("KODE_TPS", ["kode_desa", "kode_tps"]) == {"nearest": "kode_tps", "known": "kode_desa, kode_tps"}
    assert near("xyz", ["kode_desa", "kode_tps"]) == {"nearest": "", "known": "kode_desa, kode_tps"}
    assert near("xyz", [f"a{n}" for n in range(30)])["known"].endswith("a19, …")

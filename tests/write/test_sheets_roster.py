from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from kaur_gis import people
from kaur_gis.catalogue import thousands
from kaur_gis.summary import figures
from kaur_gis.write.sheets.press import press
from kaur_gis.write.sheets.roster import content, duty_hours
from tests.write.handmade import NAMES, hostile, plan
from tests.write.made import made as solved
from tests.write.sheet_pages import KODE, pages_of, poppler, squash


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    path = tmp_path_factory.mktemp("roster") / "pengamanan.pdf"
    press("roster", content(solved(), "id"), path)
    return pages_of(path)


@poppler
def test_every_tps_stands_once_in_the_roster_and_on_the_card_of_every_officer_of_its_post(pages):
    made = solved()
    roster = [page for page in pages if "DAFTAR PENGAMANAN" in page]
    cards = [page for page in pages if "KARTU SAKU" in page]
    assert len(roster) + len(cards) == len(pages)
    assert sorted(KODE.findall(" ".join(roster))) == sorted(made.tps.index)
    officers = made.guards["kode_post"].map(made.posts["officers"])
    told = KODE.findall(" ".join(cards))
    assert {code: told.count(code) for code in made.tps.index} == officers.to_dict()


@poppler
def test_the_roster_tells_the_officers_of_each_kecamatan(pages):
    made = solved()
    told = squash(" ".join(pages))
    for kode_kec, posts in made.posts.groupby("kode_kec"):
        n_tps = int((made.tps["kode_kec"] == kode_kec).sum())
        linmas, kpps = 2 * n_tps, 7 * n_tps
        wanted = f"{len(posts)} pos, {posts['officers'].sum()} petugas, {n_tps} TPS, {linmas} linmas, {kpps} KPPS"
        assert squash(wanted) in told
    assert all(f"halaman {number} dari {len(pages)}" in page for number, page in enumerate(pages, start=1))


def test_the_first_page_sums_up_police_linmas_and_kpps_as_the_figures_do():
    made = solved()
    told, facts = content(made, "id"), figures(made)
    names = ("posts", "n_tps", "officers", "linmas", "kpps")
    assert told["totals"] == [thousands(facts[name], "id") for name in names]
    columns = zip(*(kec["figures"] for kec in told["kecamatan"]), strict=True)
    sums = [sum(int(cell.replace(".", "")) for cell in column) for column in columns]
    assert sums == [facts[name] for name in names]
    assert told["people"] == [*people.grouping_lines(made, "id"), *people.told(made, "id")]


def test_hours_on_duty_are_those_of_the_operation_or_a_place_to_write_each():
    made = solved()

    def hours(lang: str, **said: dt.time) -> str:
        operation = made.inputs.operation
        guard = operation.guard.model_copy(update=said)
        inputs = replace(made.inputs, operation=operation.model_copy(update={"guard": guard}))
        return duty_hours(replace(made, inputs=inputs), lang)

    assert hours("id", duty_from=dt.time(6), duty_until=dt.time(18)) == "Jaga 06:00–18:00; TPS dibuka 07:00"
    assert hours("id") == content(made, "id")["hours"] == "Jam jaga (tulis): ______ sampai ______; TPS buka 07:00"
    assert hours("en", duty_from=dt.time(6)) == "On duty (write): 06:00 to ______; TPS open 07:00"


def test_the_round_is_told_in_its_order_with_the_minutes_between():
    made = solved()
    posts = {post["code"]: post for kec in content(made, "en")["kecamatan"] for post in kec["posts"]}
    assert [*posts] == sorted(made.posts.index)
    for kode, post in posts.items():
        mine = made.guards[made.guards["kode_post"] == kode].sort_values("order")
        assert [tps["code"] for tps in post["tps"]] == list(mine.index)
        for tps, seconds in zip(post["tps"], mine["seconds"], strict=True):
            assert tps["way"] == (f"{-(-seconds // 60)} min" if seconds > 0 else "")


def test_marks_tell_a_hard_way_and_a_weak_signal_and_no_road():
    made = plan()
    weak = replace(made, tps=made.tps.assign(sinyal="lemah"), guards=made.guards.assign(kode_post="POS-001"))
    weak = replace(weak, guards=weak.guards.assign(order=range(1, len(made.tps) + 1), seconds=-1), posts=made.posts[:1])
    (kec,) = content(weak, "id")["kecamatan"]
    (post,) = kec["posts"]
    marks = {tps["code"]: tps["marks"] for tps in post["tps"]}
    hard = made.tps["akses"] == "sulit"
    assert marks == {kode: "sinyal lemah, akses sulit" if hard[kode] else "sinyal lemah" for kode in made.tps.index}
    assert [tps["way"] for tps in post["tps"]] == ["", *["tidak ada jalan"] * (len(made.tps) - 1)]


@poppler
def test_hostile_names_do_nothing_on_the_roster(tmp_path):
    press("roster", content(hostile(), "id"), tmp_path / "hostile.pdf")
    told = squash(" ".join(pages_of(tmp_path / "hostile.pdf")))
    assert "1337" not in told
    assert told.count(squash(NAMES["typst_code"])) >= 3
    assert told.count(squash(NAMES["script"])) >= 1


@poppler
def test_without_posts_there_is_one_page(tmp_path):
    made = plan()
    press("roster", content(replace(made, posts=made.posts[:0], guards=made.guards[:0]), "id"), tmp_path / "none.pdf")
    assert len(pages_of(tmp_path / "none.pdf")) == 1

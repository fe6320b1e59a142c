from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from test_distribute import LINE, accepted, at, fleet, reasons, rooms
from world import kode_tps, operation, world

from kaur_gis.distribute import distribute, kept_of
from kaur_gis.problems import SolverError

TRUCK, PICKUP = "H1-GUDANG-1-TR-01-1", "H1-PPK-1-PU-01-1"


def again(given, older, codes, *, now=None, **changes):
    """Plan the same rooms again while some trips of an older plan stay, and let the judge look at the answer."""
    inputs, *rest = given
    inputs = replace(inputs, operation=inputs.operation.model_copy(update=changes)) if changes else inputs
    kept = kept_of(inputs.operation, older.trips, older.legs, older.loads, codes, now=now)
    found = distribute(inputs, *rest, kept=kept)
    assert accepted(found, inputs, *rest, now=now)
    return found


def as_before(found, older, codes) -> bool:
    """Whether trips are in a new plan as they were, with legs and loads."""
    columns = ["vehicle", "depart", "back", "back_late", "kotak", "seconds"]
    return all(
        frame.loc[list(codes)].equals(other.loc[list(codes)])
        for frame, other in (
            (found.trips[columns], older.trips[columns]),
            (found.legs, older.legs),
            (found.loads, older.loads),
        )
    )


def test_what_is_loaded_stays_and_the_rest_is_planned_as_before():
    given = rooms(world(LINE, tps={"A": 3}))
    older = distribute(*given)
    found = again(given, older, [TRUCK])
    assert as_before(found, older, older.trips.index)
    assert found.trips["pinned"].to_dict() == {kode: kode == TRUCK for kode in older.trips.index}
    assert not older.trips["pinned"].any()


def test_a_trip_that_stays_keeps_every_trip_that_came_before_it():
    given = rooms(world("G---P---A", tps={"A": 2}, fleet=fleet(MT=None, PU={"count": 1, "max_kotak": 5})))
    older = distribute(*given)
    last = "H1-PPK-1-PU-01-2"
    found = again(given, older, [last])
    assert set(found.trips.index[found.trips["pinned"]]) == {TRUCK, PICKUP, last}
    assert as_before(found, older, older.trips.index)


def test_a_vehicle_goes_on_after_the_trip_that_stays_and_counts_on():
    given = rooms(world("G---P---A", tps={"A": 3}, fleet=fleet(MT=None, PU={"count": 1, "max_kotak": 5})))
    older = distribute(*given)
    found = again(given, older, [PICKUP], now=at(13, "08:00:00"))
    assert as_before(found, older, [TRUCK, PICKUP])
    new = found.trips[~found.trips["pinned"]]
    assert list(new["trip_no"]) == [2, 3]
    assert set(new["vehicle"]) == {"PPK-1-PU-01"}
    assert new["depart"].min() == at(13, "08:10:00")  # ten minutes of loading from now on
    only_two = fleet(MT=None, PU={"count": 1, "max_kotak": 5, "max_trips": 2})
    spent = again(given, older, [PICKUP], fleet=tuple(world(LINE, fleet=only_two).operation.fleet))
    assert list(spent.unserved["reason"]) == ["no_time"]


def test_boxes_that_wait_at_the_ppk_go_on_by_another_vehicle():
    given = rooms(world(LINE, tps={"A": 2}))
    older = distribute(*given)
    motors = tuple(row for row in given[0].operation.fleet if row.kode != "PU")
    motors = tuple(row.model_copy(update={"akses": ("biasa", "sulit")}) if row.kode == "MT" else row for row in motors)
    found = again(given, older, [TRUCK], fleet=motors)
    assert found.unserved.empty
    assert set(found.trips["fleet"]) == {"TR", "MT"}
    assert as_before(found, older, [TRUCK])


def test_a_trip_that_stays_is_not_held_against_roads_that_are_others_today():
    given = rooms(world(LINE))
    older = distribute(*given)
    slower = {key: replace(times, seconds=times.seconds * 2) for key, times in given[-1].items()}
    found = distribute(
        *given[:-1], slower, kept=kept_of(given[0].operation, older.trips, older.legs, older.loads, [TRUCK])
    )
    assert as_before(found, older, [TRUCK])
    assert found.legs.loc[PICKUP, "seconds"].iloc[0] == 2 * older.legs.loc[PICKUP, "seconds"].iloc[0]


def test_boxes_of_a_trip_that_stays_are_carried_more_slowly_in_the_heavier_weather_as_they_were_planned():
    inputs = world(LINE, weather={"plan": "kering", "late": "hujan_lebat"})
    points = inputs.tempat.geometry.where(inputs.tempat["jenis"] != "ppk", inputs.tempat.translate(0.0005))
    given = rooms(replace(inputs, tempat=inputs.tempat.assign(posisi="gps").set_geometry(points)))
    older = distribute(*given)
    walk_m, walk_s = older.legs.loc[(TRUCK, 1), ["walk_m", "walk_s"]]
    planned, late = (3.6 / inputs.speeds.carry_kmh[at] for at in (0, 2))
    assert walk_s == np.ceil(walk_m * planned) > 0
    arrived = older.legs.loc[(TRUCK, 1), "arrive_late"] - older.legs.loc[(TRUCK, 1), "arrive"]
    begun = older.legs.loc[(PICKUP, 1), "arrive_late"] - older.legs.loc[(PICKUP, 1), "arrive"]
    assert begun - arrived > pd.Timedelta(seconds=2 * (np.ceil(walk_m * late) - walk_s))
    assert as_before(again(given, older, [TRUCK]), older, older.trips.index), "loaded or not, it is carried as long"


def test_a_vehicle_that_never_comes_back_in_the_heavier_weather_gives_no_late_time():
    one = fleet(MT=None, PU={"count": 1, "max_kotak": 5})
    given = rooms(world("G---P---A...B", weather={"plan": "kering", "late": "hujan_lebat"}, fleet=one))
    older = distribute(*given)
    to_b = older.loads.reset_index("kode_trip").loc[kode_tps("B"), "kode_trip"].max()
    found = again(given, older, [to_b])
    assert as_before(found, older, [to_b])
    new = found.trips[~found.trips["pinned"]]
    assert new["back_late"].isna().all()


def test_another_wave_of_the_same_day_does_not_take_a_vehicle_that_is_out():
    waves = tuple(
        {"name": name, "days_before": 1, "akses": (name,), "deadline": dt.time(18)} for name in ("sulit", "biasa")
    )
    rows = fleet(MT={"count": 1, "akses": ("biasa", "sulit"), "max_kotak": 10}, PU=None, TR={"count": 2})
    given = rooms(world(LINE, sulit="B", waves=waves, fleet=rows))
    older = distribute(*given)
    out = older.loads.reset_index("kode_trip").loc[kode_tps("B"), "kode_trip"]
    found = again(given, older, list(out))
    assert as_before(found, older, list(out))
    assert reasons(found) == reasons(older) == {kode_tps("A"): ("ppk-tps", "no_fleet")}


def test_trips_and_waves_that_do_not_exist_are_refused():
    given = rooms(world(LINE))
    older = distribute(*given)
    layers = (older.trips, older.legs, older.loads)
    with pytest.raises(SolverError, match="does not have: H9"):
        kept_of(given[0].operation, *layers, ["H9"])
    other = given[0].operation.model_copy(
        update={"waves": tuple(wave.model_copy(update={"name": f"{wave.name}x"}) for wave in operation().waves)}
    )
    with pytest.raises(SolverError, match="not those of the operation"):
        kept_of(other, *layers, [TRUCK])


def test_nothing_kept_changes_nothing():
    given = rooms(world(LINE, tps={"A": 2}))
    older = distribute(*given)
    found = again(given, older, [], now=pd.Timestamp("2024-02-12"))
    for name in ("trips", "legs", "loads", "unserved"):
        assert getattr(found, name).equals(getattr(older, name))

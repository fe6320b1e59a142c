"""How much quicker weak points are found than by removing every road and letting networkx search again; same answers.

And how much of the whole plan's time it takes to plan again after a closure. The codes of the sheets belong to either:
those of the plan in force stand on its sheets already.

Run it with ``python -m tests.benchmarks.cut [--whole]``. It prints processor seconds and ratios of one run, medians of
several; those of whole plans by the clock, as they take two processors. It asserts equal answers only. networkx takes
every n-th segment and its time is scaled to all of them; with ``--whole`` scipy then searches all roads again for every
single segment, which takes minutes. The roads are Kaur's from OpenStreetMap (KAUR_GIS_TEST_DATA; else the shipped
schematic ones).
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from functools import partial
from pathlib import Path

import kaur_gis as kg
from kaur_gis.cut.delta import Delta
from kaur_gis.cut.replan import replan
from kaur_gis.cut.weak import weak_points
from kaur_gis.kit import kits
from kaur_gis.place import place
from kaur_gis.read.closures import closed_on_command_line
from kaur_gis.tag import tag
from kaur_gis.travel import stops_of, travel_times
from tests.benchmarks.travel import OPERATION, median_s, roads_file

sys.path.append(str(Path(__file__).resolve().parents[1] / "cut"))
from brute import BruteForce, Quicker, differences

SAMPLE = 40
CLOSED = ("titik:-4.788,103.42,1500", "titik:-4.69571,103.30263,60", "titik:-4.75543,103.32004,60")


def main() -> None:
    """Print the figures."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--whole", action="store_true")
    whole = arguments.parse_args().whole
    inputs = kg.read_inputs(OPERATION, roads=roads_file())
    tps = tag(place(inputs)[0], inputs.operation)
    stops = stops_of(tps, inputs.tempat)
    nothing = dict.fromkeys(("trips", "legs", "loads", "unserved", "posts", "guards", "groupings"))
    kit = kits(tps, inputs.kit_rules, inputs.kecamatan["dapil"])
    plan = kg.Plan(inputs, tps, kit, stops, travel_times(inputs, stops), **nothing)
    ours, weak = median_s(lambda: weak_points(plan))
    brute = BruteForce(plan)
    pieces = brute.pieces[:: max(1, len(brute.pieces) // SAMPLE)]
    begin = time.process_time()
    wrong = differences(brute, weak.roads, pieces)
    theirs = (time.process_time() - begin) * len(brute.pieces) / len(pieces)
    assert wrong == [], wrong[:3]
    print(f"roads: {inputs.roads.source}; {len(weak.roads)} segments, {len(tps)} TPS")
    print(f"all single failures: {ours:.2f} s (median of 5)")
    print(f"networkx, {len(pieces)} of {len(brute.pieces)} segments, scaled: {theirs:.0f} s; ratio {theirs / ours:.0f}")
    print(f"answers that differ: {len(wrong)} of {len(pieces)}")
    gc.freeze()  # as the commands do with what they have read
    clock = time.perf_counter
    full, made = median_s(lambda: named(kg.make_plan(inputs)), 3, clock)
    gc.freeze()
    for lokasi in CLOSED:
        taken, delta = median_s(partial(closed, made, lokasi), 5, clock)
        changed = (delta.sheets["state"] != "valid").sum()
        print(f"plan again after {lokasi}: {taken:.1f} s, {taken / full:.0%} of {full:.1f} s; {changed} sheets change")
    if whole:
        begin = time.process_time()
        every = Quicker(plan)
        wrong = differences(every, weak.roads, every.pieces)
        assert wrong == [], wrong[:3]
        taken = time.process_time() - begin
        print(f"scipy, every segment: {taken:.0f} s; answers that differ: {len(wrong)} of {len(every.pieces)}")


def closed(plan: kg.Plan, lokasi: str) -> Delta:
    """Close a road and plan again."""
    return replan(plan, closed_on_command_line(plan.inputs, [lokasi]))


def named(plan: kg.Plan) -> kg.Plan:
    """Name the sheets of a plan, as is done when they are written."""
    assert plan.sheets
    assert plan.way_back.sheets
    return plan


if __name__ == "__main__":
    main()

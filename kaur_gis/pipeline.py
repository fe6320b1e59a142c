"""The table of contents of a run: one stage, one module, one verb."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from kaur_gis.comms import communicate, signal_points, signals
from kaur_gis.distribute import bring_back, distribute
from kaur_gis.guard import guard
from kaur_gis.inputs import Inputs
from kaur_gis.judge import judge
from kaur_gis.kit import kits
from kaur_gis.neighbours import neighbours
from kaur_gis.other_ways import other_ways
from kaur_gis.place import place
from kaur_gis.plan import Plan
from kaur_gis.reaction import reactions
from kaur_gis.staff import staff
from kaur_gis.tag import tag
from kaur_gis.travel import stops_of, travel_times


def make_plan(inputs: Inputs, *, progress: Callable[[str], None] = lambda _stage: None) -> Plan:
    """Make the whole plan from checked inputs; touches no file, no clock and no network.

    Parameters
    ----------
    inputs : Inputs
        As `read_inputs` returns them.
    progress : callable, optional
        Told the name of each stage as it begins.

    Returns
    -------
    Plan
        Judged: `Plan.broken` lists every promise it does not keep.
    """
    progress("place")
    placed, place_notes = place(inputs)
    progress("tag")
    heard = signals(placed, inputs)
    tps = tag(placed, inputs.operation, heard)
    progress("kit")
    kit = kits(tps, inputs.kit_rules, inputs.kecamatan["dapil"])
    progress("travel")
    stops = stops_of(tps, inputs.tempat, signal_points(tps, inputs))
    travel = travel_times(inputs, stops)
    progress("distribute")
    routes = distribute(inputs, tps, kit, stops, travel)
    back = bring_back(inputs, tps, kit, stops, travel, routes.unserved.index)
    progress("other_ways")
    others = other_ways(inputs, tps, travel, routes.trips, routes.loads)
    progress("guard")
    posts, guards, groupings = guard(tps, inputs, travel)
    staffing, strength = staff(posts, guards, tps, inputs, travel)
    progress("comms")
    heard_from = communicate(tps, inputs, stops, travel)
    plan = Plan(
        inputs=inputs,
        tps=tps,
        kits=kit,
        stops=stops,
        travel=travel,
        trips=routes.trips,
        legs=routes.legs,
        loads=routes.loads,
        unserved=routes.unserved,
        posts=posts,
        guards=guards,
        groupings=groupings,
        reactions=reactions(tps, inputs, travel),
        staffing=staffing,
        strength=strength,
        signals=heard,
        **heard_from,
        other_ways=others,
        neighbours=neighbours(inputs, routes.legs, back.layers["back_legs"]),
        **back.layers,
        notes=(*inputs.notes, *place_notes, *routes.notes, *back.notes),
    )
    progress("judge")
    return replace(plan, broken=judge(plan))

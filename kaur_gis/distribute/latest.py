"""How late each trip may leave: computed backwards, from the last deadline to the first gate.

If every trip left at its latest safe departure, everything would still be in time on the planned roads: at the
TPS by the deadline of the wave, at each transfer point before the next vehicle must load, at home by the end
of the day.
"""

from __future__ import annotations

from collections.abc import Sequence

from kaur_gis.distribute.schedule import sure
from kaur_gis.distribute.stages import Chain, arrive_by_s
from kaur_gis.distribute.waves import VehicleDay


def latest_departures(chain: Chain, days: Sequence[VehicleDay]) -> list[list[int]]:
    """Compute the latest safe departure of each trip.

    Parameters
    ----------
    chain : Chain
    days : sequence of VehicleDay
        Of all waves and stages.

    Returns
    -------
    list of list of int
        One list per day, one figure per trip [s from midnight]; never before the planned departure.
    """
    found: list[list[int]] = [[] for _ in days]
    order = [stage.name for stage in chain.operation.stages]
    handed_by: dict[str, int] = {}
    for number in sorted(range(len(days)), key=lambda number: -order.index(days[number].case.stage.name)):
        found[number] = _of_day(days[number], handed_by)
    return found


def _of_day(day: VehicleDay, handed_by: dict[str, int]) -> list[int]:
    """Go through the trips of one vehicle from the last to the first.

    `handed_by` tells until when the boxes of a TPS must have been handed over at the end of this stage, where
    another one follows, and is told the same for the stage before [s from midnight].
    """
    problem, last_stage = day.case.problem, day.case.stage.target == "tps"
    back_by, found = problem.end_s, []
    for drive in reversed(day.drives):
        depart_s = sure(drive.depart_s)
        slack = [back_by - sure(drive.back_s)]
        for visit in drive.visits:
            kodes = [day.case.members[client] for client in visit.clients]
            if last_stage:
                slack.append(arrive_by_s(day.case.wave) - sure(visit.arrive_s))
            else:
                slack += [handed_by[kode] - sure(visit.done_s) for kode in kodes if kode in handed_by]
        found.append(depart_s + min(slack))
        back_by = found[-1] - problem.loading_s
    for drive, latest_s in zip(reversed(day.drives), found, strict=True):
        clients = (client for visit in drive.visits for client in visit.clients)
        handed_by |= {day.case.members[client]: latest_s - problem.loading_s for client in clients}
    return found[::-1]

"""Promises about people: how soon a Polsek is there, who sends whom, and that nobody is missing who could be sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from kaur_gis.judge.facts import UNREACHABLE, Broken, Facts
from kaur_gis.judge.rows import Row


def reactions(facts: Facts) -> Iterator[Broken]:
    """Each TPS is told its nearest Polsek, the way from there, and whether that is within the limit."""
    plan = facts.plan
    tempat = facts.rows.by_code(plan.inputs.tempat)
    polsek = sorted(kode for kode, row in tempat.items() if row["jenis"] == "polsek")
    found = facts.rows.by_code(plan.reactions)
    for kode in sorted(set(found) ^ (set(facts.tps) if polsek else set())):
        yield Broken(kode, int(kode in found), int(kode not in found))
    guard, weather = plan.inputs.operation.guard, plan.inputs.operation.weather.plan
    for kode in sorted(set(found) & set(facts.tps)) if polsek else []:
        ways = [(*facts.cell(guard.vehicle, weather, one, facts.tps[kode]["kode_stop"]), one) for one in polsek]
        ways = [way for way in ways if way[0] != UNREACHABLE]
        seconds, metres, nearest = min(ways, key=lambda way: (way[0], way[2]), default=(UNREACHABLE, UNREACHABLE, ""))
        within = nearest != "" and (guard.reaction_minutes is None or seconds <= 60 * guard.reaction_minutes)
        row = found[kode]
        said = (row["kode_polsek"], row["seconds"], row["metres"], row["in_time"])
        if said != (nearest, seconds, metres, within):
            yield Broken(kode, str(said), str((nearest, seconds, metres, within)))


def staffing(facts: Facts) -> Iterator[Broken]:
    """No post gets more officers than its pattern, no unit sends more than it has; each way is the matrix's."""
    plan = facts.plan
    layers = plan.inputs.personel, plan.posts, plan.inputs.tempat
    units, posts, tempat = (facts.rows.by_code(layer) for layer in layers)
    rows = facts.rows(plan.staffing)
    for by, have in (
        ("kode_satuan", {kode: row["petugas"] for kode, row in units.items()}),
        ("kode_post", {kode: row["officers"] for kode, row in posts.items()}),
    ):
        for kode, officers in sorted(_sums(rows, by).items()):
            if officers > have.get(kode, 0):
                yield Broken(kode, officers, f"<= {have.get(kode, 0)}")
    for row in rows:
        unit, code = units[row["kode_satuan"]], f"{row['kode_post']} {row['kode_satuan']}"
        home = posts[row["kode_post"]]["kode_kec"] in unit["menjaga"].split()
        wanted = (home, *_way(facts, unit, row["kode_post"]))
        if (row["home"], row["seconds"], row["metres"]) != wanted:
            yield Broken(code, f"{row['home']}, {row['seconds']} s, {row['metres']} m", str(wanted))
    yield from _strength(facts, rows, units, posts, tempat)


def nobody_idle(facts: Facts) -> Iterator[Broken]:
    """Nobody is missing at a post to whom an officer could be sent, not even if others change their posts."""
    units, posts = facts.rows.by_code(facts.plan.inputs.personel), facts.rows.by_code(facts.plan.posts)
    rows = facts.rows(facts.plan.staffing)
    sent, filled = _sums(rows, "kode_satuan"), _sums(rows, "kode_post")
    waiting = sorted(kode for kode, unit in units.items() if sent[kode] < unit["petugas"])
    seen_units, seen_posts = set(waiting), set[str]()
    while waiting:  # paths that fill a post by moving others: there are none where as few as can be are missing
        unit = units[waiting.pop()]
        for kode in sorted(set(posts) - seen_posts):
            if _way(facts, unit, kode)[0] == UNREACHABLE:
                continue
            seen_posts.add(kode)
            if filled[kode] < posts[kode]["officers"]:
                yield Broken(kode, filled[kode], posts[kode]["officers"])
            others = {row["kode_satuan"] for row in rows if row["kode_post"] == kode} - seen_units
            seen_units |= others
            waiting += sorted(others)


def _sums(rows: list[Row], by: str) -> Counter[str]:
    """Officers by unit or by post."""
    sums: Counter[str] = Counter()
    for row in rows:
        sums[row[by]] += row["officers"]
    return sums


def _way(facts: Facts, unit: Row, kode_post: str) -> tuple[int, int]:
    """Seconds and metres from the place of a unit to the first TPS of a post."""
    if kode_post not in facts.first_of:
        return UNREACHABLE, UNREACHABLE  # it guards nobody, as `guarded` says
    operation = facts.plan.inputs.operation
    stop = facts.tps[facts.first_of[kode_post]]["kode_stop"]
    return facts.cell(operation.guard.vehicle, operation.weather.plan, unit["kode_tempat"], stop)


def _strength(
    facts: Facts, rows: list[Row], units: dict[str, Row], posts: dict[str, Row], tempat: dict[str, Row]
) -> Iterator[Broken]:
    """Count again what is said of each kecamatan."""
    wanted: dict[str, Counter[str]] = {}
    for post in posts.values() if units else []:
        wanted.setdefault(post["kode_kec"], Counter())["needed"] += post["officers"]
    sent = _sums(rows, "kode_satuan")
    for kode, unit in units.items():
        here = wanted.setdefault(tempat[unit["kode_tempat"]]["kode_kec"], Counter())
        here["spare"] += unit["petugas"] - sent[kode]
    for row in rows:
        wanted[posts[row["kode_post"]]["kode_kec"]]["home" if row["home"] else "lent"] += row["officers"]
    found = facts.rows.by_code(facts.plan.strength)
    for kode in sorted({*wanted, *found}):
        count = wanted.get(kode, Counter())
        count["missing"] = count["needed"] - count["home"] - count["lent"]
        told = (
            {name: found[kode][name] for name in ("needed", "home", "lent", "missing", "spare")}
            if kode in found
            else {}
        )
        if kode not in wanted or told != {name: count[name] for name in ("needed", "home", "lent", "missing", "spare")}:
            yield Broken(kode, str(told), str(dict(sorted(count.items()))))

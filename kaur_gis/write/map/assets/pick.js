// What lies under a click, nearest first: marks within a finger's width, then routes, then the kecamatan.
function pickAt(map, model, state, point) {
  const view = viewOf(map, map.containerPointToLayerPoint([0, 0]), map.getSize());
  const r = radiusAt(view.zoom);
  const reach = (L.Browser.mobile ? 22 : 6) + r;
  const found = [];
  for (const stop of model.stops) {
    if (stop.tps.length && lookOf(model, state, stop)) found.push([Math.hypot(view.x(stop.x) - point.x, view.y(stop.y) - point.y), stop]);
  }
  if (state.tempat) {
    for (const { stop } of model.places) {
      const [x, y] = placePoint(view, stop, r);
      found.push([Math.hypot(x - point.x, y - point.y), stop]);
    }
  }
  for (const thing of thingsShown(model, state)) {
    if (thing.line.length === 2) found.push([Math.hypot(view.x(thing.line[0]) - point.x, view.y(thing.line[1]) - point.y), thing, "thing"]);
  }
  const near = found.filter(([distance]) => distance <= reach).sort((a, b) => a[0] - b[0]);
  if (near.length) return near.slice(0, 8).map(([, one, kind = "stop"]) => ({ kind, i: one.i }));
  const lines = [];
  const touch = (line) => distance2(line, view, point.x, point.y);
  for (const thing of thingsShown(model, state)) if (thing.line.length > 2) lines.push([touch(thing.line), "thing", thing.i]);
  for (const trip of model.trips) {
    if (tripShown(state, trip)) lines.push([Math.min(...trip.legs.map((leg) => touch(leg.line))), "trip", trip.i]);
  }
  const hit = lines.filter(([distance]) => distance <= (L.Browser.mobile ? 16 : 8) ** 2).sort((a, b) => a[0] - b[0]);
  if (hit.length) return hit.slice(0, 12).map(([, kind, i]) => ({ kind, i }));
  const at = map.containerPointToLatLng(point);
  const inside = new Map();
  model.rings.forEach((ring, n) => {
    if (holds(ring, worldX(at.lng), worldY(at.lat))) inside.set(model.data.ring_of[n], !inside.get(model.data.ring_of[n]));
  });
  return [...inside].filter(([, odd]) => odd).map(([k]) => ({ kind: "kec", i: k }));
}

function nameOf(model, tell, chosen) {
  return cardOf(model, tell, chosen, () => {}).title;
}

function boundsOf(box) {
  return L.latLngBounds(latLng(box[0], box[3]), latLng(box[2], box[1]));
}

// Bring what was chosen into the part of the view that the card leaves free.
function show(map, model, chosen, card) {
  const side = card.offsetWidth < map.getSize().x * 0.7;
  const options = {
    paddingTopLeft: [80, 40],
    paddingBottomRight: side ? [card.offsetWidth + 40, 40] : [40, Math.min(card.offsetHeight, 0.62 * map.getSize().y) + 20],
    maxZoom: 13,
    animate: false,
  };
  map.fitBounds(boundsOf(placeOf(model, chosen)), options);
}

function placeOf(model, { kind, i }) {
  if (kind === "trip") return model.trips[i].box;
  if (kind === "kec") return model.kecBoxes[i];
  if (kind === "thing") return model.things[i].box;
  const { x, y } = model.stops[i];
  return [x, y, x, y];
}

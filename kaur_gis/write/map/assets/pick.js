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
  const near = found.filter(([distance]) => distance <= reach).sort((a, b) => a[0] - b[0]);
  if (near.length) return near.slice(0, 8).map(([, stop]) => ({ kind: "stop", i: stop.i }));
  const routes = [];
  for (const trip of model.trips) {
    if (!tripShown(state, trip)) continue;
    const distance = Math.min(...trip.legs.map((leg) => distance2(leg.line, view, point.x, point.y)));
    if (distance <= (L.Browser.mobile ? 16 : 8) ** 2) routes.push([distance, trip]);
  }
  if (routes.length) return routes.sort((a, b) => a[0] - b[0]).slice(0, 12).map(([, trip]) => ({ kind: "trip", i: trip.i }));
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
  const stop = model.stops[chosen.i];
  const box = chosen.kind === "trip" ? model.trips[chosen.i].box : chosen.kind === "kec" ? model.kecBoxes[chosen.i] : [stop.x, stop.y, stop.x, stop.y];
  map.fitBounds(boundsOf(box), options);
}

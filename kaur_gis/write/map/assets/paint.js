// The painters: a base sheet (kecamatan, roads) and a top sheet (routes, marks, names).

const ROADS = [
  { width: [2.2, 5], colour: "#c2ab7f" },
  { width: [1.5, 3.5], colour: "#cfc5b0" },
  { width: [0.8, 1.6], colour: "#bdb5a6", dash: [4, 4] },
  { width: [0.8, 2.2], colour: "#d8d2c6" },
];

// Width from afar and from near, and shade; a lake is filled.
const WATERS = {
  pantai: { width: [1.2, 2], colour: "#4f7f9b" },
  sungai: { width: [1.1, 3.2], colour: "#7fb0cc" },
  anak_sungai: { width: [0.6, 1.8], colour: "#9cc3d8" },
  danau: { width: [0.8, 1.2], colour: "#7fb0cc" },
};
const LAKE = "#d3e7f1";

// Beyond the kecamatan nothing is known, neither sea nor land: it is hatched, not coloured.
function paintOutside(ctx, x, y, width, height) {
  ctx.save();
  ctx.beginPath();
  ctx.rect(x, y, width, height);
  ctx.clip();
  ctx.fillStyle = "#eeece7";
  ctx.fillRect(x, y, width, height);
  ctx.beginPath();
  for (let from = x - height; from < x + width; from += 8) {
    ctx.moveTo(from, y + height);
    ctx.lineTo(from + height, y);
  }
  ctx.setLineDash([]);
  ctx.lineWidth = 0.8;
  ctx.strokeStyle = "#cfcbc1";
  ctx.stroke();
  ctx.restore();
}

function paintBase(ctx, view, model, state) {
  const { data } = model;
  const online = state.online && state.tiles; // what lies below shows through
  ctx.clearRect(0, 0, view.width, view.height);
  if (!online) {
    paintOutside(ctx, 0, 0, view.width, view.height);
    ctx.beginPath();
    model.rings.forEach((line) => view.trace(ctx, line));
    ctx.fillStyle = "#fffefa";
    ctx.fill("evenodd");
  }
  if (state.filter.kec >= 0) {
    ctx.beginPath();
    model.rings.forEach((line, r) => data.ring_of[r] === state.filter.kec && view.trace(ctx, line));
    ctx.fillStyle = online ? "rgba(255,243,209,.5)" : "#fff3d1";
    ctx.fill("evenodd");
  }
  const t = Math.max(0, Math.min(1, (view.zoom - 9) / 6));
  if (state.water && !online) paintWaters(ctx, view, model, t);
  if (state.roads && !online) {
    for (const kind of [2, 3, 1, 0]) {
      ctx.beginPath();
      for (const road of model.roads) if (road.kind === kind && view.sees(road.box)) view.trace(ctx, road.line);
      const { width, colour, dash } = ROADS[kind];
      ctx.setLineDash(dash || []);
      ctx.lineWidth = width[0] + t * (width[1] - width[0]);
      ctx.strokeStyle = colour;
      ctx.stroke();
    }
  }
  ctx.setLineDash([]);
  if (state.kec) {
    ctx.beginPath();
    model.rings.forEach((line) => view.trace(ctx, line));
    ctx.setLineDash([9, 4, 2, 4]);
    ctx.lineWidth = 1.4;
    ctx.strokeStyle = "#6b6b6b";
    ctx.stroke();
    ctx.setLineDash([]);
  }
}

function paintWaters(ctx, view, model, t) {
  ctx.setLineDash([]);
  ctx.beginPath();
  for (const { line, box, area } of model.waters) if (area && view.sees(box)) view.trace(ctx, line);
  ctx.fillStyle = LAKE;
  ctx.fill("evenodd");
  for (const [jenis, { width, colour }] of Object.entries(WATERS)) {
    ctx.beginPath();
    for (const one of model.waters) if (one.jenis === jenis && view.sees(one.box)) view.trace(ctx, one.line);
    ctx.lineWidth = width[0] + t * (width[1] - width[0]);
    ctx.strokeStyle = colour;
    ctx.stroke();
  }
}

function radiusAt(zoom) {
  return zoom < 9.5 ? 4 : zoom < 10.5 ? 5 : zoom < 11.5 ? 7 : zoom < 12.5 ? 9 : 11;
}

function paintTop(ctx, view, model, state) {
  for (const trip of model.painted) if (tripShown(state, trip)) paintTrip(ctx, view, trip, state);
  const chosen = state.chosen;
  const things = thingsShown(model, state);
  for (const thing of things) if (thing.line.length > 2 && view.sees(thing.box)) paintThingLine(ctx, view, model.more[thing.l], thing, chosen);
  const taken = [];
  if (state.pos) paintPosts(ctx, view, model, state, taken);
  const r = radiusAt(view.zoom);
  const stops = [];
  for (const stop of model.stops) {
    const look = stop.tps.length ? lookOf(model, state, stop) : null;
    if (look) stops.push({ stop, look });
  }
  stops.sort((a, b) => a.look.kelas - b.look.kelas || a.stop.i - b.stop.i);
  const onTrip = chosen && chosen.kind === "trip" ? new Set(model.trips[chosen.i].legs.map((leg) => leg.to)) : null;
  const alphaOf = (stop) => ((onTrip ? onTrip.has(stop.i) : state.filter.kec < 0 || stop.kec === state.filter.kec) ? 1 : 0.25);
  const draw = ({ stop, look }) => {
    const x = view.x(stop.x);
    const y = view.y(stop.y);
    ctx.globalAlpha = alphaOf(stop);
    drawStop(ctx, x, y, r, look);
    const reach = look.sinyal ? ringRadius(r) : r;
    taken.push([x - reach, y - reach, x + reach, y + Math.max(reach, look.posisi ? r + 10 : 0)]);
  };
  if (onTrip) {
    stops.filter(({ stop }) => !onTrip.has(stop.i)).forEach(draw);
    ctx.globalAlpha = 1;
    paintChosenTrip(ctx, view, model, model.trips[chosen.i]);
  }
  stops.filter(({ stop }) => !onTrip || onTrip.has(stop.i)).forEach(draw);
  if (state.tempat) {
    for (const { stop } of model.places) {
      ctx.globalAlpha = alphaOf(stop);
      const [x, y] = placePoint(view, stop, r);
      drawPlace(ctx, x, y, Math.max(7, r), stop.kind);
      taken.push([x - r - 3, y - r - 3, x + r + 3, y + r + 3]);
    }
  }
  ctx.globalAlpha = 1;
  for (const thing of things) {
    if (thing.line.length > 2 || !view.sees(thing.box)) continue;
    const [x, y] = [view.x(thing.line[0]), view.y(thing.line[1])];
    drawThing(ctx, x, y, Math.max(7, r), model.more[thing.l]);
    if (isChosen(chosen, "thing", thing.i)) ringChosen(ctx, x, y, r + 11);
    taken.push([x - r - 3, y - r - 3, x + r + 3, y + r + 3]);
  }
  if (chosen && chosen.kind === "trip") paintNumbers(ctx, view, model, model.trips[chosen.i], r, taken);
  else if (state.filter.vehicle) model.trips.filter((trip) => tripShown(state, trip)).forEach((trip) => paintNumbers(ctx, view, model, trip, r, taken));
  if (chosen && chosen.kind === "stop") paintChosenStop(ctx, view, model.stops[chosen.i], r);
  if (state.clock) paintVehicles(ctx, view, model, state, taken);
  paintNames(ctx, view, model, state, r, taken);
}

// A place shares its point with its village's TPS: it stands above it, so that both can be seen and clicked.
function placePoint(view, stop, r) {
  return [view.x(stop.x), view.y(stop.y) - 2.3 * Math.max(5.5, r)];
}

function paintTrip(ctx, view, trip, state) {
  if (!view.sees(trip.box)) return;
  const faint = state.chosen && state.chosen.kind === "trip";
  ctx.globalAlpha = faint ? 0.25 : 1;
  ctx.beginPath();
  for (const leg of trip.legs) view.trace(ctx, leg.line);
  strokeTrip(ctx, trip, view.zoom > 11.5 ? 1 : view.zoom < 9.5 ? -0.8 : 0);
  if (view.zoom > 11.5 || state.filter.vehicle) for (const leg of trip.legs) drawArrows(ctx, view, leg.line, 130, "#12355b");
  ctx.globalAlpha = 1;
}

function isChosen(chosen, kind, i) {
  return Boolean(chosen) && chosen.kind === kind && chosen.i === i;
}

function paintThingLine(ctx, view, layer, thing, chosen) {
  ctx.beginPath();
  view.trace(ctx, thing.line);
  ctx.lineCap = "butt";
  strokeRoute(ctx, isChosen(chosen, "thing", thing.i) ? "#d00000" : "#111", layer.stroke, layer.dash);
  ctx.lineCap = "round";
}

function paintChosenTrip(ctx, view, model, trip) {
  ctx.beginPath();
  for (const leg of trip.legs) view.trace(ctx, leg.line);
  strokeRoute(ctx, "#000", 5, []);
  for (const leg of trip.legs) drawArrows(ctx, view, leg.line, 90, "#000");
}

function paintNumbers(ctx, view, model, trip, r, taken) {
  trip.legs.slice(0, -1).filter((leg) => leg.order).forEach((leg) => {
    const stop = model.stops[leg.to];
    const x = view.x(stop.x) + r + 9;
    const y = view.y(stop.y) + r + 5;
    ctx.beginPath();
    ctx.arc(x, y, 9, 0, 2 * Math.PI);
    ctx.fillStyle = "#000";
    ctx.fill();
    ctx.lineWidth = 2;
    ctx.strokeStyle = "#fff";
    ctx.stroke();
    write(ctx, String(leg.order), x, y, "#fff");
    taken.push([x - 10, y - 10, x + 10, y + 10]);
  });
}

function paintChosenStop(ctx, view, stop, r) {
  const x = view.x(stop.x);
  const y = stop.tps.length ? view.y(stop.y) : placePoint(view, stop, r)[1];
  ringChosen(ctx, x, y, r + 11);
}

function ringChosen(ctx, x, y, r) {
  for (const [width, colour] of [[7, "#fff"], [4, "#d00000"]]) {
    ctx.beginPath();
    ctx.arc(x, y, r, 0, 2 * Math.PI);
    ctx.lineWidth = width;
    ctx.strokeStyle = colour;
    ctx.stroke();
  }
}

function paintPosts(ctx, view, model, state, taken) {
  const { posts } = model.data;
  const officers = new Map();
  model.groups.forEach((stops, p) => {
    const shown = stops.map((s) => model.stops[s]).filter((stop) => stop.tps.some((t) => state.tpsOn[t]));
    if (!shown.length) return;
    ctx.beginPath();
    shown.forEach((stop, n) => (n ? ctx.lineTo(view.x(stop.x), view.y(stop.y)) : ctx.moveTo(view.x(stop.x), view.y(stop.y))));
    if (shown.length > 1) strokeRoute(ctx, "#000", 1.6, [1, 4]);
    officers.set(shown[0], (officers.get(shown[0]) || 0) + posts.officers[p]);
  });
  const r = radiusAt(view.zoom);
  for (const [stop, count] of officers) {
    const [x, y] = [view.x(stop.x) - r - 8, view.y(stop.y) + r + 6];
    shield(ctx, x, y, 8, String(count));
    taken.push([x - 9, y - 9, x + 9, y + 11]);
  }
}

function shield(ctx, x, y, r, text) {
  ctx.beginPath();
  ctx.moveTo(x - r, y - r);
  ctx.lineTo(x + r, y - r);
  ctx.lineTo(x + r, y + 0.3 * r);
  ctx.lineTo(x, y + 1.3 * r);
  ctx.lineTo(x - r, y + 0.3 * r);
  ctx.closePath();
  ctx.fillStyle = "#fff";
  ctx.fill();
  ctx.lineWidth = 1.6;
  ctx.strokeStyle = "#000";
  ctx.stroke();
  write(ctx, text, x, y - 0.5, "#000");
}

// Every vehicle first, then their names, where no mark is; from near over marks rather than not at all.
function paintVehicles(ctx, view, model, state, taken) {
  const shown = [];
  for (const trip of model.trips) {
    if (trip.wave !== state.clock.wave || !tripShown(state, trip)) continue;
    const at = whereAt(model, trip, state.clock.second);
    if (!at) continue;
    const [x, y] = [view.x(at[0]), view.y(at[1])];
    drawVehicle(ctx, x, y);
    taken.push([x - 9, y - 16, x + 9, y + 1]);
    shown.push({ x, y, text: model.data.trips.vehicle[trip.i] });
  }
  ctx.font = "bold 11px system-ui, sans-serif";
  const named = [];
  for (const { x, y, text } of shown) {
    const half = ctx.measureText(text).width / 2;
    const boxes = [[x, y - 24], [x + half + 12, y - 8], [x - half - 12, y - 8], [x, y + 9]].map(([cx, cy]) => [cx - half, cy - 7, cx + half, cy + 7]);
    const free = (among) => boxes.find((box) => !among.some((other) => meet(box, other)));
    const box = free(taken) || (view.zoom > 10 && free(named));
    if (!box) continue;
    halo(ctx, text, box[0] + half, box[1] + 7, "#a00000");
    taken.push(box);
    named.push(box);
  }
}

function paintNames(ctx, view, model, state, r, taken) {
  const { kec, desa } = model.data;
  taken.push(...view.covered);
  const [left, upper, right, lower] = view.frame;
  const put = (text, places, font, colour) => {
    ctx.font = font;
    const width = ctx.measureText(text).width;
    for (const [wished, cy] of places(width)) {
      if (wished < left || wished > right || cy - 7 < upper || cy + 7 > lower) continue;
      const cx = Math.max(left + width / 2 + 4, Math.min(right - width / 2 - 4, wished)); // whole, or not at all
      const box = [cx - width / 2 - 2, cy - 7, cx + width / 2 + 2, cy + 7];
      if (taken.some((other) => meet(box, other))) continue;
      taken.push(box);
      halo(ctx, text, cx, cy, colour);
      return [cx, cy];
    }
    return null;
  };
  if (state.kec) {
    kec.nama.forEach((nama, k) => {
      const x = view.x(model.labels[2 * k]);
      const y = view.y(model.labels[2 * k + 1]);
      const around = [[x, y], [x, y - 18], [x, y + 18], [x, y - 36], [x, y + 36]];
      const at = put(cut(nama).toUpperCase(), () => around, "600 12px system-ui, sans-serif", "#4a4a4a");
      if (at && state.totals) put(`${kec.n_tps[k]} TPS`, () => [[at[0], at[1] + 14]], "11px system-ui, sans-serif", "#4a4a4a");
    });
  }
  if (state.desa && view.zoom > 10.5) {
    desa.nama.forEach((nama, d) => {
      const x = view.x(model.desaAt[2 * d]);
      const y = view.y(model.desaAt[2 * d + 1]);
      const off = r + 11;
      put(
        cut(nama),
        (width) => [[x + off + width / 2, y], [x - off - width / 2, y], [x, y + off + 6], [x, y - off - 6]],
        "12px system-ui, sans-serif",
        "#222",
      );
    });
  }
  if (state.water && view.zoom > 10.5) paintWaterNames(view, model, put);
  if (state.peaks && view.zoom > 9.5) paintPeaks(ctx, view, model, put, taken);
}

// The highest first; a hill whose name has no room is not drawn: a mark without a name helps nobody.
function paintPeaks(ctx, view, model, put, taken) {
  for (const peak of model.peaks) {
    const [x, y] = [view.x(peak.x), view.y(peak.y)];
    const mark = [x - 7, y - 6, x + 7, y + 6];
    if (taken.some((other) => meet(mark, other))) continue;
    taken.push(mark);
    const around = (width) => [[x + 10 + width / 2, y], [x - 10 - width / 2, y], [x, y + 14], [x, y - 14]];
    const text = [cut(peak.nama), peak.elevasi].filter(Boolean).join(" ");
    if (put(text, around, "italic 11px system-ui, sans-serif", PEAK)) drawPeak(ctx, x, y);
    else taken.pop();
  }
}

// Each name once, at the middle of its longest line in view.
function paintWaterNames(view, model, put) {
  const { nama, jenis } = model.data.water;
  const longest = new Map();
  for (const { line, box, of } of model.waters) {
    if (!nama[of] || jenis[of] === "anak_sungai" || !view.sees(box)) continue;
    const before = longest.get(nama[of]);
    if (!before || before.length < line.length) longest.set(nama[of], line);
  }
  for (const [name, line] of longest) {
    const middle = 2 * Math.floor(line.length / 4);
    const [x, y] = [view.x(line[middle]), view.y(line[middle + 1])];
    put(cut(name), () => [[x, y], [x, y - 12], [x, y + 12]], "italic 11px system-ui, sans-serif", "#2b5d7b");
  }
}

function cut(text) {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}

function halo(ctx, text, x, y, colour) {
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.lineWidth = 3.5;
  ctx.strokeStyle = "rgba(255,255,255,.92)";
  ctx.strokeText(text, x, y);
  ctx.fillStyle = colour;
  ctx.fillText(text, x, y);
}

function meet(a, b) {
  return a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];
}

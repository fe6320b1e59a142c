// The panel: figures, layers with their legend, routes, time, kecamatan, notices.

function panelOf(model, tell, state, { redraw, go, fit, bar }) {
  const drives = model.trips.length > 0;
  return [
    model.data.lead && leadOf(model.data.lead),
    section("filter", tell.say("filter"), false, filterOf(model, tell, state, redraw, fit)),
    section("layers", tell.say("layers"), true, layersOf(model, tell, state, redraw)),
    section("summary", tell.say("summary"), false, facts(model.data.figures), chartOf(model, tell, go)),
    drives && section("routes", tell.say("routes"), false, routesOf(model, tell, go)),
    drives && section("time", tell.say("time"), false, clockOf(model, tell, state, redraw, bar)),
    section("print", tell.say("print"), false, printOf(model, tell, state)),
    section("notices", tell.say("notices"), false, make("ul", {}, model.data.notices.map((line) => make("li", {}, line)))),
  ];
}

function section(name, title, open, ...content) {
  return make("details", { class: "section", open, "data-section": name }, make("summary", {}, make("h2", {}, title)), make("div", {}, ...content));
}

// What a map that answers a question of its own says first.
function leadOf([heading, heads, rows, notes]) {
  const row = (tag, cells) => make("tr", {}, cells.map((cell) => make(tag, {}, tag === "th" ? make("span", {}, cell) : cell)));
  return section(
    "lead",
    heading,
    true,
    make("div", { class: "wide" }, make("table", { class: "lead" }, make("thead", {}, row("th", heads)), make("tbody", {}, rows.map((cells) => row("td", cells))))),
    notes.map((note) => make("p", { class: "hint" }, note)),
  );
}

function toggle(label, mark, on, change, props = {}) {
  const input = make("input", { type: "checkbox", checked: on, onchange: () => change(input.checked), ...props });
  return make("label", { class: "toggle" }, input, mark, make("span", {}, label));
}

function layersOf(model, tell, state, redraw) {
  const { data } = model;
  const stop = (look) =>
    sample((ctx, x, y) => drawStop(ctx, x, look.posisi ? y - 4 : y, 8, { kelas: model.classed ? 0 : -1, count: 1, ...look }), 38, look.posisi ? 36 : 32);
  const flag = (name, mark) =>
    toggle(tell.say(`layer_${name}`), mark, state[name], (on) => ((state[name] = on), redraw()), { "data-layer": name });
  const kinds = [...new Set(model.places.map(({ stop }) => stop.kind))];
  const several = make("p", { class: "hint" }, stop({ count: 3 }), tell.say(model.classed ? "several" : "several_plain"));
  return [
    make("h3", {}, tell.say(model.classed ? "layer_tps" : "layer_tps_plain")),
    model.classed &&
      KELAS.map((kelas, k) =>
        toggle(tell.term(kelas), stop({ kelas: k }), state.kelas[k], (on) => ((state.kelas[k] = on), redraw()), { "data-layer": kelas }),
      ),
    several,
    flag("sinyal", make("span", {}, stop({ sinyal: "tidak_ada" }), stop({ sinyal: "lemah" }))),
    flag("akses", stop({ sulit: true })),
    flag("posisi", make("span", {}, POSISI.map((posisi) => stop({ posisi })).reverse())),
    data.tps.unserved && data.tps.unserved.some(Boolean) && make("p", { class: "hint" }, stop({ unserved: true }), tell.say("unserved_mark")),
    data.posts.kode.length > 0 && flag("pos", sample((ctx, x, y) => shield(ctx, x, y - 2, 8, "2"), 34, 30)),
    make("h3", {}, tell.say("layer_places")),
    toggle(kinds.map(tell.term).join(", "), make("span", {}, kinds.map((kind) => sample((ctx, x, y) => drawPlace(ctx, x, y + 1, 8, kind), 30, 30))), state.tempat, (on) => ((state.tempat = on), redraw()), { "data-layer": "tempat" }),
    state.routes.length > 0 && make("h3", {}, tell.say("layer_routes")),
    state.routes.map((one) =>
      toggle(
        routeName(model, one),
        sampleLine((ctx) => strokeTrip(ctx, one), 52),
        one.on,
        (on) => ((one.on = on), redraw()),
        { "data-layer": `route-${one.stage}-${one.wave}-${data.trips.fleets[one.fleet][0]}` },
      ),
    ),
    model.more.length > 0 && make("h3", {}, tell.say("layer_more")),
    model.more.map((layer) => toggle(layer.label, sampleThing(layer), state.more[layer.l], (on) => ((state.more[layer.l] = on), redraw()), { "data-layer": layer.key })),
    make("h3", {}, tell.say("layer_base")),
    data.online && flag("online", make("span", { class: "aa", "aria-hidden": "true" }, "www")),
    flag("kec", sampleKec()),
    flag("totals", make("span", { class: "aa", "aria-hidden": "true" }, "9 TPS")),
    flag("desa", make("span", { class: "aa", "aria-hidden": "true" }, "Aa")),
    flag("roads", sampleLine((ctx) => strokeRoute(ctx, ROADS[0].colour, 3, []))),
    model.waters.length > 0 && flag("water", sampleLine((ctx) => ((ctx.strokeStyle = WATERS.sungai.colour), (ctx.lineWidth = 2.5), ctx.stroke()))),
    model.peaks.length > 0 && flag("peaks", sample((ctx, x, y) => drawPeak(ctx, x, y), 30, 30)),
    make("p", { class: "hint" }, sampleOutside(), tell.say("layer_outside")),
  ];
}

// Marks, lines or both, as the layer has them.
function sampleThing(layer) {
  const has = (what) => layer.at.some(what);
  const line = sampleLine((ctx) => ((ctx.lineCap = "butt"), strokeRoute(ctx, "#111", layer.stroke, layer.dash)), 34);
  const mark = sample((ctx, x, y) => drawThing(ctx, x, y, 8, layer), 30, 30);
  return make("span", {}, has((at) => at.length === 2) && mark, has((at) => at.length > 2) && line);
}

function routeName({ data }, { stage, wave, fleet }) {
  return `${data.trips.stages[stage]} · ${data.trips.waves[wave][0]} · ${data.trips.fleets[fleet][1]}`;
}

function sampleKec() {
  return sample((ctx, x, y) => {
    ctx.setLineDash([9, 4, 2, 4]);
    ctx.lineWidth = 1.6;
    ctx.strokeStyle = "#6b6b6b";
    ctx.strokeRect(5, 5, 2 * x - 10, 2 * y - 10);
  });
}

function sampleOutside() {
  return sample((ctx, x, y) => {
    paintOutside(ctx, 3, 4, 2 * x - 6, 2 * y - 8);
    ctx.lineWidth = 1;
    ctx.strokeStyle = "#6b6b6b";
    ctx.strokeRect(3, 4, 2 * x - 6, 2 * y - 8);
  });
}

// A choice that filters; every one narrows what the others leave.
function filterOf(model, tell, state, redraw, fit) {
  const { kec, trips } = model.data;
  const told = make("output", { id: "filter-told" });
  const controls = [];
  const changed = () => {
    applyFilter(model, state);
    const shown = state.tpsOn.filter(Boolean).length;
    const values = { n: shown, all: state.tpsOn.length, trips: state.tripOn.filter(Boolean).length };
    told.textContent = tell.say(model.trips.length ? "filter_told" : "filter_told_plain", values);
    remember(model, state);
    redraw();
  };
  const choice = (name, none, options, groups = [[null, options]]) => {
    const select = make(
      "select",
      { id: `filter-${name}`, onchange: () => ((state.filter[name] = typeof none === "number" ? Number(select.value) : select.value), changed(), name === "kec" && fit(state.filter.kec)) },
      make("option", { value: none }, tell.say("all")),
      groups.map(([label, mine]) => {
        const made = mine.map(([value, text]) => make("option", { value }, text));
        return label ? make("optgroup", { label }, made) : made;
      }),
    );
    controls.push(() => (select.value = String(state.filter[name])));
    return make("label", { class: "field", for: `filter-${name}` }, tell.say(`filter_${name}`), select);
  };
  const vehicles = trips.fleets.map(([, name], f) => {
    const mine = new Set(model.trips.filter((trip) => trip.fleet === f).map((trip) => trips.vehicle[trip.i]));
    return [name, [...mine].sort().map((vehicle) => [vehicle, vehicle])];
  });
  // what was set by an address or a button shows in the controls too
  state.filterShown = () => (controls.forEach((set) => set()), changed());
  return [
    choice("kec", -1, kec.nama.map((nama, k) => [k, nama])),
    model.classed && choice("kelas", -1, KELAS.map((kelas, k) => [k, tell.term(kelas)])),
    trips.waves.length > 0 && choice("wave", -1, trips.waves.map(([name, day], w) => [w, `${name} ${day}`])),
    trips.waves.length > 0 && choice("vehicle", "", [], vehicles),
    told,
    button(tell.say("filter_clear"), () => (Object.assign(state.filter, { kec: -1, kelas: -1, wave: -1, vehicle: "" }), state.filterShown(), fit(-1)), { class: "action", id: "filter-clear" }),
  ];
}

// A bar for each kecamatan: its TPS, by class where classes are told.
function chartOf(model, tell, go) {
  const { kec } = model.data;
  const most = Math.max(1, ...kec.n_tps);
  const bar = (k) =>
    sample((ctx, x) => {
      let from = 0;
      const parts = model.classed && kec.pos ? KELAS.map((kelas, c) => [kec[kelas][k], FILL[c]]) : [[kec.n_tps[k], "#8795a5"]];
      for (const [count, fill] of parts) {
        const width = (count / most) * 2 * x;
        ctx.fillStyle = fill;
        ctx.fillRect(from, 2, width, 12);
        ctx.lineWidth = 1;
        ctx.strokeStyle = "#000";
        if (width) ctx.strokeRect(from + 0.5, 2.5, Math.max(0, width - 1), 11);
        from += width;
      }
    }, 120, 16);
  return [
    make("h3", {}, tell.say("chart")),
    model.classed && kec.pos && make("p", { class: "hint" }, tell.say("bar_hint")),
    kec.nama.map((nama, k) =>
      button([make("span", { class: "name" }, nama), bar(k), make("span", { class: "count" }, tell.number(kec.n_tps[k]))], () => go({ kind: "kec", i: k }), { class: "row bar", "data-kec": kec.kode[k] }),
    ),
  ];
}

function routesOf(model, tell, go) {
  const groups = new Map();
  for (const trip of model.trips) {
    const key = `${model.data.trips.stages[trip.stage]} · ${model.stops[trip.base].nama}`;
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(trip);
  }
  return [...groups].map(([key, trips]) =>
    make("details", { class: "group" }, make("summary", {}, `${key} (${trips.length})`), trips.map((trip) => tripButton(model, tell, trip, go))),
  );
}

// On a phone the panel hides the map: there the time moves on `bar`, too, which lies on the map.
function clockOf(model, tell, state, redraw, bar) {
  const { trips } = model.data;
  const spans = trips.waves.map((_, w) => {
    const mine = model.trips.filter((trip) => trip.wave === w).map((trip) => trip.i);
    return [Math.min(...mine.map((i) => trips.depart[i])), Math.max(...mine.map((i) => trips.back[i]))];
  });
  const wave = make("select", { id: "clock-wave", onchange: () => set() }, trips.waves.map(([name, day], w) => make("option", { value: w }, `${name} ${day}`)));
  const slider = make("input", { type: "range", id: "clock", step: 60, oninput: () => move() });
  const told = make("output", { for: "clock" });
  const again = make("input", { type: "range", id: "clock-bar", step: 60, "aria-label": tell.say("clock_at"), oninput: () => ((slider.value = again.value), move()) });
  const onMap = make("output", { for: "clock-bar" });
  const mark = () => sample((ctx, x, y) => drawVehicle(ctx, x, y + 7), 22, 24);
  bar.append(mark(), onMap, again);
  bar.setAttribute("aria-label", tell.say("time"));
  const shown = make("input", { type: "checkbox", id: "clock-on", onchange: () => move() });
  const set = () => {
    for (const range of [slider, again]) {
      [range.min, range.max] = spans[wave.value].map((second) => 60 * Math.floor(second / 60));
      range.value = range.min;
    }
    move();
  };
  const move = () => {
    state.clock = shown.checked ? { wave: Number(wave.value), second: Number(slider.value) } : null;
    const under = model.trips.filter((trip) => trip.wave === Number(wave.value) && whereAt(model, trip, Number(slider.value)));
    told.textContent = tell.say("clock_told", { at: tell.clock(Number(slider.value)), n: under.length });
    onMap.textContent = `${trips.waves[wave.value][0]} · ${told.textContent}`;
    again.value = slider.value;
    bar.hidden = !shown.checked;
    for (const range of [slider, again]) range.setAttribute("aria-valuetext", tell.clock(Number(slider.value)));
    redraw();
  };
  slider.addEventListener("input", () => ((shown.checked = true), move()));
  queueMicrotask(set);
  return [
    make("label", { class: "toggle" }, shown, mark(), make("span", {}, tell.say("clock_show"))),
    make("label", { class: "field", for: "clock-wave" }, tell.say("clock_wave"), wave),
    make("label", { class: "field", for: "clock" }, tell.say("clock_at"), slider),
    told,
    make("p", { class: "hint" }, tell.say("clock_hint")),
  ];
}

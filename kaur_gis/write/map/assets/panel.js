// The panel: figures, layers with their legend, routes, time, kecamatan, notices.

function panelOf(model, tell, state, redraw, go) {
  return [
    section(tell.say("layers"), true, layersOf(model, tell, state, redraw)),
    section(tell.say("summary"), false, summaryOf(model, tell)),
    section(tell.say("kecamatan"), false, kecamatanOf(model, tell, state, redraw, go)),
    model.trips.length > 0 && section(tell.say("routes"), false, routesOf(model, tell, go)),
    model.trips.length > 0 && section(tell.say("time"), false, clockOf(model, tell, state, redraw)),
    section(tell.say("notices"), false, make("ul", {}, model.data.notices.map((line) => make("li", {}, line)))),
  ];
}

function section(title, open, ...content) {
  return make("details", { class: "section", open }, make("summary", {}, make("h2", {}, title)), make("div", {}, ...content));
}

function toggle(label, mark, on, change, props = {}) {
  const input = make("input", { type: "checkbox", checked: on, onchange: () => change(input.checked), ...props });
  return make("label", { class: "toggle" }, input, mark, make("span", {}, label));
}

function layersOf(model, tell, state, redraw) {
  const { data } = model;
  const stop = (look) => sample((ctx, x, y) => drawStop(ctx, x, y, 8, { kelas: 0, count: 1, ...look }), 38, 32);
  const flag = (name, mark) =>
    toggle(tell.say(`layer_${name}`), mark, state[name], (on) => ((state[name] = on), redraw()), { "data-layer": name });
  return [
    make("h3", {}, tell.say("layer_tps")),
    KELAS.map((kelas, k) =>
      toggle(tell.term(kelas), stop({ kelas: k }), state.kelas[k], (on) => ((state.kelas[k] = on), redraw()), { "data-layer": kelas }),
    ),
    make("p", { class: "hint" }, stop({ kelas: 0, count: 3 }), tell.say("several")),
    flag("sinyal", make("span", {}, stop({ sinyal: "tidak_ada" }), stop({ sinyal: "lemah" }))),
    flag("akses", stop({ sulit: true })),
    data.tps.unserved.some(Boolean) && make("p", { class: "hint" }, stop({ unserved: true }), tell.say("unserved_mark")),
    flag("pos", sample((ctx, x, y) => shield(ctx, x, y - 2, 8, "2"), 34, 30)),
    flag("tempat", make("span", {}, ["gudang", "ppk"].map((kind) => sample((ctx, x, y) => drawPlace(ctx, x, y + 1, 8, kind), 30, 30)))),
    state.routes.length > 0 && make("h3", {}, tell.say("layer_routes")),
    state.routes.map((one) =>
      toggle(
        `${data.trips.stages[one.stage]} · ${data.trips.waves[one.wave][0]} · ${data.trips.fleets[one.fleet][1]}`,
        sampleLine((ctx) => strokeTrip(ctx, one), 52),
        one.on,
        (on) => ((one.on = on), redraw()),
        { "data-layer": `route-${one.stage}-${one.wave}-${data.trips.fleets[one.fleet][0]}` },
      ),
    ),
    make("h3", {}, tell.say("layer_base")),
    flag("kec", sampleKec()),
    flag("desa", make("span", { class: "aa", "aria-hidden": "true" }, "Aa")),
    flag("roads", sampleLine((ctx) => strokeRoute(ctx, ROADS[0].colour, 3, []))),
    make("p", { class: "hint" }, sampleOutside(), tell.say("layer_outside")),
  ];
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
    ctx.fillStyle = outside(ctx);
    ctx.fillRect(3, 4, 2 * x - 6, 2 * y - 8);
    ctx.lineWidth = 1;
    ctx.strokeStyle = "#6b6b6b";
    ctx.strokeRect(3, 4, 2 * x - 6, 2 * y - 8);
  });
}

function summaryOf(model, tell) {
  return facts(model.data.figures);
}

function kecamatanOf(model, tell, state, redraw, go) {
  const { kec } = model.data;
  const most = Math.max(1, ...kec.n_tps);
  const only = make(
    "select",
    { id: "only-kec", onchange: () => ((state.onlyKec = Number(only.value)), redraw(), go(state.onlyKec < 0 ? null : { kind: "kec", i: state.onlyKec })) },
    make("option", { value: "-1" }, tell.say("all")),
    kec.nama.map((nama, k) => make("option", { value: k }, nama)),
  );
  const bar = (k) =>
    sample((ctx, x) => {
      let from = 0;
      KELAS.forEach((kelas, c) => {
        const width = (kec[kelas][k] / most) * 2 * x;
        ctx.fillStyle = FILL[c];
        ctx.fillRect(from, 2, width, 12);
        ctx.lineWidth = 1;
        ctx.strokeStyle = "#000";
        if (width) ctx.strokeRect(from + 0.5, 2.5, Math.max(0, width - 1), 11);
        from += width;
      });
    }, 120, 16);
  return [
    make("label", { class: "field", for: "only-kec" }, tell.say("only_kec"), only),
    make("p", { class: "hint" }, tell.say("bar_hint")),
    kec.nama.map((nama, k) => {
      const row = button([make("span", { class: "name" }, nama), bar(k), make("span", { class: "count" }, tell.number(kec.n_tps[k]))], () => go({ kind: "kec", i: k }), { class: "row bar" });
      row.dataset.kec = kec.kode[k];
      return row;
    }),
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

function clockOf(model, tell, state, redraw) {
  const { trips } = model.data;
  const spans = trips.waves.map((_, w) => {
    const mine = model.trips.filter((trip) => trip.wave === w).map((trip) => trip.i);
    return [Math.min(...mine.map((i) => trips.depart[i])), Math.max(...mine.map((i) => trips.back[i]))];
  });
  const wave = make("select", { id: "clock-wave", onchange: () => set() }, trips.waves.map(([name, day], w) => make("option", { value: w }, `${name} ${day}`)));
  const slider = make("input", { type: "range", id: "clock", step: 60, oninput: () => move() });
  const told = make("output", { for: "clock" });
  const shown = make("input", { type: "checkbox", id: "clock-on", onchange: () => move() });
  const set = () => {
    [slider.min, slider.max] = spans[wave.value].map((second) => 60 * Math.round(second / 60));
    slider.value = slider.min;
    move();
  };
  const move = () => {
    state.clock = shown.checked ? { wave: Number(wave.value), second: Number(slider.value) } : null;
    const under = model.trips.filter((trip) => trip.wave === Number(wave.value) && whereAt(model, trip, Number(slider.value)));
    told.textContent = tell.say("clock_told", { at: tell.clock(Number(slider.value)), n: under.length });
    slider.setAttribute("aria-valuetext", tell.clock(Number(slider.value)));
    redraw();
  };
  slider.addEventListener("input", () => ((shown.checked = true), move()));
  queueMicrotask(set);
  return [
    make("label", { class: "toggle" }, shown, make("span", {}, tell.say("clock_show"))),
    make("label", { class: "field", for: "clock-wave" }, tell.say("clock_wave"), wave),
    make("label", { class: "field", for: "clock" }, tell.say("clock_at"), slider),
    told,
    make("p", { class: "hint" }, tell.say("clock_hint")),
  ];
}

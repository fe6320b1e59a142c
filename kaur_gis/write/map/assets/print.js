// Paper: the map of one kecamatan, or of all, with its legend and its table, on A4 or A3.

const MM = 96 / 25.4; // a millimetre of paper [CSS pixel]
const PAPERS = { a4: [210, 297], a3: [297, 420] };
const MARGIN = 8;

function printOf(model, tell, state) {
  const { kec } = model.data;
  state.paper = { kec: -1, size: "a4" };
  const place = make("select", { id: "print-kec", onchange: () => (state.paper.kec = Number(place.value)) }, make("option", { value: -1 }, tell.say("print_all")), kec.nama.map((nama, k) => make("option", { value: k }, nama)));
  const size = make("select", { id: "print-size", onchange: () => (state.paper.size = size.value) }, Object.keys(PAPERS).map((name) => make("option", { value: name }, name.toUpperCase())));
  return [
    make("label", { class: "field", for: "print-kec" }, tell.say("kecamatan"), place),
    make("label", { class: "field", for: "print-size" }, tell.say("print_size"), size),
    button(tell.say("print_now"), () => window.print(), { class: "action", id: "print-now" }),
    make("p", { class: "hint" }, tell.say("print_hint")),
  ];
}

// The browser's own print command does the same: the page is laid out for paper while it prints.
function printer(map, model, tell, state, root, redraw) {
  let back = null;
  const enter = () => {
    if (back) back();
    const { size } = state.paper;
    const kec = state.paper.kec < 0 ? state.filter.kec : state.paper.kec;
    const box = paperBox(model, kec);
    const [short, long] = PAPERS[size];
    const across = box[2] - box[0] > box[3] - box[1];
    const [width, height] = (across ? [long, short] : [short, long]).map((side) => side - 2 * MARGIN);
    const filter = { ...state.filter };
    const [centre, zoom] = [map.getCenter(), map.getZoom()];
    const name = `${size}${across ? "l" : "p"}`;
    state.filter.kec = kec;
    applyFilter(model, state);
    const head = make("h2", { class: "paper-head" }, kec < 0 ? tell.say("print_all") : `${tell.say("kecamatan")} ${model.data.kec.nama[kec]}`);
    const tail = make("section", { class: "paper-tail" }, paperLegend(model, tell, state), paperTable(model, tell, state));
    const main = map.getContainer().parentElement;
    main.before(head);
    main.after(tail);
    root.classList.add("paper", name);
    root.style.width = `${width * MM}px`;
    const legend = tail.firstElementChild.offsetHeight;
    main.style.height = `${Math.max(60 * MM, height * MM - main.offsetTop - legend - 8)}px`;
    map.invalidateSize({ animate: false });
    map.fitBounds(boundsOf(box), { padding: [12, 12], animate: false });
    redraw();
    back = () => {
      back = null;
      root.classList.remove("paper", name);
      root.style.width = main.style.height = "";
      head.remove();
      tail.remove();
      Object.assign(state.filter, filter);
      applyFilter(model, state);
      map.invalidateSize({ animate: false });
      map.setView(centre, zoom, { animate: false });
      redraw();
    };
  };
  window.addEventListener("beforeprint", enter);
  window.addEventListener("afterprint", () => back && back());
}

// The TPS with room around them: a kecamatan may be mostly forest.
function paperBox(model, kec) {
  const mine = model.stops.filter((stop) => stop.tps.length && (kec < 0 || stop.kec === kec));
  const box = mine.length ? boxAround(mine.map(({ x, y }) => [x, y, x, y])) : model.kecBoxes[kec];
  const room = 0.12 * Math.max(box[2] - box[0], box[3] - box[1], 2e-5);
  return [box[0] - room, box[1] - room, box[2] + room, box[3] + room];
}

function paperLegend(model, tell, state) {
  const stop = (look) => sample((ctx, x, y) => drawStop(ctx, x, y, 7, { kelas: model.classed ? 0 : -1, count: 1, ...look }), 32, 28);
  const kinds = [...new Set(model.places.map(({ stop: place }) => place.kind))];
  const item = (mark, text) => make("span", { class: "key" }, mark, text);
  return make(
    "div",
    { class: "paper-legend" },
    model.classed ? KELAS.map((kelas, k) => item(stop({ kelas: k }), tell.term(kelas))) : item(stop({}), "TPS"),
    state.sinyal && [item(stop({ sinyal: "tidak_ada" }), tell.say("no_signal")), item(stop({ sinyal: "lemah" }), tell.say("weak_signal"))],
    state.akses && item(stop({ sulit: true }), tell.say("layer_akses")),
    state.pos && item(sample((ctx, x, y) => shield(ctx, x, y - 2, 8, "2"), 28, 28), tell.say("layer_pos")),
    state.tempat && kinds.map((kind) => item(sample((ctx, x, y) => drawPlace(ctx, x, y + 1, 7, kind), 28, 28), tell.term(kind))),
    model.more.filter(({ l }) => state.more[l]).map((layer) => item(sampleThing(layer), layer.label)),
    state.routes.filter((one) => one.on).map((one) => item(sampleLine((ctx) => strokeTrip(ctx, one), 44), routeName(model, one))),
  );
}

function paperTable(model, tell, state) {
  const { tps, desa, kec } = model.data;
  const heads = ["kode", "kecamatan", "desa", "tps", "pemilih", "kotak", model.classed && "kerawanan", "sinyal", "akses", model.trips.length && "tiba", tps.post && "pos"];
  const row = (t) => {
    const stop = model.stops[tps.stop[t]];
    return [
      tps.kode[t],
      kec.nama[stop.kec],
      desa.nama[tps.desa[t]],
      tps.no[t],
      tell.number(tps.pemilih[t]),
      tps.kotak[t],
      model.classed && tell.term(tps.kerawanan[t]),
      tell.term(tps.sinyal[t]),
      tell.term(tps.akses[t]),
      model.trips.length > 0 && arrivalOf(model, tell, t),
      tps.post && (tps.post[t] < 0 ? "" : model.data.posts.kode[tps.post[t]]),
    ];
  };
  const cells = (tag, texts) => make("tr", {}, texts.filter((text) => text !== false && text !== undefined && text !== 0).map((text) => make(tag, {}, String(text))));
  const shown = tps.kode.map((_, t) => t).filter((t) => state.tpsOn[t]);
  return make("table", {}, make("thead", {}, cells("th", heads.filter(Boolean).map((head) => tell.say(head)))), make("tbody", {}, shown.map((t) => cells("td", row(t)))));
}

function arrivalOf(model, tell, t) {
  if (model.data.tps.unserved[t]) return tell.say("unserved_because", { reason: tell.term(model.data.tps.unserved[t]) });
  for (const trip of model.trips) {
    if (!isLast(model, trip) || !trip.loads.some((load) => load.tps === t)) continue;
    const leg = trip.legs.find((one) => one.order === trip.loads.find((load) => load.tps === t).order);
    return `${model.data.trips.waves[trip.wave][0]} ${range(tell, leg.arrive, leg.late)}`;
  }
  return "";
}

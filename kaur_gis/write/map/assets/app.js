// The start: open the payload, build the page around Leaflet's map, listen.

document.documentElement.classList.add("js"); // the frame is shown; without scripts only the plain page is

L.Icon.Default.imagePath = ""; // a stock marker finds its picture here, not in a folder beside the page
L.Icon.Default.mergeOptions({
  iconUrl: "data:image/svg+xml," + encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 25 41"><path d="M12.5 1C6 1 1 6 1 12.5 1 21 12.5 40 12.5 40S24 21 24 12.5C24 6 19 1 12.5 1z" fill="#1f4e79" stroke="#fff"/></svg>'),
  iconRetinaUrl: null,
  shadowUrl: null,
});

async function start(map, payloadId, words) {
  if (!window.DecompressionStream) {
    document.getElementById("kaur").prepend(make("p", { class: "banner" }, words.too_old));
    return;
  }
  const sealed = await unseal(document.getElementById(payloadId).textContent);
  const model = modelOf(sealed);
  const tell = speaker(model.data);
  const state = stateOf(model);
  const root = document.getElementById("kaur");
  for (const [name, index] of [["kaur-base", 250], ["kaur-top", 450]]) {
    const pane = map.createPane(name);
    pane.style.zIndex = index;
    pane.style.pointerEvents = "none";
  }
  const base = new Sheet("kaur-base", (ctx, view) => paintBase(ctx, view, model, state));
  const top = new Sheet("kaur-top", (ctx, view) => paintTop(ctx, view, model, state));
  const redraw = () => {
    base.redraw();
    top.redraw();
  };
  map.attributionControl.setPrefix(words.credit);
  L.control.zoom({ position: "topleft", zoomInTitle: tell.say("zoom_in"), zoomOutTitle: tell.say("zoom_out") }).addTo(map);
  north(tell).addTo(map);
  L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);

  const card = make("section", { class: "card", hidden: true, tabindex: "-1", "aria-labelledby": "card-title" });
  const go = (chosen, { zoom = false, also = [] } = {}) => {
    state.chosen = chosen;
    card.hidden = !chosen;
    root.classList.toggle("with-card", Boolean(chosen));
    if (chosen) {
      const { title, body } = cardOf(model, tell, chosen, go);
      const close = button("×", () => go(null), { class: "close", "aria-label": tell.say("close") });
      const others = also.map((other) => button(nameOf(model, tell, other), () => go(other), { class: "row" }));
      card.replaceChildren(
        make("header", {}, make("h2", { id: "card-title" }, title), close),
        make("div", { class: "body" }, body.flat().filter(Boolean), others.length > 0 && make("h3", {}, tell.say("also_here")), others),
      );
      card.scrollTop = 0;
      root.classList.remove("with-panel");
      menu.setAttribute("aria-expanded", "false");
      if (zoom || chosen.kind !== "stop") show(map, model, chosen, card);
      card.focus({ preventScroll: true });
    }
    remember(model, chosen);
    top.redraw();
  };
  const menu = button(tell.say("menu"), () => {
    const open = root.classList.toggle("with-panel");
    menu.setAttribute("aria-expanded", String(open));
    if (open) go(null);
  }, { class: "menu", "aria-expanded": "false", "aria-controls": "panel" });
  const seen = model.data.notices.slice(0, 2);
  const more = model.data.notices.slice(2);
  const notice = make(
    "details",
    { class: "notice" },
    make("summary", {}, make("span", {}, seen.map((line) => make("span", {}, line))), more.length > 0 && make("b", {}, tell.say("more_notices", { n: more.length }))),
    make("ul", {}, more.map((line) => make("li", {}, line))),
  );
  window.addEventListener("beforeprint", () => (notice.open = true)); // paper carries all of them
  root.prepend(
    make("header", { class: "top" }, make("p", { class: "banner" }, tell.say("banner")), make("h1", {}, model.data.title), notice),
    make("div", { class: "find" }, searchBox(model, tell, go), menu),
  );
  root.append(make("aside", { class: "panel", id: "panel", "aria-label": tell.say("menu") }, panelOf(model, tell, state, redraw, go)), card);
  map.getContainer().setAttribute("aria-label", tell.say("map"));
  map.getContainer().setAttribute("role", "application");

  map.invalidateSize({ animate: false });
  map.fitBounds(boundsOf(model.box), { padding: [24, 24], animate: false });
  map.addLayer(base).addLayer(top);
  performance.mark("kaur-tps-drawn");
  map.on("click", (event) => {
    const [chosen, ...also] = pickAt(map, model, state, event.containerPoint);
    go(chosen || null, { also });
  });
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && state.chosen && event.target.id !== "search") go(null);
  });
  const linked = recall(model);
  if (linked) go(linked, { zoom: true });
  window.addEventListener("hashchange", () => {
    const wanted = recall(model);
    if (wanted && JSON.stringify(wanted) !== JSON.stringify(state.chosen)) go(wanted, { zoom: true });
  });
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
  root.dataset.ready = "1";
}

function north(tell) {
  const control = L.control({ position: "topleft" });
  control.onAdd = () => {
    const arrowOf = (ctx, x, y) => {
      ctx.beginPath();
      ctx.moveTo(x, y - 16);
      ctx.lineTo(x + 7, y + 6);
      ctx.lineTo(x, y + 2);
      ctx.lineTo(x - 7, y + 6);
      ctx.closePath();
      ctx.fillStyle = "#111";
      ctx.fill();
      write(ctx, tell.say("north_letter"), x, y + 13, "#111");
    };
    const box = make("div", { class: "north", role: "img", "aria-label": tell.say("north") }, sample(arrowOf, 34, 40));
    return box;
  };
  return control;
}

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

// The state in the address, so that a place on the map can be linked: #tps=, #stop=, #trip=, #kec=
function remember(model, chosen) {
  let hash = " ";
  if (chosen) {
    const { data } = model;
    const names = { trip: data.trips.kode, kec: data.kec.kode, stop: data.stops.kode };
    hash = chosen.tps === undefined ? `#${chosen.kind}=${encodeURIComponent(names[chosen.kind][chosen.i])}` : `#tps=${data.tps.kode[chosen.tps]}`;
  }
  try {
    history.replaceState(null, "", hash === " " ? location.pathname : hash);
  } catch {
    // a page inside a notebook has no address of its own
  }
}

function recall(model) {
  const [kind, wanted] = location.hash.slice(1).split("=");
  if (!wanted) return null;
  const { data } = model;
  const name = safelyDecoded(wanted);
  if (kind === "tps") {
    const t = data.tps.kode.indexOf(name);
    return t < 0 ? null : { kind: "stop", i: data.tps.stop[t], tps: t };
  }
  const names = { trip: data.trips.kode, kec: data.kec.kode, stop: data.stops.kode }[kind];
  const i = names ? names.indexOf(name) : -1;
  return i < 0 ? null : { kind, i };
}

function safelyDecoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// The start: open the payload, draw the TPS, then all the rest of the page around Leaflet's map, and listen.

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
  const root = document.getElementById("kaur");
  const payload = document.getElementById(payloadId);
  const rounds = Number(payload.dataset.rounds);
  const bytes = bytesOf(payload.textContent);
  const opened = await unpack(rounds ? await askPassword(bytes, rounds, words, root) : bytes);
  if (opened.data.points) {
    await startMany(map, opened, words, root);
    return;
  }
  const model = modelOf(opened);
  document.title = model.data.title;
  const tell = speaker(model.data);
  const state = stateOf(model);
  for (const [name, index] of [["kaur-base", 250], ["kaur-top", 450]]) {
    const pane = map.createPane(name);
    pane.style.zIndex = index;
    pane.style.pointerEvents = "none";
  }
  const base = new Ground("kaur-base", (ctx, view) => paintBase(ctx, view, model, state));
  const top = new Sheet("kaur-top", (ctx, view) => {
    if (root.classList.contains("paper")) paintBase(ctx, view, model, state); // on paper Chromium's canvas is not transparent
    paintTop(ctx, view, model, state);
  });
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
    remember(model, state);
    top.redraw();
  };
  const fit = (kec) => map.fitBounds(boundsOf(kec < 0 ? model.box : model.kecBoxes[kec]), { padding: [24, 24], animate: false });
  const menu = button(tell.say("menu"), () => {
    const open = root.classList.toggle("with-panel");
    menu.setAttribute("aria-expanded", String(open));
    if (open) go(null);
  }, { class: "menu", "aria-expanded": "false", "aria-controls": "panel" });
  const panel = make("aside", { class: "panel", id: "panel", "aria-label": tell.say("menu") });
  const bar = make("section", { class: "clockbar", hidden: true });
  const seen = model.data.notices.slice(0, 2);
  const more = model.data.notices.slice(2);
  const notice = make(
    "details",
    { class: "notice" },
    make("summary", {}, make("span", {}, seen.map((line) => make("span", {}, line))), more.length > 0 && make("b", {}, tell.say("more_notices", { n: more.length }))),
    make("ul", {}, more.map((line) => make("li", {}, line))),
  );
  window.addEventListener("beforeprint", () => (notice.open = true)); // paper carries all of them
  window.addEventListener("afterprint", () => (notice.open = false));
  root.prepend(
    make("header", { class: "top" }, make("p", { class: "banner" }, tell.say(model.data.edition === "publik" ? "banner_public" : "banner")), make("h1", {}, model.data.title), notice),
    make("div", { class: "find" }, searchBox(model, tell, go), menu),
  );
  root.append(panel, bar, card);
  map.getContainer().setAttribute("aria-label", tell.say("map"));
  map.getContainer().setAttribute("role", "application");

  map.invalidateSize({ animate: false });
  fit(-1);
  map.addLayer(top);
  await onScreen();
  performance.mark("kaur-tps-drawn");

  complete(model);
  Object.assign(state, stateOf(model));
  panel.append(...panelOf(model, tell, state, { redraw, go, fit, bar }).filter(Boolean));
  if (model.data.online) onlineUnder(map, tell, model.data.online, () => ((state.tiles = true), redraw()));
  map.addLayer(base);
  map.on("click", (event) => {
    const [chosen, ...also] = pickAt(map, model, state, event.containerPoint);
    go(chosen || null, { also });
  });
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && state.chosen && event.target.id !== "search") go(null);
  });
  printer(map, model, tell, state, root, redraw);
  const linked = recall(model, state);
  if (state.filter.kec >= 0) fit(state.filter.kec);
  if (linked) go(linked, { zoom: true });
  window.addEventListener("hashchange", () => {
    const wanted = recall(model, state);
    if (!wanted && state.filter.kec >= 0) fit(state.filter.kec);
    if (wanted && JSON.stringify(wanted) !== JSON.stringify(state.chosen)) go(wanted, { zoom: true });
  });
  new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
  root.dataset.ready = "1";
}

// Tiles from the one host that the page may ask; our own ground stays until the first of them has come.
function onlineUnder(map, tell, url, seen) {
  const tiles = L.tileLayer(url, { maxZoom: 19, detectRetina: url.includes("{r}") });
  tiles.once("tileload", seen);
  map.attributionControl.addAttribution(tell.say("online_from", { host: new URL(url.replace(/[{}]/g, "")).host }));
  map.addLayer(tiles);
}

// Until what was drawn is shown; a page that nobody looks at is never shown.
function onScreen() {
  return new Promise((done) => {
    requestAnimationFrame(() => setTimeout(done));
    setTimeout(done, 400);
  });
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

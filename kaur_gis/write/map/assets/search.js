// Search by TPS code, village, kecamatan, vehicle: a combobox with a list, by keyboard and by touch.

const MOST_HITS = 30;

function entriesOf(model, tell) {
  const { tps, desa, kec, trips } = model.data;
  const entries = [];
  kec.nama.forEach((nama, k) => entries.push({ label: nama, hint: tell.say("kecamatan"), key: `${nama} ${kec.kode[k]}`, to: { kind: "kec", i: k } }));
  desa.nama.forEach((nama, d) => {
    const first = tps.desa.indexOf(d);
    if (first >= 0) {
      const where = kec.nama[desa.kec[d]] || "";
      entries.push({ label: nama, hint: where, key: `${nama} ${desa.kode[d]}`, to: { kind: "stop", i: tps.stop[first] } });
    }
  });
  tps.kode.forEach((kode, t) => {
    const label = `${kode} · ${tpsName(model, t)}`;
    entries.push({ label, hint: "TPS", key: label, to: { kind: "stop", i: tps.stop[t], tps: t } });
  });
  model.places.forEach(({ stop }) => entries.push({ label: stop.nama, hint: tell.term(stop.kind), key: `${stop.nama} ${stop.kode}`, to: { kind: "stop", i: stop.i } }));
  model.trips.forEach((trip) => {
    const label = tell.say("trip_of", { vehicle: trips.vehicle[trip.i], n: trips.trip_no[trip.i] });
    entries.push({ label, hint: trips.stages[trip.stage], key: `${label} ${trip.kode}`, to: { kind: "trip", i: trip.i } });
  });
  model.things.forEach((thing) => {
    const hint = model.more[thing.l].label;
    entries.push({ label: thing.nama, hint, key: `${thing.nama} ${hint} ${thing.kode}`, to: { kind: "thing", i: thing.i } });
  });
  for (const entry of entries) entry.key = plainOf(entry.key);
  return entries;
}

function plainOf(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

function hitsOf(entries, typed) {
  const wanted = plainOf(typed.trim());
  if (!wanted) return [];
  const found = entries.filter((entry) => entry.key.includes(wanted));
  const begins = (entry) => (entry.key.startsWith(wanted) ? 0 : 1);
  return found.sort((a, b) => begins(a) - begins(b)).slice(0, MOST_HITS);
}

function searchBox(model, tell, go) {
  let entries = null; // made when somebody searches, not while the map opens
  const look = () => (hits = hitsOf((entries = entries || entriesOf(model, tell)), input.value));
  let hits = [];
  let at = -1;
  const list = make("ul", { id: "hits", role: "listbox", "aria-label": tell.say("search"), hidden: true });
  const input = make("input", {
    id: "search",
    type: "search",
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: tell.say(model.data.trips.kode.length ? "search_hint" : "search_hint_public"),
    "aria-label": tell.say("search"),
    "aria-controls": "hits",
    "aria-expanded": "false",
    "aria-autocomplete": "list",
  });
  const show = () => {
    list.replaceChildren(
      ...hits.map((hit, n) =>
        make("li", { role: "option", id: `hit-${n}`, "aria-selected": String(n === at), onpointerdown: (event) => (event.preventDefault(), pick(n)) }, hit.label, make("small", {}, hit.hint)),
      ),
    );
    if (!hits.length && input.value.trim()) list.append(make("li", { role: "option", "aria-disabled": "true", "aria-selected": "false" }, tell.say("no_hit")));
    list.hidden = !list.children.length;
    input.setAttribute("aria-expanded", String(!list.hidden));
    if (at >= 0) input.setAttribute("aria-activedescendant", `hit-${at}`);
    else input.removeAttribute("aria-activedescendant");
    const chosen = list.children[at];
    if (chosen) chosen.scrollIntoView({ block: "nearest" });
  };
  const close = () => {
    hits = [];
    at = -1;
    list.replaceChildren();
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const pick = (n) => {
    const hit = hits[n];
    close();
    if (!hit) return;
    input.value = hit.label;
    go(hit.to, { zoom: true });
  };
  input.addEventListener("input", () => {
    look();
    at = hits.length ? 0 : -1;
    show();
  });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!hits.length) look();
      if (hits.length) at = (at + (event.key === "ArrowDown" ? 1 : hits.length - 1)) % hits.length;
      show();
    } else if (event.key === "Enter") {
      if (!hits.length) look();
      pick(Math.max(0, at));
    } else if (event.key === "Escape") {
      input.value = "";
      close();
    } else return;
    event.preventDefault();
  });
  return make("div", { class: "search", role: "search" }, input, list);
}

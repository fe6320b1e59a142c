// The state in the address, so that it can be linked: what is open (#tps=, #stop=, #trip=, #kec=, #thing=) and the filter
// (di = kecamatan, kelas, hari = wave, kendaraan = vehicle).

function namesOf({ data, things }) {
  return { trip: data.trips.kode, kec: data.kec.kode, stop: data.stops.kode, thing: things.map(({ kode }) => kode) };
}

function remember(model, state) {
  const { data } = model;
  const { chosen, filter } = state;
  const parts = [];
  const add = (key, value) => value !== undefined && value !== "" && parts.push(`${key}=${encodeURIComponent(value)}`);
  if (chosen) chosen.tps === undefined ? add(chosen.kind, namesOf(model)[chosen.kind][chosen.i]) : add("tps", data.tps.kode[chosen.tps]);
  add("di", data.kec.kode[filter.kec]);
  add("kelas", KELAS[filter.kelas]);
  add("hari", (data.trips.waves[filter.wave] || [])[0]);
  add("kendaraan", filter.vehicle);
  try {
    history.replaceState(null, "", parts.length ? `#${parts.join("&")}` : location.pathname);
  } catch {
    // a page inside a notebook has no address of its own
  }
}

// Read the address: sets the filter, and gives what is open.
function recall(model, state) {
  const { data } = model;
  const asked = new Map(location.hash.slice(1).split("&").map((part) => part.split("=")).map(([key, value]) => [key, safelyDecoded(value || "")]));
  const at = (list, key) => (asked.has(key) ? list.indexOf(asked.get(key)) : -1);
  const vehicle = asked.get("kendaraan") || "";
  Object.assign(state.filter, {
    kec: at(data.kec.kode, "di"),
    kelas: at(KELAS, "kelas"),
    wave: at(data.trips.waves.map(([name]) => name), "hari"),
    vehicle: data.trips.vehicle.includes(vehicle) ? vehicle : "",
  });
  state.filterShown();
  const t = at(data.tps.kode, "tps");
  if (t >= 0) return { kind: "stop", i: data.tps.stop[t], tps: t };
  for (const [kind, names] of Object.entries(namesOf(model))) {
    const i = at(names, kind);
    if (i >= 0) return { kind, i };
  }
  return null;
}

function safelyDecoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

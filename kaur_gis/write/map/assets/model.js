// The payload's columns as the things that are drawn: stops with their TPS, trips with their legs.

// The public edition has no trips and no posts: there is nothing to hide in it.
const NOTHING = {
  trips: { kode: [], stages: [], waves: [], fleets: [], vehicle: [] },
  legs: { trip: [] },
  loads: { trip: [] },
  posts: { kode: [], stop: [] },
  more: [],
};

// What the TPS need to be drawn comes first; `complete` reads the rest once they are on the screen.
function modelOf({ data: told, lines }) {
  const data = { ...NOTHING, ...told };
  const rings = lines();
  const [labels] = lines();
  const [desaAt] = lines();
  const [stopAt] = lines();
  const model = { data, lines, rings, ringBoxes: rings.map(boxOf), labels, desaAt: desaAt || [], roads: [], waters: [], peaks: [], trips: [], painted: [], groups: [], things: [], more: [] };
  model.stops = data.stops.kode.map((kode, i) => ({
    i,
    kode,
    kind: data.stops.kind[i],
    nama: data.stops.nama[i],
    kec: data.stops.kec[i],
    x: stopAt[2 * i],
    y: stopAt[2 * i + 1],
    tps: [],
  }));
  data.tps.kode.forEach((_, t) => model.stops[data.tps.stop[t]].tps.push(t));
  model.kelas = data.tps.kerawanan.map((kelas) => KELAS.indexOf(kelas)); // -1: not in this edition
  model.classed = model.kelas.some((kelas) => kelas >= 0);
  model.places = data.tempat.stop.map((s, i) => ({ stop: model.stops[s], i }));
  model.kecBoxes = data.kec.kode.map((_, k) => boxAround(model.ringBoxes.filter((__, r) => data.ring_of[r] === k)));
  const points = model.stops.map((stop) => [stop.x, stop.y, stop.x, stop.y]);
  model.box = boxAround(points.length ? points : model.ringBoxes);
  return model;
}

function complete(model) {
  const { data, lines } = model;
  model.roads = lines().map((line, i) => ({ line, box: boxOf(line), kind: data.road_class[i] }));
  model.waters = lines().map((line, n) => ({ line, box: boxOf(line), of: data.water.of[n], area: data.water.area[n], jenis: data.water.jenis[data.water.of[n]] }));
  const [peakAt] = lines();
  model.peaks = data.peaks.nama.map((nama, i) => ({ x: peakAt[2 * i], y: peakAt[2 * i + 1], nama, elevasi: data.peaks.elevasi[i] }));
  model.trips = tripsOf(data, data.edition === "publik" ? [] : lines());
  model.painted = [...model.trips].sort((a, b) => a.stage - b.stage || b.wave - a.wave || a.i - b.i); // thin over thick
  model.groups = groupsOf(model);
  model.more = data.more.map((layer, l) => ({ ...layer, l, at: lines() }));
  model.things = model.more.flatMap(({ l, at, kode, nama, facts }) => at.map((line, n) => ({ l, line, box: boxOf(line), kode: `${model.more[l].key}.${kode[n]}`, nama: nama[n], facts: facts[n] })));
  model.things.forEach((thing, i) => (thing.i = i));
}

// The stops of each guard post in the order of its round, each once.
function groupsOf({ data }) {
  const members = data.posts.kode.map(() => []);
  (data.tps.post || []).forEach((post, t) => post >= 0 && members[post].push(t));
  return members.map((mine) => [...new Set(mine.sort((a, b) => data.tps.post_order[a] - data.tps.post_order[b]).map((t) => data.tps.stop[t]))]);
}

function tripsOf(data, legLines) {
  const trips = data.trips.kode.map((kode, i) => ({
    i,
    kode,
    stage: data.trips.stage[i],
    wave: data.trips.wave[i],
    fleet: data.trips.fleet[i],
    base: data.trips.base[i],
    legs: [],
    loads: [],
  }));
  data.legs.trip.forEach((t, i) => {
    trips[t].legs.push({
      i,
      line: legLines[i],
      box: boxOf(legLines[i]),
      order: data.legs.order[i],
      to: data.legs.to[i],
      depart: data.legs.depart[i],
      arrive: data.legs.arrive[i],
      late: data.legs.late[i],
    });
  });
  data.loads.trip.forEach((t, i) => {
    trips[t].loads.push({ tps: data.loads.tps[i], order: data.loads.order[i], kotak: data.loads.kotak[i], due: (data.loads.due || [])[i] });
  });
  for (const trip of trips) trip.box = boxAround(trip.legs.map((leg) => leg.box));
  return trips;
}

// What is shown; every painter and every control reads and writes this one object.
function stateOf(model) {
  const routes = [];
  for (const trip of model.trips) {
    if (!routes.some((one) => sameRoute(one, trip))) {
      routes.push({ stage: trip.stage, wave: trip.wave, fleet: trip.fleet, on: true });
    }
  }
  routes.sort((a, b) => a.stage - b.stage || a.wave - b.wave || a.fleet - b.fleet);
  const state = {
    kelas: [true, true, true],
    sinyal: true,
    akses: true,
    posisi: false,
    tempat: true,
    pos: false,
    totals: true,
    desa: true,
    kec: true,
    roads: true,
    water: true,
    peaks: true,
    online: true,
    tiles: false, // whether any online tile has come
    routes,
    more: model.more.map((layer) => layer.on),
    filter: { kec: -1, kelas: -1, wave: -1, vehicle: "" },
    chosen: null, // { kind: "stop" | "trip" | "kec" | "thing", i, tps? }
    clock: null, // { wave, second }
  };
  applyFilter(model, state);
  return state;
}

// What the filter leaves: `tpsOn` and `tripOn`. A trip is shown while it carries something for a TPS that is.
function applyFilter(model, state) {
  const { kec, kelas, wave, vehicle } = state.filter;
  const { tps, trips } = model.data;
  const drives = model.trips.map((trip) => (wave < 0 || trip.wave === wave) && (!vehicle || trips.vehicle[trip.i] === vehicle));
  const carried = new Set(model.trips.flatMap((trip) => (drives[trip.i] ? trip.loads.map((load) => load.tps) : [])));
  state.tpsOn = tps.kode.map(
    (_, t) =>
      (kec < 0 || model.stops[tps.stop[t]].kec === kec) &&
      (kelas < 0 || model.kelas[t] === kelas) &&
      ((wave < 0 && !vehicle) || carried.has(t)),
  );
  state.tripOn = model.trips.map((trip) => drives[trip.i] && trip.loads.some((load) => state.tpsOn[load.tps]));
}

// How a stop looks under the present filters; null where nothing of it is shown.
function lookOf(model, state, stop) {
  const { tps } = model.data;
  const shown = stop.tps.filter((t) => state.tpsOn[t] && (model.kelas[t] < 0 || state.kelas[model.kelas[t]]));
  if (!shown.length) return null;
  const signals = shown.map((t) => tps.sinyal[t]);
  const worst = signals.includes("tidak_ada") ? "tidak_ada" : signals.includes("lemah") ? "lemah" : "";
  return {
    kelas: Math.max(...shown.map((t) => model.kelas[t])),
    count: shown.length,
    sinyal: state.sinyal ? worst : "",
    sulit: state.akses && shown.some((t) => tps.akses[t] === "sulit"),
    unserved: Boolean(tps.unserved) && shown.some((t) => tps.unserved[t]),
    posisi: state.posisi ? model.data.stops.posisi[stop.i] : "",
  };
}

function sameRoute(a, b) {
  return a.stage === b.stage && a.wave === b.wave && a.fleet === b.fleet;
}

function tripShown(state, trip) {
  return state.tripOn[trip.i] && state.routes.find((one) => sameRoute(one, trip)).on;
}

// The marks and lines of the further layers that are switched on.
function thingsShown(model, state) {
  return model.things.filter((thing) => state.more[thing.l]);
}

// Where a vehicle is at a second of its day: a world position, or null while it stands at its base.
function whereAt(model, trip, second) {
  for (const leg of trip.legs) {
    if (second < leg.depart) {
      const before = trip.legs[trip.legs.indexOf(leg) - 1];
      return before ? [...before.line.slice(-2)] : null;
    }
    if (second <= leg.arrive) return along(leg.line, (second - leg.depart) / Math.max(1, leg.arrive - leg.depart));
  }
  return null;
}

function along(line, share) {
  let total = 0;
  for (let i = 2; i < line.length; i += 2) total += Math.hypot(line[i] - line[i - 2], line[i + 1] - line[i - 1]);
  let left = total * share;
  for (let i = 2; i < line.length; i += 2) {
    const length = Math.hypot(line[i] - line[i - 2], line[i + 1] - line[i - 1]);
    if (left <= length) {
      const t = length ? left / length : 0;
      return [line[i - 2] + t * (line[i] - line[i - 2]), line[i - 1] + t * (line[i + 1] - line[i - 1])];
    }
    left -= length;
  }
  return [...line.slice(-2)];
}

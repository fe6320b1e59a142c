// The card: everything about one stop, one route, one kecamatan or one thing of a further layer.

// From where on something is told, as on the papers [m].
const WORTH_SAYING_M = 100;
const CARRY_M = 50;

function cardOf(model, tell, chosen, go) {
  if (chosen.kind === "trip") return tripCard(model, tell, model.trips[chosen.i], go);
  if (chosen.kind === "kec") return kecCard(model, tell, chosen.i, go);
  if (chosen.kind === "thing") return thingCard(model, model.things[chosen.i]);
  const stop = model.stops[chosen.i];
  return stop.tps.length ? stopCard(model, tell, stop, chosen.tps, go) : placeCard(model, tell, stop, go);
}

function thingCard(model, thing) {
  return { title: thing.nama, body: [make("p", { class: "sub" }, model.more[thing.l].label), facts(thing.facts)] };
}

function stopCard(model, tell, stop, wanted, go) {
  const { tps, desa, kec, stops } = model.data;
  const village = tps.desa[stop.tps[0]];
  const one = stop.tps.length === 1;
  return {
    title: `${desa.nama[village]} · ${one ? `TPS ${tps.no[stop.tps[0]]}` : tell.say("n_tps_here", { n: stop.tps.length })}`,
    body: [
      make("p", { class: "sub" }, `${kec.nama[stop.kec]} · ${desa.kode[village]}`),
      make("p", { class: "posisi" }, tell.say("posisi", { how: tell.term(stops.posisi[stop.i]) })),
      stop.tps.map((t) => {
        const kelas = tps.kerawanan[t] && make("span", {}, tell.term(tps.kerawanan[t]));
        const head = make("summary", {}, sampleStop(model, t), `TPS ${tps.no[t]} · ${tps.kode[t]}`, kelas);
        return make("details", { class: "tps", open: one || t === wanted, "data-tps": tps.kode[t] }, head, tpsFacts(model, tell, t, go));
      }),
      placesHere(model, tell, stop, go),
    ],
  };
}

function sampleStop(model, t) {
  const { tps } = model.data;
  const look = {
    kelas: model.kelas[t],
    count: 1,
    sinyal: tps.sinyal[t],
    sulit: tps.akses[t] === "sulit",
    unserved: Boolean(tps.unserved && tps.unserved[t]),
  };
  return sample((ctx, x, y) => drawStop(ctx, x, y, 6, look), 30, 28);
}

function tpsFacts(model, tell, t, go) {
  const { tps, kec, desa, kit } = model.data;
  const known = (text, sumber) => `${text} (${tell.term(sumber)})`;
  const why = (text, sebab, sumber) => [text, make("small", {}, [sebab, tell.term(sumber)].filter(Boolean).join(" · "))];
  const stop = model.stops[tps.stop[t]];
  const rows = [
    [tell.say("kode"), tps.kode[t]],
    [tell.say("desa"), desa.nama[tps.desa[t]]],
    [tell.say("kecamatan"), kec.nama[stop.kec]],
    [tell.say("pemilih"), known(tell.number(tps.pemilih[t]), tps.pemilih_sumber[t])],
    tps.kerawanan[t] && [tell.say("kerawanan"), ...why(tell.term(tps.kerawanan[t]), tps.kerawanan_sebab[t], tps.kerawanan_sumber[t])],
    tps.kerawanan_polri && tps.kerawanan_polri[t] && [tell.say("by_polri"), tell.term(tps.kerawanan_polri[t])],
    tps.kerawanan_polri && tps.kerawanan_polri[t] && [tell.say("by_rules"), tell.term(tps.kerawanan_aturan[t])],
    tps.sinyal[t] && [tell.say("sinyal"), ...why(tell.term(tps.sinyal[t]), "", tps.sinyal_sumber[t])],
    tps.heard && tps.heard[t] && [tell.say("heard"), tps.heard[t]],
    tps.akses[t] && [tell.say("akses"), ...why(tell.term(tps.akses[t]), tps.akses_sebab[t], tps.akses_sumber[t])],
    tps.unserved && tps.unserved[t] && [
      tell.say("tiba"),
      make("strong", { class: "alarm" }, tell.say("unserved_because", { reason: tell.term(tps.unserved[t]) })),
      make("small", {}, tps.unserved_stage[t]),
    ],
    ...tripRows(model, tell, t, go),
    postRow(model, tell, t),
    [tell.say("letak"), ...why(tell.term(tps.posisi[t]), placedBy(tell, tps.placed_by[t], tps.border_m[t]), desa.sumber[tps.desa[t]])],
    tps.kg
      ? [tell.say("kit_load"), tell.say("load", { boxes: tell.say("boxes", { n: tps.kotak[t] }), kg: tell.number(tps.kg[t], 1), m3: tell.number(tps.m3[t], 2) })]
      : [tell.say("kotak"), tell.number(tps.kotak[t])],
  ];
  const items = kit
    .map(([label, sumber, counts]) => [label, Array.isArray(counts) ? counts[t] : counts, sumber])
    .filter(([, count]) => count > 0);
  return [
    facts(rows),
    make(
      "details",
      {},
      make("summary", {}, tell.say("kit")),
      facts(items.map(([label, count, sumber]) => [label, tell.number(count), make("small", {}, tell.term(sumber))])),
    ),
  ];
}

function placedBy(tell, how, metres) {
  return how === "inside" ? "" : tell.say(`placed_${how}`, { m: tell.number(metres) });
}

function tripRows(model, tell, t, go) {
  const rows = [];
  for (const trip of model.trips) {
    for (const load of trip.loads) {
      if (load.tps !== t) continue;
      const leg = trip.legs.find((one) => one.order === load.order);
      const { trips } = model.data;
      rows.push([
        trips.stages[trip.stage],
        `${trips.waves[trip.wave][0]} ${trips.waves[trip.wave][1]}, ${range(tell, leg.arrive, leg.late)}`,
        mayMiss(model, trip, leg, [load]) && make("strong", { class: "alarm" }, ` ${tell.say("after_deadline")}`),
        button(tell.say("trip_of", { vehicle: trips.vehicle[trip.i], n: trips.trip_no[trip.i] }), () => go({ kind: "trip", i: trip.i }), { class: "link" }),
      ]);
    }
  }
  return rows;
}

function postRow(model, tell, t) {
  const { tps, posts } = model.data;
  if (!tps.post) return null;
  const post = tps.post[t];
  if (post < 0) return null;
  const mates = tps.kode.filter((_, other) => tps.post[other] === post && other !== t);
  const names = mates.map((kode) => tpsName(model, tps.kode.indexOf(kode))).join(", ");
  return [
    tell.say("pos"),
    tell.say("post", { kode: posts.kode[post], officers: tell.say("officers", { n: posts.officers[post] }), n: posts.n_tps[post] }),
    names && make("small", {}, tell.say("post_mates", { names })),
  ];
}

function tpsName(model, t) {
  const { tps, desa } = model.data;
  return `${desa.nama[tps.desa[t]]} ${tps.no[t]}`;
}

function placesHere(model, tell, stop, go) {
  const here = model.places.filter((place) => place.stop.x === stop.x && place.stop.y === stop.y && place.stop !== stop);
  return here.map((place) => button(place.stop.nama, () => go({ kind: "stop", i: place.stop.i }), { class: "row" }));
}

function placeCard(model, tell, stop, go) {
  const { tempat, kec, stops } = model.data;
  const place = model.places.find((one) => one.stop === stop);
  const trips = model.trips.filter((trip) => trip.base === stop.i);
  const induk = place && tempat.induk ? tempat.induk[place.i] : -1;
  return {
    title: stop.nama,
    body: [
      make("p", { class: "sub" }, `${tell.term(stop.kind)} · ${kec.nama[stop.kec]}`),
      facts([
        [tell.say("kode"), stop.kode],
        [tell.say("letak"), tell.term(stops.posisi[stop.i]), place && make("small", {}, tell.term(tempat.sumber[place.i]))],
        induk >= 0 && [
          tell.say("induk"),
          button(model.stops[induk].nama, () => go({ kind: "stop", i: induk }), { class: "link" }),
          make("small", {}, tell.term(tempat.induk_sumber[place.i])),
        ],
      ]),
      trips.length > 0 && make("h3", {}, tell.say("trips_from_here", { n: trips.length })),
      trips.map((trip) => tripButton(model, tell, trip, go)),
    ],
  };
}

function tripButton(model, tell, trip, go) {
  const { trips } = model.data;
  const i = trip.i;
  const name = make("b", {}, tell.say("trip_of", { vehicle: trips.vehicle[i], n: trips.trip_no[i] }));
  const line = tell.say("trip_line", {
    wave: trips.waves[trip.wave][0],
    depart: tell.clock(trips.depart[i]),
    back: tell.clock(trips.back[i]),
    boxes: tell.say("boxes", { n: trips.kotak[i] }),
    n: trips.n_tps[i],
  });
  return button([name, make("small", {}, line)], () => go({ kind: "trip", i }), { class: "row" });
}

function tripCard(model, tell, trip, go) {
  const { trips, legs } = model.data;
  const i = trip.i;
  const [wave, day, deadline] = trips.waves[trip.wave];
  const [, fleet, vehicle] = trips.fleets[trip.fleet];
  const sum = (name) => trip.legs.reduce((total, leg) => total + legs[name][leg.i], 0);
  const way = wayOf(tell, sum, beyond(model, tell, trip.legs));
  const off = trip.legs.filter((leg) => !legs.on_road[leg.i]).length;
  return {
    title: tell.say("trip_of", { vehicle: trips.vehicle[i], n: trips.trip_no[i] }),
    body: [
      make("p", { class: "sub" }, `${trips.stages[trip.stage]} · ${wave} ${day} · ${fleet === vehicle ? fleet : `${fleet} · ${vehicle}`}`),
      facts([
        [tell.say("base"), button(model.stops[trip.base].nama, () => go({ kind: "stop", i: trip.base }), { class: "link" })],
        [tell.say("hours"), `${tell.clock(trips.depart[i])} → ${range(tell, trips.back[i], trips.back_late[i])}`],
        isLast(model, trip) && [tell.say("deadline"), deadline],
        [tell.say("muatan"), tell.say("trip_load", { boxes: tell.say("boxes", { n: trips.kotak[i] }), kg: tell.number(trips.kg[i]), n: trips.n_tps[i] })],
        [tell.say("distance"), tell.say("drive", { km: tell.km(trips.metres[i]), minutes: tell.duration(trips.seconds[i]) })],
        way && [tell.say("on_the_way"), way],
        off > 0 && [tell.say("off_road"), tell.say(model.data.schematic ? "off_schematic" : "off_road_legs", { n: off })],
      ]),
      make("h3", {}, tell.say("stops_in_order")),
      make("ol", { class: "stops" }, trip.legs.map((leg) => legItem(model, tell, trip, leg, go))),
    ],
  };
}

function isLast(model, trip) {
  return model.data.trips.to_tps.includes(trip.stage);
}

// Whether a TPS is reached in time by the plan but not in the heavier weather.
function mayMiss(model, trip, leg, loads) {
  const due = Math.min(dueOf(model, trip), soonerThan(model, trip, loads));
  return isLast(model, trip) && (leg.late === null || leg.late + model.data.legs.carried[leg.i] > due);
}

// Seconds from midnight by which the boxes of a wave must be there.
function dueOf(model, trip) {
  const [hours, minutes] = model.data.trips.waves[trip.wave][2].split(":").map(Number);
  return 3600 * hours + 60 * minutes;
}

// The earliest deadline of some TPS where it is sooner than that of their wave; Infinity for none.
function soonerThan(model, trip, loads) {
  const own = loads.map((load) => load.due).filter((due) => isLast(model, trip) && due < dueOf(model, trip));
  return Math.min(Infinity, ...own);
}

// The other kabupaten that some legs pass, with the length in each; "" where they are not known.
function beyond(model, tell, list) {
  const metres = new Map();
  for (const leg of list) {
    for (const [name, m] of (model.data.legs.others || [])[leg.i] || []) metres.set(name, (metres.get(name) || 0) + m);
  }
  return [...metres].sort((one, two) => two[1] - one[1]).map(([name, m]) => `${name} ${tell.length(m)}`).join(", ");
}

function wayOf(tell, value, others) {
  const parts = ["bridges", "fords", "ferries"].filter((what) => value(what)).map((what) => tell.say(what, { n: value(what) }));
  if (value("unpaved_m") >= WORTH_SAYING_M) parts.push(tell.say("unpaved", { km: tell.length(value("unpaved_m")) }));
  if (value("unknown_m") >= WORTH_SAYING_M) parts.push(tell.say("unknown", { km: tell.length(value("unknown_m")) }));
  if (value("outside_m") >= WORTH_SAYING_M) {
    parts.push(tell.say("outside", { km: tell.length(value("outside_m")) }) + (others && ` (${others})`));
  }
  if (value("walk_m") > CARRY_M) {
    parts.push(tell.say("walk", { m: tell.number(value("walk_m")), minutes: tell.duration(value("walk_s")) }));
  }
  return parts.join(" · ") || null;
}

function legItem(model, tell, trip, leg, go) {
  const { legs } = model.data;
  const stop = model.stops[leg.to];
  const loads = trip.loads.filter((load) => load.order === leg.order);
  const boxes = loads.reduce((total, load) => total + load.kotak, 0);
  const name = stop.tps.length ? model.data.desa.nama[model.data.tps.desa[stop.tps[0]]] : stop.nama;
  const numbers = stop.tps.length ? ` · TPS ${loads.map((load) => model.data.tps.no[load.tps]).join(", ")}` : "";
  const last = leg === trip.legs[trip.legs.length - 1];
  const sooner = soonerThan(model, trip, loads);
  return make(
    "li",
    { class: last ? "back" : null },
    make("b", { class: "time" }, range(tell, leg.arrive, leg.late)),
    !last && leg.order > 0 && mayMiss(model, trip, leg, loads) && make("strong", { class: "alarm" }, ` ${tell.say("after_deadline")}`),
    button(last ? tell.say("back_at", { name }) : leg.order ? `${name}${numbers}` : tell.say("comes_empty", { name }), () => go({ kind: "stop", i: stop.i }), { class: "link" }),
    make("small", {}, [boxes && tell.say("boxes", { n: boxes }), sooner < Infinity && `${tell.say("deadline")} ${tell.clock(sooner)}`, tell.length(legs.metres[leg.i]), wayOf(tell, (what) => legs[what][leg.i], beyond(model, tell, [leg]))].filter(Boolean).join(" · ")),
  );
}

function kecCard(model, tell, k, go) {
  const { kec, desa, tps } = model.data;
  const villages = desa.kode.map((_, d) => d).filter((d) => desa.kec[d] === k);
  return {
    title: kec.nama[k],
    body: [
      make("p", { class: "sub" }, [kec.kode[k], kec.dapil[k] && tell.say("dapil", { dapil: kec.dapil[k] })].filter(Boolean).join(" · ")),
      facts([
        ["TPS", tell.number(kec.n_tps[k])],
        ...(kec.pos ? KELAS.map((kelas) => [tell.term(kelas), tell.number(kec[kelas][k])]) : []),
        [tell.say("pemilih"), tell.number(kec.pemilih[k])],
        [tell.say("kotak"), tell.number(kec.kotak[k])],
        kec.pos && [tell.say("pos"), tell.say("kec_posts", { posts: tell.say("posts", { n: kec.pos[k] }), officers: tell.say("officers", { n: kec.petugas[k] }) })],
        kec.pos && kec.tak_terlayani[k] > 0 && [tell.say("figure_unserved"), make("strong", { class: "alarm" }, tell.number(kec.tak_terlayani[k]))],
        [tell.say("boundary"), tell.term(kec.sumber[k])],
      ]),
      make("h3", {}, tell.say("villages", { n: villages.length })),
      villages.map((d) => {
        const mine = tps.kode.map((_, t) => t).filter((t) => tps.desa[t] === d);
        if (!mine.length) return make("p", { class: "sub" }, desa.nama[d]);
        return button(`${desa.nama[d]} · ${mine.length} TPS`, () => go({ kind: "stop", i: tps.stop[mine[0]] }), { class: "row" });
      }),
    ],
  };
}

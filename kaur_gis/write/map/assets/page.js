// Elements are made here and only here; every text becomes a text node, never markup.

function make(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

// The catalogue's words with {names} filled in; what is filled in is never read again.
function speaker(data) {
  const formats = []; // one for each number of decimals: to make them anew for every number is slow
  const format = (number, digits = 0) => {
    formats[digits] = formats[digits] || new Intl.NumberFormat(data.lang === "id" ? "id-ID" : "en-GB", {
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
    return formats[digits].format(number);
  };
  const say = (key, values = {}) => {
    const words = String(values.n) === "1" && data.words[`${key}_1`] ? data.words[`${key}_1`] : data.words[key];
    return words.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
  };
  return {
    number: format,
    say,
    term: (token) => data.terms[token] || token,
    km: (metres) => `${format(metres / 1000, 1)} km`,
    length: (metres) => (metres < 1000 ? `${format(metres)} m` : `${format(metres / 1000, metres % 1000 ? 1 : 0)} km`),
    duration: (seconds) => {
      const [hours, minutes] = [Math.floor(Math.ceil(seconds / 60) / 60), Math.ceil(seconds / 60) % 60];
      return [hours && say("hours_n", { n: hours }), (minutes || !hours) && say("minutes", { n: minutes })].filter(Boolean).join(" ");
    },
    clock: (second) => {
      if (second === null) return "–";
      const minute = Math.floor(second / 60); // as the papers say it: the minute that runs
      const at = `${String(Math.floor(minute / 60) % 24).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
      return minute < 1440 ? at : say("days_later", { at, n: Math.floor(minute / 1440) });
    },
  };
}

// "09:12–09:40": as planned, and in the heavier weather; or that the road is then closed. Alike, it is told once.
function range(tell, planned, late) {
  const [early, last] = [tell.clock(planned), late === null ? tell.say("road_closed") : tell.clock(late)];
  return early === last ? early : `${early}–${last}`;
}

function facts(rows) {
  return make(
    "dl",
    {},
    rows.filter(Boolean).map(([label, ...value]) => make("div", {}, make("dt", {}, label), make("dd", {}, ...value))),
  );
}

function button(content, onclick, props = {}) {
  return make("button", { type: "button", onclick, ...props }, content);
}

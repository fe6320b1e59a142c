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
  return {
    number: format,
    say: (key, values = {}) => {
      const words = String(values.n) === "1" && data.words[`${key}_1`] ? data.words[`${key}_1`] : data.words[key];
      return words.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
    },
    term: (token) => data.terms[token] || token,
    km: (metres) => `${format(metres / 1000, 1)} km`,
    clock: (second) => {
      if (second === null) return "–";
      const minute = Math.round(second / 60);
      return `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
    },
  };
}

// "09:12–09:40": as planned, and in the heavier weather; or that the road is then closed.
function range(tell, planned, late) {
  return `${tell.clock(planned)}–${late === null ? tell.say("road_closed") : tell.clock(late)}`;
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

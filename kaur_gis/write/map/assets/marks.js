// Every mark of the map, told apart by shape and lightness, never by hue alone; the legend uses the same.

const KELAS = ["kurang_rawan", "rawan", "sangat_rawan"];
const FILL = ["#fde725", "#2a9d8f", "#3b0f5c"]; // L* about 91, 59, 14
const PLAIN = "#fff"; // where no class is told
const POSISI = ["desa", "peta", "gps"];
const INK = ["#000", "#000", "#fff"];
// A route says three things without hue: its wave (dark, hollow, grey), its stage (thick, thin), its vehicle (dashes).
// A hollow line is wider, so that a dark one upon it still shows both.
const WAVES = [{ edge: "#12355b", width: [3.8, 2.4] }, { edge: "#12355b", core: "#e3f0ff", width: [6.5, 4.4] }, { edge: "#8795a5", width: [3.8, 2.4] }];
const DASHES = [[], [11, 6], [3, 5], [14, 4, 3, 4], [6, 3]];

// A hill: a roof without a floor, so that nobody takes it for a TPS.
const PEAK = "#5d4420";
function drawPeak(ctx, x, y) {
  ctx.beginPath();
  ctx.moveTo(x - 6, y + 5);
  ctx.lineTo(x, y - 5);
  ctx.lineTo(x + 6, y + 5);
  ctx.setLineDash([]);
  for (const [width, colour] of [[4.5, "#fff"], [2, PEAK]]) {
    ctx.lineWidth = width;
    ctx.strokeStyle = colour;
    ctx.stroke();
  }
}

function shapePath(ctx, kelas, x, y, r) {
  ctx.beginPath();
  if (kelas <= 0) {
    ctx.arc(x, y, r, 0, 2 * Math.PI);
  } else if (kelas === 1) {
    ctx.moveTo(x, y - 1.3 * r);
    ctx.lineTo(x + 1.25 * r, y + 0.9 * r);
    ctx.lineTo(x - 1.25 * r, y + 0.9 * r);
    ctx.closePath();
  } else {
    ctx.rect(x - 0.95 * r, y - 0.95 * r, 1.9 * r, 1.9 * r);
  }
}

function drawStop(ctx, x, y, r, stop) {
  if (stop.sinyal === "tidak_ada") ring(ctx, x, y, ringRadius(r), []);
  else if (stop.sinyal === "lemah") ring(ctx, x, y, ringRadius(r), [2.5, 3.5]);
  ctx.setLineDash([]);
  shapePath(ctx, stop.kelas, x, y, r);
  ctx.lineWidth = 4;
  ctx.strokeStyle = "#fff";
  ctx.stroke();
  ctx.fillStyle = stop.kelas < 0 ? PLAIN : FILL[stop.kelas];
  ctx.fill();
  ctx.lineWidth = 1.5;
  ctx.strokeStyle = "#000";
  ctx.stroke();
  if (stop.sulit) drawSulit(ctx, x + 0.95 * r, y - 0.95 * r, Math.max(4, 0.55 * r));
  if (stop.unserved) drawCross(ctx, x, y, r);
  else if (r >= 8 && stop.count > 1) write(ctx, String(stop.count), x, y + (stop.kelas === 1 ? 0.2 * r : 0), INK[Math.max(0, stop.kelas)]);
  if (stop.posisi) drawQuality(ctx, x, y + r + 5, POSISI.indexOf(stop.posisi));
}

// How well the position is known, as bars: three measured on site, two pointed out on a map, one at the village.
function drawQuality(ctx, x, y, known) {
  for (let bar = 0; bar < 3; bar++) {
    ctx.beginPath();
    ctx.rect(x - 8 + 6 * bar, y, 4, 5);
    ctx.fillStyle = bar <= known ? "#000" : "#fff";
    ctx.fill();
    ctx.lineWidth = 1;
    ctx.strokeStyle = "#000";
    ctx.stroke();
  }
}

// A vehicle on its way: its tip is where it is.
function drawVehicle(ctx, x, y) {
  ctx.beginPath();
  ctx.moveTo(x, y);
  ctx.lineTo(x - 8, y - 15);
  ctx.lineTo(x + 8, y - 15);
  ctx.closePath();
  ctx.fillStyle = "#d00000";
  ctx.fill();
  ctx.lineWidth = 2;
  ctx.strokeStyle = "#fff";
  ctx.stroke();
}

function ringRadius(r) {
  return r + (r < 7 ? 4 : 5.5);
}

function ring(ctx, x, y, r, dash) {
  ctx.beginPath();
  ctx.arc(x, y, r, 0, 2 * Math.PI);
  ctx.setLineDash([]);
  ctx.lineWidth = 4.5;
  ctx.strokeStyle = "#fff";
  ctx.stroke();
  ctx.setLineDash(dash);
  ctx.lineWidth = 2.25;
  ctx.strokeStyle = "#000";
  ctx.stroke();
  ctx.setLineDash([]);
}

// Hard to reach: a white flag with a black edge at the mark's shoulder.
function drawSulit(ctx, x, y, r) {
  ctx.beginPath();
  ctx.moveTo(x, y - r);
  ctx.lineTo(x + r, y);
  ctx.lineTo(x, y + r);
  ctx.lineTo(x - r, y);
  ctx.closePath();
  ctx.fillStyle = "#fff";
  ctx.fill();
  ctx.lineWidth = 1.5;
  ctx.strokeStyle = "#000";
  ctx.stroke();
}

// Not served: a cross over everything else.
function drawCross(ctx, x, y, r) {
  for (const [width, colour] of [[5.5, "#fff"], [2.5, "#000"]]) {
    ctx.beginPath();
    ctx.moveTo(x - r, y - r);
    ctx.lineTo(x + r, y + r);
    ctx.moveTo(x + r, y - r);
    ctx.lineTo(x - r, y + r);
    ctx.lineWidth = width;
    ctx.strokeStyle = colour;
    ctx.stroke();
  }
}

const LETTERS = { gudang: "G", ppk: "P", pps: "S", polsek: "★" };

// A place: a house for a gudang, a framed letter for the committees, a star for the police.
function drawPlace(ctx, x, y, r, kind) {
  ctx.setLineDash([]);
  ctx.beginPath();
  if (kind === "gudang") {
    ctx.moveTo(x, y - 1.35 * r);
    ctx.lineTo(x + 1.2 * r, y - 0.35 * r);
    ctx.lineTo(x + 1.2 * r, y + r);
    ctx.lineTo(x - 1.2 * r, y + r);
    ctx.lineTo(x - 1.2 * r, y - 0.35 * r);
    ctx.closePath();
  } else {
    ctx.rect(x - 1.05 * r, y - 0.9 * r, 2.1 * r, 1.8 * r);
  }
  ctx.lineWidth = 5;
  ctx.strokeStyle = "#fff";
  ctx.stroke();
  ctx.fillStyle = kind === "gudang" ? "#111" : "#fff";
  ctx.fill();
  ctx.lineWidth = 2.5;
  ctx.strokeStyle = "#111";
  ctx.stroke();
  if (r >= 7) write(ctx, LETTERS[kind] || "?", x, y + 0.1 * r, kind === "gudang" ? "#fff" : "#111");
}

// A mark of a further layer: shapes that no stop and no place has.
function drawThing(ctx, x, y, r, { shape, letter, dark }) {
  ctx.setLineDash([]);
  ctx.beginPath();
  if (shape === "circle") ctx.arc(x, y, r, 0, 2 * Math.PI);
  else {
    const corners = shape === "hexagon" ? 6 : shape === "diamond" ? 4 : 12;
    for (let n = 0; n < corners; n++) {
      const reach = shape === "cross" && n % 3 !== 0 ? 1.25 * r : shape === "cross" ? 0.5 * r : 1.3 * r;
      const angle = ((shape === "cross" ? n + 1.5 : n) / corners) * 2 * Math.PI - Math.PI / 2;
      ctx.lineTo(x + reach * Math.cos(angle), y + reach * Math.sin(angle));
    }
    ctx.closePath();
  }
  ctx.lineWidth = 4.5;
  ctx.strokeStyle = "#fff";
  ctx.stroke();
  ctx.fillStyle = dark ? "#111" : "#fff";
  ctx.fill();
  ctx.lineWidth = 2;
  ctx.strokeStyle = "#111";
  ctx.stroke();
  if (letter) write(ctx, letter, x, y, dark ? "#fff" : "#111");
}

function write(ctx, text, x, y, colour) {
  ctx.font = "bold 11px system-ui, sans-serif";
  ctx.textAlign = "center";
  ctx.textBaseline = "middle";
  ctx.fillStyle = colour;
  ctx.fillText(text, x, y + 0.5);
}

function strokeTrip(ctx, { stage, wave, fleet }, widen = 0) {
  const { edge, core, width: widths } = WAVES[wave % WAVES.length];
  const width = widths[Math.min(stage, 1)] + widen;
  ctx.lineCap = "butt";
  strokeRoute(ctx, edge, width, DASHES[fleet % DASHES.length]);
  if (core) {
    ctx.setLineDash(DASHES[fleet % DASHES.length]);
    ctx.lineWidth = width - 2;
    ctx.strokeStyle = core;
    ctx.stroke();
    ctx.setLineDash([]);
  }
  ctx.lineCap = "round";
}

function strokeRoute(ctx, colour, width, dash) {
  ctx.setLineDash([]);
  ctx.lineWidth = width + 2.5;
  ctx.strokeStyle = "rgba(255,255,255,.85)";
  ctx.stroke();
  ctx.setLineDash(dash);
  ctx.lineWidth = width;
  ctx.strokeStyle = colour;
  ctx.stroke();
  ctx.setLineDash([]);
}

// Arrowheads along a line, one every `every` pixels.
function drawArrows(ctx, view, line, every, colour) {
  let next = every / 2;
  ctx.fillStyle = colour;
  for (let i = 2; i < line.length; i += 2) {
    const ax = view.x(line[i - 2]);
    const ay = view.y(line[i - 1]);
    const dx = view.x(line[i]) - ax;
    const dy = view.y(line[i + 1]) - ay;
    const length = Math.hypot(dx, dy);
    for (; next < length; next += every) {
      arrow(ctx, ax + (next / length) * dx, ay + (next / length) * dy, Math.atan2(dy, dx));
    }
    next -= length;
  }
}

function arrow(ctx, x, y, angle) {
  ctx.save();
  ctx.translate(x, y);
  ctx.rotate(angle);
  ctx.beginPath();
  ctx.moveTo(7, 0);
  ctx.lineTo(-5, 5.5);
  ctx.lineTo(-5, -5.5);
  ctx.closePath();
  ctx.lineWidth = 2;
  ctx.strokeStyle = "#fff";
  ctx.stroke();
  ctx.fill();
  ctx.restore();
}

// A mark on a small canvas of its own, for the legend.
function sample(draw, width = 34, height = 26) {
  const canvas = document.createElement("canvas");
  const ratio = Math.min(window.devicePixelRatio || 1, 2);
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  canvas.setAttribute("aria-hidden", "true");
  const ctx = canvas.getContext("2d");
  ctx.scale(ratio, ratio);
  ctx.lineCap = "round";
  draw(ctx, width / 2, height / 2);
  return canvas;
}

function sampleLine(stroke, width = 34) {
  return sample((ctx, x, y) => {
    ctx.beginPath();
    ctx.moveTo(3, y);
    ctx.lineTo(2 * x - 3, y);
    stroke(ctx);
  }, width);
}

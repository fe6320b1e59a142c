// Very many points: dots of pixels from afar, marks from near.

const MOST_MARKS = 6000;
const PIXELS = FILL.map((fill) => {
  const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(fill.slice(at, at + 2), 16));
  return (255 << 24) | (b << 16) | (g << 8) | r; // a canvas stores red first
});
const EDGE = 255 << 24;

async function startMany(map, { data, lines }, words, root) {
  const classes = lines();
  document.title = data.title;
  const pane = map.createPane("kaur-top");
  pane.style.pointerEvents = "none";
  const sheet = new Sheet("kaur-top", (ctx, view) => paintMany(ctx, view, classes));
  const key = make("div", { class: "paper-legend" }, data.classes.map((label, k) => make("span", { class: "key" }, sample((ctx, x, y) => drawStop(ctx, x, y, 7, { kelas: k, count: 1 })), label)));
  root.prepend(make("header", { class: "top" }, make("h1", {}, data.title), key));
  root.classList.add("many");
  map.attributionControl.setPrefix(words.credit);
  map.options.minZoom = 3;
  L.control.zoom({ position: "topleft" }).addTo(map);
  L.control.scale({ imperial: false, maxWidth: 140 }).addTo(map);
  map.invalidateSize({ animate: false });
  map.fitBounds(boundsOf(boxAround(classes.filter((line) => line.length).map(boxOf))), { padding: [24, 24], animate: false });
  map.addLayer(sheet);
  await onScreen();
  performance.mark("kaur-tps-drawn");
  root.dataset.ready = "1";
}

function paintMany(ctx, view, classes) {
  const near = nearMarks(view, classes);
  if (near) {
    for (const [k, x, y] of near) drawStop(ctx, x, y, radiusAt(view.zoom), { kelas: k, count: 1 });
    return;
  }
  // written as pixels: a path for each point would take seconds
  const canvas = ctx.canvas;
  const ratio = canvas.width / view.width;
  const image = ctx.createImageData(canvas.width, canvas.height);
  const pixels = new Int32Array(image.data.buffer);
  const size = Math.round((view.zoom < 7 ? 1 : view.zoom < 9 ? 2 : 3) * ratio);
  const { width, height } = canvas;
  const [scale, x0, y0] = [view.scale * ratio, view.x0 * ratio, view.y0 * ratio];
  for (let k = 0; k < classes.length; k++) {
    const line = classes[k];
    for (let i = 0; i < line.length; i += 2) {
      const px = (line[i] * scale - x0) | 0;
      const py = (line[i + 1] * scale - y0) | 0;
      if (px < 1 || py < 1 || px + size >= width || py + size >= height) continue;
      if (size === 1) pixels[py * width + px] = PIXELS[k];
      else for (let dy = -1; dy < size; dy++) for (let dx = -1; dx < size; dx++) pixels[(py + dy) * width + px + dx] = dx < 0 || dy < 0 ? EDGE : PIXELS[k];
    }
  }
  ctx.putImageData(image, 0, 0);
}

// The points in view while they are few enough to be marks; null where they are more.
function nearMarks(view, classes) {
  const found = [];
  for (let k = 0; k < classes.length; k++) {
    const line = classes[k];
    for (let i = 0; i < line.length; i += 2) {
      const x = line[i] * view.scale - view.x0;
      const y = line[i + 1] * view.scale - view.y0;
      if (x < 0 || y < 0 || x > view.width || y > view.height) continue;
      if (found.length === MOST_MARKS) return null;
      found.push([k, x, y]);
    }
  }
  return found;
}

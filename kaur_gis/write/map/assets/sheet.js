// A canvas over the whole view that Leaflet moves and scales; `paint(ctx, view)` draws it anew.

const Sheet = L.Renderer.extend({
  initialize(pane, paint) {
    L.Renderer.prototype.initialize.call(this, { pane, padding: 0.25 });
    this._paint = paint;
  },
  _initContainer() {
    this._container = document.createElement("canvas");
    this._container.setAttribute("aria-hidden", "true");
  },
  _destroyContainer() {
    this._container.remove();
    delete this._container;
  },
  _updatePaths() {},
  _update() {
    if (this._map._animatingZoom && this._bounds) return;
    L.Renderer.prototype._update.call(this);
    const { min } = this._bounds;
    const size = this._bounds.getSize();
    const ratio = this._map.getContainer().closest(".paper") ? 2 : Math.min(window.devicePixelRatio || 1, 2);
    const canvas = this._container;
    L.DomUtil.setPosition(canvas, min);
    canvas.width = size.x * ratio;
    canvas.height = size.y * ratio;
    canvas.style.width = `${size.x}px`;
    canvas.style.height = `${size.y}px`;
    const ctx = canvas.getContext("2d");
    ctx.scale(ratio, ratio);
    ctx.lineJoin = "round";
    ctx.lineCap = "round";
    this._paint(ctx, viewOf(this._map, min, size));
  },
  redraw() {
    if (this._map) this._update();
  },
});

// How world units become pixels from a corner of the view, given in layer points.
function viewOf(map, corner, size) {
  const { x: x0, y: y0 } = map.getPixelOrigin().add(corner);
  const shift = map.containerPointToLayerPoint([0, 0]).subtract(corner);
  const { x: width, y: height } = map.getSize();
  const place = { zoom: map.getZoom(), scale: 256 * 2 ** map.getZoom(), x0, y0, width: size.x, height: size.y };
  return { ...viewAt(place), frame: [shift.x, shift.y, shift.x + width, shift.y + height], covered: controlBoxes(map, shift) };
}

// The same for a rectangle of the whole world's map, (x0, y0) its corner there [pixel]; `reach` more is seen around it.
function viewAt({ zoom, scale, x0, y0, width, height }, reach = 0) {
  return {
    zoom,
    scale,
    x0,
    y0,
    width,
    height,
    x: (world) => world * scale - x0,
    y: (world) => world * scale - y0,
    trace(ctx, line) {
      ctx.moveTo(line[0] * scale - x0, line[1] * scale - y0);
      for (let i = 2; i < line.length; i += 2) ctx.lineTo(line[i] * scale - x0, line[i + 1] * scale - y0);
    },
    sees(box) {
      return (
        box[2] * scale > x0 - reach && box[0] * scale < x0 + width + reach &&
        box[3] * scale > y0 - reach && box[1] * scale < y0 + height + reach
      );
    },
  };
}

// Where Leaflet's controls lie over the view, so that no name hides under them.
function controlBoxes(map, shift) {
  const home = map.getContainer().getBoundingClientRect();
  return [...map.getContainer().querySelectorAll(".leaflet-control")].map((control) => {
    const box = control.getBoundingClientRect();
    const x = box.left - home.left + shift.x;
    const y = box.top - home.top + shift.y;
    return [x, y, x + box.width, y + box.height];
  });
}

function boxOf(line) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < line.length; i += 2) {
    box[0] = Math.min(box[0], line[i]);
    box[1] = Math.min(box[1], line[i + 1]);
    box[2] = Math.max(box[2], line[i]);
    box[3] = Math.max(box[3], line[i + 1]);
  }
  return box;
}

function boxAround(boxes) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const one of boxes) {
    box[0] = Math.min(box[0], one[0]);
    box[1] = Math.min(box[1], one[1]);
    box[2] = Math.max(box[2], one[2]);
    box[3] = Math.max(box[3], one[3]);
  }
  return box;
}

// Squared distance from a point to a line, all in pixels of a view.
function distance2(line, view, px, py) {
  let best = Infinity;
  let ax = view.x(line[0]);
  let ay = view.y(line[1]);
  for (let i = 2; i < line.length; i += 2) {
    const bx = view.x(line[i]);
    const by = view.y(line[i + 1]);
    const dx = bx - ax;
    const dy = by - ay;
    const length2 = dx * dx + dy * dy;
    const t = length2 ? Math.max(0, Math.min(1, ((px - ax) * dx + (py - ay) * dy) / length2)) : 0;
    best = Math.min(best, (ax + t * dx - px) ** 2 + (ay + t * dy - py) ** 2);
    ax = bx;
    ay = by;
  }
  return best;
}

// Whether a ring holds a point (even-odd), all in world units.
function holds(ring, px, py) {
  let inside = false;
  for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
    if (ring[i + 1] > py !== ring[j + 1] > py) {
      const at = ((ring[j] - ring[i]) * (py - ring[i + 1])) / (ring[j + 1] - ring[i + 1]) + ring[i];
      if (px < at) inside = !inside;
    }
  }
  return inside;
}

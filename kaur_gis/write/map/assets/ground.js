// The base map as canvas tiles: while the map moves, only what comes into view is drawn.

const TILE = 256;
const REACH = 8; // half a wide stroke reaches into the tile beside it [pixel]

const Ground = L.GridLayer.extend({
  initialize(pane, paint) {
    L.setOptions(this, { pane, tileSize: TILE, updateWhenZooming: false, keepBuffer: 1 });
    this._paint = paint;
  },
  createTile(at) {
    const tile = document.createElement("canvas");
    tile.setAttribute("aria-hidden", "true");
    this._draw(tile, at);
    return tile;
  },
  _draw(tile, at) {
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    tile.width = tile.height = TILE * ratio;
    const ctx = tile.getContext("2d");
    ctx.scale(ratio, ratio);
    ctx.lineJoin = "round";
    ctx.lineCap = "round";
    const place = { zoom: at.z, scale: 256 * 2 ** at.z, x0: at.x * TILE, y0: at.y * TILE, width: TILE, height: TILE };
    this._paint(ctx, viewAt(place, REACH));
  },
  redraw() {
    for (const { el, coords } of Object.values(this._tiles || {})) this._draw(el, coords);
  },
});

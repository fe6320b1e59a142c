// The payload: gzip -> JSON and packed lines (see pack.py, which says the layout).

function bytesOf(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text); // three times as fast, where the browser has it
  const chars = atob(text);
  const bytes = new Uint8Array(chars.length);
  for (let i = 0; i < chars.length; i++) bytes[i] = chars.charCodeAt(i);
  return bytes;
}

async function unpack(packed) {
  const { readable, writable } = new DecompressionStream("gzip");
  const writer = writable.getWriter();
  const written = writer.write(packed).then(() => writer.close());
  const bytes = new Uint8Array(await new Response(readable).arrayBuffer());
  await written;
  const length = new DataView(bytes.buffer).getUint32(0, true);
  const data = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const next = { bytes, at: 4 + length };
  return { data, lines: () => unpackLines(next) };
}

// Lines as arrays x0, y0, x1, y1, ... in units of the whole world's width (web Mercator), y downwards.
function unpackLines(next) {
  const lines = new Array(varint(next));
  let lon = 0;
  let lat = 0;
  for (let i = 0; i < lines.length; i++) {
    const line = new Float64Array(2 * varint(next));
    for (let j = 0; j < line.length; j += 2) {
      lon += step(next);
      lat += step(next);
      line[j] = worldX(lon / 1e5);
      line[j + 1] = worldY(lat / 1e5);
    }
    lines[i] = line;
  }
  return lines;
}

function varint(next) {
  let number = 0;
  let weight = 1; // not a shift: steps may need more than 32 bits
  for (;;) {
    const byte = next.bytes[next.at++];
    number += (byte & 127) * weight;
    if (byte < 128) return number;
    weight *= 128;
  }
}

function step(next) {
  const number = varint(next);
  return number % 2 ? -(number + 1) / 2 : number / 2;
}

const worldX = (lon) => (lon + 180) / 360;
const worldY = (lat) => 0.5 - Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI);
const lonOf = (x) => x * 360 - 180;
const latOf = (y) => (Math.atan(Math.exp((0.5 - y) * 2 * Math.PI)) * 360) / Math.PI - 90;
const latLng = (x, y) => L.latLng(latOf(y), lonOf(x));

// PBKDF2-HMAC-SHA256 (RFC 8018, FIPS 180-4) for sealed maps where the browser has no ciphers of its own. Nothing is
// allocated in its rounds: it takes half as long as noble's, and a phone waits for it.

const stretched = (() => {
  // The first 32 bits of the fractional parts of the roots of the first primes: square for SEED, cube for STEPS.
  const [SEED, STEPS] = (() => {
    const primes = [];
    for (let n = 2; primes.length < 64; n++) if (primes.every((prime) => n % prime)) primes.push(n);
    const fraction = (root) => ((root % 1) * 2 ** 32) | 0;
    const words = (from, root) => Int32Array.from(from, (n) => fraction(root(n)));
    return [words(primes.slice(0, 8), Math.sqrt), words(primes, Math.cbrt)];
  })();
  const WORDS = new Int32Array(64);

  // One block: the state `from` with the 16 words at the head of WORDS, into `to`.
  function compress(from, to) {
    for (let i = 16; i < 64; i++) {
      const x = WORDS[i - 15];
      const y = WORDS[i - 2];
      const s = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const t = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      WORDS[i] = (WORDS[i - 16] + s + WORDS[i - 7] + t) | 0;
    }
    let a = from[0], b = from[1], c = from[2], d = from[3], e = from[4], f = from[5], g = from[6], h = from[7];
    for (let i = 0; i < 64; i++) {
      const s = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t = (h + s + (g ^ (e & (f ^ g))) + STEPS[i] + WORDS[i]) | 0;
      const u = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      h = g; g = f; f = e; e = (d + t) | 0;
      d = c; c = b; b = a; a = (t + u + (((b | d) & c) | (b & d))) | 0;
    }
    to[0] = (from[0] + a) | 0; to[1] = (from[1] + b) | 0; to[2] = (from[2] + c) | 0; to[3] = (from[3] + d) | 0;
    to[4] = (from[4] + e) | 0; to[5] = (from[5] + f) | 0; to[6] = (from[6] + g) | 0; to[7] = (from[7] + h) | 0;
  }

  // The key of `secret` (at most a block, 64 bytes) after `rounds` rounds; `first` is what one round gives. Every 50,000
  // rounds the page may draw.
  return async function stretched(secret, first, rounds) {
    const padded = (byte) => {
      const block = new Uint8Array(64).fill(byte);
      secret.forEach((value, i) => (block[i] ^= value));
      const view = new DataView(block.buffer);
      for (let i = 0; i < 16; i++) WORDS[i] = view.getInt32(4 * i);
      const state = new Int32Array(8);
      compress(SEED, state);
      return state;
    };
    const inner = padded(0x36);
    const outer = padded(0x5c);
    const view = new DataView(first.buffer, first.byteOffset, 32);
    // A digest stands at the head of WORDS; behind it always the padding of a message of one block and 32 bytes.
    for (let i = 0; i < 8; i++) WORDS[i] = view.getInt32(4 * i);
    const key = WORDS.slice(0, 8);
    for (let round = 1; round < rounds; round++) {
      for (let side = 0; side < 2; side++) {
        WORDS.fill(0, 8, 16);
        WORDS[8] = 1 << 31;
        WORDS[15] = 8 * 96;
        compress(side ? outer : inner, WORDS);
      }
      for (let i = 0; i < 8; i++) key[i] ^= WORDS[i];
      if (round % 50_000 === 0) await new Promise((drawn) => setTimeout(drawn));
    }
    key.forEach((word, i) => view.setInt32(4 * i, word));
    return first;
  };
})();

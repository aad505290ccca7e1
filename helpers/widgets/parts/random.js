// Random numbers that are the same for the same seed, on every machine.

/**
 * A generator: uniform() gives numbers from 0 up to 1, normal() such with mean 0 and
 * deviation 1, whole(n) one of 0 … n − 1, shuffled(n) all of them in random order.
 */
export function randomFrom(seed) {
  let state = seed | 0;
  let spare = null;

  // mulberry32, Tommy Ettinger's: 32 bits of state are plenty for a picture of learning.
  function uniform() {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Box and Muller's: they come in pairs, one is kept for the next call. */
  function normal() {
    if (spare !== null) {
      const kept = spare;
      spare = null;
      return kept;
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  const whole = (n) => Math.floor(uniform() * n);

  function shuffled(n) {
    const order = Int32Array.from({ length: n }, (_, k) => k);
    for (let last = n - 1; last > 0; last--) {
      const other = whole(last + 1);
      [order[last], order[other]] = [order[other], order[last]];
    }
    return order;
  }

  return { uniform, normal, whole, shuffled };
}

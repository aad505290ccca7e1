// Landscapes of a loss over two weights, with their slopes; as in landscapes.py, which tells
// the page how far each reaches and where its minima are.

/** Half widths of the picture from its centre, where a path counts as lost. */
const BOUND = 10;
const HAIR = 1e-4; // for a derivative of the slope

/** By name: value(x, y) is the loss, gradient(x, y) the pair of its derivatives. */
export const SURFACES = {
  bowl: {
    value: (x, y) => x * x + y * y,
    gradient: (x, y) => [2 * x, 2 * y],
  },
  valley: {
    value: (x, y) => (x * x) / 2 + 10 * y * y,
    gradient: (x, y) => [x, 20 * y],
  },
  saddle: {
    value: (x, y) => (x * x) / 2 + (y * y - 1) ** 2 / 4,
    gradient: (x, y) => [x, y * y * y - y],
  },
  two_minima: {
    value: (x, y) =>
      x ** 4 / 4 - x ** 3 / 6 - 1.125 * x * x + 1.125 * x + 2.390625 + y * y,
    gradient: (x, y) => [(x + 1.5) * (x - 0.5) * (x - 1.5), 2 * y],
  },
  rosenbrock: {
    value: (x, y) => ((1 - x) ** 2 + 100 * (y - x * x) ** 2) / 200,
    gradient: (x, y) => [(x - 1) / 100 - 2 * x * (y - x * x), y - x * x],
  },
  bumpy: {
    value: (x, y) => (x * x + y * y + 2 - Math.cos(4 * x) - Math.cos(4 * y)) / 4,
    gradient: (x, y) => [x / 2 + Math.sin(4 * x), y / 2 + Math.sin(4 * y)],
  },
};

/** Whether a point lies so far away that a path has diverged. */
export const isLost = ({ w1, w2 }, [x, y]) =>
  ![[x, w1], [y, w2]].every(
    ([at, [low, high]]) => Math.abs(at - (low + high) / 2) <= (BOUND * (high - low)) / 2,
  );

/** The minimum that is nearest to a point, and how far it is. */
export function nearestMinimum({ minima }, [x, y]) {
  const distances = minima.map(([a, b]) => Math.hypot(x - a, y - b));
  const distance = Math.min(...distances);
  return { distance, minimum: minima[distances.indexOf(distance)] };
}

/** How fast the slope grows at a point, in the direction in which it grows fastest. */
export function curvature({ gradient }, [x, y]) {
  const slopes = (dx, dy) => {
    const [after, before] = [gradient(x + dx, y + dy), gradient(x - dx, y - dy)];
    return after.map((slope, k) => (slope - before[k]) / (2 * HAIR));
  };
  const [[xx, xy], [, yy]] = [slopes(HAIR, 0), slopes(0, HAIR)];
  return (xx + yy) / 2 + Math.hypot((xx - yy) / 2, xy);
}

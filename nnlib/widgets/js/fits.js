// The straight lines y = slope · x + level that fit points best, by three losses.

const sum = (values) => values.reduce((a, b) => a + b, 0);

// Least squares with a weight for each point, from its formula.
function weighted(x, y, weights) {
  const total = sum(weights);
  const mean = (values) => sum(values.map((v, i) => weights[i] * v)) / total;
  const [mx, my] = [mean(x), mean(y)];
  const spread = sum(x.map((v, i) => weights[i] * (v - mx) ** 2));
  const slope = sum(x.map((v, i) => weights[i] * (v - mx) * (y[i] - my))) / spread;
  return { slope, level: my - slope * mx };
}

export const squares = (x, y) => weighted(x, y, x.map(() => 1));

export const misses = (x, y, { slope, level }) => x.map((v, i) => y[i] - slope * v - level);

// Of all lines through two of the points, the one with the smallest sum of absolute errors: one of
// the best lines always passes through two points.
export function absolute(x, y) {
  let best = null;
  let least = Infinity;
  for (let i = 0; i < x.length; i++)
    for (let j = i + 1; j < x.length; j++) {
      if (x[i] === x[j]) continue;
      const slope = (y[j] - y[i]) / (x[j] - x[i]);
      const line = { slope, level: y[i] - slope * x[i] };
      const error = sum(misses(x, y, line).map(Math.abs));
      if (error < least) [best, least] = [line, error];
    }
  return best;
}

// Least squares again and again, with less weight for points farther off than delta.
export function huber(x, y, delta) {
  let line = squares(x, y);
  for (let round = 0; round < 200; round++) {
    const weights = misses(x, y, line).map((miss) => Math.min(1, delta / Math.max(Math.abs(miss), 1e-12)));
    line = weighted(x, y, weights);
  }
  return line;
}

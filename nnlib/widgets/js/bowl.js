// The bowl J(w) = w·Hw/2 over a plane: its directions, walks down it, and its map.
import { plane, range, svg, way } from "./kit.js";

// Eigenvalues of a symmetric 2 × 2 matrix, the gentle one first, and their directions of length 1.
export function directions([[a, b], [, d]]) {
  const middle = (a + d) / 2;
  const spread = Math.hypot((a - d) / 2, b);
  const turn = Math.atan2(2 * b, a - d) / 2; // of the steep direction
  return {
    values: [middle - spread, middle + spread],
    vectors: [[-Math.sin(turn), Math.cos(turn)], [Math.cos(turn), Math.sin(turn)]], // prettier-ignore
  };
}

export const times = ([[a, b], [c, d]], [x, y]) => [a * x + b * y, c * x + d * y];
export const dot = ([a, b], [c, d]) => a * c + b * d;
export const height = (H, w) => dot(times(H, w), w) / 2;

// The places of gradient descent with momentum, the start included.
export function walk(H, start, lr, momentum, steps) {
  const path = [start];
  let velocity = [0, 0];
  for (let step = 0; step < steps; step++) {
    const w = path.at(-1);
    const gradient = times(H, w);
    velocity = velocity.map((v, i) => momentum * v + gradient[i]);
    path.push(w.map((v, i) => v - lr * velocity[i]));
  }
  return path;
}

// "converges", "diverges" or, at the border itself, neither.
export function verdict(lr, border) {
  if (Math.abs(lr - border) <= 1e-9 * border) return "stays on the border";
  return lr < border ? "converges" : "diverges";
}

// What of a path is on the map, and the first place beyond it.
export function seen(path, reach) {
  const out = path.findIndex((w) => w.some((v) => !(Math.abs(v) <= reach)));
  return out < 0 ? path : path.slice(0, out + 1);
}

// A square map with rings of equal height; `middle` and `front` take what is walked on it.
export function map(H, reach) {
  const limits = [-reach, reach];
  const axes = plane({ x: limits, y: limits, xlabel: "w1", ylabel: "w2", width: 350, height: 350 });
  const { values, vectors } = directions(H);
  const highest = height(H, [reach, reach]);
  for (const share of range(0.1, 1.3, 10)) {
    const level = highest * share ** 2; // closer together near the bottom: the shape of a valley
    const ring = range(0, 2 * Math.PI, 96).map((turn) => {
      const along = [Math.cos(turn), Math.sin(turn)];
      const lengths = values.map((value, i) => along[i] * Math.sqrt((2 * level) / value));
      return [0, 1].map((i) => lengths[0] * vectors[0][i] + lengths[1] * vectors[1][i]);
    });
    axes.back.append(svg("path", { class: "nn-ring", d: `${way(axes, ring)}Z` }));
  }
  return axes;
}

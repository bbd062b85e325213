// The line at which a perceptron decides, within a box.

// Where w1·x1 + w2·x2 + b = 0 crosses the box [left, right] × [bottom, top]: two points, or none.
export function crossings([w1, w2], b, [left, right], [bottom, top]) {
  const found = [];
  for (const x of [left, right]) {
    const y = -(w1 * x + b) / w2;
    if (y >= bottom && y <= top) found.push([x, y]);
  }
  for (const y of [bottom, top]) {
    const x = -(w2 * y + b) / w1;
    if (x > left && x < right) found.push([x, y]);
  }
  return found.slice(0, 2);
}

// The corners of the part of the box where the weighted sum is above 0, in order.
export function firing([w1, w2], b, [left, right], [bottom, top]) {
  const sum = ([x, y]) => w1 * x + w2 * y + b;
  const corners = [[left, bottom], [right, bottom], [right, top], [left, top]]; // prettier-ignore
  const kept = [];
  corners.forEach((here, i) => {
    const there = corners[(i + 1) % 4];
    const [s, t] = [sum(here), sum(there)];
    if (s > 0) kept.push(here);
    if (s > 0 !== t > 0) {
      const share = s / (s - t);
      kept.push(here.map((v, axis) => v + share * (there[axis] - v)));
    }
  });
  return kept;
}

// A trained network, run in the browser: what chain.py says in torch, in plain loops.

// 16 bits as a number: a sign, five bits of exponent, ten of fraction.
export function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent ? sign * (1 + fraction / 1024) * 2 ** (exponent - 15) : sign * fraction * 2 ** -24;
}

const product = (sizes) => sizes.reduce((a, b) => a * b, 1);

// How many weights the steps of a chain take from the row.
export function weightCount(steps) {
  let total = 0;
  for (const { kind, shape, length } of steps) {
    if (kind === "conv" || kind === "linear") total += product(shape) + shape[0];
    if (kind === "scale") total += 2 * length;
  }
  return total;
}

// The chain with its weights as numbers; view: a DataView that begins with them.
export function unpack(steps, view) {
  let place = 0;
  const take = (n) => {
    const taken = Float32Array.from({ length: n }, (_, i) => half(view.getUint16(place + 2 * i, true)));
    place += 2 * n;
    return taken;
  };
  return steps.map((step) => {
    if (step.kind === "scale") return { ...step, factor: take(step.length), shift: take(step.length) };
    if (step.kind !== "conv" && step.kind !== "linear") return step;
    return { ...step, weight: take(product(step.shape)), bias: take(step.shape[0]) };
  });
}

// A picture or what a layer gives: `values` of shape [channels, height, width] or [units].
const STEPS = {
  conv(x, { weight, bias, shape, stride, padding }) {
    const [outputs, channels, high, wide] = shape;
    const [, height, width] = x.shape;
    const rows = Math.floor((height + 2 * padding[0] - high) / stride[0]) + 1;
    const columns = Math.floor((width + 2 * padding[1] - wide) / stride[1]) + 1;
    const values = new Float32Array(outputs * rows * columns);
    let at = 0;
    for (let o = 0; o < outputs; o++)
      for (let r = 0; r < rows; r++)
        for (let c = 0; c < columns; c++) {
          let sum = bias[o];
          for (let k = 0; k < channels; k++)
            for (let i = 0; i < high; i++) {
              const row = r * stride[0] - padding[0] + i;
              if (row < 0 || row >= height) continue;
              for (let j = 0; j < wide; j++) {
                const column = c * stride[1] - padding[1] + j;
                if (column < 0 || column >= width) continue;
                const w = weight[((o * channels + k) * high + i) * wide + j];
                sum += w * x.values[(k * height + row) * width + column];
              }
            }
          values[at++] = sum;
        }
    return { values, shape: [outputs, rows, columns] };
  },

  linear(x, { weight, bias, shape: [outputs, inputs] }) {
    const values = bias.map((start, o) => {
      let sum = start;
      for (let i = 0; i < inputs; i++) sum += weight[o * inputs + i] * x.values[i];
      return sum;
    });
    return { values, shape: [outputs] };
  },

  scale(x, { factor, shift, length }) {
    const each = x.values.length / length;
    const values = x.values.map((v, i) => v * factor[Math.floor(i / each)] + shift[Math.floor(i / each)]);
    return { values, shape: x.shape };
  },

  max: (x, step) => pooled(x, step, (found) => Math.max(...found)),
  mean: (x, step) => pooled(x, step, (found) => found.reduce((a, b) => a + b, 0) / found.length),
  relu: (x, { slope }) => ({ ...x, values: x.values.map((v) => (v > 0 ? v : slope * v)) }),
  sigmoid: (x) => ({ ...x, values: x.values.map((v) => 1 / (1 + Math.exp(-v))) }),
  tanh: (x) => ({ ...x, values: x.values.map(Math.tanh) }),
  flatten: (x) => ({ ...x, shape: [x.values.length] }),
};

function pooled({ values, shape: [channels, height, width] }, { size, stride }, pick) {
  const rows = Math.floor((height - size[0]) / stride[0]) + 1;
  const columns = Math.floor((width - size[1]) / stride[1]) + 1;
  const made = new Float32Array(channels * rows * columns);
  let at = 0;
  for (let k = 0; k < channels; k++)
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++) {
        const found = [];
        for (let i = 0; i < size[0]; i++)
          for (let j = 0; j < size[1]; j++)
            found.push(values[(k * height + r * stride[0] + i) * width + c * stride[1] + j]);
        made[at++] = pick(found);
      }
  return { values: made, shape: [channels, rows, columns] };
}

// What each layer gives for a picture of 28 × 28 gray values: a conv or linear step with those that
// follow it. The last is the logits.
export function layers(chain, picture, mean, deviation) {
  let x = { values: Float32Array.from(picture, (v) => (v / 255 - mean) / deviation), shape: [1, 28, 28] };
  const found = [];
  for (const step of chain) {
    x = STEPS[step.kind](x, step);
    if (step.kind === "flatten") continue; // it only hides the shape
    if (step.kind === "conv" || step.kind === "linear" || !found.length) found.push(x);
    else found[found.length - 1] = x;
  }
  return found;
}

export function softmax(logits) {
  const largest = Math.max(...logits);
  const powers = [...logits].map((z) => Math.exp(z - largest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

// A drawing of side × side gray values as MNIST's makers would have prepared it: cut out, scaled so
// that its longer side is 20 pixels, its center of mass on the pixel in row 14 and column 14. The
// same as `center` in digits.py. Without ink: all black.
export function center(drawing, side) {
  let [top, left, bottom, right] = [side, side, -1, -1];
  drawing.forEach((ink, i) => {
    if (!ink) return;
    const [row, column] = [Math.floor(i / side), i % side];
    [top, bottom] = [Math.min(top, row), Math.max(bottom, row)];
    [left, right] = [Math.min(left, column), Math.max(right, column)];
  });
  const picture = new Uint8Array(28 * 28);
  if (bottom < 0) return picture;
  const [tall, wide] = [bottom - top + 1, right - left + 1];
  const [height, width] = [tall, wide].map((length) =>
    Math.max(1, nearest((20 * length) / Math.max(tall, wide))),
  );
  const scaled = new Float64Array(height * width);
  let [total, down, across] = [0, 0, 0];
  for (let r = 0; r < height; r++)
    for (let c = 0; c < width; c++) {
      const ink = area(drawing, side, top, left, tall, wide, height, width, r, c);
      scaled[r * width + c] = ink;
      total += ink;
      down += ink * (r + 0.5);
      across += ink * (c + 0.5);
    }
  // A hair less: where the middle is a whole number, rounding errors must not decide.
  const begin = (mass, length) =>
    Math.min(Math.max(Math.ceil(14 - mass / total - 1e-4), 0), 28 - length);
  const [row, column] = [begin(down, height), begin(across, width)];
  for (let r = 0; r < height; r++)
    for (let c = 0; c < width; c++)
      picture[(row + r) * 28 + column + c] = nearest(scaled[r * width + c]);
  return picture;
}

// The nearest whole number, of two the even one, as Python and torch round.
function nearest(v) {
  const below = Math.floor(v);
  if (v - below !== 0.5) return Math.round(v);
  return below % 2 === 0 ? below : below + 1;
}

// The mean ink under one pixel of the scaled picture.
function area(drawing, side, top, left, tall, wide, height, width, r, c) {
  const [first, last] = [Math.floor((r * tall) / height), Math.ceil(((r + 1) * tall) / height)];
  const [from, to] = [Math.floor((c * wide) / width), Math.ceil(((c + 1) * wide) / width)];
  let sum = 0;
  for (let i = first; i < last; i++)
    for (let j = from; j < to; j++) sum += drawing[(top + i) * side + left + j];
  return sum / ((last - first) * (to - from));
}

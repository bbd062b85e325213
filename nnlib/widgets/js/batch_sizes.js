// Batch size and learning rate, and how a network learns with batch norm and without.
import { count, legend, number, plane, set, svg, way, widget } from "./kit.js";

// The percents of one setting: they lie in one row of bytes, size by size, with batch norm before
// without, rate by rate, one for each place in `read`.
export function percents(data, bytes, size, norm, rate) {
  let start = 0;
  for (let i = 0; i < size; i++) start += 2 * data.rates.length * data.read[i].length;
  const length = data.read[size].length;
  start += ((norm ? 0 : data.rates.length) + rate) * length;
  return [...bytes.slice(start, start + length)];
}

export default widget("Batch size, learning rate and batch norm", (data, frame, model) => {
  const view = model.get("binary");
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const last = Math.max(...data.read.map((rows) => rows.at(-1)));
  const chosen = { size: data.size, lr: data.lr };
  frame.slider("batch size", data.sizes, chosen.size, (size) => draw({ size }));
  frame.slider("learning rate", data.rates, chosen.lr, (lr) => draw({ lr }));
  const axes = plane({ x: [0, last], y: [0, 100], xlabel: "rows read", ylabel: "right (%)", width: 440 });
  const lines = [1, 2].map((i) => svg("path", { class: `nn-stroke-${i}` }));
  axes.middle.append(...lines);
  const names = legend([["nn-stroke-1", "batch norm"], ["nn-stroke-2", "without"]]); // prettier-ignore
  frame.panel(axes.svg, names);

  function draw(change) {
    Object.assign(chosen, change);
    const [size, rate] = [data.sizes.indexOf(chosen.size), data.rates.indexOf(chosen.lr)];
    const read = data.read[size];
    const [normed, plain] = [true, false].map((norm) => percents(data, bytes, size, norm, rate));
    [normed, plain].forEach((right, i) =>
      set(lines[i], { d: way(axes, right.map((percent, j) => [read[j], percent])) }),
    );
    const steps = count(Math.floor(last / chosen.size), "step");
    axes.name(`One epoch: ${steps} of ${chosen.size} rows, lr ${number(chosen.lr)}`);
    frame.say(
      `After ${steps}, ${normed.at(-1)} % are right with batch norm, ${plain.at(-1)} % without.`,
    );
  }
  draw({});
});

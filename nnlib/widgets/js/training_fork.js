// A training to rewind: go back to any step, change the learning rate or silence a unit, and a second
// future grows beside the first.
import { legend, mark, number, plane, range, set, svg, way, widget } from "./kit.js";
import { logit, train } from "./tiny_net.js";

const CELLS = 30; // of the plane, in each direction

export default widget("A training to rewind and fork", (data, frame) => {
  const { X, y, start, lr, rates, rounds, stride, xlim, ylim } = data;
  const first = train(start, X, y, lr, rounds, stride);
  let fork = null; // { at, lr, silent, record } once there is one
  const steps = range(0, rounds, rounds);
  const time = frame.slider("step", steps, 0, draw, (round) => String(round * stride));
  const [split] = frame.buttons(["fork here", toggle]);
  const rate = frame.slider("its learning rate", rates, lr, grow);
  const units = ["none", ...start.b.map((_, i) => `unit ${i + 1}`)];
  const silent = frame.menu("silence", units, "none", grow);
  const planes = ["The first run", "The fork"].map((title) => {
    const axes = plane({ x: xlim, y: ylim, title, width: 320, height: 260 });
    const cells = [];
    for (let r = 0; r < CELLS; r++)
      for (let c = 0; c < CELLS; c++) {
        const at = (limits, i) => limits[0] + ((limits[1] - limits[0]) * i) / CELLS;
        const cell = svg("rect", {
          class: "nn-fires",
          x: axes.x(at(xlim, c)),
          y: axes.y(at(ylim, r + 1)),
          width: axes.x(at(xlim, 1)) - axes.x(at(xlim, 0)),
          height: axes.y(at(ylim, 0)) - axes.y(at(ylim, 1)),
        });
        cells.push([cell, [at(xlim, c + 0.5), at(ylim, r + 0.5)]]);
        axes.back.append(cell);
      }
    axes.front.append(...X.map(([a, b], i) => mark(y[i], axes.x(a), axes.y(b), 3.5)));
    const panel = frame.panel(axes.svg);
    const show = (weights) => {
      for (const [cell, place] of cells) cell.style.display = logit(weights, place) > 0 ? "" : "none";
    };
    return { panel, show };
  });
  const highest = Math.max(...first.map(({ loss }) => loss)) * 1.3;
  const losses = plane({ x: [0, rounds * stride], y: [0, highest], xlabel: "step", ylabel: "loss", width: 320, height: 260 });
  const lines = [1, 2].map((i) => svg("path", { class: `nn-stroke-${i}` }));
  const now = svg("line", { class: "nn-line nn-thin", y1: losses.inner.top, y2: losses.inner.bottom });
  losses.middle.append(now, ...lines);
  const names = [["nn-stroke-1", "the first run"], ["nn-stroke-2", "the fork"]]; // prettier-ignore
  frame.panel(losses.svg, legend(names));
  const curve = (record, from) =>
    way(losses, record.map(({ loss }, i) => [(from + i) * stride, Math.min(loss, 2 * highest)])); // prettier-ignore

  function toggle() {
    fork = fork ? null : { at: time.value };
    grow();
  }

  // Train the second future anew, from where the fork began.
  function grow() {
    if (fork) {
      const unit = units.indexOf(silent.value) - 1;
      fork.record = train(first[fork.at].weights, X, y, rate.value, rounds - fork.at, stride, unit);
    }
    draw(time.value);
  }

  function draw(round) {
    rate.input.disabled = silent.input.disabled = !fork;
    split.textContent = fork ? "drop the fork" : "fork here";
    planes[1].panel.hidden = !fork;
    planes[0].show(first[round].weights);
    const x = losses.x(round * stride);
    set(now, { x1: x, x2: x });
    set(lines[0], { d: curve(first, 0) });
    set(lines[1], { d: fork ? curve(fork.record, fork.at) : "" });
    let told = `At step ${round * stride} the loss is ${number(first[round].loss)}`;
    if (fork) {
      const other = (round < fork.at ? first : fork.record)[round < fork.at ? round : round - fork.at];
      planes[1].show(other.weights);
      told += `, in the fork from step ${fork.at * stride} it is ${number(other.loss)}`;
    }
    frame.say(`${told}.`);
  }
  draw(0);
});

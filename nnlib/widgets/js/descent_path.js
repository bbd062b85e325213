// A learning rate and a momentum, and the path they walk down a bowl.
import { directions, height, map, seen, verdict, walk } from "./bowl.js";
import { number, plane, set, svg, way, widget } from "./kit.js";

export default widget("Learning rate and momentum", (data, frame) => {
  const { H, start, steps, reach } = data;
  const chosen = { lr: data.lr, momentum: data.momentum };
  const steepest = directions(H).values[1];
  frame.slider("learning rate", data.rates, chosen.lr, (lr) => draw({ lr }));
  frame.slider("momentum", data.momenta, chosen.momentum, (momentum) => draw({ momentum }));
  const chart = map(H, reach);
  const path = svg("path", { class: "nn-stroke-2 nn-solid" });
  const dots = svg("g", { class: "nn-dots" });
  chart.front.append(path, dots);
  chart.name("The walk");
  const losses = plane({ x: [0, steps], y: [1e-6, 1e3], logy: true, xlabel: "step", ylabel: "loss" });
  const line = svg("path", { class: "nn-stroke-2 nn-solid" });
  losses.middle.append(line);
  losses.name("The loss");
  frame.panel(chart.svg);
  frame.panel(losses.svg);

  function draw(change) {
    const { lr, momentum } = Object.assign(chosen, change);
    const walked = walk(H, start, lr, momentum, steps);
    const border = (2 * (1 + momentum)) / steepest;
    const what = verdict(lr, border);
    const shown = what === "diverges" ? seen(walked, reach) : walked;
    set(path, { d: way(chart, shown) });
    dots.replaceChildren(
      ...shown.map(([x, y], i) =>
        svg("circle", { cx: chart.x(x), cy: chart.y(y), r: i === 0 || i === shown.length - 1 ? 6 : 3 }),
      ),
    );
    dots.firstChild.classList.add("nn-start");
    const fallen = walked.map((w) => height(H, w));
    set(line, { d: way(losses, fallen.map((loss, step) => [step, Math.max(loss, 1e-30)])) });
    frame.say(
      `It ${what}: the loss is ${number(fallen.at(-1))} after ${steps} steps. ` +
        `With this momentum the border is at a learning rate of ${number(border)}.`,
    );
  }
  draw({});
});

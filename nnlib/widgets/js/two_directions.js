// One learning rate, two directions of a bowl: the gentle and the steep part of the error by step.
import { directions, dot, map, seen, verdict, walk } from "./bowl.js";
import { legend, number, plane, set, svg, way, widget } from "./kit.js";

// How far each place of a path lies from the minimum along a direction.
export const parts = (path, direction) => path.map((w) => Math.abs(dot(w, direction)));

export default widget("One learning rate, two directions", (data, frame) => {
  const { H, start, steps, reach } = data;
  const { values, vectors } = directions(H);
  frame.slider("learning rate", data.rates, data.lr, draw);
  const chart = map(H, reach);
  chart.name("The walk");
  vectors.forEach((vector, i) => {
    const ends = [-2, 2].map((share) => vector.map((v) => share * reach * v));
    chart.middle.append(svg("path", { class: `nn-stroke-${i + 1}`, d: way(chart, ends) }));
  });
  const path = svg("path", { class: "nn-line" });
  const dots = svg("g", { class: "nn-steps" });
  chart.front.append(path, dots);
  const errors = plane({ x: [0, steps], y: [1e-6, 1e3], logy: true, xlabel: "step", ylabel: "distance", title: "Both parts of the error" });
  const lines = [1, 2].map((i) => svg("path", { class: `nn-stroke-${i}` }));
  errors.middle.append(...lines);
  frame.panel(chart.svg);
  const names = values.map((value, i) => [`nn-stroke-${i + 1}`, `${["gentle", "steep"][i]}, λ = ${number(value)}`]);
  frame.panel(errors.svg, legend(names));

  function draw(lr) {
    const walked = walk(H, start, lr, 0, steps);
    const shown = verdict(lr, 2 / values[1]) === "diverges" ? seen(walked, reach) : walked;
    set(path, { d: way(chart, shown) });
    dots.replaceChildren(...shown.map(([x, y]) => svg("circle", { cx: chart.x(x), cy: chart.y(y), r: 3.5 })));
    lines.forEach((line, i) => {
      const distances = parts(walked, vectors[i]).map((v, step) => [step, Math.max(v, 1e-30)]);
      set(line, { d: way(errors, distances) });
    });
    const factors = values.map((value) => number(1 - lr * value));
    frame.say(
      `Each step multiplies the gentle part by ${factors[0]} and the steep part by ${factors[1]}: ` +
        `the walk ${verdict(lr, 2 / values[1])}.`,
    );
  }
  draw(data.lr);
});

// A layer of two neurons bends the plane: the inputs, their sums, and what ReLU leaves of them.
import { legend, mark, number, plane, range, set, svg, way, widget } from "./kit.js";

// A place on its way: 0 the input itself, 1 the two sums, 2 after ReLU.
export function moved([x1, x2], { W, b }, stage) {
  const sums = W.map(([u, v], i) => u * x1 + v * x2 + b[i]);
  const first = Math.min(stage, 1);
  const second = Math.max(stage - 1, 0);
  const between = [x1, x2].map((v, i) => v + first * (sums[i] - v));
  return between.map((v) => v + second * (Math.max(v, 0) - v));
}

// Which neurons fire there: 0 none, 1 the first, 2 the second, 3 both.
export function firing([x1, x2], { W, b }) {
  const fires = W.map(([u, v], i) => u * x1 + v * x2 + b[i] > 0);
  return (fires[0] ? 1 : 0) + (fires[1] ? 2 : 0);
}

export default widget("A layer bends the plane", (data, frame) => {
  const stages = range(0, 2, 40);
  frame.slider("through the layer", stages, 0, draw, (stage) => {
    if (stage === 0) return "inputs";
    if (stage === 1) return "sums";
    return stage === 2 ? "after ReLU" : `${Math.round(50 * stage)} %`;
  });
  const axes = plane({ x: data.limits, y: data.limits, width: 400, height: 390 });
  const dots = data.grid.map((place) => {
    const dot = svg("circle", { class: `nn-who-${firing(place, data)}`, r: 3 });
    axes.middle.append(dot);
    return dot;
  });
  const wires = data.wires.map(() => svg("path", { class: "nn-line nn-thin" }));
  axes.back.append(...wires);
  const samples = svg("g");
  axes.front.append(samples);
  const names = [
    ["nn-who-0", "no neuron fires"],
    ["nn-who-1", "neuron 1"],
    ["nn-who-2", "neuron 2"],
    ["nn-who-3", "both"],
    ["nn-class-0", data.classes[0]],
    ["nn-class-1", data.classes[1]],
  ];
  frame.panel(axes.svg, legend(names));

  function draw(stage) {
    const go = (place) => moved(place, data, stage);
    data.grid.forEach((place, i) => {
      const [u, v] = go(place);
      set(dots[i], { cx: axes.x(u), cy: axes.y(v) });
    });
    data.wires.forEach((wire, i) => set(wires[i], { d: way(axes, wire.map(go)) }));
    const places = data.X.map(go);
    samples.replaceChildren(...places.map(([u, v], i) => mark(data.y[i], axes.x(u), axes.y(v), 7)));
    const told = places.map((place) => `(${place.map((v) => number(v)).join(", ")})`);
    const distinct = new Set(told).size;
    const fall = distinct < told.length ? ` They fall onto ${distinct} places.` : "";
    frame.say(`The samples are at ${told.join(", ")}.${fall}`);
  }
  draw(0);
});

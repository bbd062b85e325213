// A point to slide along a curve, its tangent, and below how steep the curve is there.
import { number, plane, set, svg, way, widget } from "./kit.js";

export default widget("A slope to slide", (data, frame) => {
  const { x, y, slope } = data;
  const limits = [x[0], x.at(-1)];
  const padded = (values) => {
    const [low, high] = [Math.min(...values, 0), Math.max(...values, 0)];
    const pad = 0.1 * (high - low);
    return [low - pad, high + pad];
  };
  frame.slider("x", x, data.start, draw, (v) => number(v, 3));
  const above = plane({ x: limits, y: padded(y), xlabel: "x", ylabel: "f(x)", title: "The curve" });
  const below = plane({ x: limits, y: padded(slope), xlabel: "x", ylabel: "slope", title: "Its slope" });
  const pairs = (values) => values.map((v, i) => [x[i], v]);
  above.middle.append(svg("path", { class: "nn-stroke-1", d: way(above, pairs(y)) }));
  const zero = { x1: below.x(limits[0]), x2: below.x(limits[1]), y1: below.y(0), y2: below.y(0) };
  below.back.append(svg("line", { class: "nn-line nn-thin nn-dashed", ...zero }));
  const drawn = svg("path", { class: "nn-stroke-1" });
  below.middle.append(drawn);
  const tangent = svg("path", { class: "nn-stroke-2 nn-solid" });
  const here = [above, below].map((axes) => {
    const dot = svg("circle", { class: "nn-class-1", r: 6 });
    axes.front.append(dot);
    return dot;
  });
  above.front.prepend(tangent);
  frame.panel(above.svg);
  frame.panel(below.svg);

  function draw(at) {
    const i = x.indexOf(at);
    const line = limits.map((v) => [v, y[i] + slope[i] * (v - at)]);
    set(tangent, { d: way(above, line) });
    set(drawn, { d: way(below, pairs(slope).slice(0, i + 1)) });
    set(here[0], { cx: above.x(at), cy: above.y(y[i]) });
    set(here[1], { cx: below.x(at), cy: below.y(slope[i]) });
    const flat = Math.abs(slope[i]) < 1e-9;
    const what = flat ? "The curve is flat here" : slope[i] > 0 ? "It rises here" : "It falls here";
    frame.say(`${what}: one step to the right changes f by about ${number(slope[i], 3)} steps.`);
  }
  draw(data.start);
});

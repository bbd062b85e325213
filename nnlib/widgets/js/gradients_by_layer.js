// Activation, depth and starting weights, and what they leave of the gradient, layer by layer.
import { count, number, plane, set, svg, way, widget } from "./kit.js";

// The sizes of one setting, the last layer first; the data holds thousandths of their logarithms.
export const sizes = (data, activation, depth, start) =>
  data.sizes[activation][start][data.depths.indexOf(depth)].map((log) =>
    log === null ? 0 : 10 ** (log / 1000),
  );

export default widget("The gradient's way back through the layers", (data, frame) => {
  const chosen = { activation: data.activation, depth: data.depth, start: data.start };
  const activations = Object.keys(data.sizes);
  const starts = Object.keys(data.sizes[data.activation]);
  frame.menu("activation", activations, chosen.activation, (activation) => draw({ activation }));
  frame.menu("starting weights", starts, chosen.start, (start) => draw({ start }));
  frame.slider("depth", data.depths, chosen.depth, (depth) => draw({ depth }));
  const deepest = data.depths.at(-1);
  // The same scale for all: otherwise each line would fill the picture, and look alike.
  const axes = plane({
    x: [1, deepest],
    xticks: [1, 10, 20, 30, 40].filter((tick) => tick <= deepest),
    y: [1e-12, 1e12],
    logy: true,
    xlabel: "layers walked back",
    ylabel: "gradient",
    width: 440,
  });
  const even = { x1: axes.x(1), x2: axes.x(deepest), y1: axes.y(1), y2: axes.y(1) };
  const line = svg("path", { class: "nn-stroke-1" });
  const dots = svg("g", { class: "nn-class-0" });
  axes.middle.append(svg("line", { class: "nn-line nn-thin nn-dashed", ...even }), line, dots);
  frame.panel(axes.svg);

  function draw(change) {
    const { activation, depth, start } = Object.assign(chosen, change);
    const all = sizes(data, activation, depth, start);
    const points = all.map((size, i) => [i + 1, size]);
    set(line, { d: way(axes, points) });
    dots.replaceChildren(
      ...points
        .filter(([, size]) => size > 0)
        .map(([x, size]) => svg("circle", { cx: axes.x(x), cy: axes.y(size), r: 2.5 })),
    );
    if (all[0] === 0 || all.at(-1) === 0) {
      frame.say(`No gradient comes through ${count(depth, "layer")}.`);
      return;
    }
    const [first, last] = [all[0], all.at(-1)];
    const factor = (last / first) ** (1 / (depth - 1));
    const verb = last > first ? "grows" : "shrinks";
    frame.say(
      `Over ${depth} layers it ${verb} from ${number(first)} to ${number(last)}: ` +
        `from layer to layer × ${number(factor)}.`,
    );
  }
  draw({});
});

// A perceptron's two weights and bias, the line they draw, and where it fires.
import { crossings, firing } from "./decision.js";
import { legend, mark, number, plane, range, set, svg, widget } from "./kit.js";

export function equation([w1, w2], b) {
  if (w1 === 0 && w2 === 0) return "With both weights 0 there is no line";
  if (w2 === 0) return `The line is x1 = ${number(-b / w1)}`;
  const rest = -b / w2;
  return `The line is x2 = ${number(-w1 / w2)} x1 ${rest < 0 ? "−" : "+"} ${number(Math.abs(rest))}`;
}

export const wrongOnes = (X, y, [w1, w2], b) =>
  X.filter(([x1, x2], i) => w1 * x1 + w2 * x2 + b > 0 !== (y[i] === 1)).length;

export default widget("A perceptron's weights and bias", (data, frame) => {
  const { X, y, classes } = data;
  const chosen = { w1: data.w[0], w2: data.w[1], b: data.b };
  for (const name of ["w1", "w2", "b"]) {
    frame.slider(name, range(-4, 4, 32), chosen[name], (value) => {
      chosen[name] = value;
      draw();
    });
  }
  const axes = plane({ x: data.xlim, y: data.ylim, xlabel: data.xlabel, ylabel: data.ylabel });
  const area = svg("path", { class: "nn-fires" });
  const line = svg("path", { class: "nn-line" });
  axes.back.append(area);
  axes.middle.append(line);
  axes.front.append(...X.map(([x1, x2], i) => mark(y[i], axes.x(x1), axes.y(x2))));
  const rings = X.map(([x1, x2]) =>
    svg("circle", { class: "nn-wrong", cx: axes.x(x1), cy: axes.y(x2), r: 12 }),
  );
  axes.front.append(...rings);
  const names = [
    ["nn-class-0", classes[0]],
    ["nn-class-1", classes[1]],
    ["nn-fires", "it fires"],
    ["nn-wrong", "wrong"],
  ];
  frame.panel(axes.svg, legend(names));

  function draw() {
    const [w, b] = [[chosen.w1, chosen.w2], chosen.b];
    const place = ([u, v]) => `${axes.x(u)} ${axes.y(v)}`;
    const corners = firing(w, b, data.xlim, data.ylim);
    const ends = crossings(w, b, data.xlim, data.ylim);
    set(area, { d: corners.length ? `M${corners.map(place).join("L")}Z` : "" });
    set(line, { d: ends.length === 2 ? `M${ends.map(place).join("L")}` : "" });
    X.forEach(([x1, x2], i) => {
      const right = w[0] * x1 + w[1] * x2 + b > 0 === (y[i] === 1);
      rings[i].style.display = right ? "none" : "";
    });
    frame.say(`${wrongOnes(X, y, w, b)} of ${X.length} wrong. ${equation(w, b)}.`);
  }
  draw();
});

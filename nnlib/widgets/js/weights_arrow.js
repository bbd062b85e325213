// The weights as an arrow at right angles to the decision line, and Rosenblatt's rule row by row.
import { crossings, firing } from "./decision.js";
import { arrow, legend, mark, number, plane, set, svg, widget } from "./kit.js";

// The rule for one row: { wrong, w, b } after it.
export function update({ w, b }, x, y, lr) {
  const fires = w[0] * x[0] + w[1] * x[1] + b > 0 ? 1 : 0;
  const push = lr * (y - fires);
  return { wrong: push !== 0, push, w: w.map((v, i) => v + push * x[i]), b: b + push };
}

export default widget("The weights as an arrow", (data, frame) => {
  const { X, y, lr, reach } = data;
  const limits = [-reach, reach];
  const past = []; // the states before the rows that were looked at
  let now = { w: [0, 0], b: 0 };
  const [next, back, again] = frame.buttons(
    ["next row", () => step()],
    ["one row back", () => show(past.pop())],
    ["start again", () => show(past.splice(0)[0])],
  );
  const axes = plane({ x: limits, y: limits, xlabel: "x1, w1", ylabel: "x2, w2", width: 380, height: 370 });
  const area = svg("path", { class: "nn-fires" });
  const line = svg("path", { class: "nn-line" });
  const before = arrow("nn-line nn-thin nn-dashed");
  const added = arrow("nn-stroke-1");
  const weights = arrow("nn-stroke-2 nn-solid");
  const ring = svg("circle", { class: "nn-wrong", r: 12 });
  axes.back.append(area);
  axes.middle.append(line, before.part, added.part, weights.part);
  axes.front.append(...X.map(([a, b], i) => mark(y[i], axes.x(a), axes.y(b))), ring);
  const names = [
    ["nn-class-0", data.classes[0]],
    ["nn-class-1", data.classes[1]],
    ["nn-stroke-2 nn-solid", "the weights"],
    ["nn-stroke-1", "the sample, added or taken away"],
  ];
  frame.panel(axes.svg, legend(names));
  const place = ([u, v]) => [axes.x(u), axes.y(v)];
  const wrong = ({ w, b }) => X.filter((x, i) => update({ w, b }, x, y[i], 1).wrong).length;

  function step() {
    const row = past.length % X.length;
    past.push(now);
    const after = update(now, X[row], y[row], lr);
    show(after, row);
    next.focus();
  }

  function show(state, row = null) {
    const old = past.at(-1);
    now = { w: state.w, b: state.b };
    const corners = firing(now.w, now.b, limits, limits).map(place);
    const ends = crossings(now.w, now.b, limits, limits).map(place);
    set(area, { d: corners.length ? `M${corners.join("L")}Z` : "" });
    set(line, { d: ends.length === 2 ? `M${ends.join("L")}` : "" });
    weights.from(place([0, 0]), place(now.w));
    const moved = row !== null && state.wrong;
    before.from(place([0, 0]), place(moved ? old.w : [0, 0]));
    added.from(place(moved ? old.w : [0, 0]), place(moved ? now.w : [0, 0]));
    ring.style.display = row === null ? "none" : "";
    if (row !== null) set(ring, { cx: axes.x(X[row][0]), cy: axes.y(X[row][1]) });
    back.disabled = again.disabled = past.length === 0;
    const values = `w = (${now.w.map((v) => number(v)).join(", ")}), b = ${number(now.b)}`;
    let what = "All weights are 0";
    if (row === null && past.length) what = "One row back";
    if (row !== null) {
      const verb = state.push > 0 ? "should fire: the sample is added" : "should not fire: the sample is taken away";
      what = state.wrong ? `Row ${row + 1} ${verb}` : `Row ${row + 1} is right, nothing moves`;
    }
    frame.say(`${what}. ${values}; ${wrong(now)} of ${X.length} wrong.`);
  }
  show(now);
});

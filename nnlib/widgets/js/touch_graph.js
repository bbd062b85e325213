// A neuron as a graph to touch: numbers go forward, blame comes back, and blanks to fill by hand.
import { html, number, range, set, svg, widget } from "./kit.js";

// Forward and backward numbers of loss = (w·x + b − y)².
export function passes({ w, x, b, y }) {
  const product = w * x;
  const sum = product + b;
  const miss = sum - y;
  const blame = 2 * miss;
  return { product, sum, loss: miss ** 2, d_sum: blame, d_w: blame * x, d_x: blame * w, d_b: blame, d_y: -blame };
}

const BOXES = {
  w: [42, 40, "w"],
  x: [42, 120, "x"],
  b: [138, 170, "b"],
  product: [138, 80, "w · x"],
  sum: [234, 110, "+ b"],
  y: [234, 200, "y"],
  loss: [330, 140, "loss"],
};
const WAYS = [["w", "product"], ["x", "product"], ["product", "sum"], ["b", "sum"], ["sum", "loss"], ["y", "loss"]]; // prettier-ignore
const BLANKS = { d_sum: "the sum", d_w: "w", d_b: "b" };

export default widget("A graph to touch", (data, frame) => {
  const values = { w: data.w, x: data.x, b: data.b, y: data.y };
  for (const name of ["w", "x", "b", "y"])
    frame.slider(name, range(-3, 3, 24), values[name], (value) => {
      values[name] = value;
      fields.forEach(([, field]) => (field.value = ""));
      draw();
    });
  const picture = svg("svg", { viewBox: "0 0 372 240", "aria-hidden": "true", focusable: "false" });
  picture.style.maxWidth = "465px";
  for (const [from, to] of WAYS) {
    const [[x1, y1], [x2, y2]] = [BOXES[from], BOXES[to]];
    picture.append(svg("path", { class: "nn-line nn-thin", d: `M${x1 + 38} ${y1}L${x2 - 38} ${y2}` }));
  }
  const texts = {};
  for (const [name, [x, y, label]] of Object.entries(BOXES)) {
    const at = { x, "text-anchor": "middle" };
    texts[name] = svg("text", { ...at, y: y + 14 });
    texts[`d_${name}`] = svg("text", { ...at, y: y + 36, class: "nn-blame" });
    picture.append(
      svg("rect", { class: "nn-box", x: x - 38, y: y - 22, width: 76, height: 42, rx: 6 }),
      svg("text", { ...at, y: y - 6, class: "nn-title" }, label),
      texts[name],
      texts[`d_${name}`],
    );
  }
  const fields = Object.entries(BLANKS).map(([key, label]) => {
    const field = html("input", { type: "text", inputmode: "decimal", size: 6, autocomplete: "off" });
    field.addEventListener("input", draw);
    return [key, field, html("label", { class: "nn-blank" }, `blame of ${label}`, field, html("span"))];
  });
  const blanks = html("div", { class: "nn-buttons" }, ...fields.map(([, , part]) => part));
  blanks.hidden = true;
  const [ask] = frame.buttons(["let me fill it in", () => {
    blanks.hidden = !blanks.hidden;
    ask.textContent = blanks.hidden ? "let me fill it in" : "show the way back";
    draw();
  }]); // prettier-ignore
  frame.panel(picture, blanks);

  const solved = (found, key, field) =>
    field.value.trim() !== "" &&
    Math.abs(Number(field.value.replace(",", ".").replace("−", "-")) - found[key]) <= 0.01 + 0.01 * Math.abs(found[key]);

  function draw() {
    const found = passes(values);
    for (const name of Object.keys(BOXES)) texts[name].textContent = number(values[name] ?? found[name], 3);
    let right = 0;
    for (const [key, field, part] of fields) {
      const ok = solved(found, key, field);
      right += ok ? 1 : 0;
      part.lastChild.textContent = ok ? "✓ right" : field.value.trim() ? "✗ not yet" : "";
    }
    for (const key of ["d_w", "d_x", "d_b", "d_y", "d_sum"]) {
      const field = fields.find(([name]) => name === key)?.[1];
      const open = blanks.hidden || (field && solved(found, key, field));
      set(texts[key], { display: open ? null : "none" });
      texts[key].textContent = `blame ${number(found[key], 3)}`;
    }
    const told = `The loss is ${number(found.loss, 3)}`;
    if (!blanks.hidden) frame.say(`${told}. ${right} of ${fields.length} blanks are right.`);
    else frame.say(`${told}; w should go ${found.d_w > 0 ? "down" : found.d_w < 0 ? "up" : "nowhere"}.`);
  }
  draw();
});

// A window that slides over a picture: nine products, their sum, and the map that it fills.
import { drag, html, legend, number, plane, range, set, svg, widget } from "./kit.js";

// The products of the window at (row, column), line by line.
export function products(picture, kernel, row, column) {
  return kernel.map((line, i) => line.map((w, j) => w * picture[row + i][column + j]));
}

export const total = (rows) => rows.flat().reduce((a, b) => a + b, 0);

export default widget("A window that slides over a picture", (data, frame) => {
  const { picture, kernel } = data;
  const [size, span] = [picture.length, kernel.length];
  const places = size - span + 1;
  const all = range(0, places - 1, places - 1).map((r) =>
    range(0, places - 1, places - 1).map((c) => total(products(picture, kernel, r, c))),
  );
  const largest = Math.max(...all.flat().map(Math.abs), 1e-12);
  const at = { row: data.row, column: data.column };
  const seen = new Set();
  const steps = range(0, places - 1, places - 1);
  const row = frame.slider("row", steps, at.row, (r) => draw({ row: r }));
  const column = frame.slider("column", steps, at.column, (c) => draw({ column: c }));
  frame.buttons(["fill the map", () => {
    steps.forEach((r) => steps.forEach((c) => paint(r, c)));
  }]); // prettier-ignore
  const square = (title, count) =>
    plane({ x: [0, count], y: [count, 0], title, width: 320, height: 310, xticks: [], yticks: [] });
  const source = square("The picture", size);
  const target = square("The map", places);
  const cell = (axes, r, c, look) =>
    svg("rect", {
      x: axes.x(c),
      y: axes.y(r),
      width: axes.x(1) - axes.x(0) + 0.3,
      height: axes.y(1) - axes.y(0) + 0.3,
      ...look,
    });
  const brightest = Math.max(...picture.flat());
  picture.forEach((line, r) =>
    line.forEach((v, c) => {
      const gray = Math.round((255 * v) / brightest);
      source.back.append(cell(source, r, c, { fill: `rgb(${gray} ${gray} ${gray})` }));
    }),
  );
  const frames = [source, target].map((axes, i) => {
    const side = (i ? 1 : span) * (axes.x(1) - axes.x(0));
    const made = svg("rect", { class: "nn-window", width: side, height: side });
    axes.front.append(made);
    return made;
  });
  const table = html("table", { class: "nn-products", "aria-hidden": "true" });
  frame.panel(source.svg);
  frame.panel(target.svg, legend([["nn-above", "above 0"], ["nn-below", "below 0"]])); // prettier-ignore
  frame.panel(table);
  drag(source.svg, (event) => {
    const [x, y] = source.at(event);
    const inside = (v) => Math.min(Math.max(Math.round(v - span / 2), 0), places - 1);
    row.set(inside(y));
    column.set(inside(x));
    draw({ row: inside(y), column: inside(x) });
  });

  function paint(r, c) {
    const key = r * places + c;
    if (seen.has(key)) return;
    seen.add(key);
    const value = all[r][c];
    const look = { class: value > 0 ? "nn-above" : "nn-below", "fill-opacity": Math.abs(value) / largest };
    target.back.append(cell(target, r, c, look));
  }

  function draw(change) {
    Object.assign(at, change);
    const found = products(picture, kernel, at.row, at.column);
    set(frames[0], { x: source.x(at.column), y: source.y(at.row) });
    set(frames[1], { x: target.x(at.column), y: target.y(at.row) });
    paint(at.row, at.column);
    table.replaceChildren(
      ...found.map((line, i) =>
        html("tr", {}, ...line.map((product, j) => {
          const pixel = number(picture[at.row + i][at.column + j]);
          return html("td", {}, `${pixel} × ${number(kernel[i][j])}`, html("b", {}, `= ${number(product)}`));
        })),
      ),
    ); // prettier-ignore
    frame.say(`Row ${at.row}, column ${at.column}: the products add up to ${number(total(found), 3)}.`);
  }
  draw({});
});

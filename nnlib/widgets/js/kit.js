// What the figures share: elements, a frame with controls, a plane to draw on, and numbers as text.
// A figure is `widget(label, draw)`: draw(data, frame, model) puts its controls and panels into the
// frame once, and redraws what has changed when a control moves.

const SVG = "http://www.w3.org/2000/svg";
const PLAIN_KEYS = "data-lm-suppress-shortcuts"; // JupyterLab leaves keys alone where this is

// html("button", { type: "button" }, "Clear") makes <button type="button">Clear</button>.
export function html(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

// The same for what is drawn: svg("circle", { cx: 1, cy: 2, r: 3 }).
export function svg(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(made, attributes, children) {
  set(made, attributes);
  made.append(...children);
  return made;
}

// Attributes by name; one that is null or false is taken away.
export function set(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value);
  }
  return element;
}

// A number as text, with so many significant digits, as Python's plots write it.
export function number(value, digits = 2) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "not a number" : "infinite";
  const rounded = Number(value.toPrecision(digits)) + 0;
  const size = Math.abs(rounded);
  const long = size !== 0 && (size < 1e-4 || size >= 1e12);
  const text = long ? rounded.toExponential() : String(rounded);
  return text.replace("-", "−").replace(/e(.)(\d)$/, "e$10$2").replace("e−", "e-");
}

// "1 step", "2 steps"
export const count = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;

// From first to last in equal steps, both included.
export const range = (first, last, steps) =>
  Array.from({ length: steps + 1 }, (_, i) => first + ((last - first) * i) / steps);

export function widget(label, draw) {
  return {
    render({ model, el }) {
      const frame = makeFrame(el, label);
      draw(model.get("data"), frame, model);
      stayInSight(el);
      return frame.stop;
    },
  };
}

// -- the frame: controls above, panels beside each other, a sentence below -------------------------

function makeFrame(el, label) {
  const controls = html("div", { class: "nn-controls" });
  const panels = html("div", { class: "nn-panels" });
  const told = html("p", { class: "nn-told", "aria-hidden": "true" });
  const spoken = html("p", { class: "nn-spoken", role: "status" });
  const root = html("div", { class: "nn", role: "group", "aria-label": label });
  root.append(controls, panels, told, spoken);
  el.replaceChildren(root);
  keepKeys(root);
  let timer;

  // Show a sentence at once, and have it read out once, when the hand has come to rest.
  function say(sentence) {
    told.textContent = sentence;
    clearTimeout(timer);
    timer = setTimeout(() => (spoken.textContent = sentence), 400);
  }

  function add(control) {
    controls.append(control.part);
    return control;
  }

  const frame = {
    root,
    panels,
    say,
    slider: (...how) => add(slider(...how)),
    menu: (...how) => add(menu(...how)),
    buttons: (...buttons) => {
      const made = buttons.map(([name, action]) => button(name, action));
      controls.append(html("div", { class: "nn-buttons" }, ...made));
      return made;
    },
    panel: (...children) => {
      const made = html("div", { class: "nn-panel" }, ...children);
      panels.append(made);
      return made;
    },
    stop: () => clearTimeout(timer),
  };
  return frame;
}

// A slider over values, an array; moved(value) is called when a hand moves it. say: value -> text.
// It has `value`, and `set(value)`, which calls nothing.
function slider(label, values, start, moved, say = (value) => number(value, 4)) {
  const input = html("input", { type: "range", min: 0, max: values.length - 1, step: 1 });
  const readout = html("span", { class: "nn-value", "aria-hidden": "true" });
  const part = html("label", { class: "nn-slider" }, html("span", {}, label), input, readout);
  const control = { part, input, value: start, set: place };

  function place(value) {
    control.value = value;
    let nearest = 0;
    values.forEach((other, i) => {
      if (Math.abs(other - value) < Math.abs(values[nearest] - value)) nearest = i;
    });
    input.value = nearest;
    readout.textContent = say(value);
    input.setAttribute("aria-valuetext", say(value));
  }

  input.addEventListener("input", () => {
    place(values[Number(input.value)]);
    moved(control.value);
  });
  place(start);
  return control;
}

function menu(label, options, start, chosen) {
  const input = html("select");
  options.forEach((option) => input.add(new Option(option)));
  input.selectedIndex = options.indexOf(start);
  const part = html("label", { class: "nn-menu" }, html("span", {}, label), input);
  const control = { part, input, value: start };
  input.addEventListener("change", () => {
    control.value = options[input.selectedIndex];
    chosen(control.value);
  });
  return control;
}

export function button(label, action, attributes = {}) {
  const made = html("button", { type: "button", ...attributes }, label);
  made.addEventListener("click", action);
  return made;
}

// -- keys, and where the page stands: for JupyterLab, without effect elsewhere ---------------------

// JupyterLab takes plain keys for commands (x cuts the cell); Ctrl+S and the like stay with it. It
// asks the element that has the focus first, so the sign must be on that one.
function keepKeys(root) {
  for (const type of ["focusin", "keydown", "keyup"])
    root.addEventListener(type, (event) =>
      event.target.toggleAttribute(PLAIN_KEYS, !event.ctrlKey && !event.metaKey),
    );
}

// After Shift+Enter JupyterLab goes on to the next cell, which may push the figure out of sight.
// Then bring the figure back, and let the first Tab lead into it.
function stayInSight(el) {
  setTimeout(() => {
    const cell = el.closest(".jp-Cell");
    const next = cell?.nextElementSibling;
    if (!next?.classList.contains("jp-mod-active")) return; // not Shift+Enter, or moved on since
    cell.querySelector(".nn").scrollIntoView({ block: "nearest" });
    const tab = (event) => {
      if (["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
      document.removeEventListener("keydown", tab, true);
      const plainTab = event.key === "Tab" && !event.shiftKey && !event.ctrlKey;
      if (!plainTab || !next.classList.contains("jp-mod-active")) return;
      if (document.activeElement?.closest(".cm-editor")) return; // there Tab indents
      event.preventDefault();
      event.stopImmediatePropagation();
      el.querySelector("input, select, button, [tabindex]").focus();
    };
    document.addEventListener("keydown", tab, true);
  }, 200); // after JupyterLab has scrolled to the next cell
}

// -- a plane to draw on ----------------------------------------------------------------------------

const MARGIN = { left: 54, right: 18, top: 24, bottom: 38 };

// Axes over x: [low, high] and y: [low, high]. Gives `svg`, the scales `x` and `y` from numbers to
// places, `back`, `middle` and `front`, groups to draw into, and `at(event)`, the numbers under a
// pointer. logy: powers of ten. equal: one unit is as long on both axes, y grows to fit.
export function plane(options) {
  const { title = "", xlabel = "", ylabel = "", logy = false } = options;
  const width = options.width ?? 400;
  const height = options.height ?? 300;
  const inner = {
    left: MARGIN.left,
    right: width - MARGIN.right,
    top: MARGIN.top,
    bottom: height - MARGIN.bottom,
  };
  const side = { x: options.x, y: logy ? options.y.map(Math.log10) : options.y };
  const x = (v) =>
    inner.left + ((v - side.x[0]) / (side.x[1] - side.x[0])) * (inner.right - inner.left);
  const yLinear = (v) =>
    inner.bottom - ((v - side.y[0]) / (side.y[1] - side.y[0])) * (inner.bottom - inner.top);
  const y = logy ? (v) => yLinear(Math.log10(v)) : yLinear;

  const clip = `nn-clip-${(plane.made = (plane.made ?? 0) + 1)}`;
  const box = {
    x: inner.left,
    y: inner.top,
    width: inner.right - inner.left,
    height: inner.bottom - inner.top,
  };
  const [back, middle, front] = [0, 1, 2].map(() => svg("g", { "clip-path": `url(#${clip})` }));
  const axes = svg("g", { class: "nn-axes" });
  for (const v of options.xticks ?? ticks(...side.x)) {
    axes.append(
      svg("line", { x1: x(v), x2: x(v), y1: inner.bottom, y2: inner.bottom + 4 }),
      svg("text", { x: x(v), y: inner.bottom + 17, "text-anchor": "middle" }, number(v, 4)),
    );
  }
  const rungs = logy ? powers(...side.y) : (options.yticks ?? ticks(...side.y));
  for (const v of rungs) {
    axes.append(
      svg("line", { class: "nn-grid", x1: inner.left, x2: inner.right, y1: y(v), y2: y(v) }),
      svg("text", { x: inner.left - 7, y: y(v) + 4, "text-anchor": "end" }, ...rungName(v, logy)),
    );
  }
  const middleX = (inner.left + inner.right) / 2;
  const middleY = (inner.top + inner.bottom) / 2;
  const turned = { transform: `translate(12 ${middleY}) rotate(-90)`, "text-anchor": "middle" };
  axes.append(
    svg("path", { d: `M${inner.left} ${inner.top}V${inner.bottom}H${inner.right}`, fill: "none" }),
    svg("text", { x: middleX, y: height - 4, "text-anchor": "middle" }, xlabel),
    svg("text", turned, ylabel),
  );
  const head = svg("text", { class: "nn-title", x: inner.left, y: 15 }, title);
  const picture = svg(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", focusable: "false" },
    svg("clipPath", { id: clip }, svg("rect", box)),
    axes,
    back,
    middle,
    front,
    head,
  );
  picture.style.maxWidth = `${width * 1.25}px`;

  function at(event) {
    const seen = picture.getBoundingClientRect();
    const across = ((event.clientX - seen.left) / seen.width) * width;
    const down = ((event.clientY - seen.top) / seen.height) * height;
    return [
      side.x[0] + ((across - inner.left) / box.width) * (side.x[1] - side.x[0]),
      side.y[0] + ((inner.bottom - down) / box.height) * (side.y[1] - side.y[0]),
    ];
  }

  return { svg: picture, x, y, back, middle, front, at, inner, name: (t) => (head.textContent = t) };
}

// Round numbers between low and high, about five of them.
export function ticks(low, high) {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return range(first, last, last - first).map((i) => Number((i * step).toPrecision(12)));
}

function powers(low, high) {
  const step = Math.ceil((high - low) / 8);
  const first = Math.ceil(low / step) * step;
  return range(first, high, Math.floor((high - first) / step))
    .map((i) => 10 ** Math.round(i))
    .filter((v) => Math.log10(v) <= high);
}

// What stands beside a rung: the number, or a power of ten where 0.001 or 1000 would be long.
function rungName(v, logy) {
  const power = Math.round(Math.log10(v));
  if (!logy || Math.abs(power) < 3) return [number(v, 4)];
  const raised = svg("tspan", { dy: -5, "font-size": "9" }, String(power).replace("-", "−"));
  return ["10", raised];
}

// The way through points [[x, y], …] on a plane, as the "d" of a path; gaps where one isn't finite.
export function way(axes, points) {
  let pen = "M";
  let d = "";
  for (const [a, b] of points) {
    const [u, v] = [axes.x(a), axes.y(b)];
    if (!Number.isFinite(u) || !Number.isFinite(v)) {
      pen = "M";
      continue;
    }
    d += `${pen}${u.toFixed(2)} ${Math.min(Math.max(v, -1e4), 1e4).toFixed(2)}`;
    pen = "L";
  }
  return d;
}

// A sample of class 0 is a disc, of class 1 a triangle: told apart without color too.
export function mark(label, x, y, size = 6) {
  const look = { class: `nn-mark nn-class-${label}` };
  if (label === 0) return svg("circle", { cx: x, cy: y, r: size, ...look });
  const s = size * 1.25;
  return svg("path", { d: `M${x} ${y - s}L${x + s} ${y + 0.8 * s}H${x - s}Z`, ...look });
}

// An arrow; `from(tail, head)` draws it between two places of a picture, and nothing if they are one.
export function arrow(look) {
  const shaft = svg("path", { class: look });
  const head = svg("path", { class: `${look} nn-arrowhead` });
  function from([x1, y1], [x2, y2]) {
    const length = Math.hypot(x2 - x1, y2 - y1);
    const [u, v] = [(x2 - x1) / (length || 1), (y2 - y1) / (length || 1)];
    const [x, y] = [x2 - 10 * u, y2 - 10 * v];
    const there = length > 1;
    set(shaft, { d: there ? `M${x1} ${y1}L${x} ${y}` : "" });
    set(head, { d: there ? `M${x2} ${y2}L${x - 5 * v} ${y + 5 * u}L${x + 5 * v} ${y - 5 * u}Z` : "" });
  }
  return { part: svg("g", {}, shaft, head), from };
}

// The names of lines or classes; each entry is [class of its sign, name].
export function legend(entries) {
  const items = entries.map(([kind, name]) =>
    html("li", {}, html("span", { class: `nn-key ${kind}` }), name),
  );
  return html("ul", { class: "nn-legend" }, ...items);
}

// Call moved(event) while the pointer is down on a picture and moves; a finger does not scroll it.
export function drag(picture, moved) {
  picture.classList.add("nn-drag");
  picture.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    event.preventDefault();
    picture.setPointerCapture(event.pointerId);
    moved(event);
  });
  picture.addEventListener("pointermove", (event) => {
    if (picture.hasPointerCapture(event.pointerId)) moved(event);
  });
}

// The browser's half of nnlib.widgets.draw_digit: a board to draw on, and what the network makes
// of the drawing. Python's half is digits.py. The two share three values, called traits:
//   drawing   from here to Python: 140 x 140 gray values, white ink on black
//   examples  from Python: ten handwritten digits of 28 x 28
//   reading   from Python: the sentence, the chances, and pictures of what each layer gives

const PEN = 10; // how wide it draws, in pixels of the drawing: it gives as much ink as MNIST has
const STEP = 5; // how far an arrow key moves it: one pixel of the 28 x 28 that the network sees
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const HELP =
  "Draw with a mouse, a finger or a pen. By keyboard: arrows move the pen (two at once: slanted), " +
  "Space puts it down or lifts it, Enter reads, Backspace clears, 0 to 9 show a digit of MNIST.";

// element("button", { class: "x" }, "Clear") makes <button class="x">Clear</button>.
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// A canvas that holds one gray picture; bytes is a Uint8Array of width * height values.
function grayCanvas(bytes, width, height) {
  const canvas = element("canvas", { width, height, "aria-hidden": "true" });
  const image = new ImageData(width, height);
  bytes.forEach((value, i) => image.data.set([value, value, value, 255], 4 * i));
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

// Python's bytes arrive as a DataView; this is the same memory as numbers from 0 to 255.
const numbers = (view) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

// The drawing: a picture to begin with or null, and on it strokes, each a list of points [x, y].
class Drawing {
  constructor(side) {
    this.side = side;
    this.picture = null;
    this.strokes = [];
  }

  clear(picture = null) {
    this.picture = picture;
    this.strokes = [];
  }

  begin(point) {
    if (this.picture) this.clear(); // on top of somebody else's digit nothing could be read
    this.strokes.push([point]);
  }

  extend(point) {
    this.strokes.at(-1).push(point);
  }

  // Paint it onto a canvas of any size.
  paint(canvas) {
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const scale = canvas.width / this.side;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.fillStyle = "black";
    context.fillRect(0, 0, this.side, this.side);
    context.imageSmoothingEnabled = false; // an example shows its 28 x 28 pixels
    if (this.picture) context.drawImage(this.picture, 0, 0, this.side, this.side);
    Object.assign(context, { fillStyle: "white", strokeStyle: "white", lineWidth: PEN });
    Object.assign(context, { lineCap: "round", lineJoin: "round" });
    for (const stroke of this.strokes) {
      context.beginPath();
      context.arc(...stroke[0], PEN / 2, 0, 2 * Math.PI); // a line without length would be nothing
      context.fill();
      context.beginPath();
      context.moveTo(...stroke[0]);
      // A smooth line: it runs through the midpoints and bends at the points themselves.
      for (let i = 1; i < stroke.length - 1; i++) {
        const [x, y] = stroke[i];
        const [nextX, nextY] = stroke[i + 1];
        context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
      }
      context.lineTo(...stroke.at(-1));
      context.stroke();
    }
  }

  // Its gray values, side * side of them: of red, green, blue and opacity the first will do.
  bytes() {
    const canvas = element("canvas", { width: this.side, height: this.side });
    this.paint(canvas);
    const { data } = canvas.getContext("2d").getImageData(0, 0, this.side, this.side);
    return data.filter((_, i) => i % 4 === 0);
  }
}

// The left half: the board and its buttons. changed() is called when there is something to read.
function makeBoard(drawing, examples, changed) {
  const canvas = element("canvas", {
    class: "nn-digits-board",
    tabindex: "0",
    role: "application",
    "aria-label": "Board to draw a digit on. " + HELP,
  });
  const state = element("span", { class: "nn-digits-pen", "aria-live": "polite" });
  const pen = { at: [drawing.side / 2, drawing.side / 2], down: false, shown: false };
  const held = new Set(); // the arrow keys that are down

  function paint() {
    const pixels = Math.round((canvas.clientWidth || 280) * devicePixelRatio); // as the screen has
    if (canvas.width !== pixels) canvas.width = canvas.height = pixels;
    drawing.paint(canvas);
    if (!pen.shown) return;
    const context = canvas.getContext("2d");
    context.beginPath();
    context.arc(...pen.at, PEN / 2 + 1, 0, 2 * Math.PI);
    Object.assign(context, { strokeStyle: "#E69F00", fillStyle: "#E69F00", lineWidth: 2 });
    pen.down ? context.fill() : context.stroke();
  }

  function liftPen() {
    if (!pen.down) return;
    pen.down = false;
    state.textContent = "Pen up.";
    changed();
  }

  function start(picture = null) {
    pen.down = false;
    drawing.clear(picture);
    paint();
    changed();
  }

  function undo() {
    pen.down = false;
    if (drawing.strokes.pop() === undefined) drawing.clear();
    paint();
    changed();
  }

  function example(digit) {
    return grayCanvas(examples.subarray(784 * digit, 784 * (digit + 1)), 28, 28);
  }

  function movePen() {
    for (const key of held)
      pen.at = pen.at.map((x, i) => Math.min(Math.max(x + STEP * ARROWS[key][i], 0), drawing.side));
    if (pen.down) drawing.extend(pen.at);
  }

  canvas.addEventListener("keydown", (event) => {
    const { key } = event;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (key in ARROWS) {
      held.add(key);
      movePen();
    } else if (key === " ") {
      if (pen.down) liftPen();
      else {
        drawing.begin(pen.at);
        pen.down = true;
        state.textContent = "Pen down.";
      }
    } else if (key === "Enter") {
      pen.down ? liftPen() : changed();
    } else if (key === "Backspace" || key === "Delete") start();
    else if (/^[0-9]$/.test(key)) start(example(Number(key)));
    else return; // Tab and everything else keep their meaning
    event.preventDefault();
    pen.shown = true;
    paint();
  });
  canvas.addEventListener("keyup", (event) => held.delete(event.key));
  canvas.addEventListener("blur", () => {
    held.clear();
    liftPen();
    pen.shown = false;
    paint();
  });

  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    const scale = drawing.side / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !event.isPrimary) return; // of two fingers, the first draws
    event.preventDefault(); // no scrolling, no selecting of text
    canvas.focus({ preventScroll: true });
    canvas.setPointerCapture(event.pointerId);
    pen.down = pen.shown = false;
    drawing.begin(place(event));
    paint();
    changed();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!canvas.hasPointerCapture(event.pointerId)) return;
    for (const each of event.getCoalescedEvents?.() ?? [event]) drawing.extend(place(each));
    paint();
    changed();
  });

  function button(label, action, child) {
    const made = element("button", { type: "button", "aria-label": label, title: label }, child);
    made.addEventListener("click", action);
    return made;
  }
  const digits = [...Array(10).keys()].map((digit) =>
    button(`Show a handwritten ${digit}`, () => start(example(digit)), example(digit)),
  );
  const group = { class: "nn-digits-examples", role: "group", "aria-label": "Handwritten digits" };
  new ResizeObserver(paint).observe(canvas); // once it is on the page, and when the page is zoomed
  const part = element(
    "div",
    { class: "nn-digits-drawing" },
    canvas,
    element("div", group, ...digits),
    element(
      "div",
      { class: "nn-digits-buttons" },
      button("Clear the board", () => start(), "Clear"),
      button("Undo the last stroke", undo, "Undo"),
      state,
    ),
  );
  return { part, paint };
}

// The right half: what Python answered. show(reading) puts a new answer there.
function makeAnswer() {
  const spoken = { role: "status", "aria-live": "polite" }; // a screen reader says what is new
  const sentence = element("div", { class: "nn-digits-sentence", ...spoken });
  const layers = element("div", { class: "nn-digits-layers" });
  const bars = element("div", { class: "nn-digits-chances", role: "img" });

  function stage(name, told, { maps, height, width, pixels }) {
    const columns = Math.ceil(Math.sqrt(maps));
    const size = height * width;
    const pictures = [...Array(maps).keys()].map((i) =>
      grayCanvas(pixels.subarray(size * i, size * (i + 1)), width, height),
    );
    const label = { role: "img", "aria-label": `${name}: ${told}` };
    const grid = element("div", { class: "nn-digits-maps", ...label }, ...pictures);
    grid.style.gridTemplateColumns = `repeat(${columns}, 1fr)`;
    const unbroken = element("span", {}, told.replaceAll(" × ", "\u00a0×\u00a0"));
    const caption = element("figcaption", {}, element("b", {}, name), unbroken);
    return element("figure", {}, grid, caption);
  }

  function bar(chance, digit, best) {
    const percent = Math.round(100 * chance);
    const number = element("span", {}, percent ? `${percent} %` : "");
    const fill = element("div", { class: "nn-digits-bar", style: `--chance: ${chance}` });
    const column = element("div", { class: "nn-digits-column" }, number, fill);
    return element("div", best ? { class: "nn-digits-best" } : {}, column, `${digit}`);
  }

  function show(reading) {
    const { chances, picture } = reading;
    if (sentence.textContent !== reading.sentence) sentence.textContent = reading.sentence;
    const seen = { maps: 1, height: 28, width: 28, pixels: numbers(picture) };
    layers.replaceChildren(
      stage("Input", "28 × 28, centered", seen),
      ...reading.layers.map((layer) =>
        stage(layer.name, layer.told, { ...layer, pixels: numbers(layer.pixels) }),
      ),
    );
    const best = Math.max(...chances);
    const all = [...Array(10).keys()].map((digit) => chances[digit] ?? 0);
    bars.replaceChildren(...all.map((chance, digit) => bar(chance, digit, chance === best)));
    const told = all.map((chance, digit) => `${digit}: ${Math.round(100 * chance)} %`).join(", ");
    bars.setAttribute("aria-label", chances.length ? `Probabilities: ${told}` : "No reading yet");
  }
  const part = element("div", { class: "nn-digits-answer" }, sentence, layers, bars);
  return { part, show };
}

function render({ model, el }) {
  const side = Math.sqrt(model.get("drawing").byteLength);
  const drawing = new Drawing(side);
  const answer = makeAnswer();
  let sent = null; // the drawing as it last went to Python
  let timer = null;

  function send() {
    timer = null;
    sent = new DataView(drawing.bytes().buffer);
    model.set("drawing", sent);
    model.save_changes();
  }
  // While somebody draws, twenty readings in a second are enough.
  const changed = () => (timer ??= setTimeout(send, 50));

  const board = makeBoard(drawing, numbers(model.get("examples")), changed);
  function receive() {
    if (model.get("drawing") === sent) return; // our own
    drawing.clear(grayCanvas(numbers(model.get("drawing")), side, side));
    board.paint();
  }
  const show = () => answer.show(model.get("reading"));
  receive();
  show();
  model.on("change:drawing", receive);
  model.on("change:reading", show);

  el.classList.add("nn-digits");
  // JupyterLab would take plain keys for commands of its own; Ctrl+S and the like stay with it.
  const keepKeys = (event) =>
    el.toggleAttribute("data-lm-suppress-shortcuts", !event.ctrlKey && !event.metaKey);
  for (const type of ["keydown", "keyup", "focusin"]) el.addEventListener(type, keepKeys);
  el.append(board.part, answer.part, element("p", { class: "nn-digits-help" }, HELP));
  return () => {
    clearTimeout(timer);
    model.off("change:drawing", receive);
    model.off("change:reading", show);
  };
}

export default { render };

// A board to draw a digit on, with a mouse, a finger, a pen or the keyboard.
import { button, html } from "./kit.js";

const PEN = 10; // how wide it draws, in pixels of the drawing: it gives as much ink as MNIST has
const STEP = 5; // how far an arrow key moves it: one pixel of the 28 × 28 that the network sees
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
export const HELP =
  "Draw with a mouse, a finger or a pen. By keyboard: arrows move the pen (two at once: slanted), " +
  "Space puts it down or lifts it, Enter reads, Backspace clears, 0 to 9 show a digit of MNIST.";

// A canvas that holds one gray picture; bytes is a Uint8Array of width * height values.
export function grayCanvas(bytes, width, height) {
  const canvas = html("canvas", { width, height, "aria-hidden": "true" });
  const image = new ImageData(width, height);
  bytes.forEach((value, i) => image.data.set([value, value, value, 255], 4 * i));
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

// The drawing: a picture to begin with or null, and on it strokes, each a list of points [x, y].
export class Drawing {
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
    const canvas = html("canvas", { width: this.side, height: this.side });
    this.paint(canvas);
    const { data } = canvas.getContext("2d").getImageData(0, 0, this.side, this.side);
    return data.filter((_, i) => i % 4 === 0);
  }
}

// The board and its buttons. changed() is called when there is something to read. `examples`: ten
// pictures of 28 × 28 bytes; start(digit) puts one of them on the board.
export function makeBoard(drawing, examples, changed) {
  const canvas = html("canvas", {
    class: "nn-digit-board",
    tabindex: "0",
    role: "application",
    "aria-label": "Board to draw a digit on. " + HELP,
  });
  const state = html("span", { class: "nn-digit-pen", "aria-live": "polite" });
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

  const named = (label, action, child) =>
    button(child, action, { "aria-label": label, title: label });
  const digits = [...Array(10).keys()].map((digit) =>
    named(`Show a handwritten ${digit}`, () => start(example(digit)), example(digit)),
  );
  const group = { class: "nn-digit-examples", role: "group", "aria-label": "Handwritten digits" };
  new ResizeObserver(paint).observe(canvas); // once it is on the page, and when the page is zoomed
  const part = html(
    "div",
    { class: "nn-digit-drawing" },
    canvas,
    html("div", group, ...digits),
    html(
      "div",
      { class: "nn-buttons" },
      named("Clear the board", () => start(), "Clear"),
      named("Undo the last stroke", undo, "Undo"),
      state,
    ),
  );
  return { part, start: (digit) => start(example(digit)) };
}


// Draw a digit and watch a network read it, layer by layer.
import { Drawing, HELP, grayCanvas, makeBoard } from "./board.js";
import { html, widget } from "./kit.js";
import { center, layers, softmax, unpack, weightCount } from "./network.js";

const SIDE = 140; // of the drawing, in pixels: five for each one that the network sees
const DIGITS = [...Array(10).keys()];

// The verdict in words, for ten probabilities.
export function tell(chances) {
  const [first, second] = [...DIGITS].sort((a, b) => chances[b] - chances[a]);
  const article = first === 8 ? "an" : "a";
  const percent = (digit) => Math.round(100 * chances[digit]);
  const sure = chances[first] >= 0.995 ? "more than 99" : percent(first);
  const sentence = `It reads ${article} ${first}, ${sure} % sure`;
  if (chances[second] < 0.005) return `${sentence}.`;
  return `${sentence}; next would be ${second} (${percent(second)} %).`;
}

// What a layer gives as gray pictures: its first maps, or all its units as one, row by row. 0 and
// less is black, the layer's largest white, between them by the square root, so that weak ones show.
export function pictured({ values, shape }, maps) {
  const largest = Math.max(...values, 1e-12);
  const gray = (v) => (v > 0 ? Math.round(255 * Math.sqrt(v / largest)) : 0);
  if (shape.length === 3) {
    const [channels, height, width] = shape;
    const shown = Math.min(channels, maps);
    const first = channels > maps ? `${maps} of ` : "";
    const told = `${first}${channels} maps of ${height} × ${width}`;
    return { shown, height, width, told, pixels: [...values.subarray(0, shown * height * width)].map(gray) };
  }
  const width = Math.ceil(Math.sqrt(shape[0]));
  const height = Math.ceil(shape[0] / width);
  const pixels = Array.from({ length: width * height }, (_, i) => (i < shape[0] ? gray(values[i]) : 0));
  return { shown: 1, height, width, told: `${shape[0]} units`, pixels };
}

// What the network makes of a drawing, SIDE × SIDE gray values.
export function read(chain, data, drawing) {
  const picture = center(drawing, SIDE);
  const found = layers(chain, picture, data.mean, data.deviation);
  const logits = found.pop().values;
  const inked = drawing.some((ink) => ink > 0);
  return { picture, layers: found, logits, chances: inked ? softmax(logits) : [] };
}

export default widget("A board to draw a digit on, and how a network reads it", (data, frame, model) => {
  const view = model.get("binary");
  const chain = unpack(data.steps, view);
  const examples = new Uint8Array(view.buffer, view.byteOffset + 2 * weightCount(data.steps), 7840);
  const drawing = new Drawing(SIDE);
  const stages = html("div", { class: "nn-digit-layers" });
  const bars = html("div", { class: "nn-digit-chances", role: "img" });
  let waiting = null;

  function stage(name, { shown, height, width, told, pixels }) {
    const size = height * width;
    const pictures = [...Array(shown).keys()].map((i) =>
      grayCanvas(pixels.slice(size * i, size * (i + 1)), width, height),
    );
    const grid = html("div", { class: "nn-digit-maps", role: "img", "aria-label": `${name}: ${told}` });
    grid.append(...pictures);
    grid.style.gridTemplateColumns = `repeat(${Math.ceil(Math.sqrt(shown))}, 1fr)`;
    const words = html("span", {}, told.replaceAll(" × ", "\u00a0×\u00a0"));
    return html("figure", {}, grid, html("figcaption", {}, html("b", {}, name), words));
  }

  function bar(digit, chance, best) {
    const percent = Math.round(100 * chance);
    const fill = html("div", { class: "nn-digit-bar", style: `--chance: ${chance}` });
    const column = html("div", { class: "nn-digit-column" }, percent ? `${percent} %` : "", fill);
    return html("div", best ? { class: "nn-digit-best" } : {}, column, `${digit}`);
  }

  function show() {
    waiting = null;
    const seen = read(chain, data, drawing.bytes());
    const empty = !seen.chances.length;
    const input = { shown: 1, height: 28, width: 28, told: "28 × 28, centered", pixels: [...seen.picture] };
    stages.replaceChildren(
      stage("Input", input),
      ...seen.layers.map((layer, i) => {
        const nothing = { ...layer, values: new Float32Array(layer.values.length) };
        return stage(`Layer ${i + 1}`, pictured(empty ? nothing : layer, data.maps));
      }),
    );
    const chances = DIGITS.map((digit) => seen.chances[digit] ?? 0);
    const best = empty ? -1 : chances.indexOf(Math.max(...chances));
    bars.replaceChildren(...DIGITS.map((digit) => bar(digit, chances[digit], digit === best)));
    const told = DIGITS.map((digit) => `${digit}: ${Math.round(100 * chances[digit])} %`).join(", ");
    bars.setAttribute("aria-label", empty ? "No reading yet" : `Probabilities: ${told}`);
    frame.say(empty ? "Draw a digit." : tell(seen.chances));
  }

  // Read at most once for each picture that the screen shows.
  const changed = () => (waiting ??= requestAnimationFrame(show));
  const board = makeBoard(drawing, examples, changed);
  frame.root.classList.add("nn-digit");
  const answer = html("div", { class: "nn-digit-answer" }, stages, bars);
  frame.panels.append(board.part, answer);
  frame.root.append(html("p", { class: "nn-digit-help" }, HELP));
  board.start(7);
});

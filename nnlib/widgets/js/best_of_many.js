// Many networks, few pictures to choose by: pick the winner, then see the truth.
import { count, legend, number, plane, range, set, svg, widget } from "./kit.js";

// The place of the highest score among the first n; of equals the first.
export const winner = (scores, n) => scores.slice(0, n).indexOf(Math.max(...scores.slice(0, n)));

export default widget("The best of many networks", (data, frame) => {
  const { chosen_by: scores, truth } = data;
  const most = scores.length;
  let shown = false;
  const tries = frame.slider("networks tried", range(1, most, most - 1), 1, draw, (v) => String(v));
  const [reveal] = frame.buttons(["show the truth", () => {
    shown = !shown;
    reveal.textContent = shown ? "hide the truth" : "show the truth";
    draw(tries.value);
  }]); // prettier-ignore
  const low = Math.floor(Math.min(...scores, ...truth) / 5) * 5;
  const axes = plane({ x: [0, most + 1], y: [low - 2, 102], xlabel: "network", ylabel: "right (%)", width: 480 });
  const place = (v, i) => ({ cx: axes.x(i + 1), cy: axes.y(v) });
  const dots = scores.map((v, i) => svg("circle", { class: "nn-class-0", r: 4, ...place(v, i) }));
  const truths = truth.map((v, i) => svg("circle", { class: "nn-truth", r: 4, ...place(v, i) }));
  const ring = svg("circle", { class: "nn-wrong", r: 9 });
  const fall = svg("path", { class: "nn-line" });
  axes.middle.append(...dots, ...truths);
  axes.front.append(fall, ring);
  const names = [
    ["nn-class-0", `on the ${count(data.few, "picture")} it is chosen by`],
    ["nn-truth", "on all the others"],
    ["nn-wrong", "the winner"],
  ];
  frame.panel(axes.svg, legend(names));

  function draw(n) {
    const best = winner(scores, n);
    dots.forEach((dot, i) => (dot.style.display = i < n ? "" : "none"));
    truths.forEach((dot, i) => (dot.style.display = shown && i < n ? "" : "none"));
    set(ring, place(scores[best], best));
    const [x, from, to] = [axes.x(best + 1), axes.y(scores[best]), axes.y(truth[best])];
    set(fall, { d: shown ? `M${x} ${from}V${to}` : "" });
    const told = shown ? `; in truth ${number(truth[best], 3)} %` : "";
    const what = n === 1 ? "The only network" : `The best of ${n} networks`;
    frame.say(`${what} is right on ${number(scores[best], 3)} %${told}.`);
  }
  draw(1);
});

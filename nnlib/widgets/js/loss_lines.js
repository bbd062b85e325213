// A point to drag, and the lines that fit best by the squared, the absolute and the Huber loss.
import { absolute, huber, squares } from "./fits.js";
import { drag, legend, number, plane, range, set, svg, way, widget } from "./kit.js";

const NAMES = ["MSE", "MAE", "Huber"];

export default widget("A point to drag, and three losses", (data, frame) => {
  const { x, delta, xlim, ylim } = data;
  const y = [...data.y];
  const last = x.length - 1;
  const height = frame.slider("last point", range(...ylim, 60), y[last], draw);
  const axes = plane({ x: xlim, y: ylim, xlabel: "x", ylabel: "y", width: 440 });
  const lines = [1, 2, 3].map((i) => svg("path", { class: `nn-stroke-${i}` }));
  const dots = x.map((_, i) => svg("circle", { class: "nn-sample", r: i === last ? 9 : 5 }));
  axes.middle.append(...lines);
  axes.front.append(...dots);
  dots[last].classList.add("nn-held");
  frame.panel(axes.svg, legend(NAMES.map((name, i) => [`nn-stroke-${i + 1}`, name])));
  drag(axes.svg, (event) => {
    const under = Math.min(Math.max(axes.at(event)[1], ylim[0]), ylim[1]);
    height.set(under);
    draw(under);
  });

  function draw(value) {
    y[last] = value;
    const fits = [squares(x, y), absolute(x, y), huber(x, y, delta)];
    fits.forEach(({ slope, level }, i) =>
      set(lines[i], { d: way(axes, xlim.map((v) => [v, slope * v + level])) }),
    );
    dots.forEach((dot, i) => set(dot, { cx: axes.x(x[i]), cy: axes.y(y[i]) }));
    const told = fits.map(({ slope }, i) => `${NAMES[i]} ${number(slope)}`);
    frame.say(`Slopes: ${told.join(", ")}.`);
  }
  draw(y[last]);
});

"""Controls above a picture that is drawn anew whenever one of them is moved."""

from dataclasses import dataclass

import anywidget
from traitlets import Bytes, List, Unicode

from nnlib.widgets.start import show_start

# The browser's own sliders and menus: they work by keyboard and tell a screen reader their names.
SCRIPT = """
export default {
  render({ model, el }) {
    el.classList.add("nnlib-explorer");
    const controls = el.appendChild(document.createElement("div"));
    model.get("_controls").forEach(({ label, menu, options }, i) => {
      const row = controls.appendChild(document.createElement("label"));
      row.appendChild(document.createElement("span")).textContent = label;
      const input = row.appendChild(document.createElement(menu ? "select" : "input"));
      // Without this, Jupyter's command mode takes keys for itself: an arrow would leave the slider.
      input.setAttribute("data-lm-suppress-shortcuts", "true");
      const readout = row.appendChild(document.createElement("span"));
      readout.setAttribute("aria-hidden", "true"); // the slider tells its value itself
      if (menu) options.forEach((option) => input.add(new Option(option)));
      else Object.assign(input, { type: "range", min: 0, max: options.length - 1 });
      const show = () => {
        const place = model.get("_chosen")[i];
        if (menu) input.selectedIndex = place;
        else {
          input.value = place;
          readout.textContent = options[place];
          input.setAttribute("aria-valuetext", options[place]);
        }
      };
      input.addEventListener("input", () => {
        const place = menu ? input.selectedIndex : Number(input.value);
        model.set("_chosen", model.get("_chosen").map((old, j) => (i === j ? place : old)));
        model.save_changes();
      });
      model.on("change:_chosen", show);
      show();
    });
    const image = el.appendChild(document.createElement("img"));
    image.alt = ""; // the sentence below says what it shows
    const sentence = el.appendChild(document.createElement("p"));
    sentence.setAttribute("role", "status"); // read out when it changes
    const draw = () => {
      URL.revokeObjectURL(image.src);
      image.src = URL.createObjectURL(new Blob([model.get("png")], { type: "image/png" }));
      [image.width, image.height] = model.get("_size");
      sentence.textContent = model.get("description");
    };
    model.on("change:png", draw);
    draw();
  },
};
"""
# Where the widget is alive, its own sentence is enough: the caption of the start is hidden.
LOOK = """
.nnlib-explorer { max-width: 720px; color: var(--jp-content-font-color1, inherit);
  font: 14px/1.4 var(--jp-content-font-family, sans-serif); }
.nnlib-explorer div { display: grid; grid-template-columns: max-content 18em 4em;
  gap: 0.4em 0.8em; align-items: center; margin: 0.4em 0; }
.nnlib-explorer label { display: contents; } /* its parts line up with those of the others */
.nnlib-explorer input { width: 100%; margin: 0; accent-color: var(--jp-brand-color1, auto); }
.nnlib-explorer select { font: inherit; color: inherit; padding: 0.15em;
  background: var(--jp-layout-color1, field); }
.nnlib-explorer option { color: initial; background: initial; }
.nnlib-explorer img { display: block; max-width: 100%; height: auto; }
.jp-OutputArea:has(.nnlib-explorer) .nnlib-start { display: none; }
.nnlib-explorer p { margin: 0.4em 0; min-height: 4.2em; } /* three lines: what is below stays */
"""


@dataclass
class Slider:
    """A control that moves along values, in order. values: numbers. start: one of them."""

    values: list
    start: float


@dataclass
class Menu:
    """A control that offers names to choose from. values: strings. start: one of them."""

    values: list
    start: str


class Explorer(anywidget.AnyWidget):
    """Controls, the picture drawn from their values, and below it the picture's sentence.

    controls: {label: Slider or Menu}, in the order they are shown. draw: takes their values in
    this order and returns a ``plots.Picture``. ``values`` is {label: value} now, ``png`` and
    ``description`` are what is shown.
    """

    _esm, _css = SCRIPT, LOOK
    _controls = List().tag(sync=True)
    _chosen = List().tag(sync=True)  # the place of each control's value among its values
    _size = List().tag(sync=True)
    png = Bytes().tag(sync=True)
    description = Unicode().tag(sync=True)

    def __init__(self, controls, draw):
        for label, control in controls.items():
            if control.start not in control.values:
                raise ValueError(
                    f"{label} cannot start at {control.start!r}: choose one of "
                    f"{', '.join(map(str, control.values))}."
                )
        self._options = {label: list(control.values) for label, control in controls.items()}
        self._draw = draw
        shown = [
            {
                "label": label,
                "menu": isinstance(control, Menu),
                "options": [v if isinstance(v, str) else f"{v:g}" for v in control.values],
            }
            for label, control in controls.items()
        ]
        chosen = [self._options[label].index(c.start) for label, c in controls.items()]
        super().__init__(_controls=shown, _chosen=chosen, **self._drawn(chosen))
        self.observe(self._redraw, "_chosen")

    @property
    def values(self):
        return {label: self._options[label][i] for label, i in zip(self._options, self._chosen)}

    def move(self, label, value):
        """Move one control, as a hand would. Raises ValueError if it has no such value."""
        place = list(self._options).index(label)
        chosen = list(self._chosen)
        chosen[place] = self._options[label].index(value)
        self._chosen = chosen

    def _drawn(self, chosen):
        picture = self._draw(*(v[i] for v, i in zip(self._options.values(), chosen)))
        png, width, height = picture.png()
        return {"png": png, "_size": [width, height], "description": picture.description}

    def _redraw(self, change):
        with self.hold_sync():  # the picture and its sentence arrive together
            for name, value in self._drawn(self._chosen).items():
                setattr(self, name, value)

    def _ipython_display_(self):
        show_start(self, self.png, *self._size, self.description)

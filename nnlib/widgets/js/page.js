// Figures in a page without a kernel: each is drawn from what its notebook has stored.

// What a figure needs of Jupyter's model, without Jupyter.
export function standIn(state) {
  const listeners = [];
  const tell = (event) => listeners.filter(([on]) => on === event).forEach(([, call]) => call());
  return {
    get: (name) => state[name],
    set(name, value) {
      state[name] = value;
      tell(`change:${name}`);
      tell("change");
    },
    save_changes() {}, // there is nobody to tell
    on: (event, call) => listeners.push([event, call]),
    off(event, call) {
      const place = listeners.findIndex((pair) => pair[0] === event && pair[1] === call);
      if (place >= 0) listeners.splice(place, 1);
    },
  };
}

// Base64 as bytes: what Jupyter would hand over as a DataView.
function bytes(text) {
  const letters = atob(text);
  return new DataView(Uint8Array.from(letters, (letter) => letter.charCodeAt(0)).buffer);
}

// Draw every stored figure of a page in the place of its picture, which stays if that fails.
export async function mount(page = document) {
  for (const stored of page.querySelectorAll(".nn-stored")) {
    try {
      const { module, data, binary } = JSON.parse(stored.querySelector("script").textContent);
      const { default: figure } = await import(`./${module}.js`);
      const el = document.createElement("div");
      figure.render({ model: standIn({ data, binary: bytes(binary) }), el });
      stored.replaceChildren(el);
    } catch (error) {
      console.error(error);
    }
  }
}

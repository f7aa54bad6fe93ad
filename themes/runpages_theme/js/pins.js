/* Metrics that the reader wants on top: pinned charts stand in a section of their own, in the address and over visits.

   runpages.pins(state)   gives every chart of Compare a button "Pin"; address key `pins`: names of metrics, encoded, by commas
*/
(function () {
  "use strict";
  const KEY = "runpages.pins " + location.pathname;
  const homes = new Map();
  let pinned = [];

  function kept() {
    try {
      return localStorage.getItem(KEY) || "";
    } catch {
      return ""; // private windows and some files have none; the address still has the pins
    }
  }

  function keep(text) {
    try {
      localStorage.setItem(KEY, text);
    } catch {
      return;
    }
  }

  const figures = () => [...document.querySelectorAll("#rp-charts figure.rp-chart:not(.rp-facet)")];

  // a pinned chart leaves a place behind, to which it goes back
  function show() {
    const section = document.getElementById("rp-pinned");
    const shelf = section.querySelector(".rp-charts");
    const byName = new Map(figures().map((figure) => [figure.dataset.metric, figure]));
    for (const [figure, home] of homes) {
      if (pinned.includes(figure.dataset.metric)) continue;
      home.replaceWith(figure);
      homes.delete(figure);
    }
    for (const name of pinned) {
      const figure = byName.get(name);
      if (!figure) continue;
      if (!homes.has(figure)) {
        const home = document.createComment("");
        figure.replaceWith(home);
        homes.set(figure, home);
      }
      shelf.append(figure);
    }
    section.hidden = !homes.size;
    section.querySelector(".rp-sub").textContent = homes.size;
    for (const button of document.querySelectorAll(".rp-pin-chart")) mark(button);
  }

  function mark(button) {
    const here = pinned.includes(button.closest("figure").dataset.metric);
    button.textContent = here ? "Unpin" : "Pin";
    button.setAttribute("aria-pressed", here);
  }

  function pins(state) {
    const read = () => {
      pinned = (state.get("pins") || kept()).split(",").filter(Boolean).map(decodeURIComponent);
      show();
    };
    const toggle = (button) => {
      const name = button.closest("figure").dataset.metric;
      pinned = pinned.includes(name) ? pinned.filter((one) => one !== name) : [...pinned, name];
      const text = pinned.map(encodeURIComponent).join(",");
      state.set({ pins: text });
      keep(text);
      show();
      button.focus();
    };
    document.addEventListener("rp-tools", ({ target, detail: bar }) => {
      if (!target.closest("#rp-charts") || target.classList.contains("rp-facet")) return;
      const button = Object.assign(document.createElement("button"), { type: "button", className: "rp-pin-chart", title: "Keep this chart on top" });
      button.addEventListener("click", () => toggle(button));
      bar.prepend(button);
      mark(button);
    });
    state.onChange(read);
    read();
  }

  runpages.pins = pins;
})();

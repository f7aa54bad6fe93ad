/* The page of one run: pictures over steps behind a slider, copying, where one is. Without it everything is there as a list. */
(function () {
  "use strict";

  // one picture at a time; arrow keys, Home and End move the slider, as the browser has it
  function slider(box) {
    const frames = [...box.querySelectorAll("figure[data-step]")];
    if (frames.length < 2) return;
    const input = Object.assign(document.createElement("input"), { type: "range", min: 0, max: frames.length - 1, value: frames.length - 1 });
    const said = document.createElement("output");
    const label = document.createElement("label");
    label.className = "rp-slider";
    input.setAttribute("aria-label", "Step");
    label.append(input, said);
    box.classList.add("rp-one");
    box.insertBefore(label, box.querySelector(".rp-media"));
    const show = () => {
      const at = Number(input.value);
      frames.forEach((frame, place) => frame.classList.toggle("rp-now", place === at));
      // what comes next is loaded before it is asked for
      for (const near of [frames[at], frames[at + 1], frames[at - 1]]) if (near) near.querySelector("img").loading = "eager";
      said.textContent = frames[at].querySelector("figcaption").textContent.trim() + " (" + (at + 1) + " of " + frames.length + ")";
      input.setAttribute("aria-valuetext", said.textContent);
    };
    input.addEventListener("input", show);
    show();
  }

  // the clipboard's own way needs https; from file:// a selection does it
  function copy(text, button) {
    const field = Object.assign(document.createElement("textarea"), { value: text, readOnly: true });
    field.className = "rp-sr";
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    button.focus();
    const before = button.textContent;
    button.textContent = done ? "Copied" : "Press Ctrl+C";
    setTimeout(() => (button.textContent = before), 1500);
  }

  function current(nav) {
    const links = new Map([...nav.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]));
    const watch = new IntersectionObserver(
      (entries) => {
        for (const entry of entries) {
          if (!entry.isIntersecting) continue;
          links.forEach((link) => link.removeAttribute("aria-current"));
          links.get(entry.target.id).setAttribute("aria-current", "true");
        }
      },
      { rootMargin: "-10% 0px -75%" },
    );
    for (const id of links.keys()) watch.observe(document.getElementById(id));
  }

  globalThis.runpages.start("run", () => {
    document.querySelectorAll(".rp-steps").forEach(slider);
    document.querySelectorAll("button[data-copies]").forEach((button) =>
      button.addEventListener("click", () => copy(document.getElementById(button.dataset.copies).textContent, button)),
    );
    const nav = document.querySelector(".rp-contents");
    if (nav) current(nav);
  });
})();

/* Light and dark on pages that do without Material's own script: the same switch, remembered in the same place. */
(function () {
  "use strict";
  const inputs = [...document.querySelectorAll(".md-option[data-md-color-scheme]")];
  const KEYS = ["media", "scheme", "primary", "accent"];
  document.documentElement.classList.replace("no-js", "js");
  if (!inputs.length) return;

  function first() {
    const kept = __md_get("__palette");
    if (kept && inputs[kept.index]) return kept.index;
    const fits = inputs.findIndex((input) => matchMedia(input.dataset.mdColorMedia).matches);
    return Math.max(0, fits);
  }

  // the label behind an input leads to the other look: only the one of the look in use is seen
  function show(index) {
    const color = {};
    inputs.forEach((input, at) => {
      input.checked = at === index;
      if (input.nextElementSibling) input.nextElementSibling.hidden = at !== index;
    });
    for (const key of KEYS) {
      color[key] = inputs[index].getAttribute("data-md-color-" + key);
      document.body.setAttribute("data-md-color-" + key, color[key]);
    }
    return { index, color };
  }

  show(first());
  inputs.forEach((input, at) => input.addEventListener("change", () => __md_set("__palette", show(at))));
})();

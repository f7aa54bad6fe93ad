/* What stands around table and charts: the chart bar, the splitter, menus that close.

   runpages.controls.charts(state)     x axis, scale, smoothing, search for a metric -> runpages.charts.set
   runpages.controls.splitter()        width of the table, by mouse and arrow keys, remembered on this computer
   runpages.controls.menus()           a click elsewhere or Escape closes an open menu
*/
(function () {
  "use strict";
  const find = (id) => document.getElementById(id);
  const tell = (values) => runpages.charts && runpages.charts.set && runpages.charts.set(values);

  function charts(state) {
    const [x, y, smooth, out] = ["rp-x", "rp-y", "rp-smooth", "rp-smooth-value"].map(find);
    const read = () => {
      x.value = state.get("x") || x.options[0]?.value || "";
      y.value = state.get("y") || "linear";
      smooth.value = state.get("smooth") || "0";
      say();
      tell({ x: x.value, y: y.value, smooth: Number(smooth.value) });
    };
    const say = () => {
      out.textContent = Number(smooth.value) ? `${smooth.value}, exponential` : "none";
    };
    x.addEventListener("change", () => {
      state.set({ x: x.selectedIndex ? x.value : "" });
      tell({ x: x.value });
    });
    y.addEventListener("change", () => {
      state.set({ y: y.value === "linear" ? "" : y.value });
      tell({ y: y.value });
    });
    smooth.addEventListener("input", () => {
      say();
      state.set({ smooth: Number(smooth.value) ? smooth.value : "" });
      tell({ smooth: Number(smooth.value) });
    });
    find("rp-metrics").addEventListener("input", (event) => narrow(event.target.value));
    find("rp-chart-bar").addEventListener("submit", (event) => event.preventDefault());
    state.onChange(read);
    read();
  }

  function narrow(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    for (const section of document.querySelectorAll("#rp-charts .rp-section")) {
      let left = 0;
      for (const chart of section.querySelectorAll(".rp-chart")) {
        const name = chart.dataset.metric.toLowerCase();
        chart.hidden = !words.every((word) => name.includes(word));
        if (!chart.hidden) left += 1;
      }
      section.hidden = !left;
      if (section.dataset.open === undefined) section.dataset.open = section.open ? "yes" : "";
      section.open = words.length ? left > 0 : section.dataset.open === "yes";
    }
  }

  function splitter() {
    const bar = find("rp-splitter");
    const panes = find("rp-panes");
    const compare = find("rp-compare");
    const key = "runpages.split";
    const put = (percent) => {
      const value = Math.round(Math.min(80, Math.max(25, percent)));
      compare.style.setProperty("--rp-split", value + "%");
      bar.setAttribute("aria-valuenow", value);
      try {
        localStorage.setItem(key, value);
      } catch {
        // private windows may refuse; the width is then forgotten
      }
      window.dispatchEvent(new Event("resize"));
    };
    let kept = null;
    try {
      kept = localStorage.getItem(key);
    } catch {
      kept = null;
    }
    if (kept) put(Number(kept) || 55);
    bar.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -4, ArrowRight: 4, Home: -100, End: 100 }[event.key];
      if (!by) return;
      event.preventDefault();
      put(Number(bar.getAttribute("aria-valuenow")) + by);
    });
    bar.addEventListener("pointerdown", (event) => {
      bar.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    bar.addEventListener("pointermove", (event) => {
      if (!bar.hasPointerCapture(event.pointerId)) return;
      const box = panes.getBoundingClientRect();
      put(((event.clientX - box.left) / box.width) * 100);
    });
  }

  function menus() {
    const open = () => document.querySelectorAll(".rp-menu[open]");
    document.addEventListener("click", (event) => {
      for (const menu of open()) if (!menu.contains(event.target) && document.contains(event.target)) menu.open = false;
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      for (const menu of open()) {
        menu.open = false;
        menu.querySelector("summary").focus();
      }
    });
  }

  runpages.controls = { charts, splitter, menus };
})();

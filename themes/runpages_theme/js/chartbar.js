/* The bar above the charts: what the reader sets there goes into the address and into runpages.charts.set.

   runpages.chartbar(state)     fills the choices that depend on the data, restores them from the address, listens
   Each field: id of its element, name in runpages.charts.state, key in the address, what is not said there.
*/
(function () {
  "use strict";
  const find = (id) => document.getElementById(id);
  const tell = (values) => runpages.charts && runpages.charts.set && runpages.charts.set(values);
  const FEW = 10; // more values than colours tell nothing apart
  const FIELDS = [
    ["rp-x", "x", "x", "step"],
    ["rp-xs", "xs", "xs", "linear"],
    ["rp-y", "y", "y", "linear"],
    ["rp-smooth", "smooth", "smooth", 0],
    ["rp-rule", "rule", "rule", "ema"],
    ["rp-line", "group", "lines", ""],
    ["rp-middle", "middle", "middle", "mean"],
    ["rp-spread", "spread", "band", "std"],
    ["rp-members", "members", "members", true],
    ["rp-hue", "hue", "hue", ""],
    ["rp-stroke", "stroke", "stroke", ""],
    ["rp-facet", "facet", "facet", ""],
    ["rp-clip", "clip", "clip", false],
    ["rp-events", "events", "events", false],
  ].map(([id, name, key, usual]) => ({ element: find(id), name, key, usual }));

  const valueOf = ({ element, usual }) => (element.type === "checkbox" ? element.checked : typeof usual === "number" ? Number(element.value) : element.value);

  function fill() {
    const data = runpages.get("runs");
    const x = find("rp-x");
    const counted = data.columns.some((column) => column.kind === "metric" && column.curve && /(^|\/)epoch$/.test(column.label));
    if (counted && ![...x.options].some(({ value }) => value === "epoch")) x.append(new Option("epoch", "epoch"));
    const told = data.columns.filter((column) => column.kind === "param" && column.differs && !column.seed && new Set(column.values).size <= FEW);
    if (new Set(data.runs.configuration).size < data.count) find("rp-line").append(new Option("all but the seed", "seed"));
    for (const id of ["rp-line", "rp-hue", "rp-stroke", "rp-facet"]) find(id).append(...told.map((column) => new Option((id === "rp-line" ? "one per " : "") + column.label, column.id)));
    // any metric can be an axis; a list of two thousand is made when somebody opens it
    x.addEventListener("pointerdown", metrics, { once: true });
    x.addEventListener("focus", metrics, { once: true });
  }

  function metrics() {
    const x = find("rp-x");
    if (x.querySelector("optgroup")) return;
    const known = new Set([...x.options].map(({ value }) => value));
    const group = Object.assign(document.createElement("optgroup"), { label: "a metric" });
    for (const column of runpages.get("runs").columns) if (column.kind === "metric" && column.curve && !known.has(column.id)) group.append(new Option(column.label, column.id));
    x.append(group);
  }

  function put({ element, usual }, text) {
    if (element.type === "checkbox") element.checked = text ? text === "1" : usual;
    else {
      const value = text || String(usual);
      if (element.options && ![...element.options].some((option) => option.value === value)) element.append(new Option(value.replace(/^\w+:/, ""), value));
      element.value = value;
    }
  }

  function chartbar(state) {
    fill();
    const say = () => {
      const [smooth, rule] = [find("rp-smooth"), find("rp-rule")];
      find("rp-smooth-value").textContent = Number(smooth.value) ? `${smooth.value}, ${rule.selectedOptions[0].text}` : "none";
      for (const id of ["rp-middle", "rp-spread", "rp-members"]) find(id).disabled = !find("rp-line").value;
    };
    const read = () => {
      for (const field of FIELDS) put(field, state.get(field.key));
      say();
      tell(Object.fromEntries(FIELDS.map((field) => [field.name, valueOf(field)])));
    };
    for (const field of FIELDS) {
      field.element.addEventListener("input", () => {
        const value = valueOf(field);
        state.set({ [field.key]: value === field.usual ? "" : value === true ? "1" : value === false ? "0" : String(value) });
        say();
        tell({ [field.name]: value });
      });
    }
    find("rp-metrics").addEventListener("input", (event) => narrow(event.target.value));
    find("rp-chart-bar").addEventListener("submit", (event) => event.preventDefault());
    state.onChange(read);
    read();
    runpages.pins(state);
    runpages.at();
  }

  function narrow(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    for (const section of document.querySelectorAll("#rp-charts .rp-section:not(.rp-at)")) {
      let left = 0;
      for (const chart of section.querySelectorAll(".rp-chart")) {
        const name = chart.dataset.metric.toLowerCase();
        const fits = words.every((word) => name.includes(word));
        chart.classList.toggle("rp-unfit", !fits);
        if (fits) left += 1;
      }
      section.hidden = !left;
      if (section.dataset.open === undefined) section.dataset.open = section.open ? "yes" : "";
      section.open = words.length ? left > 0 : section.dataset.open === "yes";
      // the next search starts from what the reader has opened and closed by then
      if (!words.length) delete section.dataset.open;
    }
  }

  runpages.chartbar = chartbar;
})();

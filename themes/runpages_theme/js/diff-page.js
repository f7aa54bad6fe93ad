/* The page of differences: which runs, by the address; their data files loaded one by one; tables of what differs.
   The address: #runs=KEY,KEY,...&base=KEY&all=1. The base stands first and is what the others are measured by. */
(function () {
  "use strict";
  const { escape, number } = runpages.format;
  const MOST = 8;
  const TITLES = [
    ["facts", "Run"],
    ["params", "Parameters"],
    ["metrics", "Metrics"],
    ["results", "Results"],
    ["packages", "Packages"],
    ["environment", "Environment"],
  ];
  let data, body, said, keys;

  const slug = (n) => data.runs.page[n].slice("runs/".length, -".html".length);
  const plural = (amount, one) => amount + " " + one + (amount === 1 ? "" : "s");
  const listed = (items) => (items.length < 2 ? items.join("") : items.slice(0, -1).join(", ") + " and " + items[items.length - 1]);

  // the numbers of the runs asked for, the base first; keys that this report does not know are counted
  function asked() {
    const wanted = [...new Set(runpages.state.get("runs").split(",").filter(Boolean))];
    const found = wanted.filter((key) => keys.has(key)).slice(0, MOST);
    const base = runpages.state.get("base");
    if (found.includes(base)) found.unshift(...found.splice(found.indexOf(base), 1));
    return { numbers: found.map((key) => keys.get(key)), unknown: wanted.length - wanted.filter((key) => keys.has(key)).length, over: wanted.length > MOST };
  }

  function head(n, at, count) {
    const runs = data.runs;
    const key = escape(runs.key[n]);
    const dot = `<span class="rp-dot rp-c${runs.color[n]} rp-dash${runs.dash[n]}" aria-hidden="true"></span>`;
    const base = at ? `<button type="button" data-base="${key}">measure by this</button>` : "<span>the measure</span>";
    const out = count > 2 ? ` <button type="button" data-out="${key}" aria-label="Take out ${escape(runs.name[n])}">take out</button>` : "";
    return `<th scope="col"><span class="rp-diff-run">${dot}<a href="${escape(runs.page[n])}">${escape(runs.name[n] || runs.id[n])}</a></span><span class="rp-diff-does">${count > 1 ? base : ""}${out}</span></th>`;
  }

  function deltaHtml(delta) {
    if (!delta || delta.better === null && delta.text === "0") return "";
    const words = (delta.up ? "higher" : "lower") + (delta.better === null ? "" : delta.better ? ", better" : ", worse");
    const kind = delta.better === null ? "" : delta.better ? " rp-better" : " rp-worse";
    return ` <span class="rp-delta${kind}"><span aria-hidden="true">${delta.up ? "▲" : "▼"}</span> ${escape(delta.text)}<span class="rp-sr"> ${words}</span></span>`;
  }

  function cell(row, at) {
    const value = row.values[at];
    const exact = row.exact ? row.exact[at] : row.full[at] === null ? "" : String(row.full[at]);
    const other = row.kinds ? row.kinds[at] !== 0 : row.differs && row.full[at] !== row.full[0];
    const title = exact !== "" && exact !== value ? ` title="${escape(exact)}"` : "";
    const none = value === "" ? '<span class="rp-soft">–</span>' : escape(value);
    return `<td${other ? ' class="rp-other"' : ""}${title}>${none}${row.deltas ? deltaHtml(row.deltas[at]) : ""}</td>`;
  }

  function table(title, rows) {
    if (!rows.length) return "";
    const arrow = (row) => (row.direction ? ` <span class="rp-sub" title="${row.direction === "max" ? "higher" : "lower"} is better">${row.direction === "max" ? "↑" : "↓"}</span>` : "");
    const lines = rows.map((row) => `<tr${row.differs ? "" : ' class="rp-same"'}><th scope="row">${escape(row.name)}${arrow(row)}</th>${row.values.map((_, at) => cell(row, at)).join("")}</tr>`);
    return `<tbody><tr class="rp-part"><th scope="rowgroup" colspan="${rows[0].values.length + 1}">${title}</th></tr>${lines.join("")}</tbody>`;
  }

  function patch(one, what) {
    if (!one.lines.length) return "";
    const does = (line) => ({ "+": "add", "-": "del", "@": "hunk" })[line[0]] || "";
    const lines = one.lines.slice(0, 2000).map((line) => `<span class="rp-${does(line)}">${escape(line)}\n</span>`);
    return `<h2>${escape(what)} <span class="rp-sub">− ${escape(one.between[0])}, + ${escape(one.between[1])}</span></h2><pre class="rp-text rp-patch" tabindex="0">${lines.join("")}</pre>`;
  }

  function sentence(view, count) {
    const { names, alike, apart } = view.telling;
    if (!names.length) return view.params_same ? "All of their parameters are the same." : "No parameters were recorded.";
    const words = names.map((name) => `<b>${escape(name)}</b>` + (alike[name] ? ` (as well as ${escape(listed(alike[name].slice(0, 6)))})` : ""));
    return listed(words) + (names.length === 1 ? " tells " : " tell ") + (apart ? (count === 2 ? "the two" : "all " + count) : "most of them") + " apart.";
  }

  function show(numbers, sides, notes) {
    const everything = document.getElementById("rp-diff-all").checked;
    const view = runpages.diff.compared(sides, everything);
    const tables = TITLES.map(([key, title]) => table(title, view[key])).join("");
    const same = view.params_same ? `<p class="rp-under">${plural(view.params_same, "parameter")} ${view.params_same === 1 ? "is" : "are"} the same in all.</p>` : "";
    const heads = numbers.map((n, at) => head(n, at, numbers.length)).join("");
    body.innerHTML =
      `<p class="rp-diff-tells">${notes}${sentence(view, sides.length)}</p>` +
      `<div class="rp-scroll-x" role="region" aria-label="What differs" tabindex="0"><table class="rp-runs rp-difftable"><thead><tr><td></td>${heads}</tr></thead>${tables}</table></div>` +
      (tables ? "" : "<p>Nothing that was recorded differs.</p>") + same +
      view.patches.map((one) => patch(one, "Changes that were not committed")).join("") + view.files.map((one) => patch(one, one.file)).join("");
    said.textContent = plural(numbers.length, "run");
    document.title = numbers.map((n) => data.runs.name[n]).join(" – ") + " – " + title;
    body.dataset.shown = numbers.map((n) => data.runs.key[n]).join(",") + (everything ? " all" : "");
  }

  function start(numbers) {
    const several = numbers.length ? "Add another run to see what differs." : "Choose two or more runs to see what differs. Links to pairs are on the page of every run.";
    body.innerHTML = `<p>${several}</p>`;
    said.textContent = numbers.length ? plural(numbers.length, "run") : "";
    body.dataset.shown = numbers.map((n) => data.runs.key[n]).join(",");
  }

  function draw() {
    const { numbers, unknown, over } = asked();
    const pairs = document.getElementById("rp-diff-pairs");
    if (pairs) pairs.hidden = numbers.length > 1;
    document.getElementById("rp-diff-all").checked = runpages.state.get("all") === "1";
    if (numbers.length < 2) return start(numbers);
    let waiting = numbers.length;
    const notes = (unknown ? `${plural(unknown, "run")} of the link ${unknown === 1 ? "is" : "are"} not in this report. ` : "") + (over ? `Only the first ${MOST} runs are shown. ` : "");
    const call = JSON.stringify(numbers);
    const done = () => {
      waiting -= 1;
      if (waiting || JSON.stringify(asked().numbers) !== call) return;
      const sides = numbers.map((n) => runpages.get("of/" + slug(n)));
      if (sides.every(Boolean)) show(numbers, sides, notes);
      else body.innerHTML = "<p>The data of one of these runs are not beside this page: was the site copied as a whole?</p>";
    };
    for (const n of numbers) runpages.load("data/of/" + encodeURIComponent(slug(n)) + ".js", done);
  }

  function change(values) {
    runpages.state.set(values);
    draw();
  }

  const now = () => runpages.state.get("runs").split(",").filter(Boolean);

  function clicked(event) {
    const { base, out } = event.target.dataset;
    if (base) change({ base });
    if (out) change({ runs: now().filter((key) => key !== out).join(","), base: runpages.state.get("base") === out ? "" : runpages.state.get("base") });
  }

  function added(input) {
    const text = input.value.trim();
    const at = data.runs.id.findIndex((id, n) => text === id || text === data.runs.key[n] || text === label(n));
    if (at < 0) return;
    input.value = "";
    change({ runs: [...now(), data.runs.key[at]].join(",") });
  }

  const label = (n) => data.runs.name[n] + " (" + data.runs.id[n] + ")";
  let title;

  runpages.start("diff", () => {
    data = runpages.get("runs");
    body = document.getElementById("rp-diff-body");
    said = document.getElementById("rp-diff-said");
    title = document.title;
    keys = new Map(data.runs.key.map((key, n) => [key, n]));
    const input = document.getElementById("rp-diff-add");
    const fill = () => {
      const list = document.getElementById("rp-diff-names");
      if (!list.children.length) list.append(...data.runs.id.map((_, n) => Object.assign(document.createElement("option"), { value: label(n) })));
    };
    input.addEventListener("focus", fill, { once: true });
    input.addEventListener("change", () => added(input));
    document.getElementById("rp-diff-bar").addEventListener("submit", (event) => {
      event.preventDefault();
      added(input);
    });
    document.getElementById("rp-diff-all").addEventListener("change", (event) => change({ all: event.target.checked ? "1" : "" }));
    body.addEventListener("click", clicked);
    runpages.state.onChange(draw);
    draw();
  });
})();

/* The page of evaluation: matrices as counts or shares, of each run, of two runs in one, or their difference; a curve's row lifts its line.
   The address: #cells=share&mode=both|difference&a=KEY&b=KEY */
(function () {
  "use strict";
  const { escape, count, number } = runpages.format;
  const state = runpages.state;
  const $ = (name) => document.getElementById("rp-eval-" + name);
  const FIRST = 4;
  const opened = new Set();
  let groups, runs;

  const dot = (n) => `<span class="rp-dot rp-c${runs.color[n]} rp-dash${runs.dash[n]}" aria-hidden="true"></span>`;
  const name = (n) => runs.name[n] || runs.id[n];
  const link = (n) => `${dot(n)}<a href="${escape(runpages.root + runs.page[n])}">${escape(name(n))}</a>`;
  const percent = (share) => (share === null ? "–" : number(Math.round(share * 1000) / 10));
  const sum = (row) => row.reduce((all, one) => all + one, 0);

  // a class without a sample has no shares
  const shares = (cells) => cells.map((row) => row.map((cell) => (sum(row) ? cell / sum(row) : null)));

  function said(one) {
    const total = one.cells.reduce((all, row) => all + sum(row), 0);
    const what = number(one.accuracy) + (one.counts ? " right of " + count(total) : " right by class");
    return what + (one.step === null ? "" : ", step " + count(one.step));
  }

  function table(labels, cell) {
    const head = labels.map((label) => `<th scope="col" class="rp-n">${escape(label)}</th>`).join("");
    const rows = labels.map((label, y) => `<tr><th scope="row">${escape(label)}</th>${labels.map((_, x) => cell(y, x)).join("")}</tr>`).join("");
    return `<div class="rp-scroll-x" tabindex="0" role="region" aria-label="Matrix"><table class="rp-runs rp-matrix"><thead><tr><td class="rp-corner">actual ↓ predicted →</td>${head}</tr></thead><tbody>${rows}</tbody></table></div>`;
  }

  function alone(group, one, asShares) {
    const part = shares(one.cells);
    const cell = (y, x) => {
      const shown = asShares ? percent(part[y][x]) : number(one.cells[y][x]);
      return `<td class="rp-n rp-shade${Math.round((part[y][x] || 0) * 8)}">${escape(shown)}</td>`;
    };
    return `<figure><figcaption>${link(one.run)} <span class="rp-sub">${escape(said(one))}${asShares ? ", percent" : ""}</span></figcaption>${table(group.labels, cell)}</figure>`;
  }

  function both(group, a, b, asShares) {
    const [one, other] = [shares(a.cells), shares(b.cells)];
    const cell = (y, x) => {
      const [left, right] = asShares ? [percent(one[y][x]), percent(other[y][x])] : [number(a.cells[y][x]), number(b.cells[y][x])];
      const shade = (share) => `rp-shade${Math.round((share || 0) * 8)}`;
      return `<td class="rp-n rp-two"><span class="${shade(one[y][x])}">${escape(left)}</span><span class="${shade(other[y][x])}">${escape(right)}</span></td>`;
    };
    return `<figure><figcaption>${link(a.run)} <span class="rp-sub">left, ${escape(said(a))}</span> ${link(b.run)} <span class="rp-sub">right, ${escape(said(b))}${asShares ? ", percent" : ""}</span></figcaption>${table(group.labels, cell)}</figure>`;
  }

  // counts of as many samples are subtracted as they are, others as shares
  function difference(group, a, b, wanted) {
    const totals = [a, b].map((one) => one.cells.reduce((all, row) => all + sum(row), 0));
    const asShares = wanted || !a.counts || !b.counts || totals[0] !== totals[1];
    const [one, other] = asShares ? [shares(a.cells), shares(b.cells)] : [a.cells, b.cells];
    const gap = (y, x) => (one[y][x] === null || other[y][x] === null ? null : one[y][x] - other[y][x]);
    const most = Math.max(1e-12, ...group.labels.flatMap((_, y) => group.labels.map((__, x) => Math.abs(gap(y, x) || 0))));
    const cell = (y, x) => {
      const d = gap(y, x);
      const shown = d === null ? "–" : (d > 0 ? "+" : "") + (asShares ? percent(d) : number(d));
      const shade = d ? ` ${(d > 0) === (x === y) ? "rp-gain" : "rp-harm"}${Math.ceil((Math.abs(d) / most) * 4)}` : "";
      return `<td class="rp-n${shade}">${escape(d === 0 ? "0" : shown)}</td>`;
    };
    return `<figure><figcaption>${link(a.run)} <span class="rp-sub">minus</span> ${link(b.run)} <span class="rp-sub">${asShares ? "percentage points of the actual class" : "samples"}; blue where the first is right more often or wrong less often, orange the other way round</span></figcaption>${table(group.labels, cell)}</figure>`;
  }

  function options(select, chosen) {
    const every = [...new Set(groups.flatMap((group) => group.runs.map((one) => one.run)))];
    select.innerHTML = every.map((n) => `<option value="${escape(runs.key[n])}"${n === chosen ? " selected" : ""}>${escape(name(n))}</option>`).join("");
  }

  function chosen() {
    const widest = groups.find((group) => group.runs.length > 1) || groups[0];
    const every = groups.flatMap((group) => group.runs.map((one) => one.run));
    const of = (key, at) => every.find((n) => runs.key[n] === state.get(key)) ?? (widest.runs[at] || widest.runs[0]).run;
    return [of("a", 0), of("b", 1)];
  }

  function draw() {
    const mode = state.get("mode");
    const asShares = state.get("cells") === "share";
    const [a, b] = chosen();
    $("cells").value = state.get("cells");
    $("mode").value = mode;
    document.querySelectorAll(".rp-eval-two").forEach((label) => (label.hidden = !mode));
    options($("a"), a);
    options($("b"), b);
    document.querySelectorAll(".rp-evalgroup").forEach((section, at) => {
      const group = groups[at];
      const two = [a, b].map((n) => group.runs.find((one) => one.run === n));
      const box = section.querySelector(".rp-matrices");
      section.hidden = Boolean(mode) && two.includes(undefined);
      if (section.hidden) return;
      if (mode === "both") box.innerHTML = both(group, ...two, asShares);
      else if (mode === "difference") box.innerHTML = difference(group, ...two, asShares);
      else box.innerHTML = group.runs.slice(0, opened.has(at) ? undefined : FIRST).map((one) => alone(group, one, asShares)).join("");
      const more = section.querySelector(".rp-eval-more");
      if (more) more.parentElement.hidden = Boolean(mode) || opened.has(at);
    });
    $("bar").dataset.mode = mode;
  }

  function curves() {
    for (const box of document.querySelectorAll(".rp-curves")) {
      const lift = (event) => {
        const row = event.target.closest("[data-line]");
        box.classList.toggle("rp-lifting", Boolean(row));
        for (const one of box.querySelectorAll("[data-line]")) one.classList.toggle("rp-lifted", Boolean(row) && one.dataset.line === row.dataset.line);
      };
      box.addEventListener("pointerover", lift);
      box.addEventListener("focusin", lift);
      box.addEventListener("pointerleave", lift);
    }
  }

  function start() {
    curves();
    groups = runpages.get("evaluation");
    runs = runpages.get("runs").runs;
    if (!groups.length) return;
    for (const key of ["cells", "mode", "a", "b"])
      $(key).addEventListener("change", (event) => {
        state.set({ [key]: event.target.value });
        draw();
      });
    document.querySelectorAll(".rp-eval-more").forEach((button) =>
      button.addEventListener("click", () => {
        opened.add(Number(button.closest(".rp-evalgroup").dataset.group));
        draw();
      }),
    );
    $("bar").addEventListener("submit", (event) => event.preventDefault());
    state.onChange(draw);
    draw();
  }

  runpages.start("evaluation", start);
})();

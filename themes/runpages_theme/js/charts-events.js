/* What happened along a line, as ticks on its x axis and as words: the best step, a restart, the end of an epoch, marks of the report's author.

   plot.events(chart)   -> [{x, kind: "best" | "restart" | "epoch" | "mark", color, text}]
   Best: of what is drawn unsmoothed, by the metric's direction. Restart: a step that goes back. Epochs: where the metric that counts them
   changes, of the first run that has it. Marks: `marks` of data/runs.js, on step axes.
*/
(function () {
  "use strict";
  const runpages = (globalThis.runpages = globalThis.runpages || {});
  const plot = (runpages.plot = runpages.plot || {});
  const LINES = 10; // best steps of more lines are a row of ticks that says nothing
  const EPOCHS = 60;

  function events(chart) {
    const found = [];
    if (chart.lines.length <= LINES) for (const line of chart.lines) found.push(...ofLine(line, chart));
    if (chart.state.x === "step") found.push(...epochs(chart), ...marks());
    return found;
  }

  function ofLine(line, chart) {
    const out = [];
    const column = plot.runs.column("metric:" + chart.metric);
    const sign = column ? { max: 1, min: -1 }[column.direction] : 0;
    const { x, y } = line.drawn;
    const color = chart.color(line);
    const name = chart.name(line);
    let best = -1;
    for (let i = 0; i < y.length; i++) {
      if (sign && Number.isFinite(y[i]) && (best < 0 || sign * y[i] > sign * y[best])) best = i;
      if (i && chart.state.x === "step" && x[i] < x[i - 1]) out.push({ x: x[i], kind: "restart", color, text: `${name} restarts at ${chart.where(x[i])}` });
    }
    if (best >= 0) out.push({ x: x[best], kind: "best", color, text: `${name} is best at ${chart.where(x[best])}: ${runpages.format.number(y[best])}` });
    return out;
  }

  function epochs(chart) {
    const payload = runpages.get(plot.otherCurve("epoch"));
    const told = payload && payload.lines.find((line) => chart.lines.some(({ run }) => run === line.run));
    if (!told) return [];
    const steps = payload.steps[told.s];
    const ends = [];
    for (let i = 1; i < told.y.length; i++) if (Math.floor(told.y[i]) > Math.floor(told.y[i - 1])) ends.push({ x: steps[i - 1], kind: "epoch", text: `epoch ${Math.floor(told.y[i - 1])} ends` });
    return ends.length <= EPOCHS ? ends : [];
  }

  function marks() {
    const data = runpages.get("runs");
    return ((data && data.marks) || []).map(({ step, text }) => ({ x: step, kind: "mark", text: `${text} (step ${runpages.format.count(step)})` }));
  }

  plot.events = events;
})();

/* Lines, bands, marks and names of a chart, painted on a canvas of their own over the axes that Vega has drawn.

   plot.scale(kind, [low, high], pixels, constant)   -> {at(value), invert(pixel)}; kind: linear | log | symlog, straight below `constant`
   new plot.Paint(parent)
     fit({left, top, width, height})     the plot's place in `parent`, in CSS pixels; the canvas is wider by ROOM on the right, for names
     draw({x, y, strands, labels, events})    x, y: scales;  strands: what plot.strands made, the last on top
       strand = {x, y, color, dash, width, alpha, dots, lo, hi, marks: [{x, bad}], beyond: [{x, above}]}
       labels = [{y, text, color}] at the right end;  events = [{x, color, kind}]
   plot.cut(text, most)    a name cut in its middle to `most` pixels of the charts' font
*/
(function () {
  "use strict";
  const runpages = (globalThis.runpages = globalThis.runpages || {});
  const plot = (runpages.plot = runpages.plot || {});
  const FONT = "11px system-ui, -apple-system, Segoe UI, Roboto, Helvetica, Arial, sans-serif";
  const ROOM = 170;
  const DASHES = [[], [6, 3], [2, 2], [8, 3, 2, 3]];
  const EDGE = 6;
  const FAR = 1e5; // a canvas loses lines that go further
  const WAYS = {
    linear: [(v) => v, (v) => v],
    log: [Math.log, Math.exp],
    symlog: [(v, c) => Math.sign(v) * Math.log1p(Math.abs(v / c)), (v, c) => Math.sign(v) * Math.expm1(Math.abs(v)) * c],
  };

  function scale(kind, [low, high], [from, to], constant = 1) {
    const [forth, back] = WAYS[kind];
    const start = forth(low, constant);
    const factor = (to - from) / (forth(high, constant) - start || 1);
    const at = kind === "linear" ? (v) => from + (v - low) * factor : (v) => from + (forth(v, constant) - start) * factor;
    return { at, invert: (p) => back(start + (p - from) / factor, constant) };
  }

  let measure = null;
  function wide(text) {
    if (!measure) {
      measure = document.createElement("canvas").getContext("2d");
      measure.font = FONT;
    }
    return measure.measureText(text).width;
  }

  function cut(text, most) {
    if (text.length < most / 12 || wide(text) <= most) return text;
    let low = 0;
    let high = Math.min(text.length, most);
    const short = (kept) => text.slice(0, Math.ceil(kept / 2)).trimEnd() + "…" + text.slice(text.length - Math.floor(kept / 2)).trimStart();
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (wide(short(middle)) <= most) low = middle;
      else high = middle;
    }
    return short(low);
  }

  class Paint {
    constructor(parent) {
      this.canvas = Object.assign(document.createElement("canvas"), { className: "rp-paint" });
      this.canvas.setAttribute("aria-hidden", "true");
      this.pen = this.canvas.getContext("2d");
      parent.append(this.canvas);
    }

    fit({ left, top, width, height }) {
      const dense = globalThis.devicePixelRatio || 1;
      const [wide, tall] = [Math.round((width + ROOM) * dense), Math.round(height * dense)];
      // a canvas that is given its own size is emptied all the same
      if (this.canvas.width !== wide || this.canvas.height !== tall) Object.assign(this.canvas, { width: wide, height: tall });
      Object.assign(this.canvas.style, { left: left + "px", top: top + "px", width: width + ROOM + "px", height: height + "px" });
      Object.assign(this, { width, height, dense });
    }

    draw({ x, y, strands, labels = [], events = [], soft }) {
      const { pen, width, height, dense } = this;
      pen.setTransform(dense, 0, 0, dense, 0, 0);
      pen.clearRect(0, 0, width + ROOM, height);
      pen.save();
      pen.beginPath();
      pen.rect(0, 0, width, height);
      pen.clip();
      Object.assign(pen, { lineCap: "round", lineJoin: "round" });
      for (const each of events) this.event(each, x, soft);
      for (const each of strands) if (each.lo) this.band(each, x, y);
      for (const each of strands) this.line(each, x, y);
      for (const each of strands) this.edges(each, x);
      pen.restore();
      Object.assign(pen, { font: FONT, textBaseline: "middle", globalAlpha: 1 });
      for (const { y: at, text, color } of labels) {
        pen.fillStyle = color;
        pen.fillText(text, width + 6, at);
      }
    }

    // a run of neighbours with both ends is one piece of the band
    band({ x: xs, lo, hi, color }, x, y) {
      const { pen } = this;
      pen.globalAlpha = 0.16;
      pen.fillStyle = color;
      pen.beginPath();
      for (let i = 0; i < xs.length; ) {
        const from = i;
        while (i < xs.length && near(y.at(lo[i])) && near(y.at(hi[i]))) i += 1;
        if (i > from) {
          for (let k = from; k < i; k++) pen[k === from ? "moveTo" : "lineTo"](x.at(xs[k]), kept(y.at(hi[k])));
          for (let k = i - 1; k >= from; k--) pen.lineTo(x.at(xs[k]), kept(y.at(lo[k])));
          pen.closePath();
        } else i += 1;
      }
      pen.fill();
    }

    line({ x: xs, y: ys, color, dash, width, alpha = 1, dots }, x, y) {
      const { pen } = this;
      Object.assign(pen, { globalAlpha: alpha, strokeStyle: color, fillStyle: color, lineWidth: width });
      pen.setLineDash(DASHES[dash || 0]);
      pen.beginPath();
      let open = false;
      const alone = [];
      for (let i = 0; i < xs.length; i++) {
        const px = x.at(xs[i]);
        const py = y.at(ys[i]);
        if (!near(py) || !near(px)) {
          open = false;
          continue;
        }
        if (open) pen.lineTo(px, kept(py));
        else {
          pen.moveTo(px, kept(py));
          if (dots && !near(y.at(ys[i + 1]))) alone.push([px, py]);
        }
        open = true;
      }
      pen.stroke();
      pen.setLineDash([]);
      for (const [px, py] of alone) this.shape("dot", px, py, 2.9);
    }

    // values that have no place on the axis, or lie beyond what is shown, stand at its edge
    edges({ marks = [], beyond = [], color }, x) {
      const { pen, height } = this;
      Object.assign(pen, { globalAlpha: 0.9, fillStyle: color, strokeStyle: color, lineWidth: 1.5 });
      for (const { x: at, bad } of marks) this.shape(bad, x.at(at), bad === "inf" ? EDGE : height - EDGE, 4);
      for (const { x: at, above } of beyond) this.shape(above ? "above" : "below", x.at(at), above ? 5 : height - 5, 3.5);
    }

    event({ x: at, color, kind }, x, soft) {
      const { pen, height } = this;
      const px = x.at(at);
      Object.assign(pen, { globalAlpha: kind === "epoch" ? 0.35 : 0.8, strokeStyle: color || soft, fillStyle: color || soft, lineWidth: 1 });
      pen.setLineDash(kind === "mark" || kind === "restart" ? [4, 3] : []);
      pen.beginPath();
      pen.moveTo(px, kind === "mark" || kind === "restart" ? 0 : height - (kind === "epoch" ? 5 : 10));
      pen.lineTo(px, height);
      pen.stroke();
      pen.setLineDash([]);
      if (kind === "best") this.shape("inf", px, height - 12, 4);
      if (kind === "stop") this.shape("square", px, height - 12, 3.5);
    }

    shape(kind, px, py, r) {
      const { pen } = this;
      pen.beginPath();
      if (kind === "dot") pen.arc(px, py, r, 0, 7);
      else if (kind === "square") pen.rect(px - r, py - r, 2 * r, 2 * r);
      else if (kind === "nan") for (const [dx, dy] of [[1, 1], [1, -1]]) pen.moveTo(px - r * dx, py - r * dy), pen.lineTo(px + r * dx, py + r * dy);
      else {
        const up = kind === "inf" || kind === "above" ? 1 : -1;
        pen.moveTo(px, py - r * up);
        pen.lineTo(px + r, py + r * up);
        pen.lineTo(px - r, py + r * up);
        pen.closePath();
      }
      // full: the value is infinite; hollow: it is a number further out
      if (kind === "nan" || kind === "above" || kind === "below") pen.stroke();
      else pen.fill();
    }
  }

  const near = (pixel) => pixel - pixel === 0;
  const kept = (pixel) => Math.max(-FAR, Math.min(FAR, pixel));

  Object.assign(plot, { scale, Paint, cut, wide });
})();

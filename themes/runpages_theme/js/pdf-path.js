/* The outline of an SVG path in the words of PDF: lines stay lines, arcs and quadratic curves become cubic ones.

   runpages.pdfPath(d) -> "1 2 m 3 4 l h"; "" for nothing
*/
(function () {
  "use strict";
  const short = (value) => String(Number(value.toFixed(3)));
  const TAKES = { M: 2, L: 2, H: 1, V: 1, C: 6, S: 4, Q: 4, A: 7, Z: 0 };

  // one arc as cubic pieces of at most a quarter turn, by the centre that the standard's appendix gives
  function arc(x1, y1, [rx, ry, turn, large, sweep, x2, y2]) {
    if (!rx || !ry || (x1 === x2 && y1 === y2)) return [[x1, y1, x2, y2, x2, y2]];
    const angle = (turn * Math.PI) / 180;
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    const [dx, dy] = [(x1 - x2) / 2, (y1 - y2) / 2];
    const [px, py] = [cos * dx + sin * dy, cos * dy - sin * dx];
    const grow = Math.max(1, Math.sqrt((px / rx) ** 2 + (py / ry) ** 2));
    [rx, ry] = [Math.abs(rx) * grow, Math.abs(ry) * grow];
    const rest = rx * rx * ry * ry - rx * rx * py * py - ry * ry * px * px;
    const root = (large === sweep ? -1 : 1) * Math.sqrt(Math.max(0, rest) / (rx * rx * py * py + ry * ry * px * px));
    const [qx, qy] = [(root * rx * py) / ry, (-root * ry * px) / rx];
    const [cx, cy] = [cos * qx - sin * qy + (x1 + x2) / 2, sin * qx + cos * qy + (y1 + y2) / 2];
    const from = Math.atan2((py - qy) / ry, (px - qx) / rx);
    let all = Math.atan2((-py - qy) / ry, (-px - qx) / rx) - from;
    if (sweep && all < 0) all += 2 * Math.PI;
    if (!sweep && all > 0) all -= 2 * Math.PI;
    const count = Math.max(1, Math.ceil(Math.abs(all) / (Math.PI / 2) - 1e-9));
    const step = all / count;
    const reach = (4 / 3) * Math.tan(step / 4);
    const at = (u, v) => [cx + cos * rx * u - sin * ry * v, cy + sin * rx * u + cos * ry * v];
    return Array.from({ length: count }, (_, k) => {
      const [a, b] = [from + k * step, from + (k + 1) * step];
      return [...at(Math.cos(a) - reach * Math.sin(a), Math.sin(a) + reach * Math.cos(a)), ...at(Math.cos(b) + reach * Math.sin(b), Math.sin(b) - reach * Math.cos(b)), ...at(Math.cos(b), Math.sin(b))];
    });
  }

  class Pen {
    constructor() {
      Object.assign(this, { out: [], x: 0, y: 0, startX: 0, startY: 0, handle: null });
    }

    curve(v) {
      this.out.push(v.map(short).join(" ") + " c");
      this.handle = [v[2], v[3]];
      [this.x, this.y] = [v[4], v[5]];
    }

    to(name, v) {
      [this.x, this.y] = v;
      this.out.push(`${short(v[0])} ${short(v[1])} ${name}`);
    }

    draw(name, v) {
      const { x, y } = this;
      const mirrored = this.handle ? [2 * x - this.handle[0], 2 * y - this.handle[1]] : [x, y];
      this.handle = null;
      if (name === "M") {
        this.to("m", v);
        [this.startX, this.startY] = v;
      } else if (name === "L") this.to("l", v);
      else if (name === "H") this.to("l", [v[0], y]);
      else if (name === "V") this.to("l", [x, v[0]]);
      else if (name === "C") this.curve(v);
      else if (name === "S") this.curve([...mirrored, ...v]);
      else if (name === "Q") this.curve([x + (2 / 3) * (v[0] - x), y + (2 / 3) * (v[1] - y), v[2] + (2 / 3) * (v[0] - v[2]), v[3] + (2 / 3) * (v[1] - v[3]), v[2], v[3]]);
      else if (name === "A") for (const piece of arc(x, y, v)) this.curve(piece);
      else {
        this.out.push("h");
        [this.x, this.y] = [this.startX, this.startY];
      }
    }

    // relative values on from where the pen is
    moved(name, v) {
      const { x, y } = this;
      if (name === "H") return [v[0] + x];
      if (name === "V") return [v[0] + y];
      if (name === "A") return [...v.slice(0, 5), v[5] + x, v[6] + y];
      return v.map((value, at) => value + (at % 2 ? y : x));
    }
  }

  // flags of an arc may stand without a space between them
  function values(name, text) {
    if (name !== "A") return (text.match(/[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?/gi) || []).map(Number);
    const one = "\\s*,?\\s*([+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:e[+-]?\\d+)?)";
    return [...text.matchAll(new RegExp(one.repeat(3) + "\\s*,?\\s*([01])\\s*,?\\s*([01])" + one.repeat(2), "gi"))].flatMap((found) => found.slice(1).map(Number));
  }

  runpages.pdfPath = function (d) {
    const pen = new Pen();
    for (const [, letter, rest] of d.matchAll(/([MLHVCSQAZ])([^MLHVCSQAZ]*)/gi)) {
      let name = letter.toUpperCase();
      const all = values(name, rest);
      const size = TAKES[name];
      for (let k = 0; k < Math.max(1, all.length); k += size || 1) {
        const v = all.slice(k, k + size);
        if (v.length < size) break;
        pen.draw(name, letter === name || !size ? v : pen.moved(name, v));
        if (letter.toUpperCase() === "M") name = "L";
      }
    }
    return pen.out.join(" ");
  };
})();

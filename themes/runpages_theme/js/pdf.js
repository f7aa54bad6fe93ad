/* A picture as a PDF that LaTeX takes: one page as large as the picture, lines and areas as lines and areas, words in the core font
   Helvetica (words with letters it has not as pictures of 4 points to the pixel).

   runpages.pdf(svg text) -> Uint8Array; takes what the drawing library and plot.drawn write: g, path, rect, circle, line, text, linear
   gradients, clip paths of one path or rect
*/
(function () {
  "use strict";
  // widths of Helvetica and Helvetica-Bold from space to tilde, thousandths of the size (Adobe's metrics of the core fonts)
  const WIDTHS = [
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 278 278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 722 778 667 778 722 667 611 722 667 944 667 667 611 278 278 278 469 556 333 556 556 500 556 556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 500 500 500 334 260 334 584",
    "278 333 474 556 556 889 722 238 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 556 556 556 333 333 584 584 584 611 975 722 722 722 722 667 611 778 722 278 556 722 611 833 722 778 667 778 722 667 611 722 667 944 667 667 611 333 278 333 584 556 333 556 611 556 611 556 333 611 611 278 278 556 278 889 611 611 611 611 389 556 333 611 556 778 556 556 500 389 280 389 584",
  ].map((text) => text.split(" ").map(Number));
  const OTHERS = { "–": [0x96, 556], "—": [0x97, 1000], "…": [0x85, 1000], "‘": [0x91, 222], "’": [0x92, 222], "“": [0x93, 333], "”": [0x94, 333], "•": [0x95, 350], "±": [0xb1, 584], "×": [0xd7, 584], "·": [0xb7, 278], "°": [0xb0, 400], "²": [0xb2, 333], "³": [0xb3, 333], µ: [0xb5, 556], "−": [0x96, 556] };
  const short = (value) => String(Number(value.toFixed(3)));
  const number = (node, name, otherwise = 0) => (node.hasAttribute(name) ? parseFloat(node.getAttribute(name)) : otherwise);

  // [byte, width] of each letter, null when the font lacks one; letters with accents are as wide as without
  function encoded(text, bold) {
    const out = [];
    for (const letter of text) {
      const code = letter.codePointAt(0);
      const base = letter.normalize("NFD").charCodeAt(0);
      if (code >= 32 && code < 127) out.push([code, WIDTHS[bold][code - 32]]);
      else if (OTHERS[letter]) out.push(OTHERS[letter]);
      else if (code >= 0xc0 && code <= 0xff && base >= 65 && base < 127) out.push([code, WIDTHS[bold][base - 32]]);
      else return null;
    }
    return out;
  }

  // any colour as [r, g, b, alpha] of 0..1; the browser reads it
  function colours() {
    const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const known = new Map();
    return (text) => {
      if (!text || text === "none" || text === "transparent") return null;
      if (!known.has(text)) {
        pen.clearRect(0, 0, 1, 1);
        pen.fillStyle = "#000";
        pen.fillStyle = text;
        pen.fillRect(0, 0, 1, 1);
        known.set(text, Array.from(pen.getImageData(0, 0, 1, 1).data, (part) => part / 255));
      }
      return known.get(text);
    };
  }

  function matrix(text) {
    let whole = new DOMMatrix();
    for (const [, name, inner] of (text || "").matchAll(/(\w+)\(([^)]*)\)/g)) {
      const v = inner.split(/[\s,]+/).filter(Boolean).map(Number);
      if (name === "translate") whole = whole.translate(v[0], v[1] || 0);
      else if (name === "scale") whole = whole.scale(v[0], v[1] ?? v[0]);
      else if (name === "rotate") whole = whole.translate(v[1] || 0, v[2] || 0).rotate(v[0]).translate(-(v[1] || 0), -(v[2] || 0));
      else if (name === "matrix") whole = whole.multiply(new DOMMatrix(v));
    }
    return whole;
  }

  const put = (m) => [m.a, m.b, m.c, m.d, m.e, m.f].map(short).join(" ") + " cm";

  function shape(node) {
    const n = (name) => number(node, name);
    if (node.localName === "path") return runpages.pdfPath(node.getAttribute("d") || "");
    if (node.localName === "rect") return `${[n("x"), n("y"), n("width"), n("height")].map(short).join(" ")} re`;
    if (node.localName === "line") return `${short(n("x1"))} ${short(n("y1"))} m ${short(n("x2"))} ${short(n("y2"))} l`;
    return runpages.pdfPath(`M${n("cx") - n("r")},${n("cy")}a${n("r")},${n("r")} 0 1 0 ${2 * n("r")},0a${n("r")},${n("r")} 0 1 0 ${-2 * n("r")},0Z`);
  }

  class Writer {
    constructor(svg) {
      Object.assign(this, { svg, out: [], alphas: new Map(), images: [], colour: colours() });
      const box = (svg.getAttribute("viewBox") || "").split(/[\s,]+/).map(Number);
      [this.left, this.top, this.width, this.height] = box.length === 4 ? box : [0, 0, number(svg, "width", 400), number(svg, "height", 300)];
    }

    // fill, stroke and the like come down from the groups around
    read(node, from) {
      const own = { ...from };
      const style = Object.fromEntries((node.getAttribute("style") || "").split(";").map((one) => one.split(":").map((part) => part.trim())));
      const get = (name) => style[name] ?? node.getAttribute(name);
      for (const name of ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linecap", "stroke-linejoin", "font-size", "font-weight", "text-anchor", "fill-opacity", "stroke-opacity", "paint-order"]) if (get(name)) own[name] = get(name);
      if (get("opacity")) own.opacity = from.opacity * parseFloat(get("opacity"));
      return own;
    }

    walk(node, from) {
      for (const child of node.children) {
        if (["defs", "clipPath", "title", "style"].includes(child.localName)) continue;
        if (child.getAttribute("visibility") === "hidden" || child.getAttribute("display") === "none") continue;
        const look = this.read(child, from);
        if (look.opacity === 0) continue;
        this.out.push("q");
        if (child.hasAttribute("transform")) this.out.push(put(matrix(child.getAttribute("transform"))));
        this.clip(child);
        if (child.localName === "text") this.text(child, look);
        else if (["path", "rect", "circle", "line"].includes(child.localName)) this.paint(child, look);
        else this.walk(child, look);
        this.out.push("Q");
      }
    }

    clip(node) {
      const id = /url\(#([^)]+)\)/.exec(node.getAttribute("clip-path") || "");
      const found = id && this.svg.querySelector(`[id="${CSS.escape(id[1])}"]`);
      if (found && found.firstElementChild) this.out.push(shape(found.firstElementChild) + " W n");
    }

    alpha(fill, stroke) {
      const key = `${short(fill)} ${short(stroke)}`;
      if (key === "1 1") return;
      if (!this.alphas.has(key)) this.alphas.set(key, `a${this.alphas.size}`);
      this.out.push(`/${this.alphas.get(key)} gs`);
    }

    paint(node, look) {
      const path = shape(node);
      if (!path) return;
      const gradient = /url\((?:['"])?#([^)'"]+)/.exec(look.fill || "");
      if (gradient) return void this.gradient(gradient[1], path, node);
      const [fill, stroke] = [this.colour(look.fill ?? "black"), this.colour(look.stroke)];
      const width = parseFloat(look["stroke-width"] ?? 1);
      const strokes = stroke && stroke[3] && width > 0 && node.localName !== "text";
      const fills = fill && fill[3] && node.localName !== "line";
      if (!fills && !strokes) return;
      this.alpha(look.opacity * (fill ? fill[3] : 1) * parseFloat(look["fill-opacity"] ?? 1), look.opacity * (stroke ? stroke[3] : 1) * parseFloat(look["stroke-opacity"] ?? 1));
      if (fills) this.out.push(`${fill.slice(0, 3).map(short).join(" ")} rg`);
      if (strokes) this.pen(stroke, width, look);
      this.out.push(path, fills && strokes ? "B" : fills ? "f" : "S");
    }

    pen(stroke, width, look) {
      const dash = (look["stroke-dasharray"] || "none") === "none" ? "" : look["stroke-dasharray"].split(/[\s,]+/).map((part) => short(parseFloat(part))).join(" ");
      const cap = { round: 1, square: 2 }[look["stroke-linecap"]] || 0;
      const join = { round: 1, bevel: 2 }[look["stroke-linejoin"]] || 0;
      this.out.push(`${stroke.slice(0, 3).map(short).join(" ")} RG ${short(width)} w [${dash}] 0 d ${cap} J ${join} j`);
    }

    // a hundred strips: enough for a legend's ramp, and every reader of PDF draws them alike
    gradient(id, path, node) {
      const found = this.svg.querySelector(`[id="${CSS.escape(id)}"]`);
      if (!found) return;
      const stops = Array.from(found.children, (stop) => ({ at: parseFloat(stop.getAttribute("offset")) * (/%/.test(stop.getAttribute("offset")) ? 0.01 : 1), colour: this.colour(stop.getAttribute("stop-color")) }));
      const [x, y] = [number(found, "x2", 1) - number(found, "x1"), number(found, "y2") - number(found, "y1")];
      const points = path.match(/-?[\d.]+/g).map(Number);
      const box = node.localName === "rect" ? [points[0], points[1], points[2], points[3]] : bounds(points);
      this.out.push(`${path} W n`);
      for (let k = 0; k < 100; k++) {
        const share = (Math.abs(x) > Math.abs(y) ? x : y) > 0 ? (k + 0.5) / 100 : 1 - (k + 0.5) / 100;
        const place = Math.abs(x) > Math.abs(y) ? [box[0] + (box[2] * k) / 100, box[1], box[2] / 99, box[3]] : [box[0], box[1] + (box[3] * k) / 100, box[2], box[3] / 99];
        this.out.push(`${mixed(stops, share).map(short).join(" ")} rg ${place.map(short).join(" ")} re f`);
      }
    }

    text(node, look) {
      const said = node.textContent;
      if (!said.trim()) return;
      const size = parseFloat(look["font-size"] ?? 11);
      const bold = /bold|[6-9]00/.test(look["font-weight"] || "") ? 1 : 0;
      const letters = encoded(said, bold);
      const wide = letters ? (letters.reduce((sum, [, width]) => sum + width, 0) * size) / 1000 : 0;
      const fill = this.colour(look.fill ?? "black");
      if (!fill) return;
      const opacity = look.opacity * fill[3] * parseFloat(look["fill-opacity"] ?? 1);
      this.alpha(opacity, opacity);
      const x = number(node, "x");
      const y = number(node, "y");
      const back = { middle: 0.5, end: 1 }[look["text-anchor"]] || 0;
      if (!letters) return void this.drawn(said, { size, bold, fill, x, y, back });
      const bytes = letters.map(([code]) => code.toString(16).padStart(2, "0")).join("");
      // letters stand upright in a space whose y runs down
      const place = `1 0 0 -1 ${short(x - back * wide)} ${short(y)} Tm <${bytes}> Tj`;
      const ground = look["paint-order"] && this.colour(look.stroke);
      if (ground) this.out.push(`BT /F${bold} ${short(size)} Tf 1 Tr ${ground.slice(0, 3).map(short).join(" ")} RG ${short(parseFloat(look["stroke-width"] ?? 1))} w 1 j ${place} ET`);
      this.out.push(`BT /F${bold} ${short(size)} Tf 0 Tr ${fill.slice(0, 3).map(short).join(" ")} rg ${place} ET`);
    }

    // words in another script: the browser draws them, the PDF holds how much ink each point has
    drawn(said, { size, bold, fill, x, y, back }) {
      const fine = 4;
      const canvas = document.createElement("canvas");
      const pen = canvas.getContext("2d");
      const font = `${bold ? 600 : 400} ${size * fine}px Helvetica, Arial, sans-serif`;
      pen.font = font;
      const wide = Math.ceil(pen.measureText(said).width) + 4;
      const tall = Math.ceil(size * fine * 1.5);
      Object.assign(canvas, { width: wide, height: tall });
      pen.font = font;
      pen.textBaseline = "alphabetic";
      pen.fillText(said, 2, size * fine * 1.1);
      const data = pen.getImageData(0, 0, wide, tall).data;
      const ink = new Uint8Array(wide * tall);
      for (let k = 0; k < ink.length; k++) ink[k] = data[4 * k + 3];
      this.images.push({ wide, tall, ink, fill });
      const left = x - back * (wide / fine);
      this.out.push(`${short(wide / fine)} 0 0 ${short(-tall / fine)} ${short(left)} ${short(y - size * 1.1 + tall / fine)} cm /I${this.images.length - 1} Do`);
    }
  }

  function bounds(points) {
    const xs = points.filter((_, k) => k % 2 === 0);
    const ys = points.filter((_, k) => k % 2 === 1);
    const [left, top] = [Math.min(...xs), Math.min(...ys)];
    return [left, top, Math.max(...xs) - left, Math.max(...ys) - top];
  }

  function mixed(stops, share) {
    const after = stops.findIndex((stop) => stop.at >= share);
    if (after <= 0) return (after ? stops[stops.length - 1] : stops[0]).colour.slice(0, 3);
    const [a, b] = [stops[after - 1], stops[after]];
    const part = (share - a.at) / (b.at - a.at || 1);
    return [0, 1, 2].map((k) => a.colour[k] + part * (b.colour[k] - a.colour[k]));
  }

  const latin = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0) & 255);

  function assembled(objects) {
    const parts = [latin("%PDF-1.4\n%\u00e2\u00e3\u00cf\u00d3\n")];
    const places = [];
    let at = parts[0].length;
    const add = (piece) => {
      const bytes = typeof piece === "string" ? latin(piece) : piece;
      parts.push(bytes);
      at += bytes.length;
    };
    objects.forEach(({ head, stream }, k) => {
      places.push(at);
      add(`${k + 1} 0 obj\n`);
      if (stream === undefined) return add(`<< ${head} >>\nendobj\n`);
      const bytes = typeof stream === "string" ? latin(stream) : stream;
      add(`<< ${head} /Length ${bytes.length} >>\nstream\n`);
      add(bytes);
      return add("\nendstream\nendobj\n");
    });
    const start = at;
    add(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${places.map((place) => String(place).padStart(10, "0") + " 00000 n \n").join("")}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`);
    const whole = new Uint8Array(at);
    parts.reduce((offset, part) => (whole.set(part, offset), offset + part.length), 0);
    return whole;
  }

  runpages.pdf = function (text) {
    const svg = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    const writer = new Writer(svg);
    // SVG's pixels are 1/96 inch, PDF's points 1/72
    const scale = 0.75;
    writer.out.push(`${scale} 0 0 ${-scale} ${short(-scale * writer.left)} ${short(scale * (writer.height + writer.top))} cm`);
    writer.walk(svg, { ...writer.read(svg, { opacity: 1 }), opacity: 1 });
    const states = [...writer.alphas].map(([key, name]) => `/${name} << /ca ${key.split(" ")[0]} /CA ${key.split(" ")[1]} >>`).join(" ");
    const font = (name) => `<< /Type /Font /Subtype /Type1 /BaseFont /${name} /Encoding /WinAnsiEncoding >>`;
    const objects = [
      { head: "/Type /Catalog /Pages 2 0 R" },
      { head: "/Type /Pages /Kids [3 0 R] /Count 1" },
      { head: `/Type /Page /Parent 2 0 R /MediaBox [0 0 ${short(scale * writer.width)} ${short(scale * writer.height)}] /Contents 4 0 R /Group << /S /Transparency /CS /DeviceRGB >> /Resources << /Font << /F0 ${font("Helvetica")} /F1 ${font("Helvetica-Bold")} >> /ExtGState << ${states} >> /XObject << ${writer.images.map((_, k) => `/I${k} ${5 + 2 * k} 0 R`).join(" ")} >> >>` },
      { head: "", stream: writer.out.join("\n") },
    ];
    writer.images.forEach(({ wide, tall, ink, fill }, k) => {
      const image = `/Type /XObject /Subtype /Image /Width ${wide} /Height ${tall} /BitsPerComponent 8`;
      const colour = new Uint8Array(3 * wide * tall);
      for (let at = 0; at < colour.length; at++) colour[at] = Math.round(255 * fill[at % 3]);
      objects.push({ head: `${image} /ColorSpace /DeviceRGB /SMask ${6 + 2 * k} 0 R`, stream: colour }, { head: `${image} /ColorSpace /DeviceGray`, stream: ink });
    });
    return assembled(objects);
  };
})();

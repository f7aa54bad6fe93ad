/* The report that is one file: everything of the site lies packed in this page, each page of it is a "?" address.

   A pack is gzip of: "RPK1", the length of the index as 4 bytes (little end first), the index as JSON
   {name: [offset, length, type]}, the files' bytes. What unpacks it may unlock it first: window.rpUnlock(bytes), if
   there is one, hands back a promise of the gzip's bytes.

   rpFile.text(name)              a file's text, undefined when there is none
   rpFile.run(path, done)         runs a script of the site; done(true) when it ran, done(false) when it is not there
*/
(function () {
  "use strict";
  const nonce = document.currentScript.nonce;
  const box = document.getElementById("rp-pack");
  const blobs = new Map();
  let files, index;

  const bytes = (name) => (Object.hasOwn(index, name) ? files.subarray(index[name][0], index[name][0] + index[name][1]) : undefined);
  const text = (name) => {
    const found = bytes(name);
    return found && new TextDecoder().decode(found);
  };

  function blob(name) {
    if (!blobs.has(name)) blobs.set(name, URL.createObjectURL(new Blob([bytes(name)], { type: index[name][2] })));
    return blobs.get(name);
  }

  function program(code) {
    const script = document.createElement("script");
    script.nonce = nonce;
    script.textContent = code;
    return script;
  }

  function run(path, done) {
    const code = text(path);
    if (code !== undefined) document.head.append(program(code));
    done(code !== undefined);
  }

  // [name, rest] of an address on a page, name "" when it leads out of the site
  function inside(page, address) {
    if (!address || /^([a-z][a-z0-9+.-]*:|\/\/|\?)/i.test(address)) return ["", ""];
    if (address[0] === "#") return ["", ""];
    const url = new URL(address, "http://site/" + encodeURI(page));
    let name = decodeURIComponent(url.pathname.slice(1));
    if (name === "" || name.endsWith("/")) name += "index.html";
    return Object.hasOwn(index, name) ? [name, url.hash] : ["", ""];
  }

  const isPage = (name) => index[name][2] === "text/html" && !name.startsWith("media/");

  function links(view, page) {
    for (const link of view.querySelectorAll("a[href]")) {
      const [name, rest] = inside(page, link.getAttribute("href"));
      if (!name) continue;
      if (isPage(name)) link.setAttribute("href", "?" + encodeURI(name) + rest);
      else {
        if (link.hasAttribute("download") && !link.download) link.download = name.split("/").pop();
        link.href = blob(name);
      }
    }
    for (const part of view.querySelectorAll("[src]")) {
      if (part.localName === "script") continue;
      const [name] = inside(page, part.getAttribute("src"));
      if (name) part.setAttribute("src", blob(name));
    }
  }

  function sheets(view, page) {
    for (const link of view.querySelectorAll("link[href]")) {
      const [name] = inside(page, link.getAttribute("href"));
      if (link.rel === "stylesheet" && name) {
        const style = document.createElement("style");
        if (link.media) style.media = link.media;
        style.textContent = text(name);
        link.replaceWith(style);
      } else if (link.rel === "icon" && name) link.href = blob(name);
      else link.remove();
    }
  }

  // scripts made by a parser do not run: each is made again, those that wait for the page after the others
  function programs(view, page) {
    const rows = [[], []];
    for (const old of view.querySelectorAll("script")) {
      if (old.type && !/javascript|module/.test(old.type)) continue;
      const [name] = inside(page, old.getAttribute("src"));
      const place = document.createComment("");
      old.replaceWith(place);
      rows[old.defer ? 1 : 0].push([place, old.hasAttribute("src") ? text(name) || "" : old.textContent]);
    }
    return [...rows[0], ...rows[1]];
  }

  // what scripts put in later: pictures and sounds by their `src`, files by a click
  function later(page) {
    const named = (address) => (address[0] === "?" ? decodeURIComponent(address.slice(1)) : inside(page, address)[0]);
    for (const kind of [HTMLImageElement, HTMLMediaElement]) {
      const plain = Object.getOwnPropertyDescriptor(kind.prototype, "src");
      Object.defineProperty(kind.prototype, "src", {
        ...plain,
        set(value) {
          const name = named(String(value));
          plain.set.call(this, Object.hasOwn(index, name) ? blob(name) : value);
        },
      });
    }
    document.addEventListener(
      "click",
      (event) => {
        const link = event.target.closest && event.target.closest("a[href^='?']");
        const name = link ? named(link.getAttribute("href").replace(/#.*/, "")) : "";
        if (Object.hasOwn(index, name) && !isPage(name)) link.href = blob(name);
      },
      true,
    );
  }

  function show(page) {
    later(page);
    const view = new DOMParser().parseFromString(text(page), "text/html");
    view.querySelectorAll('meta[http-equiv="Content-Security-Policy"], meta[charset]').forEach((meta) => meta.remove());
    const root = view.querySelector('meta[name="runpages-root"]');
    if (root) root.content = "?";
    links(view, page);
    sheets(view, page);
    const waiting = programs(view, page);
    document.replaceChild(document.adoptNode(view.documentElement), document.documentElement);
    for (const [place, code] of waiting) place.replaceWith(program(code));
    document.dispatchEvent(new Event("DOMContentLoaded", { bubbles: true }));
    window.dispatchEvent(new Event("load"));
    if (location.hash) {
      const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (target) target.scrollIntoView();
    }
  }

  function page() {
    const name = decodeURIComponent(location.search.slice(1));
    return Object.hasOwn(index, name) ? name : "index.html";
  }

  async function unpack() {
    const coded = atob(box.textContent.trim());
    const packed = new Uint8Array(coded.length);
    for (let at = 0; at < coded.length; at++) packed[at] = coded.charCodeAt(at);
    const open = window.rpUnlock ? await window.rpUnlock(packed) : packed;
    const stream = new Blob([open]).stream().pipeThrough(new DecompressionStream("gzip"));
    const all = new Uint8Array(await new Response(stream).arrayBuffer());
    const size = new DataView(all.buffer).getUint32(4, true);
    index = JSON.parse(new TextDecoder().decode(all.subarray(8, 8 + size)));
    files = all.subarray(8 + size);
  }

  function failed(error) {
    console.error("runpages: the report did not open", error);
    const said = document.getElementById("rp-said");
    if (said) said.textContent = window.DecompressionStream ? "This file is damaged: ask for it again. (" + error.message + ")" : "This browser is too old for a report in one file: use one of 2023 or later, or ask for the zip.";
  }

  window.rpFile = { text, run };
  unpack()
    .then(() => show(page()))
    .catch(failed);
})();

// Opens a locked report: a key from the passphrase or the link, then pages out of ciphertext, one at a time.
// The format is in the docstring of runpages/lock. A page is written into this document, whose policy lets only
// scripts of the locked site run; its other files become blobs. `?7` in the address is the seventh page: no name is sent.
(() => {
  "use strict";
  const head = JSON.parse(document.getElementById("head").textContent);
  const held = new Map(); // blob name -> bytes, of a report in one file
  const urls = new Map(); // path -> blob URL
  const text = new TextEncoder();
  let key, index, pages;

  const say = (words) => (document.getElementById("said").textContent = words);
  const bytes = (base64) => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const fromLink = (word) => bytes(word.replace(/-/g, "+").replace(/_/g, "/"));

  async function decrypted(under, blob, about) {
    const what = { name: "AES-GCM", iv: blob.subarray(0, 12), additionalData: text.encode(about) };
    return new Uint8Array(await crypto.subtle.decrypt(what, under, blob.subarray(12)));
  }

  async function blobOf(name) {
    if (!head.split) return held.get(name);
    const answer = await fetch("b/" + name + ".bin");
    if (!answer.ok) throw new Error("a part of this report is missing");
    return new Uint8Array(await answer.arrayBuffer());
  }

  async function unpacked(name, about) {
    const plain = await decrypted(key, await blobOf(name), head.id + "|" + about);
    const length = new DataView(plain.buffer).getUint32(0);
    const stream = new Blob([plain.subarray(4, 4 + length)]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Uint8Array(await new Response(stream).arrayBuffer());
  }

  const read = (path) => unpacked(index[path][0], path + "|" + index[path][1]);
  const readText = async (path) => new TextDecoder().decode(await read(path));

  const TYPES = {
    js: "text/javascript", css: "text/css", png: "image/png", jpg: "image/jpeg", gif: "image/gif", webp: "image/webp", svg: "image/svg+xml",
    ico: "image/x-icon", woff2: "font/woff2", woff: "font/woff", wav: "audio/wav", mp3: "audio/mpeg", ogg: "audio/ogg", mp4: "video/mp4",
    webm: "video/webm", csv: "text/csv", txt: "text/plain", json: "application/json", jsonl: "application/x-ndjson",
  };
  const typeOf = (path) => TYPES[path.split(".").pop()] || "application/octet-stream";

  async function urlOf(path) {
    if (!urls.has(path)) urls.set(path, URL.createObjectURL(new Blob([await read(path)], { type: typeOf(path) })));
    return urls.get(path);
  }

  // --- keys

  const asKey = (raw) => crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["decrypt"]);

  async function unwrapped(passphrase) {
    const base = await crypto.subtle.importKey("raw", text.encode(passphrase), "PBKDF2", false, ["deriveKey"]);
    const how = { name: "PBKDF2", hash: "SHA-256", salt: bytes(head.salt), iterations: head.iterations };
    const under = await crypto.subtle.deriveKey(how, base, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
    return decrypted(under, bytes(head.key), head.id + "|key");
  }

  // a tab remembers the key until it is closed; where nothing can be kept, each page asks again
  function remembered(raw) {
    try {
      const name = "runpages-" + head.id;
      if (raw) sessionStorage.setItem(name, btoa(String.fromCharCode(...raw)));
      const kept = sessionStorage.getItem(name);
      return kept && bytes(kept);
    } catch (error) {
      return null;
    }
  }

  async function take(raw) {
    key = await asKey(raw);
    index = JSON.parse(new TextDecoder().decode(await unpacked("index", "index")));
    pages = Object.keys(index).filter((path) => path.endsWith(".html") && !path.startsWith("media/"));
  }

  async function whole() {
    for (const [path, [name, size]] of Object.entries(index))
      await decrypted(key, await blobOf(name), head.id + "|" + path + "|" + size);
  }

  // --- pages

  const inside = (page, link) => {
    const to = new URL(link, "https://site.invalid/" + page);
    return to.host === "site.invalid" ? { path: decodeURIComponent(to.pathname.slice(1)) || "index.html", hash: to.hash } : null;
  };
  const addressOf = (to) => "?" + pages.indexOf(to.path) + to.hash;
  const known = (to) => to && Object.hasOwn(index, to.path);

  async function allowed(script, policy) {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", text.encode(script.textContent)));
    return policy.includes("'sha256-" + btoa(String.fromCharCode(...digest)) + "'");
  }

  async function scripts(tree, page) {
    const meta = tree.querySelector("meta[http-equiv=Content-Security-Policy]");
    const policy = meta ? meta.getAttribute("content") : "";
    if (meta) meta.remove();
    for (const script of tree.querySelectorAll("script")) {
      const to = script.hasAttribute("src") ? inside(page, script.getAttribute("src")) : null;
      if (known(to)) script.setAttribute("src", await urlOf(to.path));
      else if (script.hasAttribute("src") || !(await allowed(script, policy))) continue;
      script.setAttribute("nonce", head.nonce);
    }
  }

  async function composed(page) {
    const tree = new DOMParser().parseFromString(await readText(page), "text/html");
    await scripts(tree, page);
    for (const link of tree.querySelectorAll("link[href]")) {
      const to = inside(page, link.getAttribute("href"));
      if (known(to) && /stylesheet|icon/.test(link.rel)) link.setAttribute("href", await urlOf(to.path));
      else link.remove();
    }
    for (const frame of tree.querySelectorAll("iframe[src]")) {
      const to = inside(page, frame.getAttribute("src"));
      frame.removeAttribute("src");
      if (known(to)) frame.setAttribute("srcdoc", await readText(to.path));
    }
    for (const one of tree.querySelectorAll("img[src], audio[src], video[src], source[src]")) {
      const to = inside(page, one.getAttribute("src"));
      if (known(to)) one.setAttribute("src", await urlOf(to.path));
    }
    for (const one of tree.querySelectorAll("a[href]")) {
      const to = inside(page, one.getAttribute("href"));
      if (to && pages.includes(to.path) && !one.getAttribute("href").startsWith("#")) one.setAttribute("href", addressOf(to));
    }
    return "<!doctype html>" + tree.documentElement.outerHTML;
  }

  // links that scripts make later, and files to download
  function followed(event, page) {
    const link = event.target.closest && event.target.closest("a[href]");
    const href = link && link.getAttribute("href");
    if (!href || /^[?#]|^blob:|^data:/.test(href)) return;
    const to = inside(page, href);
    if (!known(to)) return;
    event.preventDefault();
    event.stopPropagation();
    if (pages.includes(to.path)) location.href = addressOf(to);
    else urlOf(to.path).then((url) => handed(url, link.download || to.path.split("/").pop()));
  }

  function handed(url, name) {
    const link = document.createElement("a");
    link.href = url;
    link.download = name;
    link.click();
  }

  let turn = Promise.resolve(); // the script that was asked for last

  // scripts, pictures and sounds that a page asks for while it is read come out of the ciphertext too
  function redirect(page) {
    for (const kind of [HTMLScriptElement, HTMLImageElement, HTMLMediaElement]) {
      const plain = Object.getOwnPropertyDescriptor(kind.prototype, "src");
      Object.defineProperty(kind.prototype, "src", {
        ...plain,
        set(value) {
          const to = inside(page, value);
          if (!known(to)) return plain.set.call(this, value);
          const ready = urlOf(to.path);
          const put = () => ready.then((url) => plain.set.call(this, url), () => this.dispatchEvent(new Event("error")));
          if (kind !== HTMLScriptElement) return put();
          this.nonce = head.nonce;
          turn = turn.then(put); // scripts run in the order they were asked for, however long each takes to decrypt
        },
      });
    }
  }

  async function show() {
    const page = pages[Number(location.search.slice(1))] && /^\?\d+$/.test(location.search) ? pages[Number(location.search.slice(1))] : "index.html";
    const html = await composed(page);
    redirect(page);
    document.open();
    document.addEventListener("click", (event) => followed(event, page), true);
    document.write(html);
    document.close();
  }

  // --- the door

  async function open(raw, first) {
    try {
      await take(raw);
      if (first && !head.split) await whole();
      remembered(raw);
      await show();
    } catch (error) {
      say("This report was changed or is damaged: it cannot be trusted and is not shown.");
    }
  }

  async function asked(event) {
    event.preventDefault();
    const field = document.getElementById("passphrase");
    say("Opening …");
    let raw;
    try {
      raw = await unwrapped(field.value.trim());
    } catch (error) {
      say("That is not the passphrase.");
      field.select();
      return;
    }
    await open(raw, true);
  }

  function start() {
    if (!window.crypto || !crypto.subtle) {
      say("Browsers give pages no cryptography over plain http. Open this report over https, from localhost, or from a file on disk.");
      return;
    }
    if (typeof DecompressionStream === "undefined") return void say("This browser is too old to open the report.");
    if (head.split && location.protocol === "file:")
      return void say("This locked report has several files, which a browser does not read from disk. Open it over https or from localhost.");
    for (const script of document.querySelectorAll("script[type='text/plain']")) {
      try {
        held.set(script.id.slice(2), bytes(script.textContent));
      } catch (error) {
        held.set(script.id.slice(2), new Uint8Array(13));
      }
      script.remove();
    }
    const link = /^#k=([\w-]{40,})$/.exec(location.hash);
    if (link) history.replaceState(null, "", location.pathname + location.search);
    const raw = link ? fromLink(link[1]) : remembered();
    if (raw) return void open(raw, Boolean(link));
    document.getElementById("ask").hidden = false;
    document.getElementById("ask").addEventListener("submit", asked);
    document.getElementById("passphrase").focus();
  }

  start();
})();

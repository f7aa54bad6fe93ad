/* Suggestions under a text field: names of columns, then the values a column has.

   runpages.suggest(input, list, {offer(text, caret) -> {from, items: [{text, hint}]}, chosen(text)})
     a listbox by the ARIA combobox pattern: arrows, Enter or Tab takes, Escape closes; nothing is chosen unless the reader moved there
   runpages.offers(columns) -> offer: what can stand at the caret of a filter
*/
(function () {
  "use strict";
  const MOST = 12;

  class Suggest {
    constructor(input, list, { offer, chosen }) {
      Object.assign(this, { input, list, offer, chosen, items: [], from: 0, at: -1 });
      input.addEventListener("input", () => this.open());
      input.addEventListener("keydown", (event) => this.key(event));
      input.addEventListener("blur", () => this.close());
      list.addEventListener("mousedown", (event) => {
        event.preventDefault();
        const item = event.target.closest("li");
        if (item) this.take(Number(item.dataset.at));
      });
    }

    open() {
      const { from, items } = this.offer(this.input.value, this.input.selectionStart);
      // a word that is complete needs no list over what lies below
      const word = this.input.value.slice(from, this.input.selectionStart);
      Object.assign(this, { from, items: items.filter((item) => item.text !== word).slice(0, MOST), at: -1 });
      if (!this.items.length) return this.close();
      this.list.replaceChildren(...this.items.map((item, at) => option(this.list.id, item, at)));
      this.list.hidden = false;
      this.input.setAttribute("aria-expanded", "true");
      return undefined;
    }

    close() {
      this.list.hidden = true;
      this.at = -1;
      this.input.setAttribute("aria-expanded", "false");
      this.input.removeAttribute("aria-activedescendant");
    }

    move(by) {
      if (this.list.hidden) this.open();
      if (!this.items.length) return;
      this.at = (this.at + by + this.items.length) % this.items.length;
      [...this.list.children].forEach((item, at) => item.setAttribute("aria-selected", String(at === this.at)));
      const item = this.list.children[this.at];
      item.scrollIntoView({ block: "nearest" });
      this.input.setAttribute("aria-activedescendant", item.id);
    }

    key(event) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        this.move(event.key === "ArrowDown" ? 1 : -1);
      } else if (event.key === "Escape" && !this.list.hidden) {
        event.preventDefault();
        this.close();
      } else if ((event.key === "Enter" || event.key === "Tab") && this.at >= 0) {
        event.preventDefault();
        this.take(this.at);
      } else if (event.key === "Enter") {
        event.preventDefault();
        this.close();
      }
    }

    take(at) {
      const { value, selectionStart } = this.input;
      const text = this.items[at].text + " ";
      this.input.value = value.slice(0, this.from) + text + value.slice(selectionStart).replace(/^\S*\s*/, "");
      this.input.setSelectionRange(this.from + text.length, this.from + text.length);
      this.close();
      this.chosen(this.input.value);
    }
  }

  function option(id, item, at) {
    const element = document.createElement("li");
    element.id = `${id}-${at}`;
    element.dataset.at = at;
    element.setAttribute("role", "option");
    element.setAttribute("aria-selected", "false");
    const hint = document.createElement("span");
    hint.textContent = item.hint;
    element.append(item.text, hint);
    return element;
  }

  const quoted = (text) => (/^[\w./-]+$/.test(text) ? text : JSON.stringify(text));

  function named(column, columns) {
    const bare = /^[^\s()<>=!~,"'&|]+$/.test(column.label);
    if (bare && columns.find(column.label) === column) return column.label;
    return column.kind + ":" + (bare ? column.label : JSON.stringify(column.label));
  }

  function values(column, word) {
    const seen = new Map();
    for (const value of column.raw("")) if (value !== null && value !== "") seen.set(value, (seen.get(value) || 0) + 1);
    const found = [...seen].filter(([value]) => String(value).toLowerCase().includes(word));
    found.sort((a, b) => b[1] - a[1]);
    return found.map(([value, n]) => ({ text: quoted(String(value)), hint: n + (n === 1 ? " run" : " runs") }));
  }

  runpages.offers = (columns) => (text, caret) => {
    const before = text.slice(0, caret);
    const word = /[^\s()<>=!~,]*$/.exec(before)[0];
    const from = caret - word.length;
    const low = word.replace(/^["']/, "").toLowerCase();
    const asked = /([^\s()<>=!~,]+(?:"[^"]*")?)\s*(<=|>=|==|!=|!~|[<>=~])\s*$/.exec(before.slice(0, from));
    if (asked) {
      const column = columns.find(asked[1].replace(/"/g, ""));
      // a limit may be any number: a list of those that were run would only lie over the rows it leaves
      if (/[<>]/.test(asked[2]) && /\d/.test(low)) return { from, items: [] };
      const few = column && (column.type !== "number" || new Set(column.raw("")).size <= MOST);
      return { from, items: few ? values(column, low) : [] };
    }
    if (!word) return { from, items: [] };
    const bare = low.replace(/^(param|tag|metric|result|run)s?[.:]"?/, "");
    const found = columns.all.filter((column) => column.type !== "spark" && column.label.toLowerCase().includes(bare));
    found.sort((a, b) => b.label.toLowerCase().startsWith(bare) - a.label.toLowerCase().startsWith(bare) || b.differs - a.differs);
    return { from, items: found.map((column) => ({ text: named(column, columns), hint: column.kind })) };
  };
  runpages.suggest = (input, list, options) => new Suggest(input, list, options);
})();

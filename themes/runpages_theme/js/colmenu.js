/* The menu of one column: how it is read, which way is better, where it stands. One box for all columns, below the button that asked.

   runpages.colmenu(box, {reducers, say(reducer), facts(id), act(id, what, value)}) -> {open(button)}
     facts(id) -> {column, shown: reducer or "", pinned}
     act(id, what, value)   "asc" | "desc" | "further" | "read" (reducer or "") | "beside" (reducer) | "turn" ("max" | "min" | "") |
                            "move" (-1 | 1) | "pin" | "hide" | "width" (factor, 0 = as at first)
*/
(function () {
  "use strict";

  class Menu {
    constructor(box, options) {
      Object.assign(this, { box, ...options, id: "" });
      box.addEventListener("click", (event) => {
        const { what, value } = event.target.closest("button")?.dataset || {};
        if (what) this.done(what, value);
      });
      box.addEventListener("change", (event) => this.done(event.target.dataset.what, event.target.value));
      box.addEventListener("keydown", (event) => this.key(event));
      document.addEventListener("pointerdown", (event) => {
        if (!box.hidden && !box.contains(event.target) && !event.target.closest("[data-more]")) this.close(false);
      });
      document.addEventListener("scroll", () => this.follow(), { capture: true, passive: true });
    }

    open(button) {
      if (!this.box.hidden && this.id === button.dataset.more) return this.close(true);
      this.id = button.dataset.more;
      this.box.replaceChildren(...this.parts(this.facts(this.id)));
      this.box.hidden = false;
      const at = (this.at = button.getBoundingClientRect());
      const { offsetWidth: wide, offsetHeight: high } = this.box;
      this.box.style.left = Math.max(4, Math.min(at.right - wide, innerWidth - wide - 4)) + "px";
      this.box.style.top = Math.max(4, Math.min(at.bottom + 2, innerHeight - high - 4)) + "px";
      this.box.querySelector("button, select").focus();
      return undefined;
    }

    button() {
      return [...document.querySelectorAll("[data-more]")].find((one) => one.dataset.more === this.id);
    }

    // a menu whose column went elsewhere would speak of nothing
    follow() {
      if (this.box.hidden) return;
      const now = this.button()?.getBoundingClientRect();
      if (!now || Math.abs(now.right - this.at.right) + Math.abs(now.bottom - this.at.bottom) > 4) this.close(false);
    }

    close(back) {
      this.box.hidden = true;
      if (back) this.button()?.focus();
    }

    done(what, value) {
      const { id } = this;
      this.box.hidden = true;
      const next = this.act(id, what, value) || id;
      this.id = next;
      this.close(true);
    }

    key(event) {
      if (event.key === "Escape" || event.key === "Tab") {
        event.preventDefault();
        event.stopPropagation();
        this.close(true);
      }
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      if (event.target.tagName === "SELECT") return;
      event.preventDefault();
      const all = [...this.box.querySelectorAll("button, select")];
      const at = all.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
      all[(at + all.length) % all.length].focus();
    }

    parts({ column, shown, pinned }) {
      const title = document.createElement("p");
      title.textContent = column.label || "course";
      const sorts = column.type === "spark" ? [] : [button("asc", "Sort, lowest first"), button("desc", "Sort, highest first"), button("further", "Sort further by this")];
      const reads = column.reduces && !column.across ? [this.select("read", "Shows", shown, "as the page says"), this.select("beside", "Add beside it", "", "…")] : [];
      const turns = column.reduces || column.kind === "result" ? [better(column)] : [];
      const places = column.across ? [] : [button("move", "Move left", -1), button("move", "Move right", 1), button("pin", pinned ? "Unpin" : "Pin to the left")];
      const hide = column.across ? [] : [button("hide", "Hide")];
      return [title, ...sorts, ...reads, ...turns, ...places, button("width", "Wider", 1.25), button("width", "Narrower", 0.8), button("width", "Width as at first", 0), ...hide];
    }

    select(what, label, value, first) {
      return choice(what, label, [["", first], ...this.reducers.map((one) => [one, this.say(one)])], value);
    }
  }

  function better(column) {
    return choice("turn", "Better is", [["max", "higher"], ["min", "lower"], ["none", "not said"]], column.direction || "none");
  }

  function choice(what, label, options, value) {
    const field = document.createElement("label");
    const select = document.createElement("select");
    select.dataset.what = what;
    select.append(...options.map(([key, text]) => new Option(text, key, false, key === value)));
    field.append(label, select);
    return field;
  }

  function button(what, text, value = "") {
    const element = document.createElement("button");
    Object.assign(element, { type: "button", textContent: text });
    Object.assign(element.dataset, { what, value });
    return element;
  }

  runpages.colmenu = (box, options) => new Menu(box, options);
})();

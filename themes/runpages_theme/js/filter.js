/* The filter language: params.lr < 1e-3 and tags.stage != "debug" and not (status = failed or name ~ "^try")

   or, and, not, parentheses; < <= > >= = == != ~ (regular expression) !~ in (a, b); names with a kind (params.lr, tag:stage,
   metric:"val/acc"), bare (lr), or reduced (max(val/acc)). A name alone asks whether there is a value.
   A missing value fails every comparison but != and !~; nan is only equal to nan.

   runpages.filter(text, columns, reducer) -> {test(i), parts: [{text, start, end, test(i)}]}; parts are joined by a top-level "and".
   Throws FilterError with a sentence in .message and the place in .at.
*/
(function () {
  "use strict";
  class FilterError extends Error {
    constructor(message, at) {
      super(message);
      this.at = at;
    }
  }

  const TOKENS = [
    ["string", /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'/y],
    ["number", /[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?(?=$|[\s()<>=!~,&|])/iy],
    ["op", /<=|>=|==|!=|!~|[<>=~]/y],
    ["mark", /[(),]/y],
    ["join", /&&|\|\|/y],
    ["word", /[^\s()<>=!~,"'&|]+(?:(?<=:)"[^"]*")?/y],
  ];
  const JOIN = { "&&": "and", "||": "or" };

  function tokenize(text) {
    const tokens = [];
    let at = 0;
    while (at < text.length) {
      if (/\s/.test(text[at])) {
        at += 1;
        continue;
      }
      const token = next(text, at);
      tokens.push(token);
      at = token.end;
    }
    return tokens;
  }

  function next(text, at) {
    for (const [type, pattern] of TOKENS) {
      pattern.lastIndex = at;
      const found = pattern.exec(text);
      if (found) return shape(type, found, at);
    }
    if (text[at] === '"' || text[at] === "'") throw new FilterError("The quotation mark is never closed.", at);
    throw new FilterError(`“${text[at]}” has no meaning here.`, at);
  }

  function shape(type, found, at) {
    const token = { type, text: found[0], at, end: at + found[0].length };
    if (type === "string") token.text = (found[1] ?? found[2]).replace(/\\(["'\\])/g, "$1");
    if (type === "join") return { ...token, type: "word", text: JOIN[token.text], key: JOIN[token.text] };
    if (type === "word") {
      token.key = token.text.toLowerCase();
      token.text = token.text.replace(/"/g, "");
    }
    return token;
  }

  function distance(a, b) {
    let row = Array.from({ length: b.length + 1 }, (_, j) => j);
    for (let i = 1; i <= a.length; i++) {
      const above = row;
      row = [i];
      for (let j = 1; j <= b.length; j++) row[j] = Math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    return row[b.length];
  }

  function nearest(name, columns) {
    const bare = name.replace(/^[a-z]+[.:]/, "").toLowerCase();
    let best = null;
    for (const { label } of columns.all) {
      const short = label.toLowerCase();
      const far = short.includes(bare) && bare.length > 2 ? 1 : distance(bare, short);
      if (far <= Math.max(1, bare.length / 3) && (!best || far < best.far)) best = { far, label };
    }
    return best ? ` Did you mean ${best.label}?` : "";
  }

  class Parser {
    constructor(text, columns, reducer) {
      Object.assign(this, { text, columns, fallback: reducer, tokens: tokenize(text), at: 0 });
    }

    peek() {
      return this.tokens[this.at];
    }

    take() {
      return this.tokens[this.at++];
    }

    is(key) {
      const token = this.peek();
      return Boolean(token) && (token.type === "word" ? token.key === key : token.type !== "string" && token.text === key);
    }

    expect(mark, why) {
      if (!this.is(mark)) throw new FilterError(why, this.place());
      return this.take();
    }

    place() {
      return this.peek() ? this.peek().at : this.text.length;
    }

    whole() {
      const parts = this.ands();
      if (this.is("or")) {
        const test = this.rest(all(parts));
        return [{ text: this.text, start: 0, end: this.text.length, test }];
      }
      const extra = this.peek();
      if (extra) throw new FilterError(`“${extra.text}” comes unexpected: join conditions with “and” or “or”.`, extra.at);
      return parts;
    }

    rest(first) {
      const tests = [first];
      while (this.is("or")) {
        this.take();
        tests.push(all(this.ands()));
      }
      const extra = this.peek();
      if (extra && !this.is(")")) throw new FilterError(`“${extra.text}” comes unexpected: join conditions with “and” or “or”.`, extra.at);
      return (i) => tests.some((test) => test(i));
    }

    ands() {
      const parts = [this.part()];
      while (this.is("and")) {
        this.take();
        parts.push(this.part());
      }
      return parts;
    }

    part() {
      const start = this.place();
      const test = this.not();
      const end = this.tokens[this.at - 1].end;
      return { text: this.text.slice(start, end), start, end, test };
    }

    not() {
      if (!this.is("not")) return this.primary();
      this.take();
      const test = this.not();
      return (i) => !test(i);
    }

    primary() {
      if (this.is("(")) {
        const open = this.take();
        const test = this.rest(all(this.ands()));
        if (!this.is(")")) throw new FilterError("The parenthesis is never closed.", open.at);
        this.take();
        return test;
      }
      return this.comparison();
    }

    comparison() {
      const { column, reducer } = this.operand();
      const token = this.peek();
      if (this.is("in") || (this.is("not") && this.tokens[this.at + 1]?.key === "in")) return this.list(column, reducer);
      if (!token || token.type !== "op") return runpages.match.present(column, reducer);
      this.take();
      const value = this.peek();
      if (!value || value.type === "mark" || value.type === "op") {
        throw new FilterError(`What should ${column.label} be compared with? Write a value after “${token.text}”.`, this.place());
      }
      this.take();
      return runpages.match.test(column, reducer, token.text, value);
    }

    list(column, reducer) {
      const turned = this.is("not") && this.take();
      this.take();
      this.expect("(", "After “in” comes a list: (a, b, c).");
      const tests = [];
      while (!this.is(")")) {
        const value = this.take();
        if (!value) throw new FilterError("The list is never closed.", this.place());
        if (value.type !== "mark") tests.push(runpages.match.test(column, reducer, "=", value));
      }
      this.take();
      const within = (i) => tests.some((test) => test(i));
      return turned ? (i) => !within(i) : within;
    }

    operand() {
      const token = this.take();
      if (!token) throw new FilterError("A condition is missing at the end.", this.text.length);
      if (token.type !== "word" && token.type !== "string") throw new FilterError(`“${token.text}” stands where a name should be.`, token.at);
      if (this.columns.reducers.includes(token.key) && this.is("(")) {
        this.take();
        const inner = this.operand();
        this.expect(")", `The parenthesis after ${token.text} is never closed.`);
        return { column: inner.column, reducer: token.key };
      }
      const column = this.columns.find(token.text);
      if (!column) throw new FilterError(`Nothing here is called “${token.text}”.${nearest(token.text, this.columns)}`, token.at);
      return { column, reducer: this.fallback };
    }
  }

  const all = (parts) => (parts.length === 1 ? parts[0].test : (i) => parts.every((part) => part.test(i)));

  runpages.filter = function (text, columns, reducer) {
    if (!text.trim()) return { test: () => true, parts: [] };
    const parts = new Parser(text, columns, reducer).whole();
    return { test: all(parts), parts };
  };
  runpages.filter.Error = FilterError;
})();

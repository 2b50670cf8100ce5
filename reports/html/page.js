(() => {
  "use strict";

  const byId = (id) => document.getElementById(id);
  const index = JSON.parse(byId("cf-index").textContent);
  const pieces = document.querySelectorAll("script.cf-piece");

  // One entry a case: see the writer of the index for the order of members.
  const cases = index.cases.map((row, number) => ({
    number, id: row[0], suite: index.suites[row[1]], level: index.levels[row[2]],
    verdict: index.verdicts[row[3]], title: row[4], ms: row[5], reason: row[6] || "",
    attempts: row[7], unstable: row[8] === 1, requirements: row[9].map((i) => index.requirements[i]),
  }));
  const numberOf = new Map(cases.map((item) => [item.id, item.number]));
  const gravity = { fail: 0, error: 1, inconclusive: 2, "not-applicable": 3, pass: 4 };
  const PAGE = 100;

  // ---- building elements: foreign text only ever becomes text ----

  function element(name, className, ...children) {
    const made = document.createElement(name);
    if (className)
      made.className = className;
    for (const child of children) {
      if (child !== null && child !== undefined)
        made.append(child);
    }
    return made;
  }

  // Characters that hide or reorder what is around them are shown by their numbers.
  const awkward = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
  const plain = (text) =>
    String(text).replace(awkward, (c) => "\\u{" + c.codePointAt(0).toString(16) + "}");

  const badge = (verdict) => element("span", "badge " + verdict, verdict);
  const time = (ms) => (ms >= 1000 ? (ms / 1000).toFixed(1) + " s" : ms.toFixed(1) + " ms");

  // ---- the details of a case ----

  let parsed = { number: -1, piece: null };

  function detailsOf(number) {
    const wanted = Math.floor(number / index.piece);
    if (parsed.number !== wanted)
      parsed = { number: wanted, piece: JSON.parse(pieces[wanted].textContent) };
    return parsed.piece[number % index.piece];
  }

  const token = /[{}[\],:]|"(?:[^"\\]|\\.)*"|-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/g;
  const pointerToken = (key) => "/" + key.replaceAll("~", "~0").replaceAll("/", "~1");

  // Where each value of a JSON text stands: parents before their children.
  function pointersIn(value, pointer, out) {
    out.add(pointer);
    if (value !== null && typeof value === "object") {
      for (const key of Object.keys(value))
        pointersIn(value[key], pointer + pointerToken(key), out);
    }
  }

  // A mismatch at something absent is shown at the nearest thing that is there.
  function place(pointer, known) {
    while (!known.has(pointer) && pointer !== "")
      pointer = pointer.slice(0, pointer.lastIndexOf("/"));
    return pointer;
  }

  function marksFor(failures, known) {
    const marks = new Map();
    for (const failure of failures) {
      if (failure.pointer === null)
        continue;
      const at = place(failure.pointer, known);
      const note = (at === failure.pointer ? "" : failure.pointer + " is absent; ") +
        "expected " + failure.expected;
      marks.set(at, (marks.has(at) ? marks.get(at) + "; " : "") + note);
    }
    return marks;
  }

  // Set the text out over lines as it was sent: number literals, order and repeated members stay.
  class Printer {
    constructor(text, marks) {
      this.tokens = text.match(token);
      this.at = 0;
      this.marks = marks;
      this.out = document.createDocumentFragment();
      this.notes = [];
    }
    put(text, className) {
      this.out.append(className ? element("span", className, plain(text)) : plain(text));
    }
    line(depth) {
      for (const note of this.notes)
        this.out.append(element("span", "note", "   \u2190 " + plain(note)));
      this.notes = [];
      this.out.append("\n" + "  ".repeat(depth));
    }
    container(pointer, depth, close) {
      const isArray = close === "]";
      this.put(this.tokens[this.at++]);
      for (let count = 0; this.tokens[this.at] !== close; count++) {
        if (this.tokens[this.at] === ",") {
          this.put(this.tokens[this.at++]);
        }
        this.line(depth + 1);
        let key = String(count);
        if (!isArray) {
          const literal = this.tokens[this.at];
          key = JSON.parse(literal);
          this.put(literal, "key");
          this.put(": ");
          this.at += 2;
        }
        this.value(pointer + pointerToken(key), depth + 1);
      }
      if (this.tokens[this.at - 1] !== "{" && this.tokens[this.at - 1] !== "[")
        this.line(depth);
      this.put(this.tokens[this.at++]);
    }
    value(pointer, depth) {
      const note = this.marks.get(pointer);
      const first = this.tokens[this.at];
      if (note !== undefined)
        this.notes.push(note);
      if (first === "{" || first === "[") {
        const outer = this.out;
        if (note !== undefined) {
          this.out = element("mark");
          outer.append(this.out);
        }
        this.container(pointer, depth, first === "{" ? "}" : "]");
        this.out = outer;
      } else if (note !== undefined) {
        this.out.append(element("mark", "", plain(first)));
        this.at++;
      } else {
        this.put(first);
        this.at++;
      }
    }
    print() {
      this.value("", 0);
      for (const note of this.notes)
        this.out.append(element("span", "note", "   \u2190 " + plain(note)));
      return this.out;
    }
  }

  function printBody(text, failures) {
    const pre = element("pre");
    pre.tabIndex = 0;
    try {
      const known = new Set();
      pointersIn(JSON.parse(text), "", known);
      pre.append(new Printer(text, marksFor(failures, known)).print());
    } catch {
      pre.append(plain(text));
    }
    return pre;
  }

  function printBytes(base64) {
    const bytes = atob(base64);
    const lines = [];
    for (let i = 0; i < bytes.length && i < 1024; i += 16) {
      const row = bytes.slice(i, i + 16);
      const hex = [...row].map((c) => c.charCodeAt(0).toString(16).padStart(2, "0")).join(" ");
      lines.push(i.toString(16).padStart(6, "0") + "  " + hex.padEnd(48) + " " +
        row.replace(/[^\x20-\x7e]/g, "."));
    }
    if (bytes.length > 1024)
      lines.push("(" + bytes.length + " bytes in all)");
    const pre = element("pre", "", lines.join("\n"));
    pre.tabIndex = 0;
    return pre;
  }

  function body(side, cut, failures) {
    const parts = [];
    if (typeof side.body_base64 === "string")
      parts.push(printBytes(side.body_base64));
    else if (typeof side.body === "string")
      parts.push(side.body === "" ? element("p", "meta", "empty body") : printBody(side.body, failures));
    else
      parts.push(element("p", "meta", "no body"));
    if (cut)
      parts.push(element("p", "meta", "cut here: " + cut + " bytes in all; results.json has them"));
    return parts;
  }

  function headers(side) {
    const lines = [];
    for (const [name, value] of Object.entries(side.headers || {})) {
      for (const one of Array.isArray(value) ? value : [value])
        lines.push(name + ": " + (typeof one === "string" ? one : "(base64) " + one.base64));
    }
    if (lines.length === 0)
      return null;
    return element("details", "", element("summary", "", "headers (" + lines.length + ")"),
      element("pre", "", plain(lines.join("\n"))));
  }

  function copyable(text, label) {
    const button = element("button", "", "Copy");
    button.type = "button";
    button.setAttribute("aria-label", "Copy " + label);
    button.addEventListener("click", () => copy(text, button));
    return element("div", "copy", element("pre", "", text), button);
  }

  async function copy(text, button) {
    let done = true;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Pages opened from a disc or over plain http may not have the clipboard.
      const area = element("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      done = document.execCommand("copy");
      area.remove();
      button.focus();
    }
    button.textContent = done ? "Copied" : "Cannot copy";
    byId("shown").dataset.copied = done ? text : "";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  }

  function cutOf(details, exchange, side) {
    const found = details.cut.find((row) => row[0] === exchange && row[1] === side);
    return found ? found[2] : 0;
  }

  // "422", marked where a mismatch is about the status itself.
  function answer(step, failures) {
    const wanted = failures.find((failure) => failure.pointer === null && /^status/.test(failure.expected || ""));
    const line = element("p", "status", "answer: ");
    if (!wanted) {
      line.append(String(step.response.status));
      return line;
    }
    line.append(element("mark", "", String(step.response.status)),
      element("span", "note", "   \u2190 expected " + plain(wanted.expected)));
    return line;
  }

  function fillExchange(box, details, number, failures) {
    const step = details.record.steps[number];
    const request = step.request || {};
    box.append(element("p", "meta", "at " + time(step.at_ms) + ", took " + time(step.duration_ms)));
    if (step.kind === "http")
      box.append(element("p", "", element("code", "", plain((request.method || "") + " " + (request.url || "")))));
    if (step.kind !== "timeout") {
      const head = headers(request);
      box.append(...(head ? [head] : []), ...body(request, cutOf(details, number, "request"), []));
    }
    if (step.response) {
      const head = headers(step.response);
      if (step.kind === "http")
        box.append(answer(step, failures));
      box.append(...(head ? [head] : []),
        ...body(step.response, cutOf(details, number, "response"), failures));
    }
    if (step.message)
      box.append(element("p", "warning", plain(step.message)));
    if (details.curl[number])
      box.append(copyable(details.curl[number], "the curl line of step " + step.step));
  }

  // Reads are many and seldom looked at: they open on demand. What was sent, and what a mismatch
  // speaks of, is open from the start.
  function exchange(details, number) {
    const step = details.record.steps[number];
    const failures = details.record.failures.filter((_, i) => details.blame[i] === number);
    const request = step.request || {};
    const isRead = step.kind === "http" && (request.method === "GET" || request.method === "HEAD");
    const outcome = step.response && step.kind === "http" ? " \u2192 " + step.response.status
      : step.message ? " \u2192 " + step.message : "";
    const path = step.kind === "http" ? " " + (request.method || "") + " " +
      (request.url || "").replace(/^[a-z]+:\/\/[^/]*/, "") : request.hook ? " " + request.hook : "";
    const box = element("details", "step", element("summary", "",
      element("strong", "", (step.step >= 0 ? "Step " + step.step : "Harness") + ": " + plain(step.purpose || step.kind)),
      element("code", "", plain(path + outcome))));
    const show = () => {
      if (box.open && box.children.length === 1)
        fillExchange(box, details, number, failures);
    };
    box.addEventListener("toggle", show);
    box.open = !isRead || failures.length > 0;
    show();
    return box;
  }

  function mismatch(failure) {
    const list = element("dl");
    const row = (name, value, className) => {
      if (value !== null && value !== undefined && value !== "")
        list.append(element("dt", "", name), element("dd", className, element("code", "", plain(value))));
    };
    row("expected", failure.expected, "expected");
    row("actual", failure.actual, "actual");
    row("at", failure.pointer === "" ? "the whole body" : failure.pointer);
    row("case", failure.file === null ? null : failure.file + ":" + failure.line);
    row("source", failure.source);
    return element("div", "mismatch", element("strong", "", plain(failure.message || "not as expected")), list);
  }

  function facts(details) {
    const record = details.record;
    const parts = [record.level, "requirements: " + record.requirements.join(", ")];
    if (record.file)
      parts.push(record.file + ":" + record.line);
    if (record.cvm)
      parts.push("CVM " + record.cvm);
    if (record.control)
      parts.push("control: " + record.control);
    if (record.started_at)
      parts.push("started " + record.started_at);
    if (details.attempts.length > 1)
      parts.push("attempts: " + details.attempts.join(", "));
    return element("p", "meta", plain(parts.join(" \u00b7 ")));
  }

  function fill(holder, number) {
    const details = detailsOf(number);
    const record = details.record;
    if (record.statement)
      holder.append(element("p", "", plain(record.statement)));
    holder.append(facts(details));
    if (record.reason)
      holder.append(element("p", "", element("strong", "", "Reason: "), plain(record.reason)));
    if (details.cause)
      holder.append(element("p", "warning", "Looks like: " + plain(details.cause)));
    for (const failure of record.failures)
      holder.append(mismatch(failure));
    if (record.observation !== null && record.observation !== undefined)
      holder.append(element("h4", "", "Observation"), printBody(JSON.stringify(record.observation), []));
    holder.append(element("h4", "", "Repeat this case"), copyable(details.repeat, "the command that repeats the case"));
    for (let i = 0; i < record.steps.length; i++)
      holder.append(exchange(details, i));
  }

  // ---- the list ----

  const list = byId("list");
  const more = byId("more");
  let shown = [];
  let rendered = 0;

  function row(item) {
    const box = element("details", "case");
    box.id = item.id;
    box.dataset.number = item.number;
    const summary = element("summary", "", badge(item.verdict),
      item.unstable ? element("span", "badge unstable", "unstable") : null,
      element("span", "id", plain(item.id)), element("span", "title", plain(item.title)),
      element("span", "ms", item.level + " \u00b7 " + time(item.ms)));
    if (item.verdict !== "pass" && item.reason)
      summary.append(element("span", "why", plain(item.reason)));
    box.append(summary);
    box.addEventListener("toggle", () => {
      if (!box.open || box.children.length > 1)
        return;
      const holder = element("div", "detail");
      box.append(holder);
      fill(holder, item.number);
    });
    return box;
  }

  function renderMore(count) {
    const upTo = Math.min(shown.length, rendered + count);
    const added = document.createDocumentFragment();
    for (; rendered < upTo; rendered++)
      added.append(row(shown[rendered]));
    list.append(added);
    const rest = shown.length - rendered;
    more.hidden = rest === 0;
    more.textContent = "Show " + Math.min(rest, PAGE) + " more (" + rest + " left)";
  }

  // ---- filtering ----

  const form = byId("filters");
  const field = (name) => byId("f-" + name);
  const boxes = [...form.querySelectorAll("input[name=verdict]")];

  function matches(item, text, suite, level, verdicts) {
    return verdicts.has(item.verdict) && (suite === "" || item.suite === suite) &&
      (level === "" || item.level === level) &&
      (text === "" || item.id.toLowerCase().includes(text) || item.title.toLowerCase().includes(text) ||
        item.reason.toLowerCase().includes(text) ||
        item.requirements.some((id) => id.toLowerCase().includes(text)));
  }

  function filterRequirements(text, suite, level, verdicts) {
    for (const line of document.querySelectorAll(".requirements tbody tr[data-level]")) {
      const id = line.querySelector("code").textContent;
      line.hidden = (suite !== "" && !id.startsWith(suite + ".")) ||
        (level !== "" && line.dataset.level !== level) ||
        (line.dataset.verdict !== "not-run" && !verdicts.has(line.dataset.verdict)) ||
        (text !== "" && !line.textContent.toLowerCase().includes(text));
    }
  }

  function apply() {
    const text = field("text").value.trim().toLowerCase();
    const suite = field("suite").value;
    const level = field("level").value;
    const verdicts = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    shown = cases.filter((item) => matches(item, text, suite, level, verdicts));
    if (field("order").value === "gravity")
      shown.sort((a, b) => gravity[a.verdict] - gravity[b.verdict] || a.number - b.number);
    list.replaceChildren();
    rendered = 0;
    renderMore(PAGE);
    byId("shown").textContent = shown.length + " of " + cases.length + " cases";
    filterRequirements(text, suite, level, verdicts);
  }

  let waiting = 0;
  function applySoon() {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 60);
  }

  // ---- opening one case by its id ----

  function open(id) {
    const number = numberOf.get(id);
    if (number === undefined)
      return false;
    let box = byId(id);
    if (!box) {
      // Not among the rows on show: show it alone. (form.reset() would filter once more, later.)
      for (const name of ["suite", "level"])
        field(name).value = "";
      for (const checkbox of boxes)
        checkbox.checked = true;
      field("text").value = id;
      apply();
      box = byId(id);
    }
    if (!box)
      return false;
    box.open = true;
    box.scrollIntoView({ block: "start" });
    box.querySelector("summary").focus({ preventScroll: true });
    return true;
  }

  function followHash() {
    let id = location.hash.slice(1);
    try {
      id = decodeURIComponent(id);
    } catch {
      // A lone percent sign: take the text as it stands.
    }
    if (id !== "")
      open(id);
  }

  // ---- start ----

  const counts = new Map();
  for (const item of cases)
    counts.set(item.verdict, (counts.get(item.verdict) || 0) + 1);
  for (const span of form.querySelectorAll("[data-count]"))
    span.textContent = counts.get(span.dataset.count) || 0;
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", applySoon);
  form.addEventListener("reset", () => setTimeout(apply, 0));
  more.addEventListener("click", () => renderMore(PAGE));
  list.addEventListener("toggle", (event) => {
    const box = event.target;
    if (box.open && box.classList.contains("case") && location.hash !== "#" + encodeURIComponent(box.id))
      history.replaceState(null, "", "#" + encodeURIComponent(box.id));
  }, true);
  window.addEventListener("hashchange", followHash);
  apply();
  followHash();
  // Browsers look for the fragment themselves once the page is there, and take the focus away.
  window.addEventListener("load", () => setTimeout(followHash, 0));
})();

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
  const strictness = { must: 0, should: 1, observe: 2 };
  // Rows are made in pieces, the first at once, the others while nothing else is to do; past so
  // many they wait for the button. Printing and looking for words see what the filter shows.
  const PAGE = 100;
  const UNASKED = 5000;

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

  // The command that repeats a case is the run's, with the case; that of a request stands for all
  // that differ by URL and body alone.
  const commands = JSON.parse(byId("cf-commands").textContent);
  function commandOf(details, number) {
    const command = details.curl[number];
    const request = details.record.steps[number].request;
    return typeof command !== "number" ? command
      : commands[command].split("\u0001").join(request.url).split("\u0002").join(request.body);
  }

  // Of a case that passed the page holds what is nowhere else.
  function whole(number, { record, ...rest }) {
    const { id, level, requirements, reason } = cases[number];
    const statement = index.statements[index.cases[number][9][0]];
    const steps = record.steps.map((step) => ({ kind: "http", ...step }));
    return { blame: [], cut: [], attempts: [], repeat: `${index.again} --case '${id}'`, ...rest,
      record: { level, requirements, reason, statement, failures: [], ...record, steps } };
  }

  function detailsOf(number) {
    const wanted = Math.floor(number / index.piece);
    if (parsed.number !== wanted)
      parsed = { number: wanted, piece: JSON.parse(pieces[wanted].textContent) };
    return whole(number, parsed.piece[number % index.piece]);
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
    else if (side.body_bytes)
      parts.push(element("p", "meta", side.body_bytes + " bytes, left out (--keep-bodies all keeps them)" +
        (side.body_sha256 ? "; SHA-256 " + side.body_sha256 : "")));
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
    if (details.curl[number] !== null)
      box.append(copyable(commandOf(details, number), "the curl line of step " + step.step));
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
    if (record.shares)
      parts.push("judged by what this case did: " + record.shares);
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
    if (details.reads)
      holder.append(element("p", "meta", details.reads + " reads that were answered with 200 are not shown; " +
        "results.json has them, and all headers"));
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
    box.addEventListener("toggle", () => unfold(box));
    return box;
  }

  function unfold(box) {
    if (!box.open || box.children.length > 1)
      return;
    const holder = element("div", "detail");
    box.append(holder);
    fill(holder, Number(box.dataset.number));
  }

  function renderMore(count) {
    const upTo = Math.min(shown.length, rendered + count);
    const added = document.createDocumentFragment();
    for (; rendered < upTo; rendered++)
      added.append(row(shown[rendered]));
    list.append(added);
    const rest = shown.length - rendered;
    more.hidden = rest === 0;
    more.textContent = "Show " + Math.min(rest, UNASKED) + " more (" + rest + " left)";
  }

  let rendering = 0;
  function renderUpTo(limit) {
    clearTimeout(rendering);
    if (rendered >= Math.min(limit, shown.length))
      return;
    renderMore(PAGE);
    rendering = setTimeout(() => renderUpTo(limit), 0);
  }

  // ---- filtering ----

  const form = byId("filters");
  const field = (name) => byId("f-" + name);
  const boxes = [...form.querySelectorAll("input[name=verdict]")];

  // "level:must suite:partial anything": words that all have to be there, some of one member alone.
  const members = {
    level: (item, value) => item.level === value,
    suite: (item, value) => item.suite.toLowerCase() === value,
    verdict: (item, value) => item.verdict === value || (value === "unstable" && item.unstable),
    requirement: (item, value) => item.requirements.some((id) => id.toLowerCase() === value),
    id: (item, value) => item.id.toLowerCase() === value,
  };

  function terms(text) {
    return text.toLowerCase().split(/\s+/).filter((word) => word !== "").map((word) => {
      const at = word.indexOf(":");
      const name = word.slice(0, at);
      return at > 0 && Object.hasOwn(members, name) ? { name, value: word.slice(at + 1) }
        : { name: "", value: word };
    });
  }

  function meets(item, term) {
    if (term.name !== "")
      return members[term.name](item, term.value);
    return [item.id, item.title, item.reason, ...item.requirements]
      .some((text) => text.toLowerCase().includes(term.value));
  }

  function matches(item, wanted) {
    return wanted.verdicts.has(item.verdict) &&
      (wanted.suite === "" || item.suite === wanted.suite) &&
      (wanted.level === "" || item.level === wanted.level) &&
      wanted.terms.every((term) => meets(item, term));
  }

  function requirementMeets(line, id, term) {
    if (term.name === "level" || term.name === "verdict")
      return line.dataset[term.name] === term.value;
    if (term.name === "suite")
      return id.startsWith(term.value + ".");
    if (term.name !== "")
      return term.name === "id" || id === term.value;
    return line.textContent.toLowerCase().includes(term.value);
  }

  function filterRequirements(wanted) {
    for (const line of document.querySelectorAll(".requirements tbody tr[data-level]")) {
      const id = line.querySelector("code").textContent.toLowerCase();
      line.hidden = (wanted.suite !== "" && !id.startsWith(wanted.suite.toLowerCase() + ".")) ||
        (wanted.level !== "" && line.dataset.level !== wanted.level) ||
        (line.dataset.verdict !== "not-run" && !wanted.verdicts.has(line.dataset.verdict)) ||
        !wanted.terms.every((term) => requirementMeets(line, id, term));
    }
  }

  function filter() {
    return {
      terms: terms(field("text").value), suite: field("suite").value, level: field("level").value,
      verdicts: new Set(boxes.filter((box) => box.checked).map((box) => box.value)),
    };
  }

  // Musts before shoulds, and in each the gravest first.
  const byGravity = (a, b) =>
    gravity[a.verdict] - gravity[b.verdict] || strictness[a.level] - strictness[b.level] ||
    a.number - b.number;

  function apply() {
    const wanted = filter();
    shown = cases.filter((item) => matches(item, wanted));
    if (field("order").value === "gravity")
      shown.sort(byGravity);
    list.replaceChildren();
    rendered = 0;
    renderUpTo(UNASKED);
    byId("shown").textContent = shown.length + " of " + cases.length + " cases";
    filterRequirements(wanted);
  }

  let waiting = 0;
  function applySoon() {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      apply();
      remember("");
    }, 60);
  }

  // ---- the filter and the case that is open, in the address: #CASE?q=...&verdict=... ----

  function parameters() {
    const out = new URLSearchParams();
    const text = field("text").value.trim();
    if (text !== "")
      out.set("q", text);
    for (const name of ["suite", "level"]) {
      if (field(name).value !== "")
        out.set(name, field(name).value);
    }
    if (field("order").value !== "gravity")
      out.set("order", field("order").value);
    const checked = boxes.filter((box) => box.checked);
    if (checked.length < boxes.length)
      out.set("verdict", checked.map((box) => box.value).join(","));
    return out.toString();
  }

  function remember(id) {
    const rest = parameters();
    const hash = "#" + encodeURIComponent(id) + (rest === "" ? "" : "?" + rest);
    if (hash !== location.hash)
      history.replaceState(null, "", hash);
  }

  // A value that a select does not have leaves it as it is.
  function choose(name, value) {
    if ([...field(name).options].some((option) => option.value === value))
      field(name).value = value;
  }

  function setFilter(text) {
    const given = new URLSearchParams(text);
    const verdicts = given.get("verdict");
    field("text").value = given.get("q") || "";
    choose("suite", given.get("suite") || "");
    choose("level", given.get("level") || "");
    choose("order", given.get("order") || "gravity");
    for (const box of boxes)
      box.checked = verdicts === null || verdicts.split(",").includes(box.value);
    apply();
  }

  // ---- opening one case by its id ----

  function open(id) {
    const number = numberOf.get(id);
    if (number === undefined)
      return false;
    if (!shown.includes(cases[number]))
      setFilter(""); // it is not among the rows on show
    renderUntil(number);
    const box = byId(id);
    box.open = true;
    box.scrollIntoView({ block: "start" });
    box.querySelector("summary").focus({ preventScroll: true });
    return true;
  }

  function renderUntil(number) {
    const at = shown.findIndex((item) => item.number === number);
    if (at >= rendered)
      renderMore(at + 1 - rendered);
  }

  function decoded(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return text; // a lone percent sign: take it as it stands
    }
  }

  let followed = null;
  function followHash() {
    const hash = location.hash.slice(1);
    const at = hash.indexOf("?");
    const id = decoded(at < 0 ? hash : hash.slice(0, at));
    if (at >= 0 && followed !== location.hash) {
      setFilter(hash.slice(at + 1));
      if (id === "")
        byId("s-cases").scrollIntoView({ block: "start" });
    }
    followed = location.hash;
    if (id !== "")
      open(id);
  }

  // ---- keys: / to the search, j and k from case to case ----

  function step(by) {
    const rows = [...list.querySelectorAll(".case > summary")];
    const here = document.activeElement ? document.activeElement.closest(".case") : null;
    const at = here ? rows.indexOf(here.querySelector("summary")) : by > 0 ? -1 : rows.length;
    const next = rows[at + by];
    if (!next)
      return;
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }

  function onKey(event) {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "Escape" && typing)
      event.target.blur();
    if (typing || event.ctrlKey || event.metaKey || event.altKey)
      return;
    if (event.key === "/") {
      event.preventDefault();
      field("text").focus();
      field("text").select();
    } else if (event.key === "j" || event.key === "k") {
      event.preventDefault();
      step(event.key === "j" ? 1 : -1);
    }
  }

  // ---- paper: all that the filter shows, what went wrong opened ----

  let opened = [];
  function beforePrint() {
    renderMore(shown.length);
    opened = [...list.querySelectorAll(".case:not([open])")].filter((box) =>
      ["fail", "error"].includes(cases[box.dataset.number].verdict));
    for (const box of opened) {
      box.open = true;
      unfold(box);
    }
  }

  function afterPrint() {
    for (const box of opened)
      box.open = false;
    opened = [];
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
  form.addEventListener("reset", () => setTimeout(() => {
    apply();
    remember("");
  }, 0));
  more.addEventListener("click", () => renderUpTo(rendered + UNASKED));
  list.addEventListener("toggle", (event) => {
    const box = event.target;
    if (box.open && box.classList.contains("case") && opened.length === 0)
      remember(box.id);
  }, true);
  document.addEventListener("keydown", onKey);
  window.addEventListener("beforeprint", beforePrint);
  window.addEventListener("afterprint", afterPrint);
  window.addEventListener("hashchange", followHash);
  apply();
  followHash();
  // Browsers look for the fragment themselves once the page is there, and take the focus away.
  window.addEventListener("load", () => setTimeout(followHash, 0));
})();

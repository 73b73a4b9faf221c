// The text of one file, with the numbers of its lines and what check found on them.

import { byId, fill, make, place } from "./dom.js";
import { indentOf, lineAt, lineCount, offsetOf } from "./model.js";

export class Editor {
  file = "";
  #findings = [];
  #lines = 0;

  // Changed is called when the text was edited, moved when the cursor is on another line.
  constructor(changed, moved) {
    this.area = byId("text");
    this.area.addEventListener("input", () => {
      this.#number();
      changed(this.area.value);
    });
    this.area.addEventListener("scroll", () => this.#scroll());
    this.area.addEventListener("keydown", (e) => this.#key(e));
    document.addEventListener("selectionchange", () => {
      if (document.activeElement === this.area) moved(this.line());
    });
  }

  // show shows a file; the same file keeps its cursor.
  show(name, text, readOnly) {
    const same = name === this.file;
    this.area.readOnly = readOnly;
    if (!same || this.area.value !== text) {
      const at = same ? this.area.selectionStart : 0;
      const top = same ? this.area.scrollTop : 0;
      this.area.value = text;
      this.area.setSelectionRange(at, at);
      this.area.scrollTop = top;
      this.#lines = 0;
    }
    this.file = name;
    this.#number();
  }

  line() {
    return lineAt(this.area.value, this.area.selectionStart);
  }

  goTo(line, column) {
    const text = this.area.value;
    const from = offsetOf(text, line, column);
    const end = text.indexOf("\n", from);
    this.area.focus();
    this.area.setSelectionRange(from, end < 0 ? text.length : end);
    const height = this.area.scrollHeight / Math.max(1, lineCount(text));
    this.area.scrollTop = Math.max(0, (line - 4) * height);
    this.area.scrollLeft = 0;
    this.#scroll();
  }

  // mark shows what check found, in all files.
  mark(findings) {
    this.#findings = findings;
    const faults = findings.filter((f) => f.severity === "fault");
    byId("findings-title").textContent = faults.length ? "Faults" : findings.length ? "No fault; worth a look" : "No fault";
    fill(byId("findings"), ...findings.map((f) => {
      const where = `${f.file}:${f.line}:${f.column}`;
      const said = f.severity === "fault" ? f.message : `${f.severity}: ${f.message} (${f.rule})`;
      return make("li", f.severity, place(where), ": " + said);
    }));
    this.#lines = 0;
    this.#number();
  }

  #number() {
    const lines = lineCount(this.area.value);
    if (lines === this.#lines) return;
    this.#lines = lines;
    const marks = new Map();
    for (const f of this.#findings) {
      if (f.file === this.file && marks.get(f.line)?.severity !== "fault") marks.set(f.line, f);
    }
    fill(byId("numbers"), ...Array.from({ length: lines }, (_, i) => {
      const number = make("div", marks.get(i + 1)?.severity ?? "", String(i + 1));
      if (marks.has(i + 1)) number.title = marks.get(i + 1).message;
      return number;
    }));
    this.#scroll();
  }

  #scroll() {
    byId("numbers").scrollTop = this.area.scrollTop;
  }

  #key(e) {
    if (e.key === "F8") {
      e.preventDefault();
      this.#next();
    }
    if (e.key === "Enter" && !e.ctrlKey && !e.metaKey && !e.isComposing && !this.area.readOnly) {
      const indent = indentOf(this.area.value, this.area.selectionStart);
      if (!indent) return;
      e.preventDefault();
      // The one way to edit that the undo of browsers knows.
      document.execCommand("insertText", false, "\n" + indent);
    }
  }

  // next goes to the next finding of this file behind the cursor.
  #next() {
    const here = this.#findings.filter((f) => f.file === this.file).sort((a, b) => a.line - b.line || a.column - b.column);
    const next = here.find((f) => f.line > this.line()) ?? here[0];
    if (next) this.goTo(next.line, next.column);
  }
}

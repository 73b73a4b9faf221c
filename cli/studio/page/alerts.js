// The list of alerts, with its filters.

import { ask } from "./api.js";
import { byId, fill, make } from "./dom.js";
import { counted, matches } from "./model.js";

const most = 500; // rows at a time

export class AlertList {
  heads = [];
  outcomes = [];
  chosen = -1;
  #rows = []; // numbers of the alerts that are listed
  #filter = { text: "", kind: "", found: null };
  #asking = 0;

  // Choose is called with the number of the alert that was chosen.
  constructor(choose) {
    this.choose = choose;
    this.box = byId("alerts");
    byId("filter").addEventListener("input", () => this.#find());
    byId("outcome").addEventListener("change", () => this.#changed());
    this.box.addEventListener("click", (e) => {
      const row = e.target.closest("[data-number]");
      if (row) this.pick(Number(row.dataset.number));
    });
    this.box.addEventListener("keydown", (e) => this.#key(e));
  }

  search(text) {
    byId("filter").value = text;
    byId("outcome").value = "";
    this.#changed();
    this.#find();
  }

  pick(number) {
    this.chosen = number;
    this.render();
    this.choose(number);
  }

  // pickPlace picks the alert that was read at a place.
  pickPlace(origin, line) {
    const number = this.heads.findIndex((h) => h.origin === origin && h.line === line);
    if (number >= 0) this.pick(number);
  }

  async #find() {
    const text = byId("filter").value.trim();
    const asked = ++this.#asking;
    this.#filter.found = null;
    this.#changed();
    if (!text) return;
    await new Promise((done) => setTimeout(done, 150));
    if (asked !== this.#asking) return;
    const { numbers } = await ask("find", { text });
    if (asked !== this.#asking) return;
    this.#filter.found = new Set(numbers);
    this.render();
  }

  #changed() {
    this.#filter.text = byId("filter").value.trim();
    this.#filter.kind = byId("outcome").value;
    this.render();
  }

  #key(e) {
    const at = this.#rows.indexOf(this.chosen);
    const last = Math.min(this.#rows.length, most) - 1;
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 10, PageUp: at - 10, Home: 0, End: last }[e.key];
    if (to === undefined || last < 0) return;
    e.preventDefault();
    this.pick(this.#rows[Math.max(0, Math.min(last, to))]);
  }

  render() {
    this.#rows = this.heads.map((_, i) => i).filter((i) => matches(this.heads[i], i, this.outcomes[i], this.#filter));
    byId("count").textContent = this.#rows.length === this.heads.length ? String(this.heads.length) : `${this.#rows.length} of ${this.heads.length}`;
    const rows = this.#rows.slice(0, most).map((i) => this.#row(i));
    const beyond = this.#rows.length - rows.length;
    fill(this.box, ...rows, beyond > 0 ? make("p", "more", `and ${counted(beyond, "more alert")}: narrow the filter`) : null);
    const chosen = byId("alert-" + this.chosen);
    if (chosen) {
      this.box.setAttribute("aria-activedescendant", chosen.id);
      chosen.scrollIntoView({ block: "nearest" });
    } else {
      this.box.removeAttribute("aria-activedescendant");
    }
  }

  #row(i) {
    const head = this.heads[i];
    const o = this.outcomes[i];
    const row = make("div", "alert " + (o?.outcome ?? ""), head.title || "(no title)");
    row.append(make("small", "", `${head.origin}:${head.line} `, o && [make("span", "badge " + o.outcome, o.outcome), o.mapping && " " + o.mapping,
      o.failed && [" ", make("span", "badge failed", counted(o.failed, "failed conversion"))],
      o.changed && [" ", make("span", "badge changed", "changed")], o.reason && " " + o.reason]));
    row.id = "alert-" + i;
    row.dataset.number = i;
    row.setAttribute("role", "option");
    row.setAttribute("aria-selected", String(i === this.chosen));
    return row;
  }
}

// What becomes of all alerts: sums, what is kept under unmapped most, and what differs from
// the files on disk.

import { byId, fill, make, table } from "./dom.js";
import { counted, grouped, share } from "./model.js";

// summaryOf is one line about all alerts.
export function summaryOf(s) {
  const parts = [counted(s.events, "event"), counted(s.rejects, "reject"), `${grouped(s.unmatched)} unmatched`, `${grouped(s.dropped)} dropped`];
  if (s.conversions_failed) parts.push(counted(s.conversions_failed, "failed conversion"));
  return parts.join(" · ");
}

// showAll shows outcomes. Search is called with the text that a field's alerts have, show
// with the place of an alert.
export function showAll(outcomes, search, show) {
  const s = outcomes.summary;
  fill(byId("all"),
    outcomes.diff ? diff(outcomes.diff, show) : make("p", "dim", "Nothing is changed: the files on disk are shown."),
    make("h3", "", "Events by mapping"),
    table([["mapping", ""], ["events", "n"]], Object.entries(s.events_by_mapping).filter(([, count]) => count > 0).map(([name, count]) => [name, grouped(count)])),
    make("h3", "", "Leaves of alerts that were taken"),
    table([["what became of them", ""], ["leaves", "n"], ["share", "n"]], ["written", "failed", "kept", "lost"].map((fate) =>
      [make("span", "badge fate-" + fate, fate === "kept" ? "kept under unmapped only" : fate), grouped(s.leaves[fate]), share(s.leaves[fate], s.leaves.leaves)])),
    s.kept_most.length ? [make("h3", "", "Kept under unmapped most: a rule would help these"), table([["field", ""], ["leaves", "n"]],
      s.kept_most.map((f) => [button(f.name, "show alerts with it", () => search(nameIn(f.name))), grouped(f.count)]))] : null);
}

// nameIn is a text that an alert with a field has: the field's own name.
const nameIn = (path) => `"${path.replaceAll("[]", "").split(".").pop()}"`;

function button(text, title, act) {
  const b = make("button", "place", text);
  b.type = "button";
  b.title = title;
  b.addEventListener("click", act);
  return b;
}

function diff(d, show) {
  const example = (e) => make("div", "", button(`${e.origin}:${e.line}`, "show this alert", () => show(e.origin, e.line)), " ",
    make("span", "value old", e.old ?? "nothing"), " → ", make("span", "value new", e.new ?? "nothing"));
  return [make("h3", "", "Changed from the files on disk"),
    make("p", "", `${grouped(d.same)} the same, ${grouped(d.changed)} changed, ${grouped(d.moved)} moved`),
    d.moves.map((m) => make("div", "", `${counted(m.count, "alert")}: `, make("span", "old", m.old), " → ", make("span", "new", m.new), m.examples.map(example))),
    d.columns.map((c) => make("p", "", `${c.source} ${c.path}: ${c.what}`, c.breaks ? make("strong", "badge failed", " (a Glue table cannot hold files of both)") : null)),
    d.attributes.length ? table([["attribute", ""], ["added", "n"], ["removed", "n"], ["changed", "n"]], d.attributes.map((a) =>
      [[make("span", "path", a.path), a.examples.map(example)], grouped(a.added), grouped(a.removed), grouped(a.changed)])) : null];
}

// What became of the chosen alert: the rules behind its attributes, its event, its leaves.

import { byId, fill, make, place, table } from "./dom.js";
import { counted } from "./model.js";

const value = (v) => make("span", "value", JSON.stringify(v));
let absentToo = false; // attributes that the event does not have are shown

// showAlert shows an answer of the server about one alert.
export function showAlert(answer) {
  const x = answer.explanation;
  showRules(x);
  fill(byId("event"), answer.diff && differences(answer.diff),
    answer.events.length ? answer.events.map((text) => make("pre", "", text)) : make("p", "", outcomeOf(x)));
  showLeaves(answer);
}

export function showNone(text) {
  for (const id of ["rules", "event", "leaves"]) fill(byId(id), make("p", "dim", text));
}

// markLine marks the attributes that the rules on a line of a file give.
export function markLine(file, line) {
  for (const row of document.querySelectorAll(".attribute")) {
    row.classList.toggle("here", row.dataset.rule?.startsWith(`${file}:${line}:`) ?? false);
  }
}

function outcomeOf(x) {
  const events = 1 + (x.also?.length ?? 0);
  if (x.outcome === "event") return events === 1 ? "An event of " + x.mapping : counted(events, "event");
  if (x.outcome === "unmatched") return "Unmatched: no mapping wants this alert";
  if (x.outcome === "dropped") return "Dropped by " + x.mapping;
  return "A reject: " + x.reason;
}

function showRules(x) {
  const box = make("input");
  box.type = "checkbox";
  box.checked = absentToo;
  box.addEventListener("change", () => {
    absentToo = box.checked;
    showRules(x);
    byId("rules").querySelector("input").focus();
  });
  fill(byId("rules"),
    make("p", "", make("strong", "", outcomeOf(x)), x.where && [" at ", place(x.where)], x.attribute && ` (${x.attribute})`),
    make("ul", "from", x.asked.map(asked)),
    make("label", "dim", box, " also what the event does not have, and why"),
    made(x), (x.also ?? []).map((m) => [make("h3", "", "Event of " + m.mapping), made(m)]));
}

function asked(a) {
  let answer = a.when ? "its `when` does not hold" : "it takes every alert";
  if (a.error) answer = "its `when` failed: " + a.error;
  else if (a.when && a.holds) answer = "its `when` holds";
  return make("li", "", `${a.mapping}: ${answer} `, a.when && place(a.when.where), a.when && from(a));
}

// made shows what one mapping made.
function made(m) {
  const rows = m.attributes.filter((a) => absentToo || a.value !== undefined || a.lost !== undefined).map(attribute);
  const transforms = (m.transforms ?? []).map((t) => make("li", "", place(t.where), ` (${t.stage} stage): ${t.did}`));
  return [transforms.length ? make("ul", "from", transforms) : null, rows, m.hidden ? make("p", "dim", "elements and entries that are not shown: " + m.hidden) : null];
}

// attribute shows one attribute with its rule, and what that read.
export function attribute(a) {
  const row = make("div", a.value === undefined ? "attribute absent" : "attribute", make("span", "path", a.path),
    a.value === undefined ? ": absent, " + a.absent : [" = ", value(a.value)], a.conversion && make("span", "dim", ` (${a.conversion})`));
  const facts = [];
  if (a.lost !== undefined) facts.push(make("li", "badge failed", "it was ", value(a.lost)));
  if (a.derived) facts.push(make("li", "", "follows from " + a.derived));
  if (a.rule) {
    row.dataset.rule = a.rule.where;
    facts.push(make("li", "", place(a.rule.where), a.rule.text && make("code", "", " " + a.rule.text)));
    facts.push(...(a.rule.parts ?? []).map((p) => make("li", "", `in part ${p.signature}, used at `, place(p.where))));
  }
  row.append(make("ul", "from", facts, reads(a)));
  return row;
}

const from = (f) => make("ul", "from", reads(f));

// reads lists what an expression read.
function reads(f) {
  return [
    f.it === undefined ? null : make("li", "", "it = ", value(f.it)),
    (f.elements ?? []).map((e) => make("li", "", e.name, " = ", value(e.value ?? null))),
    (f.lets ?? []).map((l) => make("li", "", l.name, " = ", l.error ? "nothing, it failed: " + l.error : l.value === undefined ? "nothing" : value(l.value),
      " ", place(l.where), make("code", "", " " + l.text))),
    (f.functions ?? []).map((d) => make("li", "", d.signature + " ", place(d.where))),
    (f.reads ?? []).map((r) => make("li", "", r.name, r.value === undefined ? ": not in the alert" : [" = ", value(r.value)], r.absent ? ", which is nothing: it is among the `absent` texts" : null)),
    (f.calls ?? []).map((c) => make("li", "", `${c.function}(${c.args.map((a) => JSON.stringify(a)).join(", ")}) `, c.error ? "failed: " + c.error : ["= ", c.result === undefined ? "nothing" : value(c.result)])),
  ];
}

// differences shows what an unsaved change makes different of this alert.
function differences(d) {
  return [make("h3", "", "Changed from the files on disk"),
    d.moves.map((m) => make("p", "", make("span", "old", m.old), " → ", make("span", "new", m.new))),
    d.attributes.length ? table([["attribute", ""], ["was", ""], ["is", ""]],
      d.attributes.flatMap((a) => a.examples.map((e) => [make("span", "path", a.path), make("span", "value old", e.old ?? ""), make("span", "value new", e.new ?? "")]))) : null];
}

const fates = { written: "written", kept: "unmapped", lost: "lost", failed: "failed", empty: "empty" };

function showLeaves(answer) {
  const rows = answer.leaves.map((l) => [make("span", "path", l.path), make("span", "value", l.value), make("span", "badge fate-" + l.fate, fates[l.fate] ?? "")]);
  const raw = make("details", "", make("summary", "", "The alert as it came"), make("pre", "", answer.text));
  raw.open = rows.length === 0;
  const kept = answer.leaves.filter((l) => l.fate === "kept" || l.fate === "lost").length;
  fill(byId("leaves"), make("p", "dim", kept ? `${counted(kept, "value")} reach no attribute.` : null), rows.length ? table([["leaf", ""], ["value", ""], ["fate", ""]], rows) : null,
    answer.more_leaves ? make("p", "dim", "and more leaves: " + answer.more_leaves) : null, raw);
}

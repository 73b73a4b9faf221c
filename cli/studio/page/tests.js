// The tests of the mapping: what failed first, then what no test reaches.

import { attribute } from "./chosen.js";
import { byId, fill, make, place } from "./dom.js";
import { counted } from "./model.js";

// showTests shows what the tests came to, and how many failed in the name of the tab.
export function showTests(tested) {
  const tab = byId("tab-tests");
  const failed = tested.report?.failed ?? 0;
  tab.textContent = tested.faults ? "Tests: faults" : failed ? `Tests: ${failed} failed` : "Tests";
  tab.className = tested.faults || failed ? "failed" : "";
  fill(byId("tests"), tested.error && make("p", "dim", tested.error),
    tested.faults && [make("p", "badge failed", "Nothing was tested:"), make("ul", "from", tested.faults.map((f) => make("li", "", place(f.where), ": " + f.message)))],
    tested.report && report(tested.report));
}

function report(r) {
  const failed = r.tests.filter((t) => !t.passed);
  return [make("p", "", counted(r.tests.length, "test"), ": ", make("span", "badge fate-written", r.passed + " passed"), ", ",
    make("span", r.failed ? "badge fate-failed" : "", r.failed + " failed")), failed.map(failure), coverage(r.coverage),
    make("details", "", make("summary", "", "Tests that passed"), make("ul", "from", r.tests.filter((t) => t.passed).map((t) => make("li", "", place(t.where), " " + t.name))))];
}

function failure(t) {
  const more = t.more_differences ? make("p", "dim", "and more differences: " + t.more_differences) : null;
  return make("div", "attribute", make("strong", "", t.name + " "), place(t.where), (t.differences ?? []).map(difference), more);
}

function difference(d) {
  return make("div", "from", d.path && make("div", "path", d.path),
    make("div", "", "expected ", make("span", "value new", d.expected), " ", place(d.where)),
    make("div", "", "got ", make("span", "value old", d.got)), d.by && attribute(d.by));
}

function coverage(c) {
  if (!c) return null;
  const head = make("h3", "", `${c.reached} of ${counted(c.rules, "rule")} gave a value in some test`);
  return [head, make("ul", "from", c.unreached.map((u) => make("li", "", place(u.where), " ", make("span", "path", u.attribute), make("code", "", " " + (u.text ?? "")))))];
}

// The page: it keeps the edits, asks what they make of the alerts, and shows the answers.

import { AlertList } from "./alerts.js";
import { showAll, summaryOf } from "./all.js";
import { ask } from "./api.js";
import { markLine, showAlert, showNone } from "./chosen.js";
import { byId, fill, make } from "./dom.js";
import { Editor } from "./editor.js";
import { counted, placeOf, shown, stored } from "./model.js";
import { Tabs } from "./tabs.js";
import { showTests } from "./tests.js";

const pause = 300; // milliseconds without a key before an edit is tried
const watch = 2000; // milliseconds between looks for files that changed

// By name: what the disk has of a file. One that was edited has its edit, and as base the
// digest of the text on the disk that the edit began with.
const files = new Map();
let faults = 0;
let stamp = "";
let trying = null; // ends the trial that goes on
let timer = 0;
let asked = 0;

const list = new AlertList(choose);
const editor = new Editor(edited, (line) => markLine(editor.file, line));
new Tabs(document.querySelector('[role="tablist"]'));

byId("files").addEventListener("change", (e) => open(e.target.value));
byId("revert").addEventListener("click", () => revert(files.get(editor.file)));
byId("save").addEventListener("click", save);
document.addEventListener("keydown", (e) => {
  if ((e.ctrlKey || e.metaKey) && !e.altKey && e.key === "s") {
    e.preventDefault();
    save();
  }
});
document.addEventListener("click", (e) => {
  const at = e.target.closest?.("[data-place]");
  if (at) go(at.dataset.place);
});
window.addEventListener("beforeunload", (e) => {
  if (edits().length) e.preventDefault();
});

const edits = () => [...files.values()].filter((f) => f.edit !== undefined);

function notice(...children) {
  fill(byId("notice"), ...children);
  byId("notice").hidden = children.length === 0;
}

function state(text, className) {
  byId("state").textContent = text;
  byId("state").className = className;
}

async function start() {
  const first = await ask("start", {});
  byId("mappings").textContent = first.mappings.join(" ");
  byId("hint").textContent = first.hint;
  list.heads = first.alerts;
  if (first.left_out) notice(first.left_out);
  for (const [name, { text, base }] of Object.entries(first.edits ?? {})) files.set(name, { name, edit: text, base });
  list.chosen = list.heads.length ? 0 : -1;
  list.render();
  await attempt();
  setInterval(look, watch);
}

// attempt asks what becomes of the alerts with the edits as they are now.
async function attempt() {
  trying?.abort();
  const own = new AbortController();
  trying = own;
  state("…", "");
  try {
    const answer = await ask("try", {
      edits: Object.fromEntries(edits().map((f) => [f.name, { text: f.edit, base: f.base }])),
      have: Object.fromEntries([...files.values()].filter((f) => f.digest).map((f) => [f.name, f.digest])),
    }, own.signal);
    if (own !== trying) return;
    took(answer);
    if (!answer.compiled) return;
    if (list.chosen >= 0) choose(list.chosen);
    const outcomes = await ask("all", { trial: answer.trial }, own.signal);
    if (own !== trying) return;
    tookAll(outcomes);
    const tested = await ask("tests", { trial: answer.trial }, own.signal);
    if (own === trying) showTests(tested);
  } catch (error) {
    if (error.name !== "AbortError") state(error.message, "bad");
  }
}

// took shows the answer to a trial.
function took(answer) {
  stamp = answer.stamp;
  if (!answer.error) takeFiles(answer.files);
  const findings = answer.check?.findings ?? [];
  editor.mark(findings);
  faults = answer.check?.faults ?? 0;
  if (answer.error) state(answer.error, "bad");
  else if (faults) state(counted(faults, "fault"), "bad");
  else state(answer.check.warnings ? `compiles, ${counted(answer.check.warnings, "warning")}` : "compiles", "good");
  byId("stale").hidden = answer.compiled;
  if (answer.compiled) byId("summary").textContent = "mapping all alerts…";
}

// tookAll shows what becomes of all alerts.
function tookAll(outcomes) {
  list.outcomes = outcomes.alerts;
  list.render();
  byId("summary").textContent = summaryOf(outcomes.summary);
  showAll(outcomes, (text) => list.search(text), (origin, line) => list.pickPlace(origin, line));
}

// takeFiles takes up what the disk has. An edit stays.
function takeFiles(answers) {
  const before = new Map(files);
  files.clear();
  for (const f of answers) {
    const had = before.get(f.name);
    const text = f.text ?? had.text;
    const edit = had?.edit === text ? undefined : had?.edit;
    files.set(f.name, { ...f, text, edit, base: edit === undefined ? undefined : (had.base ?? f.digest) });
  }
  const name = files.has(editor.file) ? editor.file : answers[0]?.name;
  if (name !== undefined) open(name);
}

// open shows a file in the editor.
function open(name) {
  const f = files.get(name);
  fill(byId("files"), ...[...files.values()].map((file) => {
    const option = make("option", "", `${file.edit === undefined ? "" : "● "}${file.name}${file.kind === "mapping" ? "" : ` (${file.kind}${file.missing ? ", new" : ""})`}`);
    option.value = file.name;
    return option;
  }));
  byId("files").value = name;
  byId("revert").disabled = f.edit === undefined;
  byId("save").disabled = f.edit === undefined || Boolean(f.shipped);
  editor.show(name, shown(f.edit ?? f.text), Boolean(f.fixed));
  byId("text").title = f.fixed ? "It cannot be edited: " + f.fixed : "";
}

function edited(text) {
  const f = files.get(editor.file);
  const now = stored(text, f.text);
  f.edit = now === f.text ? undefined : now;
  f.base = f.edit === undefined ? undefined : (f.base ?? f.digest);
  open(f.name);
  clearTimeout(timer);
  timer = setTimeout(attempt, pause);
}

function revert(f) {
  f.edit = f.base = undefined;
  notice();
  open(f.name);
  attempt();
}

// save writes the file of the editor.
async function save() {
  const f = files.get(editor.file);
  if (byId("save").disabled) return;
  if (faults && !confirm(`The mapping has ${counted(faults, "fault")}. Save the file nevertheless?`)) return;
  try {
    const saved = await ask("save", { name: f.name, text: f.edit, digest: f.base });
    notice(`${f.name} is saved.`);
    Object.assign(files.get(f.name), { text: saved.text, digest: saved.digest, base: saved.digest });
    if (files.get(f.name).edit === saved.text) Object.assign(files.get(f.name), { edit: undefined, base: undefined });
    open(editor.file);
    await attempt();
  } catch (error) {
    if (error.answer?.file) clash(error.message, error.answer.file);
    else notice(error.message);
  }
}

// clash lets a person decide between an edit and what somebody else has put on the disk.
function clash(message, disk) {
  const choice = (text, act) => {
    const b = make("button", "", text);
    b.type = "button";
    b.addEventListener("click", act);
    return b;
  };
  notice(message + ". ",
    choice("Take the disk's text", () => revert(Object.assign(files.get(disk.name), { text: disk.text, digest: disk.digest }))),
    choice("Keep mine, and save over it", () => {
      files.get(disk.name).base = disk.digest;
      notice();
      open(disk.name);
      save();
    }),
    make("details", "", make("summary", "", "What the disk has"), make("pre", "", disk.text)));
}

// go shows a place of the mapping.
function go(where) {
  const at = placeOf(where);
  if (!at || !files.has(at.file)) return;
  open(at.file);
  editor.goTo(at.line, at.column);
}

// choose shows what becomes of an alert.
async function choose(number) {
  const own = ++asked;
  try {
    const answer = await ask("alert", { number });
    if (own !== asked) return;
    showAlert(answer);
    markLine(editor.file, editor.line());
  } catch (error) {
    if (own === asked) showNone(error.message);
  }
}

// look finds out whether files have changed on the disk.
async function look() {
  if (document.hidden) return;
  try {
    const now = (await ask("stamp", {})).stamp;
    if (now !== stamp) await attempt();
  } catch (error) {
    state(error.message, "bad");
  }
}

start().catch((error) => {
  state(error.message, "bad");
  notice(error.message);
});

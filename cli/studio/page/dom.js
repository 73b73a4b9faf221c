// Builds elements. Texts become text nodes and nothing else: no text of an alert or a
// mapping is ever read as HTML, and what is hidden in it is seen.

import { visible } from "./model.js";

export const byId = (id) => document.getElementById(id);

// make makes an element. Class is its class, "" for none; children are nodes, texts, lists
// of children, or null, undefined or false for nothing.
export function make(tag, className, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  fill(element, ...children);
  return element;
}

export function fill(element, ...children) {
  const given = children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
  element.replaceChildren(...given.map((child) => (typeof child === "string" ? visible(child) : child)));
}

// place makes a button that leads to a place of the mapping, written as file:line:column.
export function place(where, text = where) {
  const button = make("button", "place", text);
  button.type = "button";
  button.dataset.place = where;
  button.title = "go to " + where;
  return button;
}

// table makes a table. Each column is [heading, class]; rows are lists of children.
export function table(columns, rows) {
  const head = make("tr", "", ...columns.map(([name, className]) => make("th", className, name)));
  const body = rows.map((cells) => make("tr", "", ...cells.map((cell, i) => make("td", columns[i][1], cell))));
  return make("table", "", head, ...body);
}

export function definitions(pairs) {
  return make("dl", "", ...pairs.flatMap(([name, value]) => [make("dt", "", name), make("dd", "", value)]));
}

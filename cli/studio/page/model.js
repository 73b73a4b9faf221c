// What the page decides without a browser: places in texts, line ends, filters.

// placeOf reads file:line:column. A file's name may have colons.
export function placeOf(where) {
  const found = /^(.*):(\d+):(\d+)$/s.exec(where);
  return found && { file: found[1], line: Number(found[2]), column: Number(found[3]) };
}

// offsetOf is where a line and column begin in a text. Columns count characters, and
// offsets what JavaScript counts.
export function offsetOf(text, line, column) {
  let start = 0;
  for (let at = 1; at < line; at++) {
    const end = text.indexOf("\n", start);
    if (end < 0) break;
    start = end + 1;
  }
  const end = text.indexOf("\n", start);
  const characters = [...text.slice(start, end < 0 ? text.length : end)];
  return start + characters.slice(0, Math.max(0, column - 1)).join("").length;
}

// lineAt is the number of the line that has an offset.
export function lineAt(text, offset) {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}

export const lineCount = (text) => lineAt(text, text.length + 1);

// indentOf is what a new line behind an offset begins with: the spaces of the line that
// has it.
export function indentOf(text, offset) {
  const line = text.slice(text.lastIndexOf("\n", offset - 1) + 1, offset);
  return /^ */.exec(line)[0];
}

// shown is a text as a textarea has it, and stored the same text as the file has it: a
// textarea knows \n alone.
export const shown = (text) => text.replaceAll("\r\n", "\n");
export const stored = (text, like) => (like.includes("\r\n") ? text.replaceAll("\n", "\r\n") : text);

// visible shows controls, and what turns text around or is not seen, as escapes. Ends of
// lines and tabs stay.
const hidden = /[\0-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udfff]/g;
const escape = (unit) => "\\u" + unit.charCodeAt(0).toString(16).padStart(4, "0");
export const visible = (text) => text.replace(hidden, (c) => c.split("").map(escape).join(""));

// matches says whether an alert is listed. Found are the numbers of the alerts whose own
// text has the text, null while nobody knows.
export function matches(alert, number, outcome, { text, kind, found }) {
  if (kind === "changed" || kind === "failed") {
    if (!outcome?.[kind]) return false;
  } else if (kind && outcome?.outcome !== kind) {
    return false;
  }
  if (!text || found?.has(number)) return true;
  const wanted = text.toLowerCase();
  return [alert.title, `${alert.origin}:${alert.line}`, outcome?.mapping, outcome?.reason].some((t) => t?.toLowerCase().includes(wanted));
}

// grouped writes 65536 as 65,536.
export const grouped = (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ",");
export const counted = (n, what) => `${grouped(n)} ${what}${n === 1 ? "" : "s"}`;

// share is a part of a whole; only none is 0 %, and only all is 100 %.
export function share(part, whole) {
  if (!whole) return "0.0 %";
  const percent = (100 * part) / whole;
  if (part > 0 && percent < 0.1) return "<0.1 %";
  if (part < whole && percent > 99.9) return ">99.9 %";
  return percent.toFixed(1) + " %";
}

// agent(text): what a User-Agent header says of its sender, as an object with
// name, version, os, mobile and bot; absence of what is no such text.
export { sluice_abi_v1, sluice_alloc, sluice_free } from "../../as/sluice";
import { Kind, args, Out, ABSENT } from "../../as/sluice";

// Names of browsers as they stand before a slash and a version. The order
// counts: nearly all claim to be Mozilla, Chrome and Safari as well.
const products: string[] = [
  "Edg", "Edge", "OPR", "Opera", "SamsungBrowser", "Vivaldi", "YaBrowser",
  "Firefox", "FxiOS", "CriOS", "Chromium", "Chrome", "Version", "Safari",
];
const products_mean: string[] = [
  "Edge", "Edge", "Opera", "Opera", "Samsung Internet", "Vivaldi", "Yandex",
  "Firefox", "Firefox", "Chrome", "Chromium", "Chrome", "Safari", "Safari",
];
const systems: string[] = [
  "Windows", "Android", "iPhone", "iPad", "CrOS", "Mac OS X", "Macintosh", "FreeBSD", "Linux",
];
const systems_mean: string[] = [
  "Windows", "Android", "iOS", "iOS", "ChromeOS", "macOS", "macOS", "FreeBSD", "Linux",
];

// find gives where a product stands as a word of its own before a slash.
function find(text: string, product: string): i32 {
  const wanted = product + "/";
  let i = text.indexOf(wanted);
  while (i > 0 && text.charCodeAt(i - 1) != 0x20) i = text.indexOf(wanted, i + 1);
  return i;
}

function version(text: string, from: i32): string {
  let end = from;
  while (end < text.length && (text.charCodeAt(end) == 0x2e || (text.charCodeAt(end) >= 0x30 && text.charCodeAt(end) <= 0x39))) end++;
  return text.substring(from, end);
}

function system(text: string): string {
  for (let i = 0; i < systems.length; i++) {
    if (text.includes(systems[i])) return systems_mean[i];
  }
  return "";
}

function put(out: Out, name: string, value: string): void {
  out.name(name);
  if (value == "") out.putAbsent();
  else out.putText(value);
}

export function agent(ptr: usize, len: i32): u64 {
  const value = args(ptr, len).item(0);
  if (value.kind != Kind.Text || value.text == "") return ABSENT;
  const text = value.text;
  let name = "";
  let number = "";
  for (let i = 0; i < products.length && name == ""; i++) {
    const at = find(text, products[i]);
    if (at < 0) continue;
    name = products_mean[i];
    number = version(text, at + products[i].length + 1);
  }
  if (name == "") { // a tool: curl/8.5.0
    const slash = text.indexOf("/");
    name = slash > 0 && slash < 40 && text.indexOf(" ") != 0 ? text.substring(0, slash) : text.substring(0, 40);
    number = slash > 0 ? version(text, slash + 1) : "";
  }
  const lower = text.toLowerCase();
  const out = new Out().object(5);
  put(out, "name", name);
  put(out, "version", number);
  put(out, "os", system(text));
  out.name("mobile").putBool(text.includes("Mobi") || text.includes("Android"));
  out.name("bot").putBool(lower.includes("bot") || lower.includes("crawl") || lower.includes("spider"));
  return out.end();
}

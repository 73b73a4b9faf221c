// risk(address, level): the same score as risk.c, in AssemblyScript.
export { sluice_abi_v1, sluice_alloc, sluice_free } from "../../as/sluice";
import { Kind, Value, args, refuse, Out, ABSENT } from "../../as/sluice";

let weights = new Value();

export function sluice_configure(ptr: usize, len: i32): i32 {
  weights = args(ptr, len).member("weights");
  return weights.kind == Kind.Object || weights.kind == Kind.Absent ? 0 : 1;
}

function weight(address: string): i64 {
  let longest = 0;
  let found: i64 = 0;
  for (let i = 0; i < weights.names.length; i++) {
    const prefix = weights.names[i];
    const v = weights.items[i];
    if (v.kind == Kind.Int && prefix.length >= longest && address.startsWith(prefix)) {
      longest = prefix.length;
      found = v.integer;
    }
  }
  return found;
}

export function risk(ptr: usize, len: i32): u64 {
  const all = args(ptr, len);
  const address = all.item(0);
  const level = all.item(1);
  if (level.kind != Kind.Int && level.kind != Kind.Float) return ABSENT;
  if (level.number < 0) refuse("a level below zero");
  let score = <i64>(min(level.number, 15) * 100 / 15);
  if (address.kind == Kind.Text) score += weight(address.text);
  return Out.int(min<i64>(max<i64>(score, 0), 100));
}

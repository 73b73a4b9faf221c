// sluice.ts: write guests for sluice in AssemblyScript. Put it beside the guest,
// which passes the ABI on and defines its functions:
//
//	export { sluice_abi_v1, sluice_alloc, sluice_free } from "./sluice";
//	import { Kind, args, Out, ABSENT } from "./sluice";
//
//	export function twice(ptr: usize, len: i32): u64 {
//	  const n = args(ptr, len).item(0);
//	  return n.kind == Kind.Int ? Out.int(2 * n.integer) : ABSENT;
//	}
//
// and is built with
//
//	asc guest.ts -O2 --runtime minimal --use abort=sluice/stop -o guest.wasm
//
// where sluice/stop is this file's name as the compiler sees it (see the
// Makefile of the examples). Texts and values that were read may be kept.

/** No result; of a stage it means: drop it. */
export const ABSENT: u64 = 0;

@external("sluice", "log")
declare function hostLog(level: u32, text: usize, size: i32): void;
@external("sluice", "refuse")
declare function hostRefuse(reason: usize, size: i32): void;

export const enum Level { Debug, Info, Warning, Error }

/** Says something to whoever runs sluice. */
export function log(level: Level, text: string): void {
  const utf8 = String.UTF8.encode(text);
  hostLog(level, changetype<usize>(utf8), utf8.byteLength);
}

/** Rejects the alert with a reason. It does not return. */
export function refuse(reason: string): void {
  const utf8 = String.UTF8.encode(reason);
  hostRefuse(changetype<usize>(utf8), utf8.byteLength);
}

/** What a failed check of the language does: reject, with its words. */
export function stop(message: string | null, file: string | null, line: u32, column: u32): void {
  refuse((message ? message : "a failed check") + " (" + (file ? file : "?") + ":" + line.toString() + ")");
}

export function sluice_abi_v1(): i32 { return 1; }
export function sluice_alloc(n: i32): usize { return heap.alloc(n); }
export function sluice_free(ptr: usize, n: i32): void { heap.free(ptr); }

export const enum Kind { Absent, Bool, Int, Float, Text, List, Object }

const noNames: string[] = [];
const noItems: Value[] = [];

/** A value that was read. Which fields count says its kind. */
export class Value {
  kind: Kind = Kind.Absent;
  integer: i64 = 0; // of an Int; 0 or 1 of a Bool
  number: f64 = 0; // of an Int or a Float
  text: string = "";
  names: string[] = noNames; // of an Object
  items: Value[] = noItems; // of a List or an Object

  /** The i-th item of a list, from 0, or absence. */
  item(i: i32): Value {
    return this.kind == Kind.List && i < this.items.length ? unchecked(this.items[i]) : new Value();
  }

  /** A member of an object, or absence. */
  member(name: string): Value {
    const i = this.names.indexOf(name);
    return i >= 0 ? this.items[i] : new Value();
  }
}

let at: usize = 0; // where reading is
let calls = 0;

/** What a function got: the list of its arguments; or what sluice_configure got. */
export function args(ptr: usize, len: i32): Value {
  // Nothing is in use by a call before: a good moment to collect it.
  if ((++calls & 63) == 0) __collect();
  at = ptr;
  return len > 0 ? read() : new Value();
}

function size(): u32 {
  const n = load<u32>(at);
  at += 4;
  return n;
}

function text(): string {
  const n = size();
  const s = String.UTF8.decodeUnsafe(at, n);
  at += n;
  return s;
}

function read(): Value {
  const v = new Value();
  const tag = load<u8>(at++);
  if (tag == 1 || tag == 2) {
    v.kind = Kind.Bool;
    v.integer = tag - 1;
  } else if (tag == 3) {
    v.kind = Kind.Int;
    v.integer = load<i64>(at);
    v.number = <f64>v.integer;
    at += 8;
  } else if (tag == 4) {
    v.kind = Kind.Float;
    v.number = load<f64>(at);
    at += 8;
  } else if (tag == 5) {
    v.kind = Kind.Text;
    v.text = text();
  } else if (tag == 6 || tag == 7) {
    v.kind = tag == 6 ? Kind.List : Kind.Object;
    const n = <i32>size();
    v.items = new Array<Value>(n);
    if (tag == 7) v.names = new Array<string>(n);
    for (let i = 0; i < n; i++) {
      if (tag == 7) v.names[i] = text();
      v.items[i] = read();
    }
  }
  return v;
}

let result: usize = heap.alloc(1024);
let room = 1024;

/**
 * A result as it is put together: return Out.int(7), or, for a list or an
 * object, say how many items follow and put them, each member after its name:
 *
 *	return new Out().object(1).name("city").putText(city).end();
 */
export class Out {
  used: i32 = 0;

  private room(n: i32): usize {
    if (this.used + n > room) {
      room = 2 * (this.used + n);
      result = heap.realloc(result, room);
    }
    this.used += n;
    return result + this.used - n;
  }

  putAbsent(): Out { store<u8>(this.room(1), 0); return this; }
  putBool(b: bool): Out { store<u8>(this.room(1), b ? 2 : 1); return this; }
  putInt(n: i64): Out {
    store<u8>(this.room(1), 3);
    store<i64>(this.room(8), n);
    return this;
  }
  putFloat(f: f64): Out {
    store<u8>(this.room(1), 4);
    store<f64>(this.room(8), f);
    return this;
  }
  putText(s: string): Out { store<u8>(this.room(1), 5); return this.name(s); }
  list(items: i32): Out {
    store<u8>(this.room(1), 6);
    store<u32>(this.room(4), items);
    return this;
  }
  object(members: i32): Out {
    store<u8>(this.room(1), 7);
    store<u32>(this.room(4), members);
    return this;
  }
  name(s: string): Out {
    const n = String.UTF8.byteLength(s);
    store<u32>(this.room(4), n);
    String.UTF8.encodeUnsafe(changetype<usize>(s), s.length, this.room(n), false, String.UTF8.ErrorMode.REPLACE);
    return this;
  }
  end(): u64 { return pack(result, this.used); }

  static bool(b: bool): u64 { return new Out().putBool(b).end(); }
  static int(n: i64): u64 { return new Out().putInt(n).end(); }
  static float(f: f64): u64 { return new Out().putFloat(f).end(); }
  static text(s: string): u64 { return new Out().putText(s).end(); }
}

/** A result of bytes anywhere in memory, as the stages give it. */
export function pack(ptr: usize, n: i32): u64 {
  return <u64>ptr << 32 | <u64>n;
}

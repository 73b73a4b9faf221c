export { sluice_abi_v1, sluice_alloc, sluice_free } from "../../as/sluice";
import { Kind, args, Out, ABSENT } from "../../as/sluice";
export function twice(ptr: usize, len: i32): u64 {
  const x = args(ptr, len).item(0);
  return x.kind == Kind.Int ? Out.int(2 * x.integer) : ABSENT;
}

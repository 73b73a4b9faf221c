#![no_std]
#[path = "../../rust/sluice.rs"]
mod sluice;
#[no_mangle]
pub extern "C" fn twice(ptr: *mut u8, len: usize) -> u64 {
    match sluice::args(ptr, len).item(0) {
        sluice::Value::Int(x) => sluice::int(2 * x),
        _ => sluice::ABSENT,
    }
}

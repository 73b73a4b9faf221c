//! risk(address, level): the same score as risk.c, in Rust.
#![no_std]
#[path = "../../rust/sluice.rs"]
mod sluice;

use sluice::Value;

static mut WEIGHTS: &[u8] = &[];

#[no_mangle]
pub extern "C" fn sluice_configure(ptr: *mut u8, len: usize) -> i32 {
    match sluice::args(ptr, len).member("weights") {
        Value::Absent => 0,
        Value::Object(_) => {
            unsafe { WEIGHTS = sluice::keep(sluice::bytes(ptr, len)) };
            0
        }
        _ => 1,
    }
}

fn weight(address: &str) -> i64 {
    let mut longest = 0;
    let mut found = 0;
    if let Value::Object(mut weights) = sluice::read(unsafe { WEIGHTS }).0.member("weights") {
        while let Some((prefix, v)) = weights.member() {
            if let Value::Int(n) = v {
                if prefix.len() >= longest && address.as_bytes().starts_with(prefix.as_bytes()) {
                    longest = prefix.len();
                    found = n;
                }
            }
        }
    }
    found
}

#[no_mangle]
pub extern "C" fn risk(ptr: *mut u8, len: usize) -> u64 {
    let args = sluice::args(ptr, len);
    let level = match args.item(1).number() {
        None => return sluice::ABSENT,
        Some(n) if n < 0.0 => sluice::refuse("a level below zero"),
        Some(n) => n,
    };
    let rated = if level < 15.0 { level } else { 15.0 };
    let mut score = (rated * 100.0 / 15.0) as i64;
    if let Value::Text(address) = args.item(0) {
        score = score.saturating_add(weight(address));
    }
    sluice::int(score.clamp(0, 100))
}

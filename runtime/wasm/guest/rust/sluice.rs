//! sluice.rs: write guests for sluice in Rust, without the standard library.
//! Put it beside the guest, which begins
//!
//! ```text
//! #![no_std]
//! mod sluice;
//!
//! #[no_mangle]
//! pub extern "C" fn twice(ptr: *mut u8, len: usize) -> u64 {
//!     match sluice::args(ptr, len).item(0) {
//!         sluice::Value::Int(n) => sluice::int(2 * n),
//!         _ => sluice::ABSENT,
//!     }
//! }
//! ```
//!
//! and is built with
//!
//! ```text
//! rustc --target wasm32-unknown-unknown --crate-type cdylib --edition 2021 \
//!     -C opt-level=2 -C strip=symbols -C panic=abort -o guest.wasm guest.rs
//! ```
//!
//! What is read from the arguments holds until the function returns; `keep`
//! copies what must stay. Memory is only ever taken.
#![allow(dead_code)]

use core::ptr::{addr_of, addr_of_mut};

/// How many bytes a result may have.
pub const RESULT_BYTES: usize = 65536;

/// No result; of a stage it means: drop it.
pub const ABSENT: u64 = 0;

#[link(wasm_import_module = "sluice")]
extern "C" {
    #[link_name = "log"]
    fn host_log(level: u32, text: *const u8, size: usize);
    #[link_name = "refuse"]
    fn host_refuse(reason: *const u8, size: usize) -> !;
}

#[derive(Clone, Copy)]
pub enum Level {
    Debug,
    Info,
    Warning,
    Error,
}

/// Says something to whoever runs sluice.
pub fn log(level: Level, text: &str) {
    unsafe { host_log(level as u32, text.as_ptr(), text.len()) }
}

/// Rejects the alert with a reason.
pub fn refuse(reason: &str) -> ! {
    unsafe { host_refuse(reason.as_ptr(), reason.len()) }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

// ---- memory ----------------------------------------------------------------

extern "C" {
    static __heap_base: u8;
}

static mut TOP: usize = 0; // the first byte that nobody has

#[no_mangle]
pub extern "C" fn sluice_abi_v1() -> i32 {
    1
}

/// Gives n bytes, or null if the memory limit is reached.
#[no_mangle]
pub extern "C" fn sluice_alloc(n: usize) -> *mut u8 {
    unsafe {
        if TOP == 0 {
            TOP = (addr_of!(__heap_base) as usize + 7) & !7;
        }
        let end = (TOP as u64 + n as u64 + 7) & !7;
        let have = (core::arch::wasm32::memory_size(0) as u64) << 16;
        if end > have {
            let pages = (end - have + 65535) >> 16;
            if pages > 65535 || core::arch::wasm32::memory_grow(0, pages as usize) == usize::MAX {
                return core::ptr::null_mut();
            }
        }
        let p = TOP as *mut u8;
        TOP = end as usize;
        p
    }
}

/// Gives the last buffer back; an earlier one stays taken. As the host has one
/// buffer at a time, this is enough.
#[no_mangle]
pub extern "C" fn sluice_free(p: *mut u8, n: usize) {
    unsafe {
        if (p as usize).wrapping_add(n).wrapping_add(7) & !7 == TOP {
            TOP = p as usize;
        }
    }
}

/// Copies bytes to where they stay.
pub fn keep(bytes: &[u8]) -> &'static [u8] {
    let p = sluice_alloc(bytes.len());
    if p.is_null() {
        refuse("the guest is out of memory");
    }
    unsafe {
        core::ptr::copy_nonoverlapping(bytes.as_ptr(), p, bytes.len());
        core::slice::from_raw_parts(p, bytes.len())
    }
}

// ---- reading ---------------------------------------------------------------

/// The bytes that a function or a stage was called with.
pub fn bytes<'a>(ptr: *mut u8, len: usize) -> &'a mut [u8] {
    unsafe { core::slice::from_raw_parts_mut(ptr, len) }
}

/// A value. Lists and objects are read as one walks them.
#[derive(Clone, Copy)]
pub enum Value<'a> {
    Absent,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'a str),
    List(Items<'a>),
    Object(Items<'a>),
}

/// What is left of a list or an object.
#[derive(Clone, Copy)]
pub struct Items<'a> {
    pub left: u32,
    bytes: &'a [u8],
}

/// What a function got: the list of its arguments; or what `sluice_configure`
/// got: the config.
pub fn args<'a>(ptr: *mut u8, len: usize) -> Value<'a> {
    let all: &'a [u8] = bytes(ptr, len);
    read(all).0
}

/// Reads a value written before, such as one kept.
pub fn read(b: &[u8]) -> (Value, &[u8]) {
    let (tag, rest) = match b.split_first() {
        Some(x) => x,
        None => return (Value::Absent, b),
    };
    match tag {
        1 | 2 => (Value::Bool(*tag == 2), rest),
        3 => (Value::Int(word(rest) as i64), &rest[8..]),
        4 => (Value::Float(f64::from_bits(word(rest))), &rest[8..]),
        5 => {
            let (text, rest) = sized(rest);
            (Value::Text(text), rest)
        }
        6 | 7 => {
            let inside = Items { left: size(rest), bytes: &rest[4..] };
            let mut walk = inside;
            while walk.left > 0 {
                walk.step(*tag == 7);
            }
            (if *tag == 6 { Value::List(inside) } else { Value::Object(inside) }, walk.bytes)
        }
        _ => (Value::Absent, rest),
    }
}

fn size(b: &[u8]) -> u32 {
    u32::from_le_bytes([b[0], b[1], b[2], b[3]])
}

fn word(b: &[u8]) -> u64 {
    let mut eight = [0; 8];
    eight.copy_from_slice(&b[..8]);
    u64::from_le_bytes(eight)
}

fn sized(b: &[u8]) -> (&str, &[u8]) {
    let (text, rest) = b[4..].split_at(size(b) as usize);
    // The host writes UTF-8 only.
    (unsafe { core::str::from_utf8_unchecked(text) }, rest)
}

impl<'a> Items<'a> {
    fn step(&mut self, named: bool) -> (&'a str, Value<'a>) {
        let mut name = "";
        if named {
            let (n, rest) = sized(self.bytes);
            name = n;
            self.bytes = rest;
        }
        let (value, rest) = read(self.bytes);
        self.bytes = rest;
        self.left -= 1;
        (name, value)
    }

    /// The next item of a list.
    pub fn item(&mut self) -> Option<Value<'a>> {
        if self.left == 0 { None } else { Some(self.step(false).1) }
    }

    /// The next member of an object.
    pub fn member(&mut self) -> Option<(&'a str, Value<'a>)> {
        if self.left == 0 { None } else { Some(self.step(true)) }
    }
}

impl<'a> Value<'a> {
    /// The i-th item of a list, from 0; absence of all else.
    pub fn item(self, i: usize) -> Value<'a> {
        if let Value::List(mut items) = self {
            let mut n = 0;
            while let Some(v) = items.item() {
                if n == i {
                    return v;
                }
                n += 1;
            }
        }
        Value::Absent
    }

    /// A member of an object, or absence.
    pub fn member(self, name: &str) -> Value<'a> {
        if let Value::Object(mut items) = self {
            while let Some((n, v)) = items.member() {
                if n == name {
                    return v;
                }
            }
        }
        Value::Absent
    }

    /// An int or a float as a number.
    pub fn number(self) -> Option<f64> {
        match self {
            Value::Int(n) => Some(n as f64),
            Value::Float(f) => Some(f),
            _ => None,
        }
    }
}

// ---- results ---------------------------------------------------------------

static mut RESULT: [u8; RESULT_BYTES] = [0; RESULT_BYTES];

/// A result as it is put together. For a list or an object say how many items
/// follow, then put them; before each member of an object put its name.
pub struct Out {
    used: usize,
}

impl Out {
    pub fn new() -> Out {
        Out { used: 0 }
    }

    fn put(&mut self, b: &[u8]) -> &mut Out {
        if b.len() > RESULT_BYTES - self.used {
            refuse("the result is larger than the guest's RESULT_BYTES");
        }
        unsafe {
            let to = (addr_of_mut!(RESULT) as *mut u8).add(self.used);
            core::ptr::copy_nonoverlapping(b.as_ptr(), to, b.len());
        }
        self.used += b.len();
        self
    }

    pub fn absent(&mut self) -> &mut Out {
        self.put(&[0])
    }
    pub fn bool(&mut self, b: bool) -> &mut Out {
        self.put(&[if b { 2 } else { 1 }])
    }
    pub fn int(&mut self, n: i64) -> &mut Out {
        self.put(&[3]).put(&n.to_le_bytes())
    }
    pub fn float(&mut self, f: f64) -> &mut Out {
        self.put(&[4]).put(&f.to_le_bytes())
    }
    pub fn text(&mut self, s: &str) -> &mut Out {
        self.put(&[5]).name(s)
    }
    pub fn list(&mut self, items: u32) -> &mut Out {
        self.put(&[6]).put(&items.to_le_bytes())
    }
    pub fn object(&mut self, members: u32) -> &mut Out {
        self.put(&[7]).put(&members.to_le_bytes())
    }
    pub fn name(&mut self, s: &str) -> &mut Out {
        self.put(&(s.len() as u32).to_le_bytes()).put(s.as_bytes())
    }
    pub fn end(&mut self) -> u64 {
        pack(unsafe { addr_of!(RESULT) } as *const u8, self.used)
    }
}

/// A result of bytes anywhere in memory, as the stages give it.
pub fn pack(p: *const u8, n: usize) -> u64 {
    (p as u64) << 32 | n as u64
}

pub fn bool(b: bool) -> u64 {
    Out::new().bool(b).end()
}
pub fn int(n: i64) -> u64 {
    Out::new().int(n).end()
}
pub fn float(f: f64) -> u64 {
    Out::new().float(f).end()
}
pub fn text(s: &str) -> u64 {
    Out::new().text(s).end()
}

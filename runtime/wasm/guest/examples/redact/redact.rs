//! The stage `alert`: hides secrets in full_log before any rule sees them. Of
//! the config {"words": ["password=", "token="]} each word is looked for,
//! without regard to case, and what follows it, up to white space, a quote, a
//! comma, a semicolon or an ampersand, becomes asterisks. The line keeps its
//! length and all other bytes.
#![no_std]
#[path = "../../rust/sluice.rs"]
mod sluice;

use sluice::Value;

static mut CONFIG: &[u8] = &[];

#[no_mangle]
pub extern "C" fn sluice_configure(ptr: *mut u8, len: usize) -> i32 {
    if let Value::List(mut words) = sluice::args(ptr, len).member("words") {
        while let Some(word) = words.item() {
            match word {
                Value::Text(w) if !w.is_empty() => {}
                _ => sluice::refuse("the config's words must be texts that are not empty"),
            }
        }
        unsafe { CONFIG = sluice::keep(sluice::bytes(ptr, len)) };
        return 0;
    }
    sluice::refuse("the config has no words: list what secrets come after")
}

#[no_mangle]
pub extern "C" fn sluice_alert(ptr: *mut u8, len: usize) -> u64 {
    redact(sluice::bytes(ptr, len));
    sluice::pack(ptr, len)
}

/// Hides secrets in each text that is a member named full_log, at any depth: an
/// indexer may have wrapped the alert.
fn redact(line: &mut [u8]) {
    let (mut key, mut text) = ((0, 0), (0, 0));
    let mut valued = false; // a value follows that key names
    let mut i = 0;
    while i < line.len() {
        match line[i] {
            b':' => {
                key = text;
                valued = true;
            }
            b',' | b'{' | b'[' => valued = false,
            b'"' => {
                text = (i + 1, text_end(line, i + 1));
                if valued && &line[key.0..key.1] == b"full_log" {
                    hide(&mut line[text.0..text.1]);
                }
                i = text.1;
            }
            _ => {}
        }
        i += 1;
    }
}

/// Where the text that begins at i has its closing quote.
fn text_end(line: &[u8], mut i: usize) -> usize {
    while i < line.len() && line[i] != b'"' {
        i += if line[i] == b'\\' { 2 } else { 1 };
    }
    i.min(line.len())
}

/// Hides what follows the words in the inside of a JSON text.
fn hide(text: &mut [u8]) {
    if let Value::List(mut words) = sluice::read(unsafe { CONFIG }).0.member("words") {
        while let Some(Value::Text(word)) = words.item() {
            let word = word.as_bytes();
            let mut i = 0;
            while i + word.len() <= text.len() {
                if !text[i..i + word.len()].eq_ignore_ascii_case(word) {
                    i += 1;
                    continue;
                }
                i += word.len();
                while i < text.len() && !ends(&text[i..]) {
                    // Of an escape both bytes go, lest half of one stays.
                    let n = if text[i] == b'\\' { 2 } else { 1 };
                    let end = (i + n).min(text.len());
                    text[i..end].fill(b'*');
                    i = end;
                }
            }
        }
    }
}

fn ends(rest: &[u8]) -> bool {
    match rest[0] {
        b' ' | b'\'' | b',' | b';' | b'&' => true,
        b'\\' => rest.len() > 1 && matches!(rest[1], b'"' | b'n' | b'r' | b't'),
        _ => false,
    }
}

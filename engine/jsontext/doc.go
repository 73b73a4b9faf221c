// Package jsontext reads and writes JSON text: the one place that knows how a
// string is quoted, how it is read back, and where a value ends. It imports
// nothing of this module, so that the engine and the packages that move bytes
// agree on it.
//
//	text ──AppendString──► "quoted" ──Unquote──► text
//
// Its laws, each a test: what AppendString writes is JSON, escapes only what
// JSON demands, and reads back as the same text; what is read agrees with the
// standard library, except that this package accepts no invalid UTF-8.
package jsontext

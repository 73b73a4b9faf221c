package bytecode_test

import (
	"encoding/binary"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/runtime/wasm/bytecode"
	"github.com/sluice-lake/sluice/runtime/wasm/guest"
)

func leb(n int) string { return string(binary.AppendUvarint(nil, uint64(n))) }

func section(id byte, items int, content string) string {
	content = leb(items) + content
	return string(id) + leb(len(content)) + content
}

// one is a module with one function of a type and with a body: its locals, then
// its instructions without the last end.
func one(functionType, body string) string {
	body += "\x0b"
	return "\x00asm\x01\x00\x00\x00" + section(1, 1, functionType) + section(3, 1, "\x00") + section(5, 1, "\x00\x01") +
		section(10, 1, leb(len(body))+body)
}

func read(code string) error {
	m, err := bytecode.Read([]byte(code))
	if err != nil {
		return err
	}
	return m.Bodies(func(*bytecode.Body) {})
}

// Each limit is exact: what reaches it is accepted, what goes beyond is rejected
// with a reason. n is the limit.
func TestLimits(t *testing.T) {
	const plain = "\x60\x00\x00"
	many := strings.Repeat
	for _, c := range []struct {
		name   string
		n      int
		module func(n int) string
		want   string
	}{
		{"nesting", bytecode.MaxNesting, func(n int) string {
			return one(plain, "\x00"+many("\x02\x40", n)+many("\x0b", n))
		}, "nested more than 5000 deep"},
		{"targets", bytecode.MaxTargets, func(n int) string {
			return one(plain, "\x00\x41\x00\x0e"+leb(n)+many("\x00", n+1))
		}, "a br_table has 65521 targets"},
		{"body", bytecode.MaxBody, func(n int) string { return one(plain, "\x00"+many("\x01", n-2)) }, "1048577 bytes"},
		{"results", bytecode.MaxBody, func(n int) string {
			return one("\x60\x00"+leb(1000)+many("\x7f", 1000), "\x00"+many("\x10\x00", n/1002)+many("\x01", n%1002-2))
		}, "1048577 bytes"},
		{"results of blocks", bytecode.MaxBody, func(n int) string {
			return one("\x60\x00"+leb(1000)+many("\x7f", 1000), "\x00"+many("\x02\x00\x0b", n/1003)+many("\x01", n%1003-2))
		}, "1048577 bytes"},
		{"locals", bytecode.MaxLocals, func(n int) string { return one(plain, "\x01"+leb(n)+"\x7f") }, "more than 50000 local variables"},
		{"parameters", bytecode.MaxParams, func(n int) string { return one("\x60"+leb(n)+many("\x7f", n)+"\x00", "\x00") }, "1001 parameters"},
		{"items", bytecode.MaxItems, func(n int) string { return "\x00asm\x01\x00\x00\x00" + section(1, n, many(plain, n)) }, "1000001 items"},
		{"table", bytecode.MaxTableEntries, func(n int) string {
			return "\x00asm\x01\x00\x00\x00" + section(4, 2, "\x70\x00"+leb(n-7)+"\x70\x00\x07")
		}, "1048577 entries"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := read(c.module(c.n)); err != nil {
				t.Errorf("at the limit: %v", err)
			}
			if err := read(c.module(c.n + 1)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("beyond the limit: %v", err)
			}
		})
	}
}

// Small modules that take a compiler minutes or gigabytes are rejected.
func TestCompileBombs(t *testing.T) {
	const plain = "\x60\x00\x00"
	many := strings.Repeat
	set := func(n int) (all string) {
		for i := range n {
			all += "\x42\x01\x21" + leb(i)
		}
		return all
	}
	for name, body := range map[string]string{
		"blocks in a row":        "\x00" + many("\x41\x00\x04\x40\x0b", 90_000),
		"loops in a row":         "\x00" + many("\x03\x40\x0b", 90_000),
		"runs of memory":         "\x00" + many("\x41\x00\x41\x00\x41\x00\xfc\x0b\x00", 30_000),
		"jump tables":            "\x00\x02\x40" + many("\x41\x00\x04\x40\x41\x00\x0e\x64"+many("\x01", 101)+"\x0b", 9_000) + "\x0b",
		"variables over blocks":  "\x01" + leb(4_000) + "\x7e" + set(4_000) + many("\x41\x00\x04\x40\x0b", 4_000),
		"many variables, blocks": "\x01" + leb(50_000) + "\x7e" + set(1) + many("\x41\x00\x04\x40\x0b", 170),
	} {
		if err := read(one(plain, body)); err == nil || !strings.Contains(err.Error(), "too long to compile") {
			t.Errorf("%s, %d bytes: %v", name, len(body), err)
		}
	}
}

// Bodies marks what loops, calls and moves memory, where it is.
func TestPlaces(t *testing.T) {
	module := one("\x60\x01\x7f\x00", "\x01\x02\x7e"+
		"\x10\x00"+ // 0: a call
		"\x03\x40"+ // 2: a loop, its inside from 4
		"\x11\x00\x00"+ // an indirect call
		"\x03\x40\x0b"+ // a loop from 9 of one byte
		"\x0b"+ // 10: its end
		"\x41\x00\x41\x00\x41\x00\xfc\x0b\x00"+ // 17: memory.fill
		"\x41\x00\xd0\x70\x41\x00\xfc\x11\x00"+ // 26: table.fill
		"\x41\x00\x40\x00\x1a") // 31: memory.grow
	m, err := bytecode.Read([]byte(module))
	if err != nil {
		t.Fatal(err)
	}
	var got bytecode.Body
	if err := m.Bodies(func(b *bytecode.Body) { got = *b }); err != nil {
		t.Fatal(err)
	}
	want := []bytecode.Place{
		{Mark: bytecode.Loop, At: 4, Size: 7, Calls: 1}, {Mark: bytecode.Loop, At: 9, Size: 1},
		{Mark: bytecode.Bytes, At: 17}, {Mark: bytecode.Entries, At: 26}, {Mark: bytecode.Pages, At: 31},
	}
	if diff := cmp.Diff(want, got.Places); diff != "" {
		t.Error(diff)
	}
	if got.Locals != 3 || got.Calls != 4 || got.Groups != 1 || string(got.Head) != "\x02\x7e" {
		t.Errorf("%d locals, %d calls, %d groups, %q", got.Locals, got.Calls, got.Groups, got.Head)
	}
}

// Bytes that are not a module are an error, and never a panic; reading changes
// nothing.
func FuzzRead(f *testing.F) {
	for _, files := range []fs.FS{os.DirFS("../testdata"), guest.Files} {
		err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".wasm") {
				return err
			}
			code, err := fs.ReadFile(files, path)
			f.Add(code)
			return err
		})
		if err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, code []byte) {
		before := slices.Clone(code)
		m, err := bytecode.Read(code)
		if err == nil {
			err = m.Bodies(func(b *bytecode.Body) {
				at := 0
				for _, p := range b.Places {
					if p.At < at || p.At+p.Size > len(b.Code) {
						t.Errorf("a place at %d of %d bytes in %d", p.At, p.Size, len(b.Code))
					}
					at = p.At
				}
			})
		}
		if err != nil && strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("the error shows the module: %q", err)
		}
		if !slices.Equal(code, before) {
			t.Error("the module was changed")
		}
	})
}

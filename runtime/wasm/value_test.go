package wasm_test

import (
	"bytes"
	"context"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/runtime/wasm"
)

var values = []alert.Value{
	{},
	alert.OfBool(false),
	alert.OfBool(true),
	alert.OfInt(0),
	alert.OfInt(math.MinInt64),
	alert.OfInt(math.MaxInt64),
	alert.OfFloat(-0.1),
	alert.OfFloat(math.MaxFloat64),
	alert.OfText(""),
	alert.OfText("sshd: é \x00 𝄞"),
	alert.OfText(strings.Repeat("long ", 1000)),
	alert.From([]any{}),
	alert.From(map[string]any{}),
	alert.From([]any{nil, true, 1, 1.5, "x", []any{[]any{}}, map[string]any{"é": nil}}),
	alert.From(map[string]any{"b": 2, "a": map[string]any{"": []any{"x"}}}),
}

// plain lets cmp compare what values hold, and not how.
var plain = cmp.Transformer("plain", func(v alert.Value) any {
	switch v.Kind {
	case alert.List:
		items := []alert.Value{}
		for it := v.Items(); it.Next(); {
			items = append(items, it.Value())
		}
		return items
	case alert.Object:
		return v.Members()
	case alert.Text:
		return v.Text
	}
	return [2]uint64{uint64(v.Kind), v.Num}
})

// A value written and read is the same value, and so are those given to a
// guest that gives them back.
func TestValuesCross(t *testing.T) {
	g := guestOf(t, load(t, "faulty", wasm.Config{Functions: []string{"echo"}}))
	for _, v := range values {
		in, err := wasm.AppendValue(nil, v)
		if err != nil {
			t.Fatal(err)
		}
		out, err := wasm.DecodeValue(in)
		if diff := cmp.Diff(v, out, plain); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
		out, err = g.Call(context.Background(), "echo", []alert.Value{v, v})
		want := alert.OfList([]alert.Value{v, v})
		if diff := cmp.Diff(want, out, plain); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
	}
}

// Byte by byte, as the package comment and docs/wasm.md have it.
func TestValueBytes(t *testing.T) {
	tests := []struct {
		value alert.Value
		want  string
	}{
		{alert.Value{}, "\x00"},
		{alert.OfBool(false), "\x01"},
		{alert.OfBool(true), "\x02"},
		{alert.OfInt(-2), "\x03\xfe\xff\xff\xff\xff\xff\xff\xff"},
		{alert.OfFloat(1), "\x04\x00\x00\x00\x00\x00\x00\xf0\x3f"},
		{alert.OfText("é"), "\x05\x02\x00\x00\x00\xc3\xa9"},
		{alert.From([]any{nil, true}), "\x06\x02\x00\x00\x00\x00\x02"},
		{alert.From(map[string]any{"b": nil, "a": true}), "\x07\x02\x00\x00\x00\x01\x00\x00\x00a\x02\x01\x00\x00\x00b\x00"},
		{alert.Value{Kind: alert.Object, Text: `{"b":null,"a":false,"a":true}`}, "\x07\x02\x00\x00\x00\x01\x00\x00\x00a\x02\x01\x00\x00\x00b\x00"},
		{alert.Value{Kind: alert.List, Text: `[null, true]`}, "\x06\x02\x00\x00\x00\x00\x02"},
	}
	for _, test := range tests {
		got, err := wasm.AppendValue([]byte("before"), test.value)
		if err != nil || string(got) != "before"+test.want {
			t.Errorf("%v: % x, %v", test.value, got, err)
		}
	}
}

func TestValueBounds(t *testing.T) {
	nested := func(n int) alert.Value {
		return alert.Value{Kind: alert.List, Text: strings.Repeat("[", n) + strings.Repeat("]", n)}
	}
	many := func(n int) alert.Value {
		return alert.Value{Kind: alert.List, Text: "[" + strings.Repeat("1,", n-2) + "1]"}
	}
	for _, v := range []alert.Value{nested(wasm.MaxDepth), many(wasm.MaxValues)} {
		in, err := wasm.AppendValue(nil, v)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := wasm.DecodeValue(in); err != nil {
			t.Error(err)
		}
	}
	for _, v := range []alert.Value{nested(wasm.MaxDepth + 1), many(wasm.MaxValues + 1)} {
		if _, err := wasm.AppendValue(nil, v); err == nil {
			t.Error("a value beyond the bounds was written")
		}
	}
	in := append([]byte{6, 0, 0, 1, 0}, make([]byte, wasm.MaxValues)...)
	if _, err := wasm.DecodeValue(in); err == nil {
		t.Error("a value beyond the bounds was read")
	}
}

// Lists that all claim the same bytes do not make the decoder ask for more
// memory than the bound on values allows.
func TestClaimsCostNothing(t *testing.T) {
	var in []byte
	for range wasm.MaxDepth {
		in = append(in, 6, 0xf0, 0xff, 0, 0)
	}
	in = append(in, make([]byte, 1<<16)...)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := wasm.DecodeValue(in)
	runtime.ReadMemStats(&after)
	if err == nil {
		t.Error("it was read")
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > 64*wasm.MaxValues {
		t.Errorf("decoding took %d bytes", took)
	}
}

// What the decoder accepts, the encoder writes again, and it then reads the
// same; and it panics at nothing.
func FuzzDecodeValue(f *testing.F) {
	for _, v := range values {
		in, err := wasm.AppendValue(nil, v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(in)
	}
	f.Add([]byte{7, 2, 0, 0, 0, 1, 0, 0, 0, 'a', 1, 1, 0, 0, 0, 'a', 2})
	f.Add([]byte{4, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f})
	f.Add([]byte{6, 0xff, 0xff, 0xff, 0xff, 0})
	f.Fuzz(func(t *testing.T, in []byte) {
		v, err := wasm.DecodeValue(in)
		if err != nil {
			return
		}
		again, err := wasm.AppendValue(nil, v)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		w, err := wasm.DecodeValue(again)
		if diff := cmp.Diff(v, w, plain); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
		if more, _ := wasm.AppendValue(nil, w); !bytes.Equal(again, more) {
			t.Error("written twice, it differs")
		}
	})
}

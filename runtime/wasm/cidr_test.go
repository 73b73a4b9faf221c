package wasm_test

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sluice-lake/sluice/engine/alert"
	"github.com/sluice-lake/sluice/runtime/wasm"
)

var cidrRanges = map[string]any{
	"0.0.0.0/0":       "somewhere",
	"10.0.0.0/8":      "house",
	"10.1.0.0/16":     map[string]any{"city": "Lyon", "floor": 3},
	"10.1.2.3":        "printer",
	"10.1.2.128/25":   []any{"lab", nil, 1.5},
	"2001:db8::/32":   "documents",
	"2001:db8:1::/48": "appendix",
	"::1":             "itself",
	"fe80::/10":       nil,
}

func cidrConfig() wasm.Config {
	return wasm.Config{Functions: []string{"place"}, Settings: alert.From(map[string]any{"ranges": cidrRanges})}
}

func place(t testing.TB, g *wasm.Guest, address string) alert.Value {
	t.Helper()
	got, err := g.Call(context.Background(), "place", []alert.Value{alert.OfText(address)})
	if err != nil {
		t.Fatalf("%q: %v", address, err)
	}
	return got
}

func TestPlace(t *testing.T) {
	g := guestOf(t, loadExample(t, "cidr/cidr_c", cidrConfig()))
	for address, want := range map[string]any{
		"8.8.8.8":            "somewhere",
		"10.9.9.9":           "house",
		"10.1.2.3":           "printer",
		"10.1.2.4":           cidrRanges["10.1.0.0/16"],
		"10.1.2.200":         cidrRanges["10.1.2.128/25"],
		"::ffff:10.1.2.3":    "printer",
		"2001:db8::1":        "documents",
		"2001:DB8:1::":       "appendix",
		"2001:db8:1:0:0::9":  "appendix",
		"::1":                "itself",
		"::2":                nil,
		"febf::":             nil,
		"10.1.2":             nil,
		"10.1.2.3.4":         nil,
		"010.1.2.3":          nil,
		"10.1.2.256":         nil,
		"10.1.2.3 ":          nil,
		"1::2::3":            nil,
		":::":                nil,
		"":                   nil,
		"srv-web-1":          nil,
		"2001:db8:1:2:3:4:5": nil,
	} {
		if diff := cmp.Diff(alert.From(want), place(t, g, address), plain); diff != "" {
			t.Errorf("%q\n%s", address, diff)
		}
	}
	if got, err := g.Call(context.Background(), "place", nil); err != nil || got.Kind != alert.Nil {
		t.Errorf("place(): %v, %v", got, err)
	}
}

func TestPlaceChecksItsTable(t *testing.T) {
	for _, range_ := range []string{"10.0.0.0/33", "10.0.0.0/", "10.0.0/8", "::/129", "lan", ""} {
		config := cidrConfig()
		config.Settings = alert.From(map[string]any{"ranges": map[string]any{range_: "x"}})
		_, err := newHost(t).Load(context.Background(), "cidr", example(t, "cidr/cidr_c"), config)
		var fault *wasm.Fault
		if !errors.As(err, &fault) || fault.Kind != wasm.Refusal || fault.Reason != strings.TrimSpace("no network: "+range_) {
			t.Errorf("%q: %v", range_, err)
		}
	}
}

// The guest reads an address exactly if net/netip does, and finds the longest
// network that holds it.
func FuzzPlace(f *testing.F) {
	g := guestOf(f, loadExample(f, "cidr/cidr_c", cidrConfig()))
	for _, seed := range []string{"10.1.2.3", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::1:2:3:4:5:6:7", "1::", "::", "1:2:3:4:5:6:1.2.3.4", "::1.2.3.4", "1.2.3.4::", "a:b", "::12345", "1:2:3:4:5:6:7:8:9", "fe80::1%eth0"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := place(t, g, strings.ToValidUTF8(text, "?"))
		if diff := cmp.Diff(alert.From(expected(text)), got, plain); diff != "" {
			t.Errorf("%q\n%s", text, diff)
		}
	})
}

// expected looks through the whole table.
func expected(text string) any {
	address, err := netip.ParseAddr(text)
	if err != nil || address.Zone() != "" {
		return nil
	}
	var found any
	longest := -1
	for range_, value := range cidrRanges {
		if !strings.Contains(range_, "/") {
			range_ = fmt.Sprintf("%s/%d", range_, netip.MustParseAddr(range_).BitLen())
		}
		network := netip.MustParsePrefix(range_)
		if network.Contains(address.Unmap()) && network.Bits() > longest {
			longest, found = network.Bits(), value
		}
	}
	return found
}

package lake

import (
	"strings"
	"testing"
	"time"
)

func TestKeyIsTheOneTheCrawlerExpects(t *testing.T) {
	p := Partition{Source: "wazuh", Region: "us-east-1", Account: "external_1", Day: DayOf(1713795646976)}
	const want = "ext/wazuh/region=us-east-1/accountId=external_1/eventDay=20240422/abc.parquet"
	if got := p.Key("abc"); got != want {
		t.Errorf("key is %s, want %s", got, want)
	}
}

// The day in the key is the UTC date of every millisecond of the day.
func FuzzDay(f *testing.F) {
	for _, ms := range []int64{0, -1, 1, 86_399_999, 86_400_000, 253_402_300_799_999, 1713830399999} {
		f.Add(ms)
	}
	f.Fuzz(func(t *testing.T, ms int64) {
		ms %= 253_402_300_800_000 // up to the end of 9999, as engine bounds times
		want := "eventDay=" + time.UnixMilli(ms).UTC().Format("20060102") + "/"
		if key := (Partition{Day: DayOf(ms)}).Key("x"); !strings.Contains(key, want) {
			t.Errorf("time %d lies in %s, want %s", ms, key, want)
		}
	})
}

func TestCheckValue(t *testing.T) {
	for _, good := range []string{"wazuh", "a", "A-1_b.c:d", strings.Repeat("x", 64), "..a"} {
		if err := CheckValue("--source", good); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	for _, bad := range []string{"", ".", "..", "...", "a/b", `a\b`, "../a", "a b", "a=b", "é", "a\x00", "a\xff", "a\n", strings.Repeat("x", 65)} {
		if err := CheckValue("--source", bad); err == nil || !strings.HasPrefix(err.Error(), "--source") {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

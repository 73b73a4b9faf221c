package main

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/parquet-go/parquet-go"
)

func TestEverySampleBecomesARow(t *testing.T) {
	files, err := filepath.Glob("../../testdata/alerts/*.ndjson")
	if err != nil || len(files) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	out := t.TempDir()
	total, err := convert(files, out, 2)
	if err != nil {
		t.Fatal(err)
	}
	if total.rows.Load() != total.lines.Load() || total.rejects.Load() != 0 {
		t.Errorf("%d lines gave %d rows and %d rejects", total.lines.Load(), total.rows.Load(), total.rejects.Load())
	}
	written, err := filepath.Glob(filepath.Join(out, "ext/wazuh/region=*/accountId=*/eventDay=*/*.parquet"))
	if err != nil || int64(len(written)) != total.files.Load() {
		t.Fatalf("%d files there, %d written: %v", len(written), total.files.Load(), err)
	}
	var rows int64
	for _, name := range written {
		back, err := parquet.ReadFile[Finding](name)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.IsSortedFunc(back, func(a, b Finding) int { return int(a.Time - b.Time) }) {
			t.Errorf("%s is not in order of time", name)
		}
		rows += int64(len(back))
	}
	if rows != total.rows.Load() {
		t.Errorf("%d rows read back, %d written", rows, total.rows.Load())
	}
}

func TestNoMalformedLineBecomesARow(t *testing.T) {
	total, err := convert([]string{"../../testdata/malformed.ndjson"}, t.TempDir(), 2)
	if err != nil {
		t.Fatal(err)
	}
	if total.rows.Load() != 0 || total.rejects.Load() != total.lines.Load() {
		t.Errorf("%d lines gave %d rows and %d rejects", total.lines.Load(), total.rows.Load(), total.rejects.Load())
	}
}

func TestAttacksPairTechniquesAndNotTactics(t *testing.T) {
	f, err := mapLine([]byte(`{"timestamp":"2026-03-14T00:00:00.000+0000","rule":{"id":1,"mitre":{
		"id":["T1078","T1021.004"],"technique":["Valid Accounts","SSH"],"tactic":["Persistence","Lateral Movement"]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Attacks) != 4 {
		t.Fatalf("two techniques and two tactics gave %d elements, not 4", len(f.Attacks))
	}
	if a := f.Attacks[1]; a.Tactic != nil || a.SubTechnique.UID != "T1021.004" || a.Technique.UID != "T1021" {
		t.Errorf("the sub-technique became %+v", a)
	}
	if a := f.Attacks[3]; a.Technique != nil || a.Tactic.UID != "TA0008" {
		t.Errorf("the last tactic became %+v", a)
	}
}

package cli_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sluice-lake/sluice/cli"
)

// span names a part of an input, and how often it stands there: a few bytes of a fuzz
// input become a long one.
type span struct{ from, to, times uint16 }

// of returns the data with its span repeated, of at most attackBytes.
func (s span) of(data []byte) []byte {
	from := min(int(s.from), len(data))
	to := min(max(from, int(s.to)), len(data))
	times := min(int(s.times), attackBytes/max(1, to-from))
	all := append(bytes.Repeat(data[from:to], times), data[to:]...)
	all = append(bytes.Clone(data[:from]), all...)
	return all[:min(len(all), attackBytes)]
}

// fuzzed is one input of a fuzz target: the values that it got.
type fuzzed []any

// String is the input as a file of the target's corpus.
func (f fuzzed) String() string {
	var b strings.Builder
	b.WriteString("go test fuzz v1\n")
	for _, v := range f {
		switch v := v.(type) {
		case []byte:
			fmt.Fprintf(&b, "[]byte(%q)\n", v)
		case uint8:
			fmt.Fprintf(&b, "byte(%q)\n", v)
		default:
			fmt.Fprintf(&b, "%T(%v)\n", v, v)
		}
	}
	return b.String()
}

// patience is how long an input may take. The fuzzing engine ends what takes 10 s,
// whoever else the processor worked for; an input that it would end is put into the folder
// that SLUICE_FUZZ_SLOW names, to be run without it.
func (f fuzzed) patience(ctx context.Context, t *testing.T) (limited context.Context, end func()) {
	if worker := flag.Lookup("test.fuzzworker"); worker == nil || worker.Value.String() != "true" {
		return context.WithTimeout(ctx, attackWait)
	}
	ctx, cancel := context.WithTimeout(ctx, attackTime/2)
	return ctx, func() {
		if dir := os.Getenv("SLUICE_FUZZ_SLOW"); dir != "" && ctx.Err() == context.DeadlineExceeded {
			text := f.String()
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%x", strings.ReplaceAll(t.Name(), "/", "-"), sha256.Sum256([]byte(text)))), []byte(text), 0o600); err != nil {
				t.Error(err)
			}
		}
		cancel()
	}
}

// within runs a command on hostile input in this process. It fails the test if the
// command takes more memory or time of the processor than an attack may, or, with a stop
// that is not 0, goes on after the context has ended.
func (f fuzzed) within(t *testing.T, stop time.Duration, args ...string) (code int) {
	t.Helper()
	before := restingMemory(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ctx, end := f.patience(ctx, t)
	defer end()
	if stop > 0 {
		time.AfterFunc(stop, cancel)
	}
	begun, cpu := time.Now(), processorTime(t)
	said := &boundedText{most: attackOutput}
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	code = cli.Run(ctx, args, cli.Streams{Out: io.Discard, Err: said}, func(string) string { return "" })
	cpu = processorTime(t) - cpu
	most := attackTime
	if stop > 0 {
		most = stop + 5*time.Second
	}
	if cpu > most {
		t.Errorf("%q takes %s of the processor (%s), and %s are enough: exit %d, %.500s", args, cpu, time.Since(begun), most, code, said)
	}
	if peak := residentBytes(os.Getpid(), "VmHWM:") - before; peak > attackMemory {
		t.Errorf("%q takes %d MiB of memory, and %d are enough: exit %d, %.500s", args, peak>>20, attackMemory>>20, code, said)
	}
	t.Logf("%q: exit %d, %d MiB, %s", args, code, (residentBytes(os.Getpid(), "VmHWM:")-before)>>20, cpu)
	if said.cut {
		t.Errorf("%q says more than %d bytes", args, attackOutput)
	}
	return code
}

// restingMemory returns the resident memory of the process, after it has given back what
// it can, and starts its peak anew.
func restingMemory(t *testing.T) int64 {
	t.Helper()
	if residentBytes(os.Getpid(), "VmRSS:") > attackMemory/2 {
		debug.FreeOSMemory()
	}
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		t.Fatal(err)
	}
	return residentBytes(os.Getpid(), "VmRSS:")
}

// processorTime is what the process has taken of the processor.
func processorTime(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// stopOf is when a fuzz input is stopped: every other one, within half a second.
func stopOf(n uint8) time.Duration {
	if n%2 == 0 {
		return 0
	}
	return time.Duration(n) * 2 * time.Millisecond
}

func written(t *testing.T, file string, data []byte) string {
	t.Helper()
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// attackMapping reads lists in every way, copies texts and keeps what is left.
const attackMapping = "mapping: m\nschema: 1.1.0\nclass: detection_finding\nlet: {whole: =data.list, texts: \"=map(data.list, #.name ?? #)\"}\nevent:\n  activity_id: 1\n  severity_id: 2\n  time: \"=timestamp ?? 1773468000000\"\n" +
	"  finding_info: {uid: \"=id ?? 'u'\", title: \"=rule.description ?? 't'\"}\n  metadata: {product: {name: n, vendor_name: v}}\n  comment: =data.long\n" +
	"  raw_data: \"=join(texts, ',')\"\n  status_detail: \"=regexReplace(data.long, '(a|b)+', 'x')\"\n" +
	"  evidences:\n    - $each: =data.list as each_one\n      file: {name: =each_one.name, type_id: 1, size: \"=len(whole) + index\", path: \"=each_one.path ?? whole[index].name\"}\n" +
	"  resources:\n    - $each: =data.list as outer\n      name: =outer.name\n      labels: =data.texts\n      data: =outer\n" +
	"  enrichments:\n    - $each: =data.list as outer\n      $when: =outer.name != data.none\n      name: =outer.name\n      value: =string(data.list[index].name)\n      data: =data.list\n" +
	"  observables: [{$from: event}]\n  unmapped: {$rest: true}\n"

// Attackers: A. Of any bytes up to 1 MB each command that reads alerts takes no more than
// an attack may, and it ends when it is stopped.
func FuzzAttackAlerts(f *testing.F) {
	alert := `{"id":"1","timestamp":"2026-03-14T06:00:00Z","rule":{"id":"5710","level":5,"description":"d","groups":["a"],"mitre":{"id":["T1110"]}},"agent":{"name":"n"},` +
		`"data":{"list":[{"name":"a"}],"texts":["t"],"long":"ab","win":{"eventdata":{"image":"i"}},"key":{"a":[1]}},"full_log":"l"}` + "\n"
	at := func(text string) uint16 { return uint16(strings.Index(alert, text)) }
	for which := range uint8(6) {
		f.Add([]byte(alert), at(`"t"`), at(`"t"`)+1, uint16(1), which, uint8(0))
		f.Add([]byte(alert), at(`ab"`), at(`ab"`)+2, uint16(50_000), which, uint8(0))
		f.Add([]byte(strings.Replace(alert, `["t"]`, `["t","t"]`, 1)), at(`"t"`), at(`"t"`)+4, uint16(5000), which, uint8(0))
		f.Add([]byte(strings.Replace(alert, `[{"name":"a"}]`, `[{"name":"a"},{}]`, 1)), at(`{"name":"a"}`), at(`{"name":"a"}`)+13, uint16(5000), which, uint8(1))
		f.Add([]byte(alert), uint16(0), uint16(len(alert)), uint16(3000), which, uint8(33))
		f.Add([]byte(`{"a":[{"b":1}]}`), uint16(0), uint16(5), uint16(1000), which, uint8(0))
	}
	dir := f.TempDir()
	mapping := filepath.Join(dir, "m.yaml")
	if err := os.WriteFile(mapping, []byte(attackMapping), 0o600); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte, from, to, times uint16, which, stop uint8) {
		input := fuzzed{data, from, to, times, which, stop}
		file, lake := writeFile(t, "a.json", span{from, to, times}.of(data)), t.TempDir()
		args := [][]string{
			{"run", "-q", "--workers", "2", "-m", mapping, "-o", lake, file}, {"run", "-q", "--workers", "2", "-o", lake, file},
			{"run", "-q", "--workers", "2", "-m", mapping, "-o", "-", "--rejects", lake, file},
			{"explain", "-m", mapping, file}, {"explain", "--format", "json", file}, {"profile", file},
		}[which%6]
		if code := input.within(t, stopOf(stop), args...); code == 2 {
			t.Errorf("%q: exit 2", args)
		}
	})
}

// Attackers: B. Of any mapping up to 1 MB check, run and explain take no more than an
// attack may.
func FuzzAttackMappings(f *testing.F) {
	for _, pattern := range []string{"../testdata/mappings/*/*.yaml", "../mappings/wazuh/by_class/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatal(err)
		}
		for i, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data, uint16(len(data)/2), uint16(len(data)/2+i%40), uint16(i%5*10), uint8(i), uint8(i%7/5))
		}
	}
	for at := 0; at < len(attackMapping); at += 37 {
		f.Add([]byte(attackMapping), uint16(at), uint16(at+12), uint16(at), uint8(at), uint8(0))
	}
	alert := fmt.Sprintf(`{"id":"1","timestamp":"2026-03-14T06:00:00Z","rule":{"level":3,"groups":["a","b"]},"data":{"list":%s,"long":%q,"texts":["a","b"]}}`+"\n", elements(500, 40), strings.Repeat("abö", 10_000))
	dir := f.TempDir()
	alerts := filepath.Join(dir, "a.json")
	if err := os.WriteFile(alerts, []byte(alert), 0o600); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte, from, to, times uint16, which, stop uint8) {
		input := fuzzed{data, from, to, times, which, stop}
		dir := t.TempDir()
		file := written(t, filepath.Join(dir, "m.yaml"), span{from, to, times}.of(data))
		switch which % 4 {
		case 0:
			input.within(t, stopOf(stop), "check", file)
		case 1, 2:
			input.within(t, stopOf(stop), "run", "-q", "--workers", "2", "-m", file, "-o", filepath.Join(dir, "lake"), alerts)
		case 3:
			input.within(t, stopOf(stop), "explain", "-m", file, alerts)
		}
	})
}

// Attackers: C. Of any module up to 1 MB, or one of which a function's body has a part
// many times, check and run take no more than an attack may.
func FuzzAttackGuests(f *testing.F) {
	modules, err := filepath.Glob("../runtime/wasm/testdata/hostile/*.wasm")
	if err != nil || len(modules) < 20 {
		f.Fatalf("%d modules (%v)", len(modules), err)
	}
	for i, module := range modules {
		code, err := os.ReadFile(module)
		if err != nil {
			f.Fatal(err)
		}
		for which := range uint8(3) {
			f.Add(code, uint16(3), uint16(3+i%9), uint16(i%4*100), which, uint8(i%3))
		}
	}
	f.Fuzz(func(t *testing.T, code []byte, from, to, times uint16, which, stop uint8) {
		input := fuzzed{code, from, to, times, which, stop}
		dir := t.TempDir()
		code = longBody(code, span{from, to, times}, int(which/3))
		module := written(t, filepath.Join(dir, "f.wasm"), code)
		alerts := written(t, filepath.Join(dir, "a.json"), []byte(`{"id":"1","timestamp":"2026-03-14T06:00:00Z"}`+"\n"))
		mapping := written(t, filepath.Join(dir, "m.yaml"), []byte("mapping: m\nschema: 1.1.0\nclass: base_event\nfunctions:\n  f: {wasm: f.wasm, export: loop, args: 0, limits: {timeout_ms: 100}}\n"+
			"event: {activity_id: 0, severity_id: 1, time: =timestamp, message: =f(), metadata: {version: 1.1.0, product: {name: n, vendor_name: v}}}\n"))
		switch which % 3 {
		case 0:
			input.within(t, stopOf(stop), "check", mapping)
		case 1:
			input.within(t, stopOf(stop), "run", "-q", "-m", mapping, "-o", filepath.Join(dir, "lake"), alerts)
		case 2:
			input.within(t, stopOf(stop), "wasm", "run", module, "loop")
		}
	})
}

// longBody repeats a span of the body of a function of a module. What has no such body is
// repeated as it is.
func longBody(code []byte, s span, number int) []byte {
	const header = 8
	for at := header; at+2 < len(code); {
		size, n := binary.Uvarint(code[at+1:])
		begin := at + 1 + max(n, 0)
		if n <= 0 || size > uint64(len(code)-begin) {
			break
		}
		section := code[begin : begin+int(size)]
		if code[at] != 10 { // the functions' bodies
			at = begin + int(size)
			continue
		}
		count, n := binary.Uvarint(section)
		if n <= 0 || count == 0 {
			break
		}
		bodies := append([]byte(nil), section[:n]...)
		for rest, i := section[n:], 0; len(rest) > 0; i++ {
			size, n := binary.Uvarint(rest)
			if n <= 0 || size > uint64(len(rest)-n) {
				return s.of(code)
			}
			body := rest[n : n+int(size)]
			if i == number%int(min(count, 1<<16)) {
				body = s.of(body)
			}
			bodies = append(append(bodies, uvarint(uint64(len(body)))...), body...)
			rest = rest[n+int(size):]
		}
		long := append(bytes.Clone(code[:at+1]), uvarint(uint64(len(bodies)))...)
		return append(append(long, bodies...), code[begin+int(size):]...)
	}
	return s.of(code)
}

// parquetSeeds are files of the suite and of a lake.
func parquetSeeds(f *testing.F) (files [][]byte) {
	for _, bomb := range parquetBombs(f) {
		files = append(files, bomb)
	}
	dir := f.TempDir()
	for _, input := range []string{"sshd", "odd", "vulnerability-detector"} {
		args := []string{"run", "-q", "-o", dir, "../testdata/alerts/" + input + ".ndjson"}
		if code := cli.Run(context.Background(), args, cli.Streams{Out: io.Discard, Err: io.Discard}, func(string) string { return "" }); code != 0 {
			f.Fatalf("%q: exit %d", args, code)
		}
	}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".parquet" {
			return err
		}
		data, err := os.ReadFile(name)
		files = append(files, data)
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	return files
}

// Attackers: E. Of any Parquet file up to 1 MB, whose pages or whose footer have a part
// many times, inspect and verify take no more than an attack may.
func FuzzAttackParquet(f *testing.F) {
	for _, file := range parquetSeeds(f) {
		footer := int(binary.LittleEndian.Uint32(file[len(file)-8:]))
		if len(file) > 1<<16 || footer > len(file)-12 {
			continue
		}
		pages, footing := file[4:len(file)-8-footer], file[len(file)-8-footer:len(file)-8]
		f.Add(pages, footing, uint16(0), uint16(0), uint16(0), uint8(0))
		f.Add(pages, footing, uint16(len(footing)/2), uint16(len(footing)/2+9), uint16(1000), uint8(2))
		f.Add(pages, footing, uint16(0), uint16(len(pages)), uint16(100), uint8(3))
	}
	f.Fuzz(func(t *testing.T, pages, footer []byte, from, to, times uint16, which uint8) {
		input := fuzzed{pages, footer, from, to, times, which}
		if s := (span{from, to, times}); which&1 == 0 {
			footer = s.of(footer)
		} else {
			pages = s.of(pages)
		}
		file := written(t, filepath.Join(t.TempDir(), "f.parquet"), closed(append([]byte("PAR1"), pages...), footer))
		args := []string{"inspect", file}
		if which&2 > 0 {
			args = []string{"inspect", "--json", "--rows", "1000", file}
		}
		if which&4 > 0 {
			args = []string{"verify", file}
		}
		input.within(t, stopOf(which>>3), args...)
	})
}

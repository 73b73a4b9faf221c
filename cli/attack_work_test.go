package cli_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// hostileWork is a mapping, or several, that are much work for each alert although none of
// their evaluations is, and an alert that they take.
type hostileWork struct {
	files []string
	alert func(n int) string
}

// tinyAlert is about as short as an alert can be that becomes an event.
func tinyAlert(n int) string { return fmt.Sprintf(`{"timestamp":1700000000000,"id":"%d"}`, n) }

// sameAlert is one whose values are those of all others.
func sameAlert(int) string { return `{"timestamp":1700000000000,"id":"1"}` }

// wideAlert has lists and texts.
func wideAlert(n, items int) string {
	return fmt.Sprintf(`{"timestamp":1700000000000,"id":"%d","data":{"list":%s,"text":%q,"object":{%s"z":"%d"}}}`,
		n, elements(items, 4), strings.Repeat("ab.", 300), strings.Repeat(`"a":"b",`, 100), n)
}

// lines repeats a line n times, with its number in place of each %d, at most attackBytes long.
func numbered(n int, line string) string {
	var b strings.Builder
	for i := range n {
		if b.Len() > 900_000 {
			break
		}
		b.WriteString(strings.ReplaceAll(line, "%d", fmt.Sprint(i)))
	}
	return b.String()
}

// hostileWorks are kinds of many rules, each of them cheap.
func hostileWorks() map[string]hostileWork {
	head := strings.Replace(budgetHead, "time: =timestamp", "time: =timestamp\n  message: =id", 1)
	with := func(before, rules string) []string {
		return []string{strings.Replace(head, "event:", before+"event:", 1) + rules}
	}
	list := "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25]"
	var set, asked []string
	for i := range 400 {
		text := strings.Replace(head, "mapping: m", fmt.Sprintf("mapping: m%d\nalso: true\nwhen: \"=any(%s, # == len(id) + %d)\"", i, list, 100+i), 1)
		asked = append(asked, text)
		set = append(set, strings.Replace(text, "== len", "!= len", 1)+"  unmapped:\n"+numbered(60, "    k%d: =id + 'a%d'\n"))
	}
	var many []string
	for i := range 1000 {
		many = append(many, strings.Replace(head, "mapping: m", fmt.Sprintf("mapping: m%d\nalso: true", i), 1)+
			"  resources:\n    - {$each: =data.list, name: =it.name, uid: =it.name, labels: [=it.name]}\n  unmapped: {$rest: true}\n")
	}
	wide := func(n int) string { return wideAlert(n, 100) }
	return map[string]hostileWork{
		"one alert, a set":    {many, func(n int) string { return wideAlert(n, 25_000) }},
		"copies":              {with("", "  unmapped:\n"+numbered(80_000, "    k%d: =id\n")), tinyAlert},
		"items, recalled":     {with("", "  enrichments:\n"+numbered(20_000, "    - {name: n%d, value: =id, data: =id}\n")), sameAlert},
		"constants":           {with("", "  unmapped:\n"+numbered(80_000, "    k%d: v\n")), sameAlert},
		"expressions":         {with("", "  unmapped:\n"+numbered(20_000, "    k%d: =id + 'a%d' + string(len(id))\n")), tinyAlert},
		"loops":               {with("", "  unmapped:\n"+numbered(8_000, "    k%d: \"=string(any("+list+", # == len(id) + %d00))\"\n")), tinyAlert},
		"long loops":          {with("", "  unmapped:\n"+numbered(4_000, "    k%d: \"=string(count(1..400, # == len(id) + %d00))\"\n")), tinyAlert},
		"chain and loops":     {with("let:\n  m0: =id\n"+chain(3_000), "  unmapped:\n"+numbered(2_500, "    k%d: =m2999 + '%d'\n    l%d: \"=string(count(1..400, # == len(id) + %d00))\"\n")), tinyAlert},
		"conditions of loops": {with("", "  enrichments:\n"+numbered(6_000, "    - {$when: \"=any("+list+", # == len(id) + %d00)\", name: n, value: =id, data: =id}\n")), tinyAlert},
		"lookups":             {with("tables: {t: {"+numbered(2_000, "a%d: b%d, ")+"z: z}}\n", "  unmapped:\n"+numbered(15_000, "    k%d: \"=tables.t['a' + string(%d % 3000)] ?? id\"\n")), tinyAlert},
		"lets of loops":       {with("let:\n"+numbered(4_000, "  m%d: \"=count("+list+", # != len(id) + %d00)\"\n"), "  unmapped:\n"+numbered(4_000, "    k%d: =string(m%d)\n")), tinyAlert},
		"a chain of lets":     {with("let:\n  m0: =id\n"+chain(3_000), "  unmapped:\n"+numbered(9_000, "    k%d: =m2999 + '%d'\n")), tinyAlert},
		"mappings that take":  {set, tinyAlert},
		"mappings, known":     {asked, sameAlert},
		"members":             {with("", "  unmapped:\n"+numbered(9_000, "    k%d: \"=(data.object)['z'] + string([data.object, '%d'][0]['z'])\"\n")), wide},
		"each":                {with("", "  resources:\n    - $each: =data.list\n      name: =it.name\n      labels: ["+strings.TrimSuffix(strings.Repeat("\"=any("+list+", # == len(it.name) + 100) ? 'a' : it.name\", ", 400), ", ")+"]\n"), wide},
		"eaches":              {with("", "  resources:\n"+numbered(3_000, "    - {$each: =data.list, $when: =it.name == 'x%d', name: =it.name}\n")), wide},
		"patterns":            {with("", "  evidences:\n"+numbered(6_000, "    - {src_endpoint: {hostname: =data.text, name: n%d}}\n")), wide},
		"observables":         {with("", "  observables:\n    - $from: event\n    - {$each: =data.list, name: =it.name, type_id: 1, value: =it.name}\n  resources:\n"+numbered(3_000, "    - {$each: =data.list, name: =it.name, uid: 'u%d'}\n")), wide},
		"absent texts":        {with("absent: ["+numbered(60_000, "'t%d', ")+"z]\n", "  enrichments:\n"+numbered(9_000, "    - {name: n%d, value: =id, data: =data.list}\n")), wide},
		"columns":             {[]string{strings.Replace(strings.Replace(head, "detection_finding", "process_activity", 1), "  finding_info: {uid: u, title: t}\n", "  device: {type_id: 0, name: n}\n  actor: {user: {name: n}}\n", 1) + columns(50)}, sameAlert},
	}
}

// chain is lets each of which needs the one before it twice.
func chain(n int) string {
	var b strings.Builder
	for i := range n - 1 {
		fmt.Fprintf(&b, "  m%d: \"=m%d == id ? m%d : id\"\n", i+1, i, i)
	}
	return b.String()
}

// columns are the rules of a process and of its parents, each of many attributes.
func columns(depth int) string {
	var b strings.Builder
	name := "process"
	for i := range depth {
		in := strings.Repeat("  ", 1+i)
		fmt.Fprintf(&b, "%s%s:\n", in, name)
		for _, rule := range []string{
			"name: =id", "cmd_line: =id", "uid: =id", "integrity: =id", "sandbox: =id",
			"file: {name: =id, path: =id, uid: =id, desc: =id, mime_type: =id, parent_folder: =id, version: =id, company_name: =id, type_id: 1}",
			"user: {name: =id, uid: =id, domain: =id, full_name: =id, type_id: 1, account: {name: =id, uid: =id, type_id: 1}, org: {name: =id, uid: =id, ou_name: =id, ou_uid: =id}}",
		} {
			fmt.Fprintf(&b, "%s  %s\n", in, rule)
		}
		name = "parent_process"
	}
	return b.String()
}

// Attackers: A with B. Rules of which each is little work are together bounded for an input,
// whatever they do, however many there are, and whether what they gave is remembered. Each
// alert is accounted for, and what becomes of it does not depend on workers.
func TestAttackWork(t *testing.T) {
	t.Parallel()
	slow(t)
	for name, work := range hostileWorks() {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // each is a process, whose own time counts
			dir := t.TempDir()
			args := []string{"run", "--workers", "2", "-o", "lake"}
			for i, text := range work.files {
				file := fmt.Sprintf("m%d.yaml", i)
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
				args = append(args, "-m", file)
			}
			var alerts strings.Builder
			lines := 0
			for ; alerts.Len() < attackBytes; lines++ {
				alerts.WriteString(work.alert(lines) + "\n")
			}
			if err := os.WriteFile(filepath.Join(dir, "a.json"), []byte(alerts.String()), 0o600); err != nil {
				t.Fatal(err)
			}
			r := attack{dir: dir}.run(t, append(args, "a.json")...)
			if r.code != 0 && r.code != 3 || !strings.Contains(r.stderr, fmt.Sprintf("%d lines: ", lines)) {
				t.Errorf("exit %d: %.1000s", r.code, r.stderr)
			}
			t.Logf("%s: %s", r.cpu, strings.ReplaceAll(r.stderr[:min(len(r.stderr), 600)], "\n", " | "))
		})
	}
}

// honestRules is a mapping of thousands of rules as people write them.
func honestRules(n int) string {
	fields := []string{"rule.id", "rule.description", "agent.name", "agent.id", "agent.ip", "manager.name", "location", "decoder.name", "data.srcip", "data.srcuser", "data.dstuser", "id", "full_log", "rule.groups[0]",
		"data.srcport", "data.url", "data.win.eventdata.image", "data.win.system.computer", "syscheck.path", "syscheck.md5_after"}
	rules := []string{"@", "upper(@)", "@ ?? 'none'", "@ + ''", "@ contains 'ssh' ? 'ssh' : nil", "split(@ ?? '', '/')[-1]", "@ != nil ? 'yes' : nil", "lower(trim(@ ?? ''))", "tables.names[@] ?? @", "regexReplace(@ ?? '', '[0-9]+', '#')"}
	var b strings.Builder
	b.WriteString(strings.Replace(budgetHead, "event:", "tables: {names: {sshd: SSH}}\nevent:", 1) + "  unmapped:\n    $rest: true\n")
	for i := range n {
		fmt.Fprintf(&b, "    rule_%d: \"=%s\"\n", i, strings.ReplaceAll(rules[i%len(rules)], "@", fields[i/len(rules)%len(fields)]))
	}
	return b.String()
}

// A mapping of 5,000 rules is within the limits for alerts as the samples are.
func TestThousandsOfRules(t *testing.T) {
	t.Parallel()
	slow(t)
	files, err := filepath.Glob("../testdata/alerts/*.ndjson")
	if err != nil || len(files) == 0 {
		t.Fatal(err)
	}
	var samples []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if len(line) < 20_000 && strings.HasPrefix(line, `{"timestamp"`) {
				samples = append(samples, line)
			}
		}
	}
	dir := t.TempDir()
	var alerts strings.Builder
	lines := 0
	for ; alerts.Len() < attackBytes; lines++ {
		alerts.WriteString(samples[lines%len(samples)])
	}
	for file, text := range map[string]string{"m.yaml": honestRules(5000), "a.json": alerts.String()} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r := attack{dir: dir}.run(t, "run", "--workers", "2", "-m", "m.yaml", "-o", "lake", "a.json")
	if r.code != 0 || !strings.Contains(r.stderr, fmt.Sprintf("%d lines: %d events", lines, lines)) || strings.Contains(r.stderr, "beyond a limit") {
		t.Errorf("exit %d after %s: %.1000s", r.code, r.cpu, r.stderr)
	}
	t.Logf("%d alerts of %d samples: %s", lines, len(samples), r.cpu)
}

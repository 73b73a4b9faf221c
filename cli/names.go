package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/engine/expression"
	"github.com/sluice-lake/sluice/engine/lazyregexp"
	"github.com/sluice-lake/sluice/engine/wazuh"
	"github.com/sluice-lake/sluice/runtime/mapping"
)

// names are what an expression can be completed to.
type names struct {
	known    []string // fields that alerts of Wazuh may have, as expressions write them
	alert    []string // fields of the alert
	mappings []string // lets, settings, tables and functions
}

// mostNames bounds what is offered of one alert.
const mostNames = 10_000

// ofAlert takes the fields of an alert.
func (n *names) ofAlert(line string) {
	n.alert = nil
	d := json.NewDecoder(bytes.NewReader([]byte(line)))
	d.UseNumber()
	var root map[string]any
	if d.Decode(&root) != nil {
		return // what is not an alert has no fields
	}
	if inner, ok := root["_source"].(map[string]any); ok {
		delete(root, "_source") // its members are members of the alert
		n.add("", inner)
	}
	n.add("", root)
}

func (n *names) add(above string, members map[string]any) {
	for name, value := range members {
		if len(n.alert) == mostNames {
			return
		}
		path := spelled(above, name)
		n.alert = append(n.alert, path)
		if inner, ok := value.(map[string]any); ok {
			n.add(path, inner)
		}
	}
}

// spelled is how an expression writes a member of what above is, or a field of the
// alert.
func spelled(above, name string) string {
	switch {
	case !simpleName().MatchString(name), above == "" && expression.CheckLetName(name) != nil:
		return orElse(above, "alert") + "[" + strconv.Quote(name) + "]"
	case above == "":
		return name
	}
	return above + "." + name
}

// knownFields lists the fields that alerts of Wazuh may have.
func knownFields(above string, path []string) (all []string) {
	for _, name := range wazuh.Members(path) {
		field := spelled(above, name)
		all = append(all, field)
		all = append(all, knownFields(field, append(slices.Clip(path), name))...)
	}
	return all
}

var simpleName = lazyregexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// ofMappings takes the names that mappings give to expressions.
func (n *names) ofMappings(files []engine.File) {
	n.mappings = nil
	for _, p := range parsed(files) {
		m := p.Mapping
		if m == nil {
			continue
		}
		for i := range m.Let {
			n.mappings = append(n.mappings, m.Let[i].Name)
		}
		for name := range m.Tables {
			n.mappings = append(n.mappings, "tables."+name)
		}
		for _, setting := range m.Settings {
			n.mappings = append(n.mappings, "settings."+setting.Name)
		}
		for _, function := range m.Functions {
			n.mappings = append(n.mappings, function.Name+"(")
		}
		for _, guest := range m.Guests {
			n.mappings = append(n.mappings, guest.Name+"(")
		}
	}
}

// beginning with a word lists the names, sorted and each once. Names with dots are
// offered step by step.
func (n *names) beginning(word string) []string {
	var found []string
	offer := func(name string) {
		if !strings.HasPrefix(name, word) {
			return
		}
		if dot := strings.IndexAny(name[len(word):], ".["); dot > 0 {
			name = name[:len(word)+dot]
		}
		found = append(found, name)
	}
	for _, list := range [][]string{n.known, n.alert, n.mappings, {"alert", "line"}} {
		for _, name := range list {
			offer(name)
		}
	}
	for _, name := range expression.Functions() {
		offer(name + "(")
	}
	slices.Sort(found)
	return slices.Compact(found)
}

var (
	lastWord = lazyregexp.MustCompile(`[A-Za-z_][A-Za-z0-9_.]*$`)
	commands = []string{":alert ", ":help", ":mapping ", ":next", ":previous", ":quit"}
)

// complete completes the word before the cursor when Tab is typed, as far as it is
// clear, and shows what it may be. It is the AutoCompleteCallback of the terminal.
func (p *prompt) complete(line string, at int, key rune) (string, int, bool) {
	if key != '\t' {
		return "", 0, false
	}
	before := line[:at]
	word, found := p.candidates(before)
	if len(found) == 0 {
		return line, at, true
	}
	common := found[0]
	for _, f := range found[1:] {
		for !strings.HasPrefix(f, common) {
			common = common[:len(common)-1]
		}
	}
	if len(common) <= len(word) && len(found) > 1 {
		p.say("%s", cleanLines(columns(found, width(p.app.Out))))
	}
	before = before[:len(before)-len(word)] + strings.ToValidUTF8(common, "")
	return before + line[at:], len(before), true
}

// candidates are the word that ends a text, and what it may be completed to. What
// the terminal would not only show is not offered.
func (p *prompt) candidates(text string) (word string, found []string) {
	word, found = p.completions(text)
	return word, slices.DeleteFunc(found, func(s string) bool { return string(cleaned(s)) != s })
}

func (p *prompt) completions(text string) (word string, found []string) {
	command, arg, given := strings.Cut(text, " ")
	switch {
	case !strings.HasPrefix(text, ":"):
		word = lastWord().FindString(text)
		return word, p.names.beginning(word)
	case !given:
		return text, withPrefix(commands, text)
	case command == ":alert" || command == ":a":
		return arg, fileNames(arg)
	case command == ":help" || command == ":h":
		return arg, withPrefix(expression.Functions(), arg)
	case command == ":mapping" || command == ":m":
		word = arg[strings.LastIndexByte(arg, ' ')+1:]
		return word, append(fileNames(word), withPrefix(mapping.Shipped(), word)...)
	}
	return "", nil
}

func withPrefix(all []string, prefix string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(s string) bool { return !strings.HasPrefix(s, prefix) })
}

// fileNames are the files and folders that begin with a text.
func fileNames(begin string) []string {
	dir, base := filepath.Split(begin)
	entries, err := os.ReadDir(orElse(dir, "."))
	if err != nil {
		return nil
	}
	var found []string
	for _, e := range entries {
		name := e.Name()
		if !strings.HasPrefix(name, base) || base == "" && name[0] == '.' {
			continue
		}
		if e.IsDir() {
			name += string(filepath.Separator)
		}
		found = append(found, dir+name)
	}
	return found
}

// columns lays names out in as many columns as fit, and not more than fit a screen.
func columns(all []string, width int) string {
	const most, gap = 200, 2
	more := ""
	if len(all) > most {
		more = "… and " + strconv.Itoa(len(all)-most) + " more\n"
		all = all[:most]
	}
	widest := 0
	for _, name := range all {
		widest = max(widest, len([]rune(name)))
	}
	across := max(1, (width-1)/(widest+gap))
	down := (len(all) + across - 1) / across
	var b strings.Builder
	for row := range down {
		for i := row; i < len(all); i += down {
			b.WriteString(all[i])
			if i+down < len(all) {
				b.WriteString(strings.Repeat(" ", widest+gap-len([]rune(all[i]))))
			}
		}
		b.WriteByte('\n')
	}
	return b.String() + more
}

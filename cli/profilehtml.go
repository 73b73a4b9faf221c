package cli

import (
	"bytes"
	_ "embed"
	"html/template"
	"os"
	"strings"

	"github.com/sluice-lake/sluice/runtime/profile"
)

//go:embed profile.html
var profilePage string

// page is what the template of a profile shows.
type page struct {
	Report   *profile.Report
	Mappings string
	Scope    string
	Tiles    []tile
	Lists    []countList
}

type tile struct {
	N    int64
	What string
}

// countList is the counts of a kind of names: the first are shown, the rest on demand.
type countList struct {
	Title       string
	First, Rest []countBar
}

type countBar struct {
	Name     string
	N, Width int64 // Width is of 1000
}

// part is one colour of a bar. Fill is for readers that apply no style to pictures.
type part struct {
	Class    string
	Fill     string
	X, Width int64 // of 1000
}

// writePage writes a profile as one page that needs nothing else.
func writePage(name string, r *profile.Report) error {
	var b bytes.Buffer
	if err := profileHTML(&b, r); err != nil {
		return err
	}
	return os.WriteFile(name, b.Bytes(), 0o640)
}

func profileHTML(b *bytes.Buffer, r *profile.Report) error {
	all := profile.Leaves{Leaves: r.Lines - r.Blank}
	t, err := template.New("profile").Funcs(template.FuncMap{
		"clean":    cleaned,
		"percent":  func(l profile.Leaves, part int64) string { return percent(&l, part) },
		"ofAlerts": func(n int64) string { return percent(&all, n) },
		"kinds":    func(f profile.Field) string { return kindsOf(&f) },
		"distinct": func(f profile.Field) string { return distinctOf(&f) },
		"count":    countOf,
		"parts":    partsOf,
	}).Parse(profilePage)
	if err != nil {
		return err
	}
	return t.Execute(b, page{
		Report: r, Mappings: mappingsOf(r), Scope: scopeOf(r),
		Tiles: []tile{{r.Lines, "lines"}, {r.Taken, "taken"}, {r.Events, "events"}, {r.Rejects, "rejects"}, {r.Unmatched, "unmatched"}, {r.Dropped, "dropped"}},
		Lists: []countList{listOf("Decoders", r.Decoders), listOf("Groups", r.Groups), listOf("Locations", r.Locations), listOf("Kept under unmapped most", r.KeptMost())},
	})
}

// mappingsOf says how many events each mapping made.
func mappingsOf(r *profile.Report) string {
	var words []string
	for _, m := range byMapping(r.EventsByMapping) {
		words = append(words, pluralOf(m.events, "event")+" of "+string(cleaned(m.mapping)))
	}
	return strings.Join(words, ", ") + "."
}

func listOf(title string, counts []profile.Count) countList {
	const most = 15
	bars := make([]countBar, len(counts))
	for i, c := range counts {
		bars[i] = countBar{c.Name, c.Count, min(1000, c.Count*1000/max(counts[0].Count, 1))}
	}
	at := min(len(bars), most)
	return countList{title, bars[:at], bars[at:]}
}

// partsOf are the colours of a bar, written first. They fill it.
func partsOf(l profile.Leaves) (parts []part) {
	x, sum := int64(0), int64(0)
	for _, p := range []struct {
		class, fill string
		n           int64
	}{{"written", "#2b8a5c", l.Written}, {"failed", "#d13438", l.Failed}, {"kept", "#e2a336", l.Kept}, {"lost", "#9aa0a8", l.Lost}} {
		sum += p.n
		end := sum * 1000 / max(l.Leaves, 1)
		if end > x {
			parts = append(parts, part{p.class, p.fill, x, end - x})
		}
		x = end
	}
	return parts
}

package studio

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
)

// startAnswer is what does not change while the studio runs, and the edits that the page
// sent last: a page that is loaded again goes on with them.
type startAnswer struct {
	Mappings []string        `json:"mappings"`
	Hint     string          `json:"hint"`
	LeftOut  string          `json:"left_out"`
	Alerts   []alertHead     `json:"alerts"`
	Edits    map[string]Edit `json:"edits"`
}

// Edit is what the page has made of a file. Base is the digest of the text on the disk that it
// began with.
type Edit struct {
	Text string `json:"text"`
	Base string `json:"base"`
}

type alertHead struct {
	Title  string `json:"title"`
	Origin string `json:"origin"`
	Line   int64  `json:"line"`
}

func (s *Studio) start(context.Context, struct{}) (startAnswer, error) {
	a := startAnswer{Mappings: s.bench.Mappings, Hint: s.bench.Hint, LeftOut: s.bench.LeftOut, Alerts: []alertHead{}}
	for i := range s.bench.Alerts {
		at := &s.bench.Alerts[i]
		a.Alerts = append(a.Alerts, alertHead{at.Title, at.Origin, at.OriginLine})
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a.Edits = s.edits
	return a, nil
}

// tryRequest asks whether edits compile. Have are the digests of the texts that the
// page has of files, by name: these are not sent again.
type tryRequest struct {
	Edits map[string]Edit   `json:"edits"`
	Have  map[string]string `json:"have"`
}

type tryAnswer struct {
	Trial    int          `json:"trial"`
	Stamp    string       `json:"stamp"`
	Files    []fileAnswer `json:"files"`
	Check    any          `json:"check,omitempty"`
	Error    string       `json:"error,omitempty"` // why the mappings could not be read
	Compiled bool         `json:"compiled"`
}

// fileAnswer is a file as it is on the disk.
type fileAnswer struct {
	Name    string  `json:"name"`
	Kind    string  `json:"kind"`
	Fixed   string  `json:"fixed,omitempty"`
	Shipped bool    `json:"shipped,omitempty"`
	Missing bool    `json:"missing,omitempty"`
	Digest  string  `json:"digest"`
	Text    *string `json:"text,omitempty"` // absent if the page has it
}

// try compiles and checks the mappings with the edits of the page. What compiled is what
// alert and all are about from then on.
func (s *Studio) try(ctx context.Context, q tryRequest) (*tryAnswer, error) {
	end, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	t, stamp, err := s.open(ctx, q.Edits)
	if err != nil {
		return nil, err
	}
	a := &tryAnswer{Trial: t.number, Stamp: stamp, Files: filesOf(t, q.Have), Check: t.now.Check, Compiled: t.now.Engine != nil}
	if t.now.Err != nil {
		a.Error = t.now.Err.Error()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if a.Compiled && (s.last == nil || s.last.number < t.number) {
		s.last = t
	}
	return a, nil
}

// open reads the mappings anew where a file has changed, and compiles them with edits.
func (s *Studio) open(ctx context.Context, edits map[string]Edit) (*trial, string, error) {
	disk, stamp := s.onDisk(ctx)
	changed, err := changes(disk, edits)
	if err != nil {
		return nil, "", err
	}
	t := &trial{now: disk, disk: disk, edits: changed}
	if len(changed) > 0 {
		t.now = s.bench.Open(ctx, changed)
	}
	if err := ctx.Err(); err != nil {
		return nil, "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	t.number, s.edits = s.count, edits
	return t, stamp, nil
}

// changes are the edits that differ from what the disk has. Mappings that cannot be read have
// none.
func changes(disk *Version, edits map[string]Edit) (map[string][]byte, error) {
	changed := map[string][]byte{}
	if disk.Err != nil {
		return changed, nil
	}
	for name, edit := range edits {
		f, known := fileNamed(disk.Files, name)
		switch {
		case !known:
			return nil, refusal(http.StatusBadRequest, "%s is no file of the mapping on the disk", name)
		case f.Fixed != "":
			return nil, refusal(http.StatusBadRequest, "%s cannot be edited: %s", name, f.Fixed)
		case f.Text != edit.Text:
			changed[name] = []byte(edit.Text)
		}
	}
	return changed, nil
}

// onDisk is the mappings without edits. They are read again when a file has changed.
func (s *Studio) onDisk(ctx context.Context) (*Version, string) {
	s.mu.Lock()
	files, disk, stamp := s.files, s.disk, s.stamp
	s.mu.Unlock()
	now := s.bench.Stamp(files) // before they are read: what changes meanwhile is seen the next time
	if disk != nil && now == stamp {
		return disk, stamp
	}
	disk, stamp = s.bench.Open(ctx, nil), now
	if !slices.EqualFunc(files, disk.Files, func(a, b File) bool { return a.Name == b.Name }) {
		stamp = s.bench.Stamp(disk.Files)
	}
	if ctx.Err() != nil {
		return disk, stamp
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files, s.disk, s.stamp = disk.Files, disk, stamp
	return disk, stamp
}

type stampAnswer struct {
	Stamp string `json:"stamp"`
}

// stamped lets the page find out that files have changed.
func (s *Studio) stamped(context.Context, struct{}) (stampAnswer, error) {
	s.mu.Lock()
	files := s.files
	s.mu.Unlock()
	return stampAnswer{s.bench.Stamp(files)}, nil
}

// filesOf are the files of a trial and of the disk, with what the disk has of them. One that
// only an edit brought along is not to be edited before that is saved.
func filesOf(t *trial, have map[string]string) []fileAnswer {
	files := []fileAnswer{}
	all := slices.Clone(t.disk.Files)
	for _, f := range t.now.Files {
		if _, ok := fileNamed(all, f.Name); !ok {
			f.Fixed = "save the file that names it first"
			all = append(all, f)
		}
	}
	for _, f := range all {
		a := fileAnswer{Name: f.Name, Kind: f.Kind, Fixed: f.Fixed, Shipped: f.Shipped, Missing: f.Missing, Digest: digestOf(f.Text)}
		if have[f.Name] != a.Digest {
			a.Text = &f.Text
		}
		files = append(files, a)
	}
	return files
}

func digestOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func fileNamed(files []File, name string) (File, bool) {
	if i := slices.IndexFunc(files, func(f File) bool { return f.Name == name }); i >= 0 {
		return files[i], true
	}
	return File{}, false
}

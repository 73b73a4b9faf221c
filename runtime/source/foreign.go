package source

import (
	"context"
	"io"
	"strings"

	"github.com/sluice-lake/sluice/engine/jsontext"
)

// lookBytes is how much of a file must look like alerts, behind its first line,
// to be read in spite of that line. It is more than one event of Wazuh can have
// (64 KiB), so that a log file with one event of many lines, which somebody else
// wrote, does not pass for alerts.
const lookBytes = 256 << 10

// Foreign separates the inputs to read from those that a folder brought along
// and that hold no JSON, whatever they are called: logs, checksums, pictures.
// What decides is the first content that is not blank. An input that cannot be
// read is not foreign, nor one that is packed in a way that is not supported:
// reading it says so.
func Foreign(ctx context.Context, ins []Input) (read []Input, foreign []string) {
	noJSON := make([]bool, len(ins))
	opt := Options{ChunkBytes: firstLook, LineLimit: lookBytes, Memory: new(Memory)}
	abreast(len(ins), func(i int) {
		noJSON[i] = ins[i].Listed && !ins[i].object && holdsNoJSON(ctx, ins[i], opt)
	})
	for i, in := range ins {
		if noJSON[i] {
			foreign = append(foreign, in.Name)
			continue
		}
		read = append(read, in)
	}
	return read, foreign
}

// beginsObject reports whether a file plainly begins like an object, as nearly all do: so it is
// not foreign, and it takes no Reader to know that.
func beginsObject(r io.Reader) bool {
	head := make([]byte, 64)
	n, _ := io.ReadFull(r, head) // what is wrong with it shows when it is read
	text := string(head[:n])
	open := jsontext.Blank(text, 0)
	if open == len(text) || text[open] != '{' {
		return false
	}
	name := jsontext.Blank(text, open+1)
	return name < len(text) && text[name] == '"'
}

func holdsNoJSON(ctx context.Context, in Input, opt Options) bool {
	r, err := NewReader(ctx, in, opt)
	if err != nil {
		return false
	}
	defer r.Close()
	if r.begin() != nil || r.cut != "" {
		return false
	}
	if r.foreign != "" {
		return r.foreign == parquetReason
	}
	if !foreignStart(view(r.window[r.start:r.have])) {
		return false
	}
	if r.fill(lookBytes) != nil || r.cut != "" {
		return false
	}
	return !cutAtTheFront(view(r.window[r.start:r.have]))
}

// foreignStart reports whether an input that begins with text holds no JSON.
func foreignStart(text string) bool {
	i := jsontext.Blank(text, 0)
	if i == len(text) {
		return false
	}
	after := jsontext.Blank(text, i+1)
	switch {
	case after == len(text) && (text[i] == '{' || text[i] == '['):
		return false // all there is
	case after == len(text):
	case text[i] == '{' && (text[after] == '"' || text[after] == '}'):
		return false
	case text[i] == '[' && (text[after] == '{' || text[after] == ']'):
		return false
	}
	line, _, _ := strings.Cut(text[i:], "\n")
	end := jsontext.ValueEnd(line, 0)
	return end < 0 || jsontext.Blank(line, end) < len(line)
}

// cutAtTheFront reports whether text looks like a file of alerts whose first one
// lost its beginning, as the parts of a file that was split by size do: all lines
// behind the first begin like an object.
func cutAtTheFront(text string) bool {
	const start = `{"`
	lines := strings.Split(text, "\n")
	for _, line := range lines[1:] {
		if !strings.HasPrefix(line, start) && !strings.HasPrefix(start, line) { // the last may be cut
			return false
		}
	}
	return len(lines) > 1 && len(text) >= lookBytes
}

package source

import (
	"context"
	"strings"
)

// Digest hashes the content of an input, which is its bytes after unpacking:
// XXH3, 128 bits, 32 hex digits. So a file keeps its digest when it is packed. It
// reads the input to its end, so a stream is used up. Of the Options only Memory and Grow count.
func Digest(ctx context.Context, in Input, opt Options) (string, error) {
	r, err := NewReader(ctx, in, Options{Memory: opt.Memory, Grow: opt.Grow})
	if err != nil {
		return "", err
	}
	defer r.Close()
	if r.plain, err = r.unpack(); err != nil {
		return "", err
	}
	for !r.ended {
		r.start = r.have // leaves behind what was hashed
		if err := r.fill(r.opt.ChunkBytes); err != nil {
			return "", err
		}
	}
	return r.sum(), nil
}

// Repeat is an input with the same content as another.
type Repeat struct {
	Name string // the input that is left out
	Of   string // the input that came before and has the same content
}

// SameContent finds inputs that repeat one before them: those of the same
// Identity, and those without one whose content is equal. Only inputs are hashed
// that have the size of another, if it is over least, or its name but for the extension of a packed file;
// streams never, since that would use them up, and remote ones only if asked for,
// since each is a request. It returns the inputs to read, in
// their order, and those left out.
func SameContent(ctx context.Context, ins []Input, remote bool, least int64, opt Options) (first []Input, repeats []Repeat, err error) {
	keys, err := contentKeys(ctx, ins, remote, least, opt)
	if err != nil {
		return nil, nil, err
	}
	known := map[string]string{}
	for i, in := range ins {
		if of, ok := known[keys[i]]; ok {
			repeats = append(repeats, Repeat{Name: in.Name, Of: of})
			continue
		}
		if keys[i] != "" {
			known[keys[i]] = in.Name
		}
		first = append(first, in)
	}
	return first, repeats, nil
}

// contentKeys returns for each input a text that inputs of other content do not have,
// "" for one that cannot be the same as another.
func contentKeys(ctx context.Context, ins []Input, remote bool, least int64, opt Options) ([]string, error) {
	sizes, stems := map[int64]int{}, map[string]int{}
	for _, in := range ins {
		if in.Identity == "" {
			sizes[in.Size]++
			stems[stem(in.Name)]++
		}
	}
	keys := make([]string, len(ins))
	var hashed []int
	for i, in := range ins {
		switch {
		case in.Identity != "":
			keys[i] = "identity " + in.Identity
		case in.Remote && !remote:
		case in.Size >= 0 && (in.Size > least && sizes[in.Size] > 1 || stems[stem(in.Name)] > 1):
			hashed = append(hashed, i)
		}
	}
	errs := make([]error, len(ins))
	abreast(len(hashed), func(k int) {
		i := hashed[k]
		var digest string
		digest, errs[i] = Digest(ctx, ins[i], opt)
		keys[i] = "digest " + digest
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// stem is the base name of a file without the extension of packed files.
func stem(name string) string {
	name = name[strings.LastIndexAny(name, `/\`)+1:]
	for _, ending := range []string{".gz", ".zst", ".zstd"} {
		name = strings.TrimSuffix(name, ending)
	}
	return name
}

package source

import (
	"context"
	"io"
)

// Digest hashes the bytes of an input as they are stored: XXH3, 128 bits, 32
// hex digits. It reads the input to its end, so a stream is used up.
func Digest(ctx context.Context, in Input) (string, error) {
	r, err := openRaw(ctx, in)
	if err != nil {
		return "", err
	}
	defer r.cancel()
	buf := make([]byte, 4*rawBytes)
	for {
		if _, err := r.Read(buf); err == io.EOF {
			return r.digest(), nil
		} else if err != nil {
			return "", err
		}
	}
}

// Repeat says that one input holds what another holds.
type Repeat struct {
	Name string // the input that need not be read
	Of   string // the input that came before and has the same content
}

// SameContent finds inputs that repeat one that stands before them: those of
// the same Identity, and those without one whose bytes are equal. Only inputs
// of equal size are hashed, and streams never, since that would use them up.
// It gives the inputs to read, in their order, and those left out.
func SameContent(ctx context.Context, ins []Input) (first []Input, repeats []Repeat, err error) {
	sizes := map[int64]int{}
	for _, in := range ins {
		if in.Identity == "" {
			sizes[in.Size]++
		}
	}
	known := map[string]string{}
	for _, in := range ins {
		key := ""
		switch {
		case in.Identity != "":
			key = "identity " + in.Identity
		case in.Size >= 0 && sizes[in.Size] > 1:
			digest, err := Digest(ctx, in)
			if err != nil {
				return nil, nil, err
			}
			key = "digest " + digest
		}
		if of, ok := known[key]; ok {
			repeats = append(repeats, Repeat{Name: in.Name, Of: of})
			continue
		}
		if key != "" {
			known[key] = in.Name
		}
		first = append(first, in)
	}
	return first, repeats, nil
}

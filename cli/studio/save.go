package studio

import (
	"context"
	"net/http"

	"github.com/sluice-lake/sluice/engine/syntax"
)

type saveRequest struct {
	Name string `json:"name"`
	Text string `json:"text"`
	// Digest is of the text on the disk that the edit began with.
	Digest string `json:"digest"`
}

// savedFile is what the disk has of a file.
type savedFile struct {
	Name   string `json:"name"`
	Text   string `json:"text"`
	Digest string `json:"digest"`
}

// save writes one file, unless the disk has something else by now than the edit began with.
// Only files of the mappings can be named, as try lists them.
func (s *Studio) save(ctx context.Context, q saveRequest) (*savedFile, error) {
	s.saving.Lock()
	defer s.saving.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f, err := s.bench.Read(q.Name)
	switch {
	case err != nil:
		return nil, refusal(http.StatusConflict, "nothing was saved: %v", err)
	case f.Shipped:
		return nil, refusal(http.StatusForbidden, "%s is part of sluice and cannot be saved: `sluice init` writes a mapping of your own", q.Name)
	case f.Fixed != "":
		return nil, refusal(http.StatusForbidden, "%s cannot be saved: %s", q.Name, f.Fixed)
	case len(q.Text) > syntax.MaxBytes:
		return nil, refusal(http.StatusRequestEntityTooLarge, "nothing was saved: the text has %d bytes, the limit is %d", len(q.Text), syntax.MaxBytes)
	}
	if now := digestOf(f.Text); now != q.Digest {
		return nil, &refused{status: http.StatusConflict, message: q.Name + " has changed on the disk, and was not saved", file: &savedFile{f.Name, f.Text, now}}
	}
	if err := s.bench.Write(f.Name, q.Text); err != nil {
		return nil, refusal(http.StatusInternalServerError, "%s was not saved: %v", f.Name, err)
	}
	return &savedFile{f.Name, q.Text, digestOf(q.Text)}, nil
}

package lambda

import (
	"errors"
	"fmt"

	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/pipeline"
	"github.com/sluice-lake/sluice/runtime/table/glue"
)

// checked is the answer to a check of a mapping without faults.
type checked struct {
	Check    string           `json:"check"`
	Mappings []checkedMapping `json:"mappings"`
	Warnings []string         `json:"warnings"`
}

type checkedMapping struct {
	Name   string `json:"name"`
	Class  string `json:"class"` // "" of one that only drops alerts
	Source string `json:"source"`
}

// check compiles the mapping of an address as the function would, and compares it with
// the one in use. Nothing else comes of it. An error has all faults: whatever calls the
// function must not let such a mapping pass.
func (inv *invocation) check(address string) (any, error) {
	b, err := newBucketSet(inv.own, address)
	if err != nil {
		return nil, fmt.Errorf("check: %w", err)
	}
	inUse, _, err := inv.mappings.current(inv.ctx, inv.began, inv.config.rejectsFor(s3.Ref{Bucket: b.ref.Bucket}))
	if err != nil && !errors.As(err, new(*noMapping)) {
		return nil, err
	}
	s, err := b.next(inv.ctx, coldTime, inv.mappings.compile)
	if err != nil {
		return nil, fmt.Errorf("check %s: %w", address, err)
	}
	defer closed(s)
	if inUse != nil {
		if err := glue.Contradicts(inv.mappings.tables(inUse), inv.mappings.tables(s)); err != nil {
			return nil, fmt.Errorf("check %s: %w", address, err)
		}
	}
	answer := checked{Check: address, Warnings: pipeline.SourceWarnings(s.engine, &inv.config.Settings, s.sources)}
	for i, m := range s.engine.Mappings {
		c := checkedMapping{Name: m.Name, Source: s.sources[i]}
		if m.Layout != nil {
			c.Class = m.Layout.Class.Name
		}
		answer.Mappings = append(answer.Mappings, c)
	}
	return answer, nil
}

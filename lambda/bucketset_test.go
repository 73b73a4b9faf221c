package lambda

import (
	"testing"
	"time"

	"github.com/sluice-lake/sluice/engine"
	"github.com/sluice-lake/sluice/runtime/lake/s3"
	"github.com/sluice-lake/sluice/runtime/lake/s3/s3test"
)

// A set that takes longer to compile than its requests may take is applied all the same: the
// smaller a function, the slower it compiles.
func TestASetThatIsSlowToCompile(t *testing.T) {
	const most = 300 * time.Millisecond
	server := s3test.New(t, "rules")
	s3test.Setenv(t, server.URL)
	client, err := s3.NewClient(t.Context(), s3.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server.Put("rules", "m/one.yaml", []byte("x"))
	server.Put("rules", "m/module.wasm", []byte("y"))
	for _, address := range []string{"s3://rules/m/", "s3://rules/m/one.yaml"} {
		b, err := newBucketSet(client, address)
		if err != nil {
			t.Fatal(err)
		}
		s, err := b.next(t.Context(), most, func(files []engine.File, module func(string) ([]byte, error)) (*set, error) {
			for range 2 {
				time.Sleep(most)
				if _, err := module("m/module.wasm"); err != nil {
					return nil, err
				}
			}
			return &set{}, nil
		})
		if s == nil || err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}

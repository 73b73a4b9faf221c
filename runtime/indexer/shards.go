package indexer

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Index is an index as it is now. Another one of the same name has another UUID.
type Index struct {
	Name, UUID string
	Shards     []Shard // whose primary is there, by number
}

// Shard is how far a shard has come.
type Shard struct {
	Number int
	// Checkpoint is the last number that all copies have, and that will not change any
	// more. It is -1 for an empty shard.
	Checkpoint int64
	// Max is the last number that any copy has given out.
	Max int64
	// History names the sequence of numbers: it is another one after numbers were given
	// up, as when the shard was restored, or allocated from a copy that lacked some.
	History string
}

// statistics is the answer of _stats?level=shards, as far as it is asked for.
type statistics struct {
	Indices map[string]struct {
		UUID   string
		Shards map[string][]struct {
			Routing struct {
				State   string
				Primary bool
			}
			Commit struct {
				UserData struct {
					History string `json:"history_uuid"`
				} `json:"user_data"`
			}
			SeqNo struct {
				Max        int64 `json:"max_seq_no"`
				Checkpoint int64 `json:"global_checkpoint"`
			} `json:"seq_no"`
		}
	}
}

// Indices returns the open indices of the patterns, by name. It needs the right
// indices:monitor/stats.
func (c *Client) Indices(ctx context.Context, patterns []string) ([]Index, error) {
	names := strings.Join(patterns, ",")
	body, err := c.do(ctx, call{
		what: "reading the numbers of the shards of " + names, right: "indices:monitor/stats on " + names,
		method: http.MethodGet, path: "/" + url.PathEscape(names) + "/_stats/docs",
		query: url.Values{"level": {"shards"}, "expand_wildcards": {"open"}, "ignore_unavailable": {"true"}, "filter_path": {
			"indices.*.uuid,indices.*.shards.*.seq_no,indices.*.shards.*.routing,indices.*.shards.*.commit.user_data.history_uuid"}},
	})
	if err != nil {
		return nil, err
	}
	var found statistics
	if err := json.Unmarshal(body, &found); err != nil {
		return nil, fmt.Errorf("the sequence numbers of the shards of %s are not JSON (%w): check that the address is that of OpenSearch", names, err)
	}
	var all []Index
	for name, of := range found.Indices {
		index := Index{Name: name, UUID: of.UUID}
		for number, copies := range of.Shards {
			n, err := strconv.Atoi(number)
			if err != nil || of.UUID == "" {
				return nil, fmt.Errorf("the index %s has no uuid, or a shard %q: this indexer is older than OpenSearch 1", name, number)
			}
			s, primary := Shard{Number: n, Max: -1}, false
			for _, copy := range copies {
				s.Max = max(s.Max, copy.SeqNo.Max)
				if copy.Routing.Primary && copy.Routing.State != "INITIALIZING" {
					s.Checkpoint, s.History, primary = max(-1, copy.SeqNo.Checkpoint), copy.Commit.UserData.History, true
				}
			}
			if primary {
				index.Shards = append(index.Shards, s)
			}
		}
		slices.SortFunc(index.Shards, func(a, b Shard) int { return cmp.Compare(a.Number, b.Number) })
		all = append(all, index)
	}
	slices.SortFunc(all, func(a, b Index) int { return cmp.Compare(a.Name, b.Name) })
	return all, nil
}

// Refresh makes all that an index has searchable. It needs the right indices:admin/refresh.
func (c *Client) Refresh(ctx context.Context, index string) error {
	body, err := c.do(ctx, call{what: "refreshing " + index, right: "indices:admin/refresh on " + index, method: http.MethodPost, path: "/" + url.PathEscape(index) + "/_refresh"})
	if err != nil {
		return err
	}
	return whole("refreshing "+index, body)
}

// whole returns an error if the answer is not that of all shards.
func whole(what string, body []byte) error {
	var said struct {
		TimedOut bool                 `json:"timed_out"`
		Shards   struct{ Failed int } `json:"_shards"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return fmt.Errorf("%s: the answer is not JSON: %w", what, err)
	}
	if said.TimedOut || said.Shards.Failed > 0 {
		return fmt.Errorf("%s: %d shards failed (timed out: %t); sluice will try again later", what, said.Shards.Failed, said.TimedOut)
	}
	return nil
}

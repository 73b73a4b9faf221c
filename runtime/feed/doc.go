// Package feed reads alerts as they arrive, each once, and hands them to whoever writes
// them, range by range.
//
//	alerts.json, growing and rotated ──► Follower ──┐
//	                                                ├──► Range ──► Write ──► the lake
//	indices of OpenSearch, by shard ───► Puller ────┘
//	                                      │
//	                                    State
//
// Intent comes before data: the Feed notes which bytes of which file come next, or which
// numbers of which shard, has exactly these written under the identity that it noted, and
// then moves on. Killed anywhere, it has the same range written again, under the same
// names. So whatever writes a Range must be repeatable, and write it wholly or report an
// error.
//
//	"plan" the state says what is next ─► "write" it is in the lake ─► "move" the state says so
package feed

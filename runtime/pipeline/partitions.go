package pipeline

import "github.com/sluice-lake/sluice/engine"

// A chunk of alerts may have events of partitionsPerDay partitions, which are days of a
// table, for each day that its input may have. Each is an object, which takes as much as a
// thousand rows. The rows of fewPartitions are held until there are many of each; those of more
// may become an object each time that events are passed on.
const (
	partitionsPerDay = 10
	fewPartitions    = 256
)

// spread counts the partitions that the alerts of a chunk reach, in the order of the lines.
type spread struct {
	most  int           // 0 for any number
	count int           // partitions, and those of many that were reached again in a later part
	part  int           // of the chunk
	met   map[place]int // the part in which each was reached last
	last  []int32       // by table: the day reached last in this part
}

type place struct {
	table int
	day   int32
}

const noDay = -1 << 31

func newSpread(c *Config, tables int) spread {
	if c.Events != nil {
		return spread{}
	}
	return spread{most: partitionsPerDay * c.MaxDays, met: map[place]int{}, last: make([]int32, tables)}
}

// begin begins a chunk.
func (s *spread) begin() {
	s.count, s.part = 0, -1
	clear(s.met)
	s.next()
}

// next begins a part of the chunk.
func (s *spread) next() {
	s.part++
	for t := range s.last {
		s.last[t] = noDay
	}
}

// holds reports whether n more partitions may be reached, whichever they are.
func (s *spread) holds(n int) bool { return s.most == 0 || s.count+n <= s.most }

// take reports whether an event may be of this partition.
func (s *spread) take(p place) bool {
	if s.most == 0 || s.last[p.table] == p.day {
		return true
	}
	part, met := s.met[p]
	if !met || part != s.part && len(s.met) > fewPartitions {
		if s.count == s.most {
			return false
		}
		s.count++
	}
	s.met[p], s.last[p.table] = s.part, p.day
	return true
}

// takePartition reports whether the chunk may have this event.
func (w *worker) takePartition(m engine.Mapped, day int32) bool {
	return w.spread.most == 0 || w.spread.take(place{w.run.tableOf[m.Mapping], day})
}

package table

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// FuzzEncodeAnyOrder states the law of gathered rows: rows of any batches in any order
// give the file that they give as neighbours in one batch.
func FuzzEncodeAnyOrder(f *testing.F) {
	for seed := range uint64(40) {
		f.Add(seed, uint16(seed*37), uint8(seed))
	}
	f.Fuzz(func(t *testing.T, seed uint64, events uint16, order uint8) {
		m := newMaker(seed)
		l := m.layout()
		s := NewSchema(l)
		rows, _ := m.rows(t, s, l, int(events%1500))
		rows = disorder(rows, order, rand.New(rand.NewPCG(seed, 1)))
		copied := s.NewBatch()
		var neighbours []Row
		for i, r := range rows {
			copied.AppendRow(r)
			neighbours = append(neighbours, Row{copied, i})
		}
		if !bytes.Equal(write(t, s, rows, 400, Options{}), write(t, s, neighbours, 400, Options{})) {
			t.Error("the same rows as neighbours give another file")
		}
	})
}

// disorder changes the order of rows: a few steps to and fro, as the times of alerts
// do, by chance alone, with the batches in turns, or with most rows left out.
func disorder(rows []Row, order uint8, random *rand.Rand) []Row {
	switch order % 4 {
	case 0:
		for i := range rows {
			j := min(len(rows)-1, i+random.IntN(4))
			rows[i], rows[j] = rows[j], rows[i]
		}
	case 1:
		random.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	case 2:
		half := len(rows) / 2
		turns := make([]Row, 0, len(rows))
		for i := range half {
			turns = append(turns, rows[half+i], rows[i])
		}
		return turns
	default:
		few := rows[:0:0]
		for i := random.IntN(9); i < len(rows); i += 1 + random.IntN(9) {
			few = append(few, rows[i])
		}
		return few
	}
	return rows
}

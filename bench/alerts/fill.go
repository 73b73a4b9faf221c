package alerts

import (
	"math/rand/v2"
	"strconv"
	"time"
)

// filling is what one copy of a sample has of its own.
type filling struct {
	serial int
	time   time.Time
	random uint64
}

func (all samples) appendAlert(line []byte, serial int, when time.Time, rng *rand.Rand) []byte {
	f := filling{serial: serial, time: when, random: rng.Uint64()}
	for _, p := range all[rng.IntN(len(all))] {
		line = append(line, p.text...)
		line = f.appendSlot(line, p)
	}
	return line
}

func (f filling) appendSlot(line []byte, p piece) []byte {
	switch p.slot {
	case wazuhTime:
		return appendWazuhTime(line, f.time)
	case numericTime:
		return strconv.AppendInt(line, f.time.UnixMilli(), 10)
	case indexerTime:
		return f.time.AppendFormat(line, indexerLayout)
	case alertID:
		return appendID(line, f.time, int64(f.serial))
	case fullLog:
		line = f.time.AppendFormat(line, "Jan _2 15:04:05 host-")
		line = strconv.AppendUint(line, f.random%200, 10)
		line = append(append(append(line, ' '), p.log...), " trace="...)
		return strconv.AppendUint(line, f.random, 16)
	}
	return line
}

const (
	wazuhLayout   = "2006-01-02T15:04:05.000-0700"
	indexerLayout = "2006-01-02T15:04:05.000Z"
)

func appendWazuhTime(line []byte, t time.Time) []byte { return t.AppendFormat(line, wazuhLayout) }

// appendID writes the id of an alert as Wazuh does: the second and the offset in
// the file of alerts.
func appendID(line []byte, t time.Time, offset int64) []byte {
	line = strconv.AppendInt(line, t.Unix(), 10)
	line = append(line, '.')
	return strconv.AppendInt(line, offset, 10)
}

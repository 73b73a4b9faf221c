package wasm

import (
	"crypto/rand"
	"encoding/binary"
	"slices"
	"time"

	"github.com/tetratelabs/wazero/api"
)

// Error numbers of WASI preview 1.
const (
	wasiOK          = 0
	wasiBadFile     = 8
	wasiFault       = 21
	wasiInvalid     = 28
	wasiNotSeekable = 70
	wasiNotCapable  = 76
)

// frozenTime is what the wall clock of a guest shows: 2000-01-01T00:00:00Z, in
// nanoseconds.
const frozenTime = 946_684_800_000_000_000

// firstInstant is where the monotonic clock of an instance starts: Go refuses to
// run where it shows zero.
const firstInstant = int64(time.Second)

// wasiFunctions are what language runtimes import whether they need it or not.
// They answer as an empty machine would: nothing is there, and only the
// standard streams can be written to.
var wasiFunctions = map[string]hostFunction{
	"args_get":            {"ii:i", wasiNothing},
	"args_sizes_get":      {"ii:i", wasiNone},
	"clock_res_get":       {"ii:i", wasiResolution},
	"clock_time_get":      {"iIi:i", wasiTime},
	"environ_get":         {"ii:i", wasiNothing},
	"environ_sizes_get":   {"ii:i", wasiNone},
	"fd_close":            {"i:i", wasiStream},
	"fd_fdstat_get":       {"ii:i", wasiStat},
	"fd_fdstat_set_flags": {"ii:i", wasiStream},
	"fd_prestat_dir_name": {"iii:i", wasiNoFile},
	"fd_prestat_get":      {"ii:i", wasiNoFile},
	"fd_read":             {"iiii:i", wasiRead},
	"fd_seek":             {"iIii:i", wasiSeek},
	"fd_write":            {"iiii:i", wasiWrite},
	"poll_oneoff":         {"iiii:i", wasiPoll},
	"proc_exit":           {"i:", wasiExit},
	"random_get":          {"ii:i", wasiRandom},
	"sched_yield":         {":i", wasiYield},
}

func wasiNothing(_ *state, _ api.Memory, stack []uint64) { stack[0] = wasiOK }
func wasiNoFile(_ *state, _ api.Memory, stack []uint64)  { stack[0] = wasiBadFile }

// wasiYield has no parameters, but a stack with room for its result.
func wasiYield(_ *state, _ api.Memory, stack []uint64) { stack[0] = wasiOK }

// wasiNone says that there are no arguments or variables, of no bytes.
func wasiNone(_ *state, mem api.Memory, stack []uint64) {
	ok := mem.WriteUint32Le(uint32(stack[0]), 0) && mem.WriteUint32Le(uint32(stack[1]), 0)
	stack[0] = faultUnless(ok)
}

func faultUnless(ok bool) uint64 {
	if ok {
		return wasiOK
	}
	return wasiFault
}

func wasiResolution(_ *state, mem api.Memory, stack []uint64) {
	stack[0] = faultUnless(mem.WriteUint64Le(uint32(stack[1]), 1000))
}

// wasiTime gives the wall clock (0) and the monotonic one (all others), which
// only sleeping moves.
func wasiTime(s *state, mem api.Memory, stack []uint64) {
	now := s.now(uint32(stack[0]))
	stack[0] = faultUnless(mem.WriteUint64Le(uint32(stack[2]), uint64(now)))
}

func (s *state) now(clock uint32) int64 {
	switch {
	case s.config.Clock:
		return time.Now().UnixNano() + s.slept
	case clock == 0:
		return frozenTime
	}
	return firstInstant + s.slept
}

// wasiStream is for what can be done to a standard stream without effect.
func wasiStream(_ *state, _ api.Memory, stack []uint64) {
	if uint32(stack[0]) > 2 {
		stack[0] = wasiBadFile
		return
	}
	stack[0] = wasiOK
}

func wasiStat(_ *state, mem api.Memory, stack []uint64) {
	if uint32(stack[0]) > 2 {
		stack[0] = wasiBadFile
		return
	}
	stat := [24]byte{0: 2} // a character device
	stat[8] = 1<<1 | 1<<6  // that can be read and written
	stack[0] = faultUnless(mem.Write(uint32(stack[1]), stat[:]))
}

func wasiRead(_ *state, mem api.Memory, stack []uint64) {
	if uint32(stack[0]) != 0 {
		stack[0] = wasiBadFile
		return
	}
	stack[0] = faultUnless(mem.WriteUint32Le(uint32(stack[3]), 0))
}

func wasiSeek(_ *state, _ api.Memory, stack []uint64) {
	wasiStream(nil, nil, stack)
	if stack[0] == wasiOK {
		stack[0] = wasiNotSeekable
	}
}

// mostWritten is how much one call writes, as WASI allows: the guest writes the
// rest with the next.
const mostWritten = 64 << 10

func wasiWrite(s *state, mem api.Memory, stack []uint64) {
	fd, parts, n, written := uint32(stack[0]), uint32(stack[1]), uint32(stack[2]), uint32(stack[3])
	if fd != 1 && fd != 2 {
		stack[0] = wasiBadFile
		return
	}
	if n > 1024 {
		stack[0] = wasiInvalid
		return
	}
	total := uint32(0)
	vector, ok := mem.Read(parts, n*8)
	for ; ok && len(vector) > 0 && total < mostWritten; vector = vector[8:] {
		var part []byte
		part, ok = mem.Read(binary.LittleEndian.Uint32(vector), binary.LittleEndian.Uint32(vector[4:]))
		part = part[:min(uint32(len(part)), mostWritten-total)]
		s.spend(len(part))
		s.write(fd, part)
		total += uint32(len(part))
	}
	stack[0] = faultUnless(ok && mem.WriteUint32Le(written, total))
}

// wasiPoll sleeps, which is all that can be waited for: it returns at once and
// moves the guest's own clock to the earliest time asked for.
func wasiPoll(s *state, mem api.Memory, stack []uint64) {
	const subscription, event = 48, 32
	in, out, n, count := uint32(stack[0]), uint32(stack[1]), uint32(stack[2]), uint32(stack[3])
	if n == 0 || n > 1024 {
		stack[0] = wasiInvalid
		return
	}
	s.spend(int(n) * subscription)
	all, ok := mem.Read(in, n*subscription)
	if !ok {
		stack[0] = wasiFault
		return
	}
	var first []byte
	wait := int64(0)
	for ; len(all) > 0; all = all[subscription:] {
		if all[8] != 0 { // no clock
			stack[0] = wasiNotCapable
			return
		}
		if w := s.until(all); first == nil || w < wait {
			first, wait = all, w
		}
	}
	var happened [event]byte
	copy(happened[:8], first[:8]) // what the guest calls it
	s.slept += wait
	stack[0] = faultUnless(mem.Write(out, happened[:]) && mem.WriteUint32Le(count, 1))
}

// until is how long a clock subscription waits, in nanoseconds, a year at most.
func (s *state) until(subscription []byte) int64 {
	const year = 365 * 24 * int64(time.Hour)
	wait := binary.LittleEndian.Uint64(subscription[24:])
	if subscription[40]&1 != 0 { // a point in time
		now := s.now(binary.LittleEndian.Uint32(subscription[16:]))
		wait -= min(uint64(now), wait)
	}
	return int64(min(wait, uint64(year)))
}

func wasiExit(s *state, _ api.Memory, stack []uint64) {
	s.exited, s.code = true, uint32(stack[0])
	panic(errExited)
}

// wasiRandom gives the same bytes in each call, so that results do not depend
// on the calls before (splitmix64 from a fixed seed).
func wasiRandom(s *state, mem api.Memory, stack []uint64) {
	b, ok := mem.Read(uint32(stack[0]), uint32(stack[1]))
	stack[0] = faultUnless(ok)
	for part := range slices.Chunk(b, workPerLook/16) {
		s.spend(len(part))
		if s.config.Random {
			rand.Read(part) // never fails
		} else {
			s.pseudorandom(part)
		}
	}
}

func (s *state) pseudorandom(b []byte) {
	for i := range b {
		s.random += 0x9e3779b97f4a7c15
		z := s.random
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		b[i] = byte(z ^ z>>31)
	}
}

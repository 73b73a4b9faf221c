// Package spelling is about names: it suggests which name a misspelt one was meant to be,
// the nearest of the valid names, if one is near enough to be a likely slip, and says which
// may be part of the keys of a lake.
package spelling

import "strings"

// Nearest returns the name closest to what was written, or "" if none is close
// enough to be a likely slip, with at most a third of its letters different.
func Nearest(written string, names []string) string {
	best, bestDistance := "", len(written)/3+1
	low := strings.ToLower(written)
	var rows rows
	for _, n := range names {
		if abs(len(n)-len(written)) > bestDistance {
			continue
		}
		if d := rows.distance(low, strings.ToLower(n), bestDistance); d < bestDistance || d == bestDistance && best != "" && n < best {
			best, bestDistance = n, d
		}
	}
	if best == "" && len(written) >= 4 {
		best = extended(low, names)
	}
	return best
}

// DidYouMean returns the end of a sentence that suggests the nearest name, or "".
func DidYouMean(written string, names []string) string {
	if n := Nearest(written, names); n != "" {
		return "; did you mean `" + n + "`?"
	}
	return ""
}

// extended finds the one name that begins or ends with what was written:
// `finding` for `finding_info`.
func extended(low string, names []string) string {
	found := ""
	for _, n := range names {
		l := strings.ToLower(n)
		if strings.HasPrefix(l, low+"_") || strings.HasSuffix(l, "_"+low) {
			if found != "" {
				return ""
			}
			found = n
		}
	}
	return found
}

// rows are three rows of the table by which distance counts.
type rows [3][]int

// distance counts insertions, deletions, replacements and swaps of neighbours. Of what is more
// than most it counts no more than that it is.
func (r *rows) distance(a, b string, most int) int {
	for i := range r {
		if cap(r[i]) <= len(b) {
			r[i] = make([]int, 2*len(b)+1)
		}
	}
	before, last, now := r[0][:len(b)+1], r[1][:len(b)+1], r[2][:len(b)+1]
	for j := range last {
		last[j] = j
	}
	least := 0 // of the last row
	for i := 1; i <= len(a); i++ {
		now[0] = i
		leastNow := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
			leastNow = min(leastNow, now[j])
		}
		if least > most && leastNow > most {
			return most + 1 // no row that follows has less than the two before it
		}
		before, last, now, least = last, now, before, leastNow
	}
	return last[len(b)]
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

package expression

import "sort"

// nearest gives the name in names that name was probably meant to be: at most
// a third of its letters away, the alphabetically first of equals.
func nearest(name string, names []string) (string, bool) {
	best, found := len(name)/3+1, ""
	if best > 3 {
		best = 3
	}
	sort.Strings(names)
	for _, n := range names {
		if d := distance(name, n); d < best || d == best && found == "" {
			best, found = d, n
		}
	}
	return found, found != ""
}

// distance counts insertions, deletions, replacements and swaps of neighbours,
// letter case left aside.
func distance(a, b string) int {
	before, row, next := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		next[0] = i + 1
		for j := range len(b) {
			cost := 1
			if fold(a[i]) == fold(b[j]) {
				cost = 0
			}
			next[j+1] = min(row[j]+cost, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && fold(a[i]) == fold(b[j-1]) && fold(a[i-1]) == fold(b[j]) {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row, next = row, next, before
	}
	return row[len(b)]
}

func fold(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

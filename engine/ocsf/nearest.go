package ocsf

// nearest picks the word with the fewest edits from the wanted one, the first of
// equals, "" of none.
func nearest(wanted string, words []string) string {
	best, found := int(^uint(0)>>1), ""
	for _, word := range words {
		if d := edits(wanted, word); d < best {
			best, found = d, word
		}
	}
	return found
}

// edits is Levenshtein's distance in bytes. What is longer than any name of
// OCSF is cut, so that a hostile name costs little.
func edits(a, b string) int {
	const longest = 64
	a, b = a[:min(len(a), longest)], b[:min(len(b), longest)]
	var row [longest + 1]int
	for j := range len(b) + 1 {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}

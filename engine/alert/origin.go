package alert

// Origin says where in an alert a value comes from: nowhere (0, as constants
// and what was only tested), one place of the line, or several places, which an
// Origins then knows. It is valid for the alert at hand.
type Origin uint32

// several marks an Origin that is an index into Origins.sets.
const several Origin = 1 << 31

// originAt is the origin of the JSON value that begins at s[i] of the line.
func originAt(i int) Origin {
	if i >= int(several)-1 {
		return 0
	}
	return Origin(i + 1)
}

// within is the origin of what begins at offset i of a value's JSON text.
func (o Origin) within(i int) Origin {
	if o == 0 || o >= several {
		return o
	}
	return o + Origin(i)
}

// LiesIn reports whether a raw value is another one of the same alert, or inside it, by where
// they are in the line.
func (v *Value) LiesIn(whole *Value) bool {
	return whole.Origin != 0 && whole.Origin <= v.Origin && v.Origin < several &&
		int(v.Origin)+len(v.Text) <= int(whole.Origin)+len(whole.Text)
}

// of gives a part of a made value the origin of the whole, unless it has one of
// its own.
func (v Value) of(o Origin) Value {
	if v.Origin == 0 {
		v.Origin = o
	}
	return v
}

// maxSets bounds what an Origins keeps of one alert. What is beyond counts as
// coming from nowhere, so it stays in the rest.
const maxSets = 1 << 20

// Origins follows the values of one alert into its event: which values a
// computed one was made of, and which values were written. What was not
// written is the rest. It belongs to one goroutine; the zero Origins is ready.
type Origins struct {
	sets    []Origin // of each set: how many, then they
	written []Origin // in the order in which they were written
	revoked []Value  // what was overwritten later
	begun   []uint64 // bit i: the value that begins at line[i-1] was written
	seen    []uint64 // bit i: the set at sets[i] is in begun
	high    int      // words of begun in use
}

// Reset makes it ready for the next alert.
func (o *Origins) Reset() {
	o.sets, o.written, o.revoked = o.sets[:0], o.written[:0], o.revoked[:0]
	if len(o.begun) > keepScratch/64 {
		o.begun = nil
	}
	if len(o.seen) > keepScratch/64 {
		o.seen = nil
	}
}

// Union is the origin of what is made of values.
func (o *Origins) Union(values []Value) Origin {
	if o == nil {
		return 0
	}
	from := len(o.sets)
	o.sets = append(o.sets, 0)
	for i := range values {
		o.sets = appendOrigins(o.sets, &values[i])
	}
	n := len(o.sets) - from - 1
	switch {
	case n > 1 && len(o.sets) <= maxSets:
		o.sets[from] = Origin(n)
		return several | Origin(from)
	case n == 1:
		n := o.sets[from+1]
		o.sets = o.sets[:from]
		return n
	}
	o.sets = o.sets[:from]
	return 0
}

// Parsed is the origin of a raw value that was made of others, as JSON in a text is.
// What is in it comes from all of them, not from the places of the line at which it
// would lie.
func (o *Origins) Parsed(values []Value) Origin {
	whole := o.Union(values)
	switch {
	case whole == 0 || whole >= several:
		return whole
	case len(o.sets)+2 > maxSets:
		return 0
	}
	o.sets = append(o.sets, 1, whole)
	return several | Origin(len(o.sets)-2)
}

// appendOrigins appends the origins of a value and of what a made one holds.
func appendOrigins(dst []Origin, v *Value) []Origin {
	if v.Origin != 0 {
		dst = append(dst, v.Origin)
	}
	switch {
	case v.list != nil:
		for i := range *v.list {
			dst = appendOrigins(dst, &(*v.list)[i])
		}
	case v.object != nil:
		for i := range v.object.members {
			dst = appendOrigins(dst, &v.object.members[i].Value)
		}
	}
	return dst
}

// Write notes that a value was written.
func (o *Origins) Write(v *Value) {
	if v.Kind < List {
		if v.Origin != 0 {
			o.written = append(o.written, v.Origin)
		}
		return
	}
	o.written = appendOrigins(o.written, v)
}

// Written notes that the value at one place was written.
func (o *Origins) Written(at Origin) { o.written = append(o.written, at) }

// Since calls f for every place that was written since the mark.
func (o *Origins) Since(mark int, f func(Origin)) {
	var seen map[Origin]bool // sets may share sets
	var each func(Origin)
	each = func(at Origin) {
		if at < several {
			f(at)
			return
		}
		if seen[at] {
			return
		}
		if seen == nil {
			seen = map[Origin]bool{}
		}
		seen[at] = true
		from := at &^ several
		for _, inner := range o.sets[from+1 : from+1+o.sets[from]] {
			each(inner)
		}
	}
	for _, at := range o.written[mark:] {
		each(at)
	}
}

// WriteOf notes that a value was written whose origins another Origins knows.
func (o *Origins) WriteOf(of *Origins, v *Value) {
	from := len(o.written)
	o.written = appendOrigins(o.written, v)
	seen := map[Origin]bool{} // sets may share sets
	for i := from; i < len(o.written); i++ {
		at := o.written[i]
		if at < several {
			continue
		}
		o.written[i] = 0
		if set := of.sets[at&^several:]; !seen[at] {
			seen[at] = true
			o.written = append(o.written, set[1:1+set[0]]...)
		}
	}
}

// Mark is for Undo: it stands for what has been written so far.
func (o *Origins) Mark() int { return len(o.written) }

// Undo takes back what was written since the mark.
func (o *Origins) Undo(mark int) { o.written = o.written[:mark] }

// Revoke takes back that a value of the alert, and whatever is in it, was
// written, by whichever rule.
func (o *Origins) Revoke(v Value) { o.revoked = append(o.revoked, v) }

// settle prepares covers; erase takes that back.
func (o *Origins) settle() {
	if words := len(o.sets)/64 + 1; words > len(o.seen) {
		o.seen = make([]uint64, words)
	} else {
		clear(o.seen[:words])
	}
	for _, at := range o.written {
		if word := int(at / 64); word < o.high { // most lie before one that is set, and none of these is a set
			o.begun[word] |= 1 << (at % 64)
		} else {
			o.set(at)
		}
	}
	for i := range o.revoked {
		v := &o.revoked[i]
		for at := v.Origin; at != 0 && at < several && at <= v.Origin+Origin(len(v.Text)) && int(at)/64 < len(o.begun); at++ {
			o.begun[at/64] &^= 1 << (at % 64)
		}
	}
}

// set marks the places of an origin. Sets may share sets, so each is looked at once.
func (o *Origins) set(at Origin) {
	if at >= several {
		from := at &^ several
		if o.seen[from/64]&(1<<(from%64)) != 0 {
			return
		}
		o.seen[from/64] |= 1 << (from % 64)
		for _, inner := range o.sets[from+1 : from+1+o.sets[from]] {
			o.set(inner)
		}
		return
	}
	word := int(at / 64)
	if word >= len(o.begun) {
		o.begun = append(o.begun, make([]uint64, word+1-len(o.begun))...)
	}
	o.high = max(o.high, word+1)
	o.begun[word] |= 1 << (at % 64)
}

// begunIn returns at which of n places, 64 at most, from one on a value begins that was written
// whole.
func (o *Origins) begunIn(at Origin, n int) (set uint64) {
	word, shift := int(at)/64, at%64
	if word < len(o.begun) {
		set = o.begun[word] >> shift
	}
	if shift > 0 && word+1 < len(o.begun) {
		set |= o.begun[word+1] << (64 - shift)
	}
	return set & (1<<n - 1)
}

func (o *Origins) erase() {
	clear(o.begun[:o.high])
	o.high = 0
}

// covers reports whether the value at one place of the line was written whole.
func (o *Origins) covers(at Origin) bool {
	word := int(at) / 64
	return at != 0 && word < len(o.begun) && o.begun[word]&(1<<(at%64)) != 0
}

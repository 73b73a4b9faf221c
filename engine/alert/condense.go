package alert

import (
	"slices"

	"github.com/sluice-lake/sluice/engine/jsontext"
)

const (
	// condenseLevel is how deep Condense looks for what is too large. Each level reads
	// the large values once more.
	condenseLevel = 8
	// moreName is the member that has, as text, the last members of an object that has
	// more members than it may have values.
	moreName = "_more"
)

// Condense returns a JSON object that is beyond the limits of depth or values in a form
// that is within them: lists and objects that are too large or too deep become texts of
// their JSON, the smallest last. So small members stay as they are whatever is beside
// them, and nothing is lost. It reports false for any other text.
func Condense(line string, lim Limits) (string, bool) {
	lim = lim.withDefaults()
	c := condenser{s: line, maxDepth: lim.Depth}
	start := blank(line, 0)
	if start == len(line) || line[start] != '{' {
		return "", false
	}
	whole := c.extent(start)
	if whole.end < 0 || blank(line, whole.end) != len(line) {
		return "", false
	}
	c.object(start, 1, lim.Leaves-2*condenseLevel)
	return string(c.out), true
}

type condenser struct {
	s        string
	maxDepth int
	lexer    lexer
	open     []byte // brackets around the place where extent is
	out      []byte
}

// extent is where a value ends, -1 if it is not JSON, and what is in it.
type extent struct{ end, values, depth int }

// part is a member of an object.
type part struct {
	from, at int // of the name and of the value
	extent
}

// extent checks the value at s[i]. It does not recurse: the value may be of any depth.
func (c *condenser) extent(i int) (x extent) {
	s := c.s
	c.open = c.open[:0]
	for {
		if i >= len(s) {
			return extent{end: -1}
		}
		x.values++
		switch ch := s[i]; ch {
		case '{', '[':
			c.open = append(c.open, ch+2) // ASCII has the closing brackets there
			x.depth = max(x.depth, len(c.open))
			if i = blank(s, i+1); i >= len(s) || s[i] != ch+2 {
				i = c.name(i)
				continue
			}
			c.open = c.open[:len(c.open)-1]
		case '"':
			i, _ = c.lexer.str(s, i)
			i--
		default:
			i, _ = c.lexer.plain(s, i)
			i--
		}
		// s[i] is the last byte of a value.
		if i = c.close(i + 1); i < 0 || len(c.open) == 0 {
			x.end = i
			return x
		}
		i = c.name(blank(s, i+1))
	}
}

// close passes over the brackets that close at i, up to the comma behind them, or to the
// end of the outermost value. A value that ends at 0 had a fault.
func (c *condenser) close(i int) int {
	if i <= 0 {
		return -1
	}
	s := c.s
	for n := len(c.open); n > 0; n = len(c.open) {
		if i < len(s) && s[i] == c.open[n-1] {
			c.open = c.open[:n-1]
			i++
			continue
		}
		if i = blank(s, i); i >= len(s) {
			return -1
		}
		if s[i] == ',' {
			return i
		}
		if s[i] != c.open[n-1] {
			return -1
		}
	}
	return i
}

// name passes over the name of a member, if an object is open.
func (c *condenser) name(i int) int {
	if i < 0 || len(c.open) == 0 || c.open[len(c.open)-1] == ']' {
		return i
	}
	_, i, _ = c.lexer.name(c.s, i)
	if i < 0 {
		return len(c.s)
	}
	return i
}

// object appends the object at s[i], which is valid, with at most that many values in it.
func (c *condenser) object(i, level, values int) {
	parts := c.parts(i)
	more := ""
	if n := c.first(parts, values-1, c.maxDepth-level); len(parts) > values {
		more = "{" + c.s[parts[n].from:parts[len(parts)-1].end] + "}"
		parts, values = parts[:n], values-1
	}
	most, left := share(parts, values, c.maxDepth-level)
	large := 0
	for _, p := range parts {
		if c.s[p.at] == '{' && (p.values > most || level+p.depth > c.maxDepth) {
			large++
		}
	}
	c.out = append(c.out, '{')
	for k, p := range parts {
		if k > 0 {
			c.out = append(c.out, ',')
		}
		c.out = append(c.out, c.s[p.from:p.at]...)
		switch fits := p.values <= most && level+p.depth <= c.maxDepth; {
		case fits:
			c.out = append(c.out, c.s[p.at:p.end]...)
		case c.s[p.at] == '{' && level < min(condenseLevel, c.maxDepth) && left/large > 1:
			c.object(p.at, level+1, left/large-1)
		default:
			c.out = jsontext.AppendString(c.out, c.s[p.at:p.end])
		}
	}
	if more != "" {
		if len(parts) > 0 {
			c.out = append(c.out, ',')
		}
		c.out = append(c.out, `"`+moreName+`":`...)
		c.out = jsontext.AppendString(c.out, more)
	}
	c.out = append(c.out, '}')
}

// first is how many of the first members fit together into that many values.
func (c *condenser) first(parts []part, values, depth int) (n int) {
	for _, p := range parts {
		if p.depth <= depth {
			values -= p.values
		} else {
			values--
		}
		if values < 0 {
			break
		}
		n++
	}
	return n
}

// parts are the members of the object at s[i], which is valid.
func (c *condenser) parts(i int) (parts []part) {
	for i = blank(c.s, i+1); c.s[i] != '}'; {
		p := part{from: i}
		_, p.at, _ = c.lexer.name(c.s, i)
		p.extent = c.extent(p.at)
		parts = append(parts, p)
		if i = blank(c.s, p.end); c.s[i] == ',' {
			i = blank(c.s, i+1)
		}
	}
	return parts
}

// share divides the values that an object may have: members with at most most values, and
// not too deep, get theirs, and each of the others one. Members of one size all get theirs,
// or none does. Left are for the others.
func share(parts []part, values, depth int) (most, left int) {
	sizes := make([]int, 0, len(parts))
	for _, p := range parts {
		if p.depth <= depth {
			sizes = append(sizes, p.values)
		}
	}
	slices.Sort(sizes)
	left, most = values-len(parts), 1
	for from := 0; from < len(sizes); {
		n, to := sizes[from], from+1
		for to < len(sizes) && sizes[to] == n {
			to++
		}
		if (n-1)*(to-from) > left {
			break
		}
		most, left = n, left-(n-1)*(to-from)
		from = to
	}
	return most, left
}

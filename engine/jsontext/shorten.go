package jsontext

const (
	// deepest is how many lists and objects inside each other a Shortener follows: one
	// bit each.
	deepest = 8 << 20
	// leastSpace is the space from which on a list or object gets no further item.
	leastSpace = 64
	// mostPaths and longestPath bound what a Shortener notes of what it shortened.
	mostPaths   = 20
	longestPath = 1 << 10
)

// A Shortener checks one JSON object that comes in pieces, however long it is, and keeps
// a short form of it. Small values stay as they are, wherever they are: each value gets
// at most half of the space that its list or object has left. What is larger is
// shortened: a string to its first characters, a list or object to its first items, a
// number to null; a member with a long name is left out. White space between values is
// left out too.
//
// It accepts what ValueEnd accepts, up to 8,388,608 lists and objects inside each other.
// What it returns depends on the bytes alone and not on the pieces. Besides the short form
// it holds one bit for each list or object around the place where it is.
type Shortener struct {
	state  state
	nest   nest
	word   string // what must follow of true, false or null
	hex    int    // digits of the escape that must follow
	escape []byte // at hand, begun in inEscape
	name   bool   // the string at hand is a name

	out    []byte
	levels []level // the lists and objects that are open in out, from the outermost
	omit   int     // depth of the list or object of which an item is left out, 0 for none
	begin  int     // of the item at hand in out, with the comma before it
	from   int     // of the string, number or word at hand in out
	end    int     // of the space of that
	full   bool    // it is longer than that
	pair   int     // behind the first half of a surrogate pair
	paths  []string
}

// level is a list or object of which out has the beginning.
type level struct {
	end      int // of its space in out
	object   bool
	shorter  bool // items are left out, and that is noted
	items    int  // so far
	kept     int  // of these in out
	from, to int  // of the name at hand in out
}

// state is where in the text a Shortener is.
type state uint8

const (
	beforeValue state = iota
	beforeFirst       // an item, or the end of the list
	beforeMember
	beforeName
	beforeColon
	behindValue
	behindAll
	inString
	inEscape
	inHex
	inWord
	inMinus
	inZero
	inInteger
	inPoint
	inFraction
	inExponent
	inSign
	inPower
	failed
)

// NewShortener makes a Shortener whose short form has at most that many bytes, apart from
// brackets.
func NewShortener(space int) *Shortener {
	return &Shortener{end: space}
}

// Write reads the next piece. It keeps nothing of p.
func (s *Shortener) Write(p []byte) {
	for i := 0; i < len(p) && s.state != failed; i++ {
		if s.state == inString {
			n := plainLen(p[i:])
			s.text(p[i : i+n]...)
			if i += n; i == len(p) {
				return
			}
		}
		s.next(p[i])
	}
}

// Short returns the short form, and the paths of what is shorter in it: of up to twenty
// values, as names and positions with dots between, "." for the object itself. It is false
// unless all that was written is one JSON object.
func (s *Shortener) Short() (text []byte, paths []string, ok bool) {
	return s.out, s.paths, s.state == behindAll
}

// plainLen is how many bytes at the beginning of p are inside a string what they are.
func plainLen(p []byte) int {
	for i, c := range p {
		if c < 0x20 || c == '"' || c == '\\' {
			return i
		}
	}
	return len(p)
}

// next reads one byte.
func (s *Shortener) next(c byte) {
	switch s.state {
	case inString:
		s.endOfText(c)
	case inEscape, inHex:
		s.escaped(c)
	case inWord:
		if s.word[0] != c {
			s.state = failed
			return
		}
		s.text(c)
		if s.word = s.word[1:]; s.word == "" {
			s.endScalar()
		}
	case inMinus, inZero, inInteger, inPoint, inFraction, inExponent, inSign, inPower:
		switch after := s.state.number(c); {
		case after != failed:
			s.text(c)
			s.state = after
		case s.state == inZero || s.state == inInteger || s.state == inFraction || s.state == inPower:
			s.endScalar()
			s.between(c)
		default:
			s.state = failed
		}
	default:
		s.between(c)
	}
}

// between reads a byte that is not inside a string, word or number.
func (s *Shortener) between(c byte) {
	if c == ' ' || c == '\t' || c == '\r' || c == '\n' {
		return
	}
	switch s.state {
	case behindValue:
		s.behind(c)
		return
	case beforeValue:
		s.value(c)
		return
	case beforeFirst:
		if c == ']' {
			s.close(c)
		} else {
			s.value(c)
		}
		return
	case beforeMember, beforeName:
		if c == '"' {
			s.beginItem()
			s.beginString(true)
			return
		}
		if c == '}' && s.state == beforeMember {
			s.close(c)
			return
		}
	case beforeColon:
		if c == ':' {
			s.state = beforeValue
			return
		}
	}
	s.state = failed
}

// behind reads what follows a value.
func (s *Shortener) behind(c byte) {
	object := s.nest.object()
	switch {
	case c == ',' && object:
		s.state = beforeName
	case c == ',':
		s.state = beforeValue
	case c == '}' && object, c == ']' && !object:
		s.close(c)
	default:
		s.state = failed
	}
}

// value begins a value. That of a line is an object.
func (s *Shortener) value(c byte) {
	if s.nest.depth == 0 {
		if s.state = failed; c == '{' {
			s.open(c)
		}
		return
	}
	if s.omit == 0 && !s.nest.object() {
		s.beginItem()
	}
	switch c {
	case '{', '[':
		s.open(c)
	case '"':
		s.beginString(false)
	case 't':
		s.beginScalar(c, inWord, "rue")
	case 'f':
		s.beginScalar(c, inWord, "alse")
	case 'n':
		s.beginScalar(c, inWord, "ull")
	case '-':
		s.beginScalar(c, inMinus, "")
	default:
		s.beginScalar(c, inMinus.number(c), "")
	}
}

// beginItem begins a member, or an item of a list. It is left out if there is no space.
func (s *Shortener) beginItem() {
	if s.omit > 0 {
		return
	}
	l := &s.levels[len(s.levels)-1]
	l.items++
	s.begin = len(s.out)
	if l.end-len(s.out) < leastSpace {
		s.leaveOut(l)
		return
	}
	if l.kept > 0 {
		s.out = append(s.out, ',')
	}
	l.kept++
}

// leaveOut leaves an item of l out, which has not begun in out.
func (s *Shortener) leaveOut(l *level) {
	s.omit = s.nest.depth
	if !l.shorter {
		l.shorter = true
		s.note(len(s.levels) - 1)
	}
}

// space is where the value that begins now has to end in out.
func (s *Shortener) space() int {
	if len(s.levels) == 0 {
		return s.end
	}
	return len(s.out) + (s.levels[len(s.levels)-1].end-len(s.out))/2
}

func (s *Shortener) open(c byte) {
	if s.nest.depth == deepest {
		s.state = failed
		return
	}
	if s.omit == 0 {
		l := level{end: s.space(), object: c == '{'}
		s.out = append(s.out, c)
		s.levels = append(s.levels, l)
	}
	s.nest.push(c == '{')
	s.state = beforeFirst
	if c == '{' {
		s.state = beforeMember
	}
}

func (s *Shortener) close(c byte) {
	if s.omit == 0 {
		s.out = append(s.out, c)
		s.levels = s.levels[:len(s.levels)-1]
	}
	s.nest.depth--
	s.ended()
}

// ended is called behind each value.
func (s *Shortener) ended() {
	if s.omit == s.nest.depth {
		s.omit = 0
	}
	s.state = behindValue
	if s.nest.depth == 0 {
		s.state = behindAll
	}
}

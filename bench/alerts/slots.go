package alerts

import (
	"fmt"
	"strconv"
)

// slot compiles one slot: its name and arguments. ordinal sets slots without a
// key apart.
func (c *catalog) slot(words []string, ordinal int) (fill, error) {
	if len(words) == 0 {
		return nil, fmt.Errorf("it has no name")
	}
	name, arguments := words[0], words[1:]
	if f, ok := plainSlots[name]; ok && len(arguments) == 0 {
		return f, nil
	}
	switch name {
	case "user", "uid", "sid", "mail":
		return c.userSlot(name, hash(append([]string{"user"}, arguments...)...)), nil
	case "srcip":
		return c.sourceSlot(), nil
	case "dstip", "file", "url", "cve", "pick":
		return c.listSlot(name, arguments, ordinal)
	case "n", "hex", "upper", "base64", "text":
		return c.madeSlot(name, arguments, ordinal)
	case "guid":
		return guid(hash(words...)), nil
	}
	return nil, fmt.Errorf("there is no such slot")
}

// plainSlots have no arguments. What is formatted by time has letters that need
// no escapes.
var plainSlots = map[string]fill{
	"iso":     func(line []byte, s *scene) []byte { return appendWazuhTime(line, s.time) },
	"isoZ":    layout(indexerLayout),
	"syslog":  layout("Jan _2 15:04:05"),
	"clf":     layout("02/Jan/2006:15:04:05 -0700"),
	"day":     layout("2006-01-02"),
	"clock":   layout("15:04:05"),
	"epoch":   func(line []byte, s *scene) []byte { return strconv.AppendInt(line, s.time.Unix(), 10) },
	"millis":  func(line []byte, s *scene) []byte { return strconv.AppendInt(line, s.time.UnixMilli(), 10) },
	"id":      func(line []byte, s *scene) []byte { return appendID(line, s.time, s.offset) },
	"host":    func(line []byte, s *scene) []byte { return append(line, s.agent.name...) },
	"agentip": func(line []byte, s *scene) []byte { return append(line, s.agent.ip...) },
	"agentid": func(line []byte, s *scene) []byte { return append(line, s.agent.id...) },
	"manager": func(line []byte, s *scene) []byte { return append(line, s.agent.manager...) },
	"srcport": func(line []byte, s *scene) []byte {
		return strconv.AppendUint(line, 1024+s.draw(portKey)%64512, 10)
	},
	"account": func(line []byte, s *scene) []byte {
		return strconv.AppendUint(line, 111122223333+s.draw(accountKey)%12, 10)
	},
}

var portKey, accountKey, sourceKey = hash("port"), hash("account"), hash("source")

func layout(layout string) fill {
	return func(line []byte, s *scene) []byte { return s.time.AppendFormat(line, layout) }
}

func (c *catalog) userSlot(name string, key uint64) fill {
	users := c.lists["users"]
	number := func(s *scene) int { return users.skew.draw(s.draw(key)) }
	switch name {
	case "uid":
		return func(line []byte, s *scene) []byte { return strconv.AppendInt(line, int64(1000+number(s)), 10) }
	case "sid":
		return func(line []byte, s *scene) []byte {
			line = append(line, "S-1-5-21-1000000001-1000000002-1000000003-"...)
			return strconv.AppendInt(line, int64(1100+number(s)), 10)
		}
	case "mail":
		return func(line []byte, s *scene) []byte {
			return append(append(line, users.texts[number(s)]...), "@corp.example"...)
		}
	}
	return func(line []byte, s *scene) []byte { return append(line, users.texts[number(s)]...) }
}

// sourceSlot is the address that an alert is about; a flood has one for all.
func (c *catalog) sourceSlot() fill {
	addresses := c.lists["addresses"]
	return func(line []byte, s *scene) []byte {
		random := s.draw(sourceKey)
		if s.flood != 0 {
			random = s.flood
		}
		return append(line, addresses.texts[addresses.skew.draw(random)]...)
	}
}

var ownLists = map[string]string{"dstip": "addresses", "file": "files", "url": "urls", "cve": "cves"}

func (c *catalog) listSlot(name string, arguments []string, ordinal int) (fill, error) {
	of, key := ownLists[name], hash(name)
	if name == "pick" {
		if len(arguments) == 0 {
			return nil, fmt.Errorf("it names no list")
		}
		of, key = arguments[0], keyOf(name, arguments, 1, ordinal)
	}
	list, ok := c.lists[of]
	if !ok {
		return nil, fmt.Errorf("there is no list %s", of)
	}
	return func(line []byte, s *scene) []byte {
		return append(line, list.texts[list.skew.draw(s.draw(key))]...)
	}, nil
}

// keyOf is the same for slots of the same text, where a key follows the first
// plain arguments.
func keyOf(name string, arguments []string, plain, ordinal int) uint64 {
	words := append([]string{name}, arguments...)
	if len(arguments) == plain {
		words = append(words, "#", strconv.Itoa(ordinal))
	}
	return hash(words...)
}

// madeSlot is ${n LEAST MOST}, a number, ${text LEAST MOST}, sentences of so many
// bytes, and ${hex N}, ${upper N}, ${base64 N}, N letters.
func (c *catalog) madeSlot(name string, arguments []string, ordinal int) (fill, error) {
	plain := 1
	if name == "n" || name == "text" {
		plain = 2
	}
	if len(arguments) < plain {
		return nil, fmt.Errorf("it needs %d numbers", plain)
	}
	var numbers [2]uint64
	for i := range plain {
		n, err := strconv.ParseUint(arguments[i], 10, 63)
		if err != nil {
			return nil, err
		}
		numbers[i] = n
	}
	key, least, most := keyOf(name, arguments, plain, ordinal), numbers[0], numbers[1]
	if plain == 2 && least > most {
		return nil, fmt.Errorf("%d is more than %d", least, most)
	}
	switch name {
	case "n":
		return func(line []byte, s *scene) []byte {
			return strconv.AppendUint(line, least+s.draw(key)%(most-least+1), 10)
		}, nil
	case "text":
		return func(line []byte, s *scene) []byte { return c.sentences(line, s.draw(key), least, most) }, nil
	}
	alphabet := alphabets[name]
	return func(line []byte, s *scene) []byte { return letters(line, s.draw(key), int(least), alphabet) }, nil
}

var alphabets = map[string]string{
	"hex":    "0123456789abcdef",
	"upper":  "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
	"base64": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-",
}

// letters draws n letters of an alphabet, whose size is a power of two.
func letters(line []byte, random uint64, n int, alphabet string) []byte {
	var bits uint64
	for i := range n {
		if i%10 == 0 {
			random = mix(random)
			bits = random
		}
		line = append(line, alphabet[bits&uint64(len(alphabet)-1)])
		bits >>= 6
	}
	return line
}

func guid(key uint64) fill {
	hex := alphabets["hex"]
	return func(line []byte, s *scene) []byte {
		random := s.draw(key)
		line = append(letters(line, random, 8, hex), '-')
		line = append(letters(line, random+1, 4, hex), "-4"...)
		line = append(letters(line, random+2, 3, hex), "-a"...)
		line = append(letters(line, random+3, 3, hex), '-')
		return letters(line, random+4, 12, hex)
	}
}

// sentences appends sentences until there are between least and about most bytes.
func (c *catalog) sentences(line []byte, random, least, most uint64) []byte {
	all := c.lists["sentences"].texts
	end := len(line) + int(least+random%(most-least+1))
	for i := uint64(0); len(line) < end; i++ {
		if i > 0 {
			line = append(line, ' ')
		}
		line = append(line, all[mix(random+i)%uint64(len(all))]...)
	}
	return line
}

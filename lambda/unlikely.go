package lambda

import (
	"fmt"
	"strings"
)

const digits = "0123456789"

// unlikely warns of an account and a region of which Security Lake has no partition. They are
// taken, since the lake may be of another kind.
func (c *config) unlikely() {
	if c.Endpoint != "" {
		return
	}
	warn := func(format, text string) { c.Warnings = append(c.Warnings, fmt.Sprintf(format, text)) }
	number := strings.Trim(c.Account, "-"+digits) == "" && (len(c.Account) != 12 || strings.Contains(c.Account, "-"))
	if number || strings.HasPrefix(c.Account, "arn:") {
		warn("ACCOUNT_ID is %q, and an account of AWS has 12 digits: all rows go into a partition of that name", c.Account)
	}
	if !isRegion(c.Region) {
		warn("REGION is %q, which is not the name of a region, as eu-central-1: all rows go into a partition of that name", c.Region)
	}
}

// isRegion reports whether a text is written as the names of regions are: words and a number.
func isRegion(text string) bool {
	words := strings.Split(text, "-")
	last := len(words) - 1
	if last < 2 || words[last] == "" || strings.Trim(words[last], digits) != "" {
		return false
	}
	for _, word := range words[:last] {
		if word == "" || strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") != "" {
			return false
		}
	}
	return true
}

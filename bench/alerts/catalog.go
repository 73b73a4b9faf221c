package alerts

import (
	"embed"
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"strings"
)

//go:embed week
var weekFiles embed.FS

// catalog is what the alerts of a week are made of.
type catalog struct {
	techniques map[string]technique
	controls   map[string]json.RawMessage // members of a rule: the controls that it checks
	lists      map[string]list
}

type technique struct {
	name    string
	tactics []string
}

// list is texts, escaped as in JSON, of which the first are drawn most.
type list struct {
	texts []string
	skew  *skew
}

func readCatalog() (*catalog, error) {
	content, err := weekFiles.ReadFile("week/catalog.json")
	if err != nil {
		return nil, err
	}
	var file struct {
		Techniques map[string]string
		Controls   map[string]json.RawMessage
		Lists      map[string][]string
	}
	if err := json.Unmarshal(content, &file); err != nil {
		return nil, fmt.Errorf("week/catalog.json: %w", err)
	}
	c := &catalog{techniques: map[string]technique{}, controls: map[string]json.RawMessage{}, lists: map[string]list{}}
	for id, text := range file.Techniques {
		name, tactics, _ := strings.Cut(text, " | ")
		c.techniques[id] = technique{name, strings.Split(tactics, ",")}
	}
	for name, set := range file.Controls {
		c.controls[name] = compact(set)
	}
	for name, texts := range file.Lists {
		c.lists[name] = newList(texts)
	}
	words := file.Lists["words"]
	c.lists["users"] = newList(userNames(3000))
	c.lists["addresses"] = newList(addresses(60_000))
	c.lists["files"] = newList(fileNames(words, 6000))
	c.lists["urls"] = newList(urls(words, 3000))
	c.lists["cves"] = newList(cves(4000))
	return c, nil
}

func newList(texts []string) list {
	escaped := make([]string, len(texts))
	for i, t := range texts {
		quoted := jsonText(t)
		escaped[i] = quoted[1 : len(quoted)-1]
	}
	return list{escaped, newSkew(len(texts), 1)}
}

// skew draws numbers below n by Zipf's law: the i-th in proportion to 1/i^s.
type skew struct{ upTo []float64 }

func newSkew(n int, s float64) *skew {
	upTo, sum := make([]float64, n), 0.0
	for i := range upTo {
		sum += 1 / math.Pow(float64(i+1), s)
		upTo[i] = sum
	}
	for i := range upTo {
		upTo[i] /= sum
	}
	return &skew{upTo}
}

func (k *skew) draw(random uint64) int {
	u := float64(random>>11) / (1 << 53)
	return min(sort.SearchFloat64s(k.upTo, u), len(k.upTo)-1)
}

func userNames(n int) []string {
	first := []string{"root", "admin", "oracle", "test", "postgres", "ubuntu", "deploy", "guest", "git", "www-data"}
	heads := []string{"an", "ber", "cla", "dor", "eli", "fran", "gre", "hel", "ire", "jo", "kat", "leo", "mi", "nor", "ol", "pa", "ro", "sa", "tho", "vi"}
	tails := []string{"a", "bert", "da", "el", "fried", "gard", "hild", "ian", "ka", "la", "mar", "na", "nes", "ra", "rik", "so", "ta", "tin", "ulf", "win"}
	names := first
	for i := 0; len(names) < n; i++ {
		x := mix(uint64(i))
		names = append(names, heads[x%20]+tails[x>>8%20]+fmt.Sprint(i%97))
	}
	return names
}

// addresses are of the ranges for documentation, benchmarks and private networks.
func addresses(n int) []string {
	all := make([]string, n)
	for i := range all {
		x := mix(uint64(i) + 1<<40)
		switch {
		case i%33 == 7:
			all[i] = fmt.Sprintf("2001:db8:%x::%x", x&0xffff, x>>16&0xffff)
		case i%9 == 2:
			all[i] = fmt.Sprintf("203.0.113.%d", x&0xff)
		case i%3 == 1:
			all[i] = fmt.Sprintf("10.%d.%d.%d", x&0xff, x>>8&0xff, x>>16&0xff)
		default:
			all[i] = fmt.Sprintf("198.%d.%d.%d", 18+x>>30&1, x>>8&0xff, x>>16&0xff)
		}
	}
	return all
}

func fileNames(words []string, n int) []string {
	folders := []string{"/etc/", "/usr/bin/", "/var/www/", "/srv/app/", "/home/ci/", "/opt/app/conf/", "/etc/systemd/system/", "/usr/local/lib/", "/var/spool/cron/", "/root/"}
	ends := []string{".conf", "", ".php", ".json", ".sh", ".yaml", ".so", ".py", ".service", ".key"}
	all := make([]string, n)
	for i := range all {
		x := mix(uint64(i) + 2<<40)
		pick := func(shift uint) string { return words[int(x>>shift&0xffff)%len(words)] }
		all[i] = folders[x%10] + pick(8) + "-" + pick(24) + ends[x>>40%10]
	}
	return all
}

func urls(words []string, n int) []string {
	attacks := []string{"", "?id=1%27%20UNION%20SELECT%20name%2Cpass%20FROM%20users--", "?q=%3Cscript%3Ealert(1)%3C/script%3E", "?file=../../../../etc/passwd", "?page=2&sort=price", "?cmd=id"}
	all := make([]string, n)
	for i := range all {
		x := mix(uint64(i) + 3<<40)
		pick := func(shift uint) string { return words[int(x>>shift&0xffff)%len(words)] }
		all[i] = "/" + pick(8) + "/" + pick(24) + "/" + fmt.Sprint(x>>40&0xfff) + attacks[x%6]
	}
	return all
}

func cves(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("CVE-%d-9%04d", 2019+mix(uint64(i))%8, i)
	}
	return all
}

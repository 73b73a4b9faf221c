package alerts

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"
)

// scene is what the slots of one alert are filled from.
type scene struct {
	seed   uint64
	time   time.Time
	offset int64 // of the alert in the manager's file
	agent  *agent
	flood  uint64 // draws the address of the attacker; 0 where there is none
}

// draw is a random number of this alert, the same for the same key.
func (s *scene) draw(key uint64) uint64 { return mix(s.seed ^ key) }

// appendAlert writes an alert as a manager does.
func (s *scene) appendAlert(line []byte, k *kind, r *rule, rng *rand.Rand) []byte {
	r.fired++
	line = append(line, '{')
	if rng.IntN(20) == 0 { // as the indexer has it
		line = append(line, `"@timestamp":"`...)
		line = s.time.AppendFormat(line, indexerLayout)
		line = append(line, `","input":{"type":"log"},`...)
	}
	line = append(line, `"timestamp":"`...)
	line = appendWazuhTime(line, s.time)
	line = append(line, `",`...)
	line = r.before.append(line, s)
	line = strconv.AppendInt(line, int64(r.fired), 10)
	line = append(line, r.after...)
	line = append(append(append(line, ','), s.agent.members...), `,"id":"`...)
	line = appendID(line, s.time, s.offset)
	line = append(append(append(line, `",`...), s.agent.cluster...), ',')
	line = k.alerts[rng.IntN(len(k.alerts))].append(line, s)
	return append(line, '}')
}

type agent struct {
	id, name, ip, manager string
	members               []byte // agent and manager, as they stand in an alert
	cluster               []byte
}

// agents are 500, of which a few have most of the alerts, and the managers.
type agents struct {
	all      map[string][]*agent // by system; "" is all of them
	skews    map[string]*skew
	managers []*agent
}

func newAgents() *agents {
	kinds := map[string][]string{
		"linux":   {"web", "db", "mail", "build", "kube", "bastion", "proxy"},
		"windows": {"WIN-DC", "WIN-APP", "LAPTOP", "DESKTOP", "KIOSK"},
		"macos":   {"mac"},
	}
	order := []string{"linux", "windows", "linux", "windows", "linux", "windows", "linux", "macos", "linux", "windows"}
	a := &agents{all: map[string][]*agent{}, skews: map[string]*skew{}}
	for i := range 500 {
		system := order[i%len(order)]
		names := kinds[system]
		one := &agent{
			id: fmt.Sprintf("%03d", i+1), ip: fmt.Sprintf("10.20.%d.%d", i/250, i%250+1),
			name:    fmt.Sprintf("%s-%02d", names[i/len(order)%len(names)], i/7+1),
			manager: fmt.Sprintf("wazuh-manager-%d", i%3+1),
		}
		one.write(i % 3)
		a.all[system], a.all[""] = append(a.all[system], one), append(a.all[""], one)
	}
	for i := range 3 {
		name := fmt.Sprintf("wazuh-manager-%d", i+1)
		one := &agent{id: "000", name: name, ip: "127.0.0.1", manager: name}
		one.write(i)
		a.managers = append(a.managers, one)
	}
	for system, all := range a.all {
		a.skews[system] = newSkew(len(all), 0.8)
	}
	return a
}

func (a *agent) write(node int) {
	address := `,"ip":"` + a.ip + `"`
	if a.id == "000" {
		address = ""
	}
	a.members = fmt.Appendf(nil, `"agent":{"id":"%s","name":"%s"%s},"manager":{"name":"%s"}`, a.id, a.name, address, a.manager)
	a.cluster = fmt.Appendf(nil, `"cluster":{"name":"wazuh","node":"node%02d"}`, node+1)
}

func (a *agents) draw(system string, random uint64) *agent {
	return a.all[system][a.skews[system].draw(random)]
}

func (a *agents) of(k *kind, random uint64) *agent {
	if k.manager {
		return a.managers[random%uint64(len(a.managers))]
	}
	return a.draw(k.system, random)
}

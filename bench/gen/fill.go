package main

import (
	"fmt"
	"strconv"
	"time"
)

// filling is what one copy of a sample has of its own.
type filling struct {
	serial int
	time   time.Time
	agent  agent
	random uint64
}

type agent struct{ id, name, ip string }

// agents are 200 hosts in the address ranges kept for documentation.
var agents = func() (all [200]agent) {
	kinds := []string{"web", "db", "mail", "build", "kube", "win", "mac", "edge"}
	nets := []string{"192.0.2.", "198.51.100.", "203.0.113."}
	for i := range all {
		all[i] = agent{
			id:   fmt.Sprintf("%03d", i+1),
			name: fmt.Sprintf("%s-%02d", kinds[i%len(kinds)], i/len(kinds)+1),
			ip:   nets[i%len(nets)] + strconv.Itoa(i+1),
		}
	}
	return all
}()

func (s sample) appendTo(line []byte, f filling) []byte {
	for _, p := range s {
		line = append(line, p.text...)
		line = f.appendSlot(line, p)
	}
	return line
}

func (f filling) appendSlot(line []byte, p piece) []byte {
	switch p.slot {
	case wazuhTime:
		return f.time.AppendFormat(line, "2006-01-02T15:04:05.000-0700")
	case numericTime:
		return strconv.AppendInt(line, f.time.UnixMilli(), 10)
	case indexerTime:
		return f.time.AppendFormat(line, "2006-01-02T15:04:05.000Z")
	case alertID:
		line = strconv.AppendInt(line, f.time.Unix(), 10)
		line = append(line, '.')
		return strconv.AppendInt(line, int64(f.serial), 10)
	case agentID:
		return append(line, f.agent.id...)
	case agentName:
		return append(line, f.agent.name...)
	case agentIP:
		return append(line, f.agent.ip...)
	case fullLog:
		line = f.time.AppendFormat(line, "Jan _2 15:04:05 ")
		line = append(append(line, f.agent.name...), ' ')
		line = append(append(line, p.log...), " trace="...)
		return strconv.AppendUint(line, f.random, 16)
	}
	return line
}

package table

import (
	"fmt"
	"math/rand/v2"

	"github.com/sluice-lake/sluice/engine/ocsf"
)

// finding fills in an event as the shipped mapping does for alert i: most texts
// are those of a few rules and agents, some are of the alert alone.
func finding(ev *ocsf.Event, i int, r *rand.Rand) {
	ev.Reset()
	l, root := ev.Layout.Fields, &ev.Record
	rule, agent := r.IntN(60), r.IntN(40)
	group := func(name string) { root.Cells[at(l, name).Cell].Set = true }
	text := func(s string, names ...string) { setText(root, at(l, names...), s) }
	num := func(v int64, name string) { setNum(root, at(l, name), v) }
	group("analytic")
	group("finding")
	group("metadata")
	root.Cells[at(l, "metadata", "product").Cell].Set = true
	num(1, "activity_id")
	text("Create", "activity_name")
	text(fmt.Sprintf("syslog, sshd, group%d", rule%7), "analytic", "category")
	text(fmt.Sprintf("decoder%d", rule%9), "analytic", "name")
	text("Rule", "analytic", "type")
	setNum(root, at(l, "analytic", "type_id"), 1)
	text(fmt.Sprint(5700+rule), "analytic", "uid")
	text("Findings", "category_name")
	num(2, "category_uid")
	text("Security Finding", "class_name")
	num(2001, "class_uid")
	num(int64(r.IntN(30)), "count")
	title := fmt.Sprintf("sshd: authentication failure of rule %d.", rule)
	uid := fmt.Sprintf("17137%d.%d", 10000+i/3, 1000+i*37)
	text(title, "finding", "title")
	text(uid, "finding", "uid")
	text(title, "message")
	text("Security events", "metadata", "log_name")
	text("Wazuh", "metadata", "log_provider")
	text(fmt.Sprintf("2024-04-22T14:%02d:%02d.%03d+0000", i/60%60, i%60, r.IntN(1000)), "metadata", "original_time")
	text("en", "metadata", "product", "lang")
	text("Wazuh", "metadata", "product", "name")
	text("Wazuh, Inc.", "metadata", "product", "vendor_name")
	text("4.9.1", "metadata", "product", "version")
	text(uid, "metadata", "uid")
	text("1.1.0", "metadata", "version")
	text(fmt.Sprintf("Apr 22 14:%02d:%02d ip-10-0-0-%d sshd[%d]: Failed password for root from 10.%d.%d.%d port %d ssh2", i/60%60, i%60, agent, r.IntN(30000), r.IntN(4), r.IntN(256), r.IntN(256), 1024+r.IntN(60000)), "raw_data")
	num(int64(rule%16), "risk_score")
	text("Low", "severity")
	num(int64(1+rule%5), "severity_id")
	text("New", "state")
	num(1, "state_id")
	text("Other", "status")
	num(99, "status_id")
	num(1713795000000+int64(i)*40, "time")
	text("Security Finding: Create", "type_name")
	num(200101, "type_uid")
	lists(ev, rule, agent)
	unmapped(ev, rule, agent, r)
}

func lists(ev *ocsf.Event, rule, agent int) {
	l := ev.Layout.Fields
	list := func(f *ocsf.Field, texts ...string) {
		c := &ev.Cells[f.Cell]
		c.Set = true
		for _, s := range texts {
			setText(c.Add(1), &ocsf.Field{}, s)
		}
	}
	list(at(l, "data_sources"), "/var/log/auth.log", "wazuh-manager")
	list(at(l, "finding", "types"), "log")
	if rule%2 == 0 {
		list(at(l, "nist"), "AU.14", "AC.7", "SI.4")
	}
	f := at(l, "resources")
	c := &ev.Cells[f.Cell]
	c.Set = true
	item := c.Add(f.ItemCells)
	setText(item, at(f.Children, "name"), fmt.Sprintf("ip-10-0-0-%d.us-west-1.compute.internal", agent))
	setText(item, at(f.Children, "uid"), fmt.Sprintf("%03d", agent))
	if rule%8 == 0 {
		f := at(l, "attacks")
		c := &ev.Cells[f.Cell]
		c.Set = true
		item := c.Add(f.ItemCells)
		item.Cells[at(f.Children, "technique").Cell].Set = true
		setText(item, at(f.Children, "technique", "uid"), "T1110")
		setText(item, at(f.Children, "technique", "name"), "Brute Force")
		setText(item, at(f.Children, "version"), "v13.1")
	}
}

func unmapped(ev *ocsf.Event, rule, agent int, r *rand.Rand) {
	c := &ev.Cells[at(ev.Layout.Fields, "unmapped").Cell]
	c.Set = true
	pair := func(k, v string) { c.Pairs = append(c.Pairs, ocsf.Pair{Key: k, Value: v}) }
	pair("agent.ip", fmt.Sprintf("10.0.0.%d", agent))
	pair("cluster.name", "wazuh-cluster")
	pair("cluster.node", "wazuh-manager")
	pair("data.srcip", fmt.Sprintf("10.%d.%d.%d", r.IntN(4), r.IntN(256), r.IntN(256)))
	pair("data.srcport", fmt.Sprint(1024+r.IntN(60000)))
	pair("data.srcuser", fmt.Sprintf("user%d", r.IntN(200)))
	if rule%3 == 0 {
		pair("data.win.system.eventID", fmt.Sprint(4624+rule))
	}
	pair("predecoder.hostname", fmt.Sprintf("ip-10-0-0-%d", agent))
	pair("predecoder.program_name", "sshd")
	pair("predecoder.timestamp", fmt.Sprintf("Apr 22 14:%02d:%02d", r.IntN(60), r.IntN(60)))
	pair("rule.gdpr.0", "IV_35.7.d")
	pair("rule.gdpr.1", "IV_32.2")
	pair("rule.gpg13.0", "7.1")
	pair("rule.hipaa.0", "164.312.b")
	pair("rule.mail", "false")
	pair("rule.pci_dss.0", "10.2.4")
	pair("rule.pci_dss.1", "10.2.5")
}

// findings are events that stay valid beside each other.
func findings(l *ocsf.Layout, n int) []*ocsf.Event {
	r := rand.New(rand.NewPCG(1, 2))
	evs := make([]*ocsf.Event, n)
	for i := range evs {
		evs[i] = ocsf.NewEvent(l)
		finding(evs[i], i, r)
	}
	return evs
}

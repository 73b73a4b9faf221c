package main

import (
	"slices"
	"strconv"
	"strings"
)

// mostBytes is the size of a template that goes with a request, as the README and the
// Terraform module have it.
const mostBytes = 51_200

// rules judges what must hold between resources.
func (t *template) rules() {
	if t.bytes > mostBytes {
		t.found.addLine(1, "the template has %d bytes: without a bucket for it CloudFormation takes %d at most", t.bytes, mostBytes)
	}
	plain := t.deploy(sample)
	for _, name := range t.ofType("AWS::S3::Bucket") {
		plain.bucketEncryption(name, "AES256")
		plain.bucketEncryption(name, "aws:kms")
		plain.bucketWakesQueue(name)
	}
	for _, name := range t.ofType("AWS::Events::Rule") {
		if t.properties(name).at("EventPattern") == nothing {
			continue // a schedule
		}
		t.deploy(merged(sample, map[string]string{"RawBucketExists": "true"})).ruleWakesQueue(name)
	}
	for _, name := range t.ofType("AWS::Lambda::Function") {
		plain.functionRuns(name)
	}
	for _, name := range t.ofType("AWS::Lambda::EventSourceMapping") {
		plain.batchesReturn(name)
	}
	plain.alarms()
}

// names gives the resource that a Ref or GetAtt leads to.
func names(v *value) string {
	if v.kind != call {
		return ""
	}
	name, _, _ := strings.Cut(v.arg.text, ".")
	return name
}

func (d *deployment) functionRuns(name string) {
	r, p := d.root.at("Resources", name), d.properties(name)
	if p.at("Handler").text != "bootstrap" {
		d.found.add(r, "%s has the Handler %q: the zip holds bootstrap", name, p.at("Handler").text)
	}
	if p.at("Runtime").text != "provided.al2023" {
		d.found.add(r, "%s has no Runtime provided.al2023: bootstrap runs on nothing else here", name)
	}
	if memory, _ := strconv.Atoi(d.text(p.at("MemorySize"))); memory < 512 {
		d.found.add(r, "%s gets %d MB by default: it is measured with 512", name, memory)
	}
}

// batchesReturn follows the event source to its queue and function.
func (d *deployment) batchesReturn(name string) {
	r, p := d.root.at("Resources", name), d.properties(name)
	if !hasText(p.at("FunctionResponseTypes").items, "ReportBatchItemFailures") {
		d.found.add(r, "%s lacks ReportBatchItemFailures: one object that fails would bring back its whole batch", name)
	}
	queue, timeout := names(p.at("EventSourceArn")), d.properties(names(d.ifs(p.at("FunctionName")))).at("Timeout")
	q := d.properties(queue)
	for _, allowed := range d.root.at("Parameters", "Timeout", "AllowedValues").items {
		with := d.deploy(map[string]string{"Timeout": allowed.text})
		visible, _ := strconv.Atoi(with.text(q.at("VisibilityTimeout")))
		if runs, _ := strconv.Atoi(with.text(timeout)); visible < 6*runs || runs == 0 {
			d.found.add(d.root.at("Resources", queue), "%s hides a message for %d s and the function may run for %d s: VisibilityTimeout must be at least six times that", queue, visible, runs)
		}
	}
	dead := names(q.at("RedrivePolicy", "deadLetterTargetArn"))
	if d.root.at("Resources", dead, "Type").text != "AWS::SQS::Queue" || dead == queue {
		d.found.add(d.root.at("Resources", queue), "%s has no dead-letter queue: what fails would come back until it expires, and be lost", queue)
		return
	}
	if tries, _ := strconv.Atoi(q.at("RedrivePolicy", "maxReceiveCount").text); tries < 5 {
		d.found.add(q.at("RedrivePolicy"), "%s gives up after %d tries: Lambda also receives what it then throttles, so give it at least 5", queue, tries)
	}
	if seconds(d.properties(dead)) < seconds(q) {
		d.found.add(d.root.at("Resources", dead), "%s forgets sooner than %s: a message keeps its age when it moves, so give it the longer MessageRetentionPeriod", dead, queue)
	}
}

func seconds(queue *value) int {
	n, err := strconv.Atoi(queue.at("MessageRetentionPeriod").text)
	if err != nil {
		return 345600 // what SQS takes
	}
	return n
}

// alarms looks for what must be watched, and that it watches what is there.
func (d *deployment) alarms() {
	wanted := map[string]bool{"AWS/SQS ApproximateNumberOfMessagesVisible": true, "AWS/SQS ApproximateAgeOfOldestMessage": true,
		"AWS/Lambda Errors": true, "AWS/Lambda Throttles": true, "AWS/Lambda Duration": true}
	for _, name := range d.ofType("AWS::CloudWatch::Alarm") {
		p := d.properties(name)
		metric := p.at("Namespace").text + " " + p.at("MetricName").text
		if strings.HasPrefix(metric, "AWS/") && !wanted[metric] {
			d.found.add(d.root.at("Resources", name), "%s watches %s, which nothing here sends: correct it, or teach rules.go about it", name, metric)
		}
		delete(wanted, metric)
		d.watches(name, metric)
		if d.texts(p.at("AlarmActions")) != nil {
			d.found.add(p.at("AlarmActions"), "%s tells somebody although no topic is given: make it depend on one", name)
		}
	}
	missing := []string{}
	for metric := range wanted {
		missing = append(missing, metric)
	}
	slices.Sort(missing)
	for _, metric := range missing {
		d.found.addLine(1, "no alarm watches %s: make one", metric)
	}
}

// watches checks that the alarm looks at the queue or function that is meant.
func (d *deployment) watches(name, metric string) {
	for _, source := range d.ofType("AWS::Lambda::EventSourceMapping") {
		p := d.properties(source)
		queue := names(p.at("EventSourceArn"))
		want := map[string]string{
			"AWS/SQS ApproximateNumberOfMessagesVisible": names(d.properties(queue).at("RedrivePolicy", "deadLetterTargetArn")),
			"AWS/SQS ApproximateAgeOfOldestMessage":      queue,
			"AWS/Lambda Errors":                          names(d.ifs(p.at("FunctionName"))),
			"AWS/Lambda Throttles":                       names(d.ifs(p.at("FunctionName"))),
			"AWS/Lambda Duration":                        names(d.ifs(p.at("FunctionName"))),
		}[metric]
		for _, dimension := range d.properties(name).at("Dimensions").items {
			if got := names(dimension.at("Value")); want != "" && got != want {
				d.found.add(dimension, "%s watches %s of %s: it must watch %s", name, metric, got, want)
			}
		}
	}
}

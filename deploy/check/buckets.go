package main

import (
	"slices"
	"strings"
)

// bucketEncryption resolves the bucket without and with a key.
func (d *deployment) bucketEncryption(name, algorithm string) {
	given := map[string]string{}
	if algorithm == "aws:kms" {
		given["RawKmsKeyArn"] = keyOf("raw")
	}
	with := d.deploy(given)
	for _, rule := range d.properties(name).at("BucketEncryption", "ServerSideEncryptionConfiguration").items {
		by := rule.at("ServerSideEncryptionByDefault")
		if got := with.text(by.at("SSEAlgorithm")); got != algorithm {
			d.found.add(by, "%s is encrypted with %q where it must be %s", name, got, algorithm)
		}
		if got := with.text(by.at("KMSMasterKeyID")); got != given["RawKmsKeyArn"] {
			d.found.add(by, "%s is encrypted under the key %q where it must be %q", name, got, given["RawKmsKeyArn"])
		}
	}
}

// woken says how many messages an object of this name makes.
var woken = map[string]int{
	"20260314/ls.s3.7f3dcd3a-1f52-4b3c-a4d5-62a1b3c4d5e6.2026-03-14T09.05.part0.txt":              1,
	"20260314/ls.s3.7f3dcd3a-1f52-4b3c-a4d5-62a1b3c4d5e6.2026-03-14T09.05.part0.txt.gz":           1,
	"20260314_ls.s3.7f3dcd3a-1f52-4b3c-a4d5-62a1b3c4d5e6.2026-03-14T09.05.part1-recovered.txt.gz": 1,
	"sample.txt": 1,
	"rejects/20260314/part0.txt.gz-0123456789abcdef0123456789abcdef.ndjson.gz":           0,
	"rejects/unmatched/20260314/part0.txt.gz-0123456789abcdef0123456789abcdef.ndjson.gz": 0,
	"rejects/.manifests/0123456789abcdef0123456789abcdef.json":                           0,
	"ext/wazuh/region=us-east-1/accountId=external/eventDay=1.jsonl":                     0,
	"wazuh_to_amazon_security_lake.zip":                                                  0,
}

// bucketWakesQueue judges the notification: which objects make a message, and
// whether the queue takes it.
func (d *deployment) bucketWakesQueue(name string) {
	r, p := d.root.at("Resources", name), d.properties(name)
	for key, want := range woken {
		if got := d.messages(p, key); got != want {
			d.found.add(r, "%s tells of the object %s %d times, and must %d times: fix the filters of its notifications", name, key, got, want)
		}
	}
	for _, n := range p.at("NotificationConfiguration", "QueueConfigurations").items {
		if n.at("Event").text != "s3:ObjectCreated:*" {
			d.found.add(n, "%s tells of %s alone: large files of Logstash come in parts, so take s3:ObjectCreated:*", name, n.at("Event").text)
		}
		policy := d.letsIn(d.text(n.at("Queue")), "arn:aws:s3:::"+d.text(p.at("BucketName")))
		if policy == "" {
			d.found.add(n, "no queue policy lets %s send to %s: allow s3.amazonaws.com sqs:SendMessage there, from this bucket and this account alone", name, names(n.at("Queue")))
		} else if on := r.at("DependsOn"); on.text != policy && !hasText(on.items, policy) {
			d.found.add(r, "%s may be made before %s, and S3 would refuse it: name that in DependsOn", name, policy)
		}
	}
}

func (d *deployment) messages(bucket *value, key string) (n int) {
	for _, q := range bucket.at("NotificationConfiguration", "QueueConfigurations").items {
		takes := true
		for _, f := range q.at("Filter", "S3Key", "Rules").items {
			fits := strings.HasSuffix
			if f.at("Name").text == "prefix" {
				fits = strings.HasPrefix
			}
			takes = takes && fits(key, f.at("Value").text)
		}
		if takes {
			n++
		}
	}
	return n
}

// ruleWakesQueue judges the way of EventBridge, for a bucket that is there already: of
// of whose objects the rule notifies it, and that the queue accepts no other one.
func (d *deployment) ruleWakesQueue(name string) {
	r, p := d.root.at("Resources", name), d.properties(name)
	if bucket := d.texts(p.at("EventPattern", "detail", "bucket", "name")); !slices.Equal(bucket, []string{sample["RawBucketName"]}) {
		d.found.add(r, "%s tells of the buckets %v: it must tell of RawBucketName alone", name, bucket)
	}
	for _, target := range p.at("Targets").items {
		let := false
		for _, policy := range d.ofType("AWS::SQS::QueuePolicy") {
			for _, s := range d.properties(policy).at("PolicyDocument", "Statement").items {
				if s = d.ifs(s); s == nil || s.at("Effect").text != "Allow" || s.at("Principal", "Service").text != "events.amazonaws.com" {
					continue
				}
				from := func(rule string) bool {
					return d.right(s).matches(request{"sqs:SendMessage", d.text(target.at("Arn")), map[string]string{"aws:SourceArn": rule}})
				}
				let = let || from("arn:"+name) && !from("arn:other")
			}
		}
		if !let {
			d.found.add(target, "no queue policy lets %s send to %s: allow events.amazonaws.com sqs:SendMessage there, from this rule alone", name, names(target.at("Arn")))
		}
	}
}

// letsIn gives the queue policy that lets this bucket send, and no other bucket
// or account.
func (d *deployment) letsIn(queue, bucket string) string {
	for _, name := range d.ofType("AWS::SQS::QueuePolicy") {
		for _, s := range d.properties(name).at("PolicyDocument", "Statement").items {
			r := d.right(s)
			from := func(source, account string) bool {
				return r.matches(request{"sqs:SendMessage", queue, map[string]string{"aws:SourceArn": source, "aws:SourceAccount": account}})
			}
			if r.effect == "Allow" && s.at("Principal", "Service").text == "s3.amazonaws.com" && from(bucket, "111122223333") &&
				!from(bucket+"-other", "111122223333") && !from(bucket, "444455556666") {
				return name
			}
		}
	}
	return ""
}

package engine_test

import (
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/engine"
)

// deepMapping is a detection finding that goes as deep as packs do: device, cloud
// and what a product decided by their profiles, evidences with endpoints, actor,
// process and file, and times at every depth.
const deepMapping = `mapping: deep
schema: VERSION
class: detection_finding
profiles: [host, cloud, datetime, security_control, container, linux/linux_users]
let:
  win: =data.win.eventdata
  system: =data.win.system
  audit: =data.audit
  aws: =data.aws
  image: =win.image ?? win.processName ?? audit.exe
  user: =win.targetUserName ?? data.dstuser ?? data.srcuser ?? audit.acct ?? data.office365.UserId
event:
  activity_name: create
  severity: "=rule.level >= 15 ? 'critical' : rule.level >= 11 ? 'high' : rule.level >= 8 ? 'medium' : rule.level >= 4 ? 'low' : 'informational'"
  status: =data.vulnerability.status ?? 'New'
  time: =timestamp ?? alert["@timestamp"]
  start_time: =aws.service.eventFirstSeen
  end_time: =aws.service.eventLastSeen
  count: =aws.service.count
  message: =rule.description
  raw_data: =full_log
  risk_score: =rule.level
  finding_info:
    uid: =id ?? sha256(line)
    title: =aws.title ?? rule.description ?? ("Wazuh rule " + rule.id) ?? 'Alert'
    desc: =aws.description
    types: =rule.groups
    created_time: =aws.createdAt
    modified_time: =aws.updatedAt
    first_seen_time: =aws.service.eventFirstSeen
    last_seen_time: =aws.service.eventLastSeen
    src_url: =data.virustotal.permalink
    analytic: {type: rule, uid: =rule.id, name: =rule.description, category: "=join(rule.groups, ', ')"}
    attacks:
      - $each: =zip(rule.mitre.id, rule.mitre.technique)
        technique: {uid: "=it[0]", name: "=it[1]"}
        tactic: {name: "=rule.mitre.tactic[0]"}
        version: v13.1
    data_sources: [=location, =decoder.name]
  metadata:
    uid: =id
    product: {name: Wazuh, vendor_name: "Wazuh, Inc.", lang: en}
    event_code: =system.eventID ?? data.logid ?? rule.id
    log_name: =system.channel ?? aws.source ?? location
    log_provider: =system.providerName ?? predecoder.program_name ?? decoder.name
    original_time: =system.systemTime ?? predecoder.timestamp ?? timestamp
    logged_time: =alert["@timestamp"] ?? timestamp
    loggers: [{name: =manager.name, uid: =cluster.node}]
  device:
    type: unknown
    uid: =agent.id
    name: =agent.name
    ip: =agent.ip
    hostname: =predecoder.hostname ?? agent.name
    os:
      $when: =data.win != nil
      name: Windows
      type: windows
  cloud:
    provider: "=data.aws != nil ? 'AWS' : data.office365 != nil ? 'Microsoft' : nil"
    region: =aws.awsRegion ?? aws.region
    account: {uid: "=aws.recipientAccountId ?? aws.accountId ?? aws.aws_account_id"}
  api:
    operation: =aws.eventName ?? data.office365.Operation ?? data.docker.Action
    service: {name: =aws.eventSource}
    response: {error: =aws.errorCode}
  action: =data.action
  disposition: =data.disposition ?? data.action
  resources:
    - uid: =agent.id
      name: =agent.name
      type: host
      region: =aws.awsRegion
    - name: =aws.requestParameters.bucketName
  evidences:
    - src_endpoint:
        ip: =data.srcip ?? win.ipAddress ?? aws.sourceIPAddress ?? data.src_ip
        port: =data.srcport ?? win.ipPort
        hostname: =win.workstationName
        mac: =data.srcmac
        location: {city: =GeoLocation.city_name, country: =data.srccountry}
      dst_endpoint: {ip: "=data.dstip ?? win.destinationIp", port: "=data.dstport ?? win.destinationPort", svc_name: =data.service}
      actor:
        user: {name: =user, domain: =win.targetDomainName, uid: "=win.targetUserSid ?? audit.auid", email_addr: =data.office365.UserId}
        process: {pid: "=int(win.parentProcessId) ?? audit.ppid", file: {path: =win.parentImage, name: "=basename(win.parentImage)", type: regular file}}
      process:
        pid: "=int(win.processId) ?? audit.pid"
        uid: =win.processGuid
        name: =basename(image)
        cmd_line: =win.commandLine ?? data.command ?? audit.command
        created_time: =win.utcTime
        euid: =audit.euid
        namespace_pid: =audit.nspid
        file:
          path: =image
          name: =basename(image)
          type: regular file
          hashes:
            - $each: =split(win.hashes, ",")
              algorithm: "=split(it, '=')[0]"
              value: "=split(it, '=')[1]"
        user: {name: =win.user, uid: =audit.uid}
      file:
        path: =syscheck.path ?? data.file ?? data.virustotal.source.file
        name: =basename(syscheck.path ?? data.file ?? data.virustotal.source.file)
        type: regular file
        size: =syscheck.size_after
        modified_time: =syscheck.mtime_after
        hashes:
          - {algorithm: md5, value: =syscheck.md5_after}
          - {algorithm: sha-1, value: =syscheck.sha1_after}
          - {algorithm: sha-256, value: =syscheck.sha256_after}
      query: {hostname: "=win.queryName ?? data.dns.question.name"}
OBSERVABLES  unmapped: {$rest: true}
`

const withObservables = "  observables: {$from: event}\n"

// deepEngine compiles the deep mapping.
func deepEngine(tb testing.TB, version, observables string) *engine.Engine {
	tb.Helper()
	text := strings.NewReplacer("VERSION", version, "OBSERVABLES", observables).Replace(deepMapping)
	e, err := engine.Compile([]engine.File{{Name: "deep.yaml", Text: []byte(text)}}, engine.Options{})
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

// deepAlerts are the samples, and alerts that have what the deep mapping knows of
// and the samples lack.
func deepAlerts(tb testing.TB) []string {
	return append(samples(tb),
		`{"timestamp":"2026-03-14T09:26:53Z","id":"1","rule":{"level":12,"id":"1","description":"d","groups":["g"]},"agent":{"id":"001","name":"a","ip":"any"},`+
			`"data":{"action":"DENIED","srcip":"192.0.2.7","srcmac":"00:1a:2b:3c:4d:5e","audit":{"euid":"0","pid":"7","ppid":"1","nspid":3,"exe":"/bin/sh"}}}`,
		`{"timestamp":"2026-03-14T09:26:53Z","id":"2","rule":{"level":3,"id":"2","description":"d"},"agent":{"id":"000"},`+
			`"data":{"disposition":"Blocked","aws":{"awsRegion":"us-east-1","createdAt":"2026-03-14T09:00:00.5Z","requestParameters":{"bucketName":"b"}}}}`,
		`{"timestamp":"2026-03-14T09:26:53Z","id":"3","rule":{"level":3,"id":"2","description":"d"},"data":{"docker":{"Action":"exec"},"aws":{}}}`,
		`{"timestamp":"2026-03-14T09:26:53Z","id":"4","rule":{"level":3},"data":{"office365":{"Operation":"FileAccessed","UserId":"a@example.org"}},"syscheck":{"path":"/etc/passwd","mtime_after":"2026-03-14T09:26:50","md5_after":"d41d8cd98f00b204e9800998ecf8427e"}}`,
	)
}

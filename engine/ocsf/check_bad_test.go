package ocsf

type badEvent struct {
	class, edits string
	want         []string
}

func bad(class, edits string, want ...string) badEvent { return badEvent{class, edits, want} }

// badEvents are edits of goodEvents with all that Check must find in each:
// nothing if OCSF allows the edit, which is close to one that it does not allow.
var badEvents = []badEvent{
	// The class.
	bad("2001", `class_uid`, "class_uid: is missing: without it the event's class is unknown and nothing else is checked"),
	bad("2001", `class_uid = "2001"`, `class_uid: must be an integer, is the text "2001"`),
	bad("2001", `class_uid = 2999`, "class_uid: no class of OCSF 1.1.0 has the number 2999"),
	bad("2001", `class_uid = 4294969297`, "class_uid: no class of OCSF 1.1.0 has the number 4294969297"),
	bad("2001", `class_name = "Detection Finding"`, `class_name: is the text "Detection Finding" where class_uid is 2001: must be "Security Finding"`),
	bad("2001", `category_uid = 3 & category_name`, "category_uid: 3 is not a value of its enum; the values are 2"),
	bad("2001", `category_name = "findings"`, `category_name: is the text "findings" where category_uid is 2: must be "Findings"`),
	bad("2001", `type_uid = 200102`, "type_uid: must be 200101 (class_uid * 100 + activity_id), is 200102"),
	bad("2001", `type_name = "Create"`, `type_name: must be "Security Finding: Create", is the text "Create"`),
	bad("2001", `activity_id = 99 & activity_name = "mine" & type_uid = 200199`,
		`type_name: must be "Security Finding: Other", is the text "Security Finding: Create"`),
	bad("2001", `activity_id = 99 & activity_name = "mine" & type_uid = 200199 & type_name = "Security Finding: mine"`),
	bad("2001", `activity_id = 99 & activity_name = "mine" & type_uid = 200199 & type_name = "Security Finding: Other"`),
	bad("2001", `activity_id = 42 & activity_name & type_name`,
		"activity_id: 42 is not a value of its enum; the values are 0, 1, 2, 3, 99",
		"type_uid: must be 200142 (class_uid * 100 + activity_id), is 200101"),
	bad("2001", `metadata.version = "1.2.0"`, `metadata.version: must be "1.1.0", the version that the event is checked against; is the text "1.2.0"`),
	// What has to be there, and what must not.
	bad("2001", `state_id & state`, "state_id: is missing: class security_finding requires it"),
	bad("2001", `metadata.product`, "metadata.product: is missing: object metadata requires it"),
	bad("2001", `time`, "time: is missing: class security_finding requires it"),
	bad("2004", `finding_info.analytic.type_id & finding_info.analytic.type`, "finding_info.analytic.type_id: is missing: object analytic requires it"),
	bad("2004", `nist = ["AU.14"]`, "nist: class detection_finding has no such attribute"),
	bad("2001", `mesage = "m"`, "mesage: class security_finding has no such attribute; did you mean `message`?"),
	bad("2001", `resources.0.ip = "10.0.0.1"`, "resources[0].ip: object resource_details has no such attribute"),
	bad("2001", `attacks.0.technique.id = "x"`, "attacks[0].technique.id: object technique has no such attribute"),
	// Profiles.
	bad("2004", `metadata.profiles = ["datetime"]`, "device: exists only with the profile host, which metadata.profiles does not list"),
	bad("2004", `metadata.profiles`, "device: exists only with the profile host, which metadata.profiles does not list",
		"time_dt: exists only with the profile datetime, which metadata.profiles does not list"),
	bad("2004", `metadata.profiles = ["host","datetime","hots"]`, "metadata.profiles[2]: class detection_finding has no profile \"hots\"; did you mean `host`?"),
	bad("2004", `metadata.profiles = "host" & device & time_dt`, `metadata.profiles: must be a list (string_t[]), is the text "host"`),
	bad("2004", `metadata.profiles = [1] & device & time_dt`, `metadata.profiles[0]: must be text (string_t), is 1`),
	bad("2004", `device.type_id & device.type`, "device.type_id: is missing: object device requires it"),
	bad("2004", `metadata.profiles = ["host","datetime","security_control"]`, "action_id: is missing: class detection_finding requires it"),
	// Types.
	bad("2001", `count = "3"`, `count: must be an integer (integer_t), is the text "3"`),
	bad("2001", `count = 1.5`, "count: must be an integer (integer_t), is 1.5"),
	bad("2001", `count = 2147483648`, "count: 2147483648 is outside -2147483648 to 2147483647 (integer_t)"),
	bad("2001", `count = true`, "count: must be an integer (integer_t), is true"),
	bad("2001", `message = 5`, "message: must be text (string_t), is 5"),
	bad("2001", `message = ["m"]`, "message: must be text (string_t), is a list"),
	bad("2001", `message = "LONG"`, "message: has 65536 characters, more than the 65535 of string_t"),
	bad("2001", `nist = "AU.14"`, `nist: must be a list (string_t[]), is the text "AU.14"`),
	bad("2001", `attacks = {"version":"v13.1"}`, "attacks: must be a list (attack[]), is an object"),
	bad("2001", `attacks.0 = "T1110"`, `attacks[0]: must be an object (attack), is the text "T1110"`),
	bad("2001", `finding = []`, "finding: is an empty list: leave it out"),
	bad("2001", `finding = [{"uid":"1"}]`, "finding: must be an object (finding), is a list"),
	bad("2004", `vulnerabilities.0.is_exploit_available = "yes"`, `vulnerabilities[0].is_exploit_available: must be true or false, is the text "yes"`),
	bad("2004", `vulnerabilities.0.cve.cvss.0.base_score = "7"`, `vulnerabilities[0].cve.cvss[0].base_score: must be a finite number, is the text "7"`),
	bad("2004", `evidences.0.src_endpoint.port = 65536`, "evidences[0].src_endpoint.port: 65536 is outside 0 to 65535 (port_t)"),
	bad("2004", `evidences.0.src_endpoint.port = -1`, "evidences[0].src_endpoint.port: -1 is outside 0 to 65535 (port_t)"),
	bad("2004", `evidences.0.src_endpoint.ip = "10.0.0"`, `evidences[0].src_endpoint.ip: the text "10.0.0" does not have the form of ip_t`),
	bad("2004", `device.ip = "10x0x0x1"`, `device.ip: the text "10x0x0x1" does not have the form of ip_t`),
	bad("2004", `device.ip = " 10.0.0.1"`, `device.ip: the text " 10.0.0.1" does not have the form of ip_t`),
	bad("2004", `device.mac = "00:1A"`, `device.mac: the text "00:1A" does not have the form of mac_t`),
	bad("2004", `device.hostname = "a b"`, `device.hostname: the text "a b" does not have the form of hostname_t`),
	bad("2004", `time_dt = 1713795646976`, "time_dt: must be text (datetime_t), is 1713795646976"),
	bad("2004", `time_dt = "2024-04-22T14:20:46"`, `time_dt: the text "2024-04-22T14:20:46" does not have the form of datetime_t`),
	bad("2004", `time_dt = "2024-13-22T14:20:46Z"`, `time_dt: the text "2024-13-22T14:20:46Z" does not have the form of datetime_t`),
	// Times.
	bad("2001", `time = "2024-04-22T14:20:46Z"`, `time: must be an integer (timestamp_t), is the text "2024-04-22T14:20:46Z"`),
	bad("2001", `time = 1713795646`, "time: 1713795646 looks like seconds: the time of an event is in milliseconds since 1970 UTC"),
	bad("2001", `time = -1`, "time: -1 is outside 0 to 253402300799999 (timestamp_t)"),
	bad("2001", `time = 1713795646976000`, "time: 1713795646976000 is outside 0 to 253402300799999 (timestamp_t)"),
	bad("2001", `start_time = 5`),
	// Values that say nothing.
	bad("2001", `message = null`, "message: is null: leave it out"),
	bad("2001", `message = ""`, "message: is an empty text: leave it out"),
	bad("2001", `nist = []`, "nist: is an empty list: leave it out"),
	bad("2001", `nist = ["a",null,""]`, "nist[1]: is null: leave it out", "nist[2]: is an empty text: leave it out"),
	bad("2001", `severity_id = null`, "severity_id: is null: leave it out"),
	bad("2001", `attacks.0.tactic = {}`, "attacks[0].tactic: is an empty object: leave it out"),
	bad("2001", `resources = [{}]`, "resources[0]: is an empty object: leave it out"),
	bad("2001", `unmapped = {}`, "unmapped: is an empty object: leave it out"),
	bad("2004", `evidences.0.data = null`, "evidences[0].data: is null: leave it out"),
	// The open object.
	bad("2001", `unmapped = {"b":1,"a":{"c":"d"},"e":"","f":["x"],"":"y"}`, `unmapped[""]: has an empty key`,
		`unmapped["a"]: must be text, is an object`, `unmapped["b"]: must be text, is 1`,
		`unmapped["e"]: is an empty text: leave it out`, `unmapped["f"]: must be text, is a list`),
	bad("2001", `unmapped = "x"`, `unmapped: must be an object of texts, is the text "x"`),
	// Enums and their captions.
	bad("2001", `severity_id = 7 & severity`, "severity_id: 7 is not a value of its enum; the values are 0, 1, 2, 3, 4, 5, 6, 99"),
	bad("2001", `severity = "High"`, `severity: is the text "High" where severity_id is 3: must be "Medium"`),
	bad("2001", `severity_id = 99 & severity = "High"`),
	bad("2001", `severity = 3`, "severity: must be text (string_t), is 3"),
	bad("2004", `finding_info.analytic.type = "rule"`, `finding_info.analytic.type: is the text "rule" where type_id is 1: must be "Rule"`),
	bad("2004", `vulnerabilities.0.cve.cvss.0.depth = "Deep"`,
		"vulnerabilities[0].cve.cvss[0].depth: Deep is not a value of its enum; the values are Base, Environmental, Temporal"),
	bad("4003", `answers.0.flag_ids.0 = 12`, "answers[0].flag_ids[0]: 12 is not a value of its enum; the values are 0, 1, 2, 3, 4, 5, 6, 99"),
	bad("4003", `answers.0.flags.0 = "mine"`, `answers[0].flags[0]: is the text "mine" where flag_ids is 1: must be "Authoritative Answer"`),
	bad("4003", `answers.0.flags = ["Authoritative Answer"]`, "answers[0].flags: has 1 items, flag_ids has 2: each value has its own caption"),
	bad("4003", `answers.0.flags = "mine"`, `answers[0].flags: must be a list (string_t[]), is the text "mine"`),
	// Constraints.
	bad("2001", `attacks.0 = {"version":"v13.1"}`, "attacks[0]: object attack needs at least one of tactic, technique, sub_technique; it has none"),
	bad("2001", `resources.0 = {"type":"t"}`, "resources[0]: object resource_details needs at least one of name, uid; it has none"),
	bad("3003", `group`, "event: class authorize_session needs exactly one of privileges, group; it has 0"),
	bad("3003", `privileges = ["p"]`, "event: class authorize_session needs exactly one of privileges, group; it has 2"),
	bad("5004", `device.os.version`, "event: class patch_state needs at least one of device.os.sp_name, device.os.sp_ver, device.os.version; it has none"),
}

package alert

// Alerts as Wazuh 4 writes them, of five sources.
var samples = []string{
	`{"timestamp":"2024-05-14T09:12:01.417+0000","rule":{"level":5,"description":"sshd: Attempt to login using a non-existent user","id":"5710","mitre":{"id":["T1110.001","T1021.004"],"tactic":["Credential Access","Lateral Movement"],"technique":["Password Guessing","SSH"]},"firedtimes":3,"mail":false,"groups":["syslog","sshd","authentication_failed","invalid_login"],"gdpr":["IV_35.7.d","IV_32.2"],"hipaa":["164.312.b"],"nist_800_53":["AU.14","AC.7","AU.6"],"pci_dss":["10.2.4","10.2.5","10.6.1"],"tsc":["CC6.1","CC6.8","CC7.2","CC7.3"]},"agent":{"id":"004","name":"bastion-1","ip":"10.1.4.9"},"manager":{"name":"wazuh-mgr"},"id":"1715677921.118231","full_log":"May 14 09:12:00 bastion-1 sshd[31207]: Invalid user oracle from 203.0.113.77 port 51122","predecoder":{"program_name":"sshd","timestamp":"May 14 09:12:00","hostname":"bastion-1"},"decoder":{"parent":"sshd","name":"sshd"},"data":{"srcip":"203.0.113.77","srcport":"51122","srcuser":"oracle"},"location":"/var/log/auth.log"}`,
	`{"timestamp":"2024-05-14T09:13:44.020+0000","rule":{"firedtimes":2,"mail":false,"level":7,"pci_dss":["11.5"],"hipaa":["164.312.c.1"],"description":"Integrity checksum changed.","groups":["ossec","syscheck"],"id":550,"nist_800_53":["SI.7"],"gpg13":["4.11"]},"agent":{"id":"007","name":"web-2","ip":"10.1.4.20"},"manager":{"name":"wazuh-mgr"},"id":"1715678024.120044","decoder":{"name":"syscheck_integrity_changed"},"syscheck":{"path":"/etc/nginx/nginx.conf","mode":"realtime","size_before":"1482","size_after":"1510","perm_after":"rw-r--r--","uid_after":"0","gid_after":"0","md5_after":"9b0f1f3c9e0e52d3a2f3a1f0d9c3f0aa","mtime_before":"2024-05-02T07:00:11","mtime_after":"2024-05-14T09:13:43","inode_after":262481,"changed_attributes":["size","mtime","md5"],"event":"modified"},"location":"syscheck","input":{"type":"log"},"@timestamp":"2024-05-14T09:13:44.020Z"}`,
	`{"timestamp":"2024-05-14T09:14:02.233+0000","rule":{"level":12,"description":"Service installed: remote tool","id":"61138","firedtimes":1,"mail":true,"groups":["windows","windows_system"],"mitre":{"id":["T1543.003"],"tactic":["Persistence","Privilege Escalation"],"technique":["Windows Service"]}},"agent":{"id":"011","name":"DC01","ip":"10.1.8.2"},"manager":{"name":"wazuh-mgr"},"id":"1715678042.131870","decoder":{"name":"windows_eventchannel"},"data":{"win":{"system":{"providerName":"Service Control Manager","eventID":"7045","version":"0","level":"4","task":"0","opcode":"0","keywords":"0x8080000000000000","systemTime":"2024-05-14T09:14:00.9010210Z","eventRecordID":"90211","processID":"660","threadID":"8412","channel":"System","computer":"DC01.corp.example","severityValue":"INFORMATION"},"eventdata":{"serviceName":"psexesvc","imagePath":"%SystemRoot%/PSEXESVC.exe","serviceType":"user mode service","startType":"demand start","accountName":"LocalSystem"}}},"location":"EventChannel","input":{"type":"log"}}`,
	`{"timestamp":"2024-05-14T09:20:11.700+0000","rule":{"level":10,"description":"CVE-2023-4911 affects libc6","id":"23505","firedtimes":41,"mail":false,"groups":["vulnerability-detector"],"gdpr":["IV_35.7.d"]},"agent":{"id":"007","name":"web-2","ip":"10.1.4.20"},"manager":{"name":"wazuh-mgr"},"id":"1715678411.150001","decoder":{"name":"json"},"data":{"vulnerability":{"cve":"CVE-2023-4911","severity":"High","published":"2023-10-03","cvss":{"cvss3":{"base_score":"7.8","vector":{"attack_vector":"local","privileges_required":"low"}}},"package":{"name":"libc6","version":"2.36-9","architecture":"amd64","condition":"less than 2.36-9+deb12u3"},"references":["https://vuln.example/CVE-2023-4911","https://lists.example/msg/4911"],"assigner":"secalert","score":7.8}},"location":"vulnerability-detector"}`,
	`{"timestamp":"2024-05-14T09:21:30.001+0000","rule":{"level":3,"description":"Audit: Command: /usr/bin/id","id":"80792","firedtimes":9,"mail":false,"groups":["audit","audit_command"]},"agent":{"id":"004","name":"bastion-1","ip":"10.1.4.9"},"manager":{"name":"wazuh-mgr"},"id":"1715678490.151992","full_log":"type=SYSCALL msg=audit(1715678489.801:91): arch=c000003e syscall=59 success=yes exit=0 comm=id exe=/usr/bin/id key=audit-wazuh-c","decoder":{"parent":"auditd","name":"auditd"},"data":{"audit":{"type":"SYSCALL","id":"91","arch":"c000003e","syscall":"59","success":"yes","exit":"0","ppid":"3120","pid":"3177","auid":"1000","uid":"0","tty":"pts0","session":"4","command":"id","exe":"/usr/bin/id","key":"audit-wazuh-c","cwd":"/root","file":{"name":"/usr/bin/id","inode":"131190","mode":"0100755"},"execve":{"a0":"id"}}},"location":"/var/log/audit/audit.log"}`,
}

// Lines that try the corners: each is a seed of the fuzz targets.
var corners = []string{
	`{}`, " \t{ } \r", ``, ` `, `[]`, `"x"`, `12`, `null`, `tru`, `{"a":1`, `{"a":1}}`, `{"a":1} {"b":2}`, `{"a":1,}`, `{,}`, `{"a"}`, `{"a":}`,
	`{"a":01}`, `{"a":-}`, `{"a":1.}`, `{"a":1e}`, `{"a":.5}`, `{"a":-0}`, `{"a":1e400}`, `{"a":9223372036854775807,"b":9223372036854775808}`, `{"a":NaN}`,
	`{"a":"\u00e9\ud83d\ude00\ud800x\udc00","b":"\n\t\"\\\/\b\f\r"}`, `{"a":"\x"}`, `{"a":"\u12"}`, "{\"a\":\"\x01\"}", "{\"a\":\"\xff\"}", "{\"a\":\"\u00e9\u4e16\"}", "{\"a\xc3\":1}",
	`{"a":1,"a":2}`, `{"a":{"b":1},"a":{"c":2}}`, `{"a":{"b":1,"b":"x"},"b":[{"a":1,"a":[]}]}`, `{"a":[1,2],"a":null}`, `{"\u0061":1,"a":2}`,
	`{"_index":"i","_source":{"a":1,"b":{"c":2}},"z":3}`, `{"_source":{"a":1},"a":2,"b":3}`, `{"a":2,"_source":{"a":1,"_source":{"b":1}}}`, `{"_source":"text","a":1}`,
	`{"_source":{"a":1},"_source":{"b":2}}`, `{"_source":{"a":1},"_source":4}`, `{"_source":{}}`, `{"a":{"_source":{"b":1}}}`, `{"_source":[{"a":1}]}`,
	`{"a":{"b":{"c":[{"a":1},{"b":2},[3,[4]],"x",null,true,false,""]}}}`, `{"a.b":1,"":2,"a":{"b":3,"c d":4,"0":5},"b":[6,{"0":7}]}`,
	`{"a":[],"b":{},"c":[[],{},[{}]]}`, `{"a" : 1 , "b" :[ 1 , 2 ] }`, "\ufeff{}", `{"a":[1,2,3,4,5,6,7,8,9,10,11,12]}`, `{"a":tru}`, `{"a":nulll}`, `{"a":0e1}`, `{"a":1E+20}`, `{"a":[1 2]}`, `{"a":[1,]}`,
}

// wanted is a list of wants with all that may be odd: some above others, some
// twice, positions in lists, the whole alert.
func wanted(mask uint16) []Want {
	paths := []Path{
		{{Name: "a"}}, {{Name: "a"}, {Name: "b"}}, {{Name: "b"}, {Index: 0, IsIndex: true}}, {{Name: "rule"}, {Name: "level"}},
		{{Name: "rule"}}, {{Name: "a"}, {Index: 1, IsIndex: true}}, {{Name: "a"}}, {{Name: "_source"}, {Name: "a"}},
		{{Name: "data"}, {Name: "win"}, {Name: "system"}, {Name: "eventID"}}, {{Name: "a"}, {Name: "0"}}, {{Name: "full_log"}}, {{Name: "a.b"}},
	}
	if mask&(1<<15) != 0 {
		paths = append(paths, Path{})
	}
	wants := make([]Want, 0, len(paths))
	for i, p := range paths {
		wants = append(wants, Want{Path: p, Used: mask&(1<<i) != 0})
	}
	return wants
}

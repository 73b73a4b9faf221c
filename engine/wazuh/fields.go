package wazuh

// fields are the fields of alerts: the path of an object (- for the alert itself),
// the kind, and the names of its members of that kind. Those of 4.x are from the
// index template of 4.14.7, with what managers send besides; `rule.mitre.tactics` is
// of 3.x. Of 5 they are from the template of the findings: rule and agent, and the
// names at the top. What the indexer adds begins with _ or @.
const fields = `
- number _score
- open GeoLocation _source check client cloud compliance container data data_stream destination device dll dns email error event faas file
- open gen_ai group host http interface labels log mitre network observer orchestrator organization package policy process registry related
- open server service source span tags threat tls trace transaction url user user_agent volume vulnerability wazuh
- text @version _id _index command full_log id location message offset previous_log previous_output program_name title type
- time @timestamp timestamp
agent open ephemeral_id groups labels type version
agent text id ip name
agent.build open original
cluster text name node
decoder number accumulate fts
decoder text ftscomment name parent
input text type
manager text name
predecoder text hostname program_name timestamp
rule bool mail
rule list cis cve gdpr gpg13 groups hipaa nist_800_53 pci_dss tsc
rule number firedtimes frequency level
rule open author category details license name reference ruleset sigma_id tags title uuid version
rule text description filename id info relative_dirname status
rule.compliance open cmmc fedramp gdpr hipaa iso_27001 nis2 nist_800_171 nist_800_53 pci_dss tsc
rule.mitre list id tactic tactics technique
rule.mitre.subtechnique open id name
rule.mitre.tactic open id name
rule.mitre.technique open id name
syscheck list attrs_after attrs_before changed_attributes tags
syscheck open win_perm_after win_perm_before
syscheck text arch diff event gid_after gid_before gname_after gname_before hard_links inode_after inode_before md5_after md5_before mode
syscheck text path perm_after perm_before sha1_after sha1_before sha256_after sha256_before size_after size_before symbolic_path uid_after
syscheck text uid_before uname_after uname_before value_name value_type
syscheck time mtime_after mtime_before
syscheck.audit.effective_user text id name
syscheck.audit.group text id name
syscheck.audit.login_user text id name
syscheck.audit.process text cwd id name parent_cwd parent_name ppid
syscheck.audit.user text id name
`

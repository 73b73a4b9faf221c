package main

// Finding is a Security Finding (2001) of OCSF 1.1.0, with the attributes that
// the shipped mapping names.
type Finding struct {
	ActivityID   int32             `parquet:"activity_id"`
	ActivityName string            `parquet:"activity_name,optional,dict"`
	Analytic     *Analytic         `parquet:"analytic,optional"`
	Attacks      []Attack          `parquet:"attacks,optional,list"`
	CategoryName string            `parquet:"category_name,optional,dict"`
	CategoryUID  int32             `parquet:"category_uid"`
	ClassName    string            `parquet:"class_name,optional,dict"`
	ClassUID     int32             `parquet:"class_uid"`
	Count        *int32            `parquet:"count,optional"`
	DataSources  []string          `parquet:"data_sources,optional,list"`
	Finding      FindingDetails    `parquet:"finding"`
	Message      string            `parquet:"message,optional,dict"`
	Metadata     Metadata          `parquet:"metadata"`
	NIST         []string          `parquet:"nist,optional,list"`
	RawData      string            `parquet:"raw_data,optional"`
	Resources    []Resource        `parquet:"resources,optional,list"`
	RiskScore    *int32            `parquet:"risk_score,optional"`
	Severity     string            `parquet:"severity,optional,dict"`
	SeverityID   int32             `parquet:"severity_id"`
	State        string            `parquet:"state,optional,dict"`
	StateID      int32             `parquet:"state_id"`
	Status       string            `parquet:"status,optional,dict"`
	StatusID     int32             `parquet:"status_id"`
	Time         int64             `parquet:"time"`
	TypeName     string            `parquet:"type_name,optional,dict"`
	TypeUID      int64             `parquet:"type_uid"`
	Unmapped     map[string]string `parquet:"unmapped,optional"`
}

// Analytic is the Wazuh rule.
type Analytic struct {
	Category string `parquet:"category,optional,dict"`
	Name     string `parquet:"name,optional,dict"`
	Type     string `parquet:"type,optional,dict"`
	TypeID   int32  `parquet:"type_id"`
	UID      string `parquet:"uid,optional,dict"`
}

// Attack pairs a technique with a tactic of ATT&CK.
type Attack struct {
	SubTechnique *Named `parquet:"sub_technique,optional"`
	Tactic       *Named `parquet:"tactic,optional"`
	Technique    *Named `parquet:"technique,optional"`
	Version      string `parquet:"version,optional,dict"`
}

// Named is what a tactic, a technique and a sub-technique consist of.
type Named struct {
	Name string `parquet:"name,optional,dict"`
	UID  string `parquet:"uid,optional,dict"`
}

// FindingDetails is the object `finding`.
type FindingDetails struct {
	Title string   `parquet:"title,dict"`
	Types []string `parquet:"types,optional,list"`
	UID   string   `parquet:"uid"`
}

// Metadata is where the event comes from.
type Metadata struct {
	LogName      string  `parquet:"log_name,optional,dict"`
	LogProvider  string  `parquet:"log_provider,optional,dict"`
	LoggedTime   *int64  `parquet:"logged_time,optional"`
	OriginalTime string  `parquet:"original_time,optional"`
	Product      Product `parquet:"product"`
	UID          string  `parquet:"uid,optional"`
	Version      string  `parquet:"version,dict"`
}

// Product is Wazuh itself.
type Product struct {
	Lang       string `parquet:"lang,optional,dict"`
	Name       string `parquet:"name,optional,dict"`
	VendorName string `parquet:"vendor_name,dict"`
	Version    string `parquet:"version,optional,dict"`
}

// Resource is the agent.
type Resource struct {
	Name string `parquet:"name,optional,dict"`
	UID  string `parquet:"uid,optional,dict"`
}

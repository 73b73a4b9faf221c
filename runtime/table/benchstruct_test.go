package table

import "github.com/sluice-lake/sluice/engine/ocsf"

// findingRow is findingLayout as a struct, for comparison with parquet-go's
// writer of structs.
type findingRow struct {
	ActivityID   *int32         `parquet:"activity_id,optional,dict"`
	ActivityName *string        `parquet:"activity_name,optional,dict"`
	Analytic     *analyticRow   `parquet:"analytic,optional"`
	Attacks      []attackRow    `parquet:"attacks,optional,list"`
	CategoryName *string        `parquet:"category_name,optional,dict"`
	CategoryUID  *int32         `parquet:"category_uid,optional,dict"`
	ClassName    *string        `parquet:"class_name,optional,dict"`
	ClassUID     *int32         `parquet:"class_uid,optional,dict"`
	ConfidenceDt *int64         `parquet:"confidence_dt,optional"`
	Count        *int32         `parquet:"count,optional,dict"`
	DataSources  []string       `parquet:"data_sources,optional,list" parquet-element:",dict"`
	Finding      *findingObject `parquet:"finding,optional"`
	Message      *string        `parquet:"message,optional,dict"`
	Metadata     *metadataRow   `parquet:"metadata,optional"`
	Nist         []string       `parquet:"nist,optional,list" parquet-element:",dict"`
	RawData      *string        `parquet:"raw_data,optional"`
	Resources    []resourceRow  `parquet:"resources,optional,list"`
	RiskScore    *int32         `parquet:"risk_score,optional,dict"`
	Severity     *string        `parquet:"severity,optional,dict"`
	SeverityID   *int32         `parquet:"severity_id,optional,dict"`
	State        *string        `parquet:"state,optional,dict"`
	StateID      *int32         `parquet:"state_id,optional,dict"`
	Status       *string        `parquet:"status,optional,dict"`
	StatusID     *int32         `parquet:"status_id,optional,dict"`
	Time         *int64         `parquet:"time,optional"`
	TypeName     *string        `parquet:"type_name,optional,dict"`
	TypeUID      *int64         `parquet:"type_uid,optional,dict"`
	Unmapped     []pairRow      `parquet:"unmapped,optional,list"`
}

// pairRow stands for an entry of a map: a Go map has no order, and its writer
// would be measured at sorting.
type pairRow struct {
	Key   string  `parquet:"key,dict"`
	Value *string `parquet:"value,optional,dict"`
}

type analyticRow struct {
	Category *string `parquet:"category,optional,dict"`
	Name     *string `parquet:"name,optional,dict"`
	Type     *string `parquet:"type,optional,dict"`
	TypeID   *int32  `parquet:"type_id,optional,dict"`
	UID      *string `parquet:"uid,optional,dict"`
}

type techniqueRow struct {
	Name *string `parquet:"name,optional,dict"`
	UID  *string `parquet:"uid,optional,dict"`
}

type attackRow struct {
	SubTechnique *techniqueRow `parquet:"sub_technique,optional"`
	Tactic       *techniqueRow `parquet:"tactic,optional"`
	Technique    *techniqueRow `parquet:"technique,optional"`
	Version      *string       `parquet:"version,optional,dict"`
}

type findingObject struct {
	Title *string  `parquet:"title,optional,dict"`
	Types []string `parquet:"types,optional,list" parquet-element:",dict"`
	UID   *string  `parquet:"uid,optional"`
}

type productRow struct {
	Lang       *string `parquet:"lang,optional,dict"`
	Name       *string `parquet:"name,optional,dict"`
	VendorName *string `parquet:"vendor_name,optional,dict"`
	Version    *string `parquet:"version,optional,dict"`
}

type metadataRow struct {
	LogName      *string     `parquet:"log_name,optional,dict"`
	LogProvider  *string     `parquet:"log_provider,optional,dict"`
	OriginalTime *string     `parquet:"original_time,optional"`
	Product      *productRow `parquet:"product,optional"`
	UID          *string     `parquet:"uid,optional"`
	Version      *string     `parquet:"version,optional,dict"`
}

type resourceRow struct {
	Name *string `parquet:"name,optional,dict"`
	UID  *string `parquet:"uid,optional,dict"`
}

// reader takes values out of one record.
type reader struct {
	fields []*ocsf.Field
	cells  []ocsf.Cell
}

func (r reader) cell(names ...string) *ocsf.Cell { return &r.cells[at(r.fields, names...).Cell] }

func (r reader) text(names ...string) *string {
	if c := r.cell(names...); c.Set {
		return &c.Text
	}
	return nil
}

func (r reader) int(names ...string) *int32 {
	if c := r.cell(names...); c.Set {
		v := int32(c.Num)
		return &v
	}
	return nil
}

func (r reader) long(names ...string) *int64 {
	if c := r.cell(names...); c.Set {
		return &c.Num
	}
	return nil
}

func (r reader) texts(names ...string) (out []string) {
	for _, item := range r.cell(names...).Items {
		out = append(out, item.Cells[0].Text)
	}
	return out
}

func (r reader) items(name string, do func(reader)) {
	for _, item := range r.cell(name).Items {
		do(reader{at(r.fields, name).Children, item.Cells})
	}
}

func structs(evs []*ocsf.Event) []findingRow {
	rows := make([]findingRow, len(evs))
	for i, ev := range evs {
		rows[i] = structOf(reader{ev.Layout.Fields, ev.Cells})
	}
	return rows
}

func structOf(r reader) findingRow {
	row := findingRow{
		ActivityID: r.int("activity_id"), ActivityName: r.text("activity_name"),
		Analytic: &analyticRow{r.text("analytic", "category"), r.text("analytic", "name"), r.text("analytic", "type"),
			r.int("analytic", "type_id"), r.text("analytic", "uid")},
		CategoryName: r.text("category_name"), CategoryUID: r.int("category_uid"),
		ClassName: r.text("class_name"), ClassUID: r.int("class_uid"),
		Count: r.int("count"), DataSources: r.texts("data_sources"),
		Finding: &findingObject{r.text("finding", "title"), r.texts("finding", "types"), r.text("finding", "uid")},
		Message: r.text("message"),
		Metadata: &metadataRow{r.text("metadata", "log_name"), r.text("metadata", "log_provider"), r.text("metadata", "original_time"),
			&productRow{r.text("metadata", "product", "lang"), r.text("metadata", "product", "name"),
				r.text("metadata", "product", "vendor_name"), r.text("metadata", "product", "version")},
			r.text("metadata", "uid"), r.text("metadata", "version")},
		Nist: r.texts("nist"), RawData: r.text("raw_data"), RiskScore: r.int("risk_score"),
		Severity: r.text("severity"), SeverityID: r.int("severity_id"),
		State: r.text("state"), StateID: r.int("state_id"), Status: r.text("status"), StatusID: r.int("status_id"),
		Time: r.long("time"), TypeName: r.text("type_name"), TypeUID: r.long("type_uid"),
	}
	r.items("resources", func(r reader) { row.Resources = append(row.Resources, resourceRow{r.text("name"), r.text("uid")}) })
	r.items("attacks", func(r reader) {
		row.Attacks = append(row.Attacks, attackRow{
			Technique: &techniqueRow{r.text("technique", "name"), r.text("technique", "uid")}, Version: r.text("version"),
		})
	})
	pairs := r.cell("unmapped").Pairs
	for i := range pairs {
		row.Unmapped = append(row.Unmapped, pairRow{pairs[i].Key, &pairs[i].Value})
	}
	return row
}

package verify

// Who makes a demand.
const (
	SecurityLake = "Security Lake"
	OCSF         = "OCSF"
	Sluice       = "sluice"
)

// Demand is one thing that is demanded of the objects of a lake.
type Demand struct {
	Name string
	Of   string // who makes it
	// Recommended is set if Security Lake recommends it. Sluice promises it of its own
	// objects; in others to break it is not a fault.
	Recommended bool
	// Advice is set if to break it is never a fault.
	Advice bool
	Means  string
}

// The names of the demands.
const (
	Path        = "path"
	Account     = "account"
	Readable    = "readable"
	Types       = "types"
	Names       = "column-names"
	Table       = "table"
	Class       = "class"
	Version     = "ocsf-version"
	Day         = "event-day"
	Statistics  = "statistics"
	Order       = "order"
	Compression = "compression"
	PageSize    = "page-size"
	GroupSize   = "row-group-size"
	ObjectSize  = "object-size"
	Events      = "events"
	Known       = "known-version"
	Form        = "form"
	ObjectName  = "object-name"
	Metadata    = "metadata"
	Encoding    = "encoding"
	Manifests   = "manifests"
	Compaction  = "compaction"
	Listed      = "listed"
)

// Demands are all that are judged. The manual has them in this order.
var Demands = [...]Demand{
	{Name: Path, Of: SecurityLake, Means: "the key is `ext/SOURCE/[VERSION/]region=…/accountId=…/eventDay=YYYYMMDD/NAME.parquet`; nothing else is below `ext/`"},
	{Name: Readable, Of: SecurityLake, Means: "the object is one whole Parquet file: every page can be decoded, has its checksum, and agrees with the footer and with the other columns"},
	{Name: Types, Of: SecurityLake, Means: "Athena and Glue read the types of all columns: lists and maps of three levels, no unsigned, nanosecond, time or null types, a codec that Athena knows"},
	{Name: Names, Of: SecurityLake, Means: "the names of columns differ in more than case, and none is that of a partition"},
	{Name: Table, Of: SecurityLake, Means: "a column has one type in all objects of a custom source"},
	{Name: Class, Of: SecurityLake, Means: "all rows of a custom source are of one event class"},
	{Name: Version, Of: SecurityLake, Means: "`metadata.version` is 1.3 or earlier"},
	{Name: Day, Of: SecurityLake, Means: "each row has a `time` of the day of its partition, in UTC"},
	{Name: Statistics, Of: SecurityLake, Means: "bounds and counts of nulls in footer and page index are true: engines skip pages by them"},
	{Name: Order, Of: SecurityLake, Recommended: true, Means: "rows are in order of `time`"},
	{Name: Compression, Of: SecurityLake, Recommended: true, Means: "all columns are compressed with zstd"},
	{Name: PageSize, Of: SecurityLake, Recommended: true, Means: "a data page has at most 1 MB before compression, unless it has one value only"},
	{Name: GroupSize, Of: SecurityLake, Recommended: true, Means: "a row group has at most 256 MB after compression"},
	{Name: ObjectSize, Of: SecurityLake, Recommended: true, Advice: true, Means: "a day has an object every five minutes at most, unless they are large"},
	{Name: Account, Of: SecurityLake, Recommended: true, Advice: true, Means: "`accountId` is an account of AWS, `external` or `external_…`"},
	{Name: Events, Of: OCSF, Means: "each row is a valid event of its class: attributes, types, requirements, constraints, enums and captions, `class_uid`, `category_uid` and `type_uid`, forms of values"},
	{Name: Known, Of: OCSF, Advice: true, Means: "`metadata.version` is one by which sluice can judge events"},
	{Name: Form, Of: Sluice, Means: "there are no empty texts, lists or objects, and `unmapped` is a map of texts"},
	{Name: ObjectName, Of: Sluice, Means: "the name is made from the input: 32 hex digits"},
	{Name: Metadata, Of: Sluice, Means: "`ocsf.class_name`, `ocsf.class_uid` and `ocsf.version` of the footer are those of the rows"},
	{Name: Encoding, Of: Sluice, Means: "data pages are of version 1, their values plain or by dictionary"},
	{Name: Manifests, Of: Sluice, Means: "the objects that manifests list are there, with these rows and bytes; the counts of a manifest add up; no run was interrupted"},
	{Name: Compaction, Of: Sluice, Means: "no compaction stopped half-way: joined objects are there, and those that they replace are gone"},
	{Name: Listed, Of: Sluice, Advice: true, Means: "a manifest lists each object of sluice's, so a rerun of its input replaces it"},
}

// demandOf finds a demand by its name.
func demandOf(name string) *Demand {
	for i := range Demands {
		if Demands[i].Name == name {
			return &Demands[i]
		}
	}
	return &Demand{Name: name}
}

package verify

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go/format"

	"github.com/sluice-lake/sluice/runtime/table"
	"github.com/sluice-lake/sluice/runtime/table/inspect"
)

// largestPage is the most bytes of a data page of another program.
const largestPage = 1 << 20

// footer judges what the footer says of the whole object.
func (o *object) footer(class int64, version string) {
	rows := int64(0)
	for i := range o.m.RowGroups {
		rows += o.m.RowGroups[i].NumRows
	}
	if rows != o.m.NumRows {
		o.add(Readable, whole, fmt.Sprintf("its row groups have %d rows, and the footer says %d", rows, o.m.NumRows), "write it again from its source, or remove it")
	}
	if v := o.m.Version; v != 1 && v != 2 {
		o.add(Readable, whole, fmt.Sprintf("its footer has the version %d", v), "write it as version 1 or 2 of the format")
	}
	if o.m.NumRows > 0 {
		o.classOf(class, version)
		if o.day != "" && !slices.ContainsFunc(o.plan.leaves, func(l leaf) bool { return l.special == timeLeaf }) {
			o.add(Day, place{-1, "time", -1}, "there is no column time of 64-bit integers", "write the time of each event there, in milliseconds")
		}
	}
	o.metadata(class, version)
}

// classOf judges the class and the version of the rows.
func (o *object) classOf(class int64, version string) {
	at := place{-1, "class_uid", -1}
	switch {
	case class < 0:
		o.add(Class, at, "no row says its class", "write class_uid, by which a custom source is of one class")
	case o.plan.class == nil && o.version(version) != nil:
		o.add(Events, at, fmt.Sprintf("no class of OCSF %s has the number %d", version, class), "write the number of a class; `sluice schema` lists them")
	}
	at.column = "metadata.version"
	switch {
	case version == "": // the Checker misses it in each row
	case !accepted(version):
		o.add(Version, at, fmt.Sprintf("the version is %q, and Security Lake takes 1.3 and earlier", shortened(version)), "map to an earlier version of OCSF")
	case o.version(version) == nil:
		o.add(Known, at, fmt.Sprintf("sluice does not know OCSF %s, so its events could not be judged", version), "judge them with the validator of that version")
	}
}

// accepted reports whether custom sources may be of a version of OCSF.
func accepted(version string) bool {
	major, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	n, err := strconv.Atoi(minor)
	return err == nil && (major == "0" || major == "1" && n <= 3)
}

func shortened(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// metadata judges the keys that sluice writes.
func (o *object) metadata(class int64, version string) {
	said := map[string]string{}
	for _, kv := range o.m.KeyValueMetadata {
		said[kv.Key] = kv.Value
	}
	want := map[string]string{}
	if o.m.NumRows > 0 {
		want["ocsf.class_uid"], want["ocsf.version"] = strconv.FormatInt(class, 10), version
		if o.plan.class != nil {
			want["ocsf.class_name"] = o.plan.class.Name
		}
	}
	for _, key := range []string{"ocsf.class_name", "ocsf.class_uid", "ocsf.version"} {
		switch value, ok := said[key]; {
		case !ok:
			o.add(Metadata, whole, "its footer does not say "+key, "write "+key+" again from the source of the object")
		case want[key] != "" && value != want[key]:
			o.add(Metadata, whole, fmt.Sprintf("its footer says that %s is %s, and its rows %s", key, shortened(value), shortened(want[key])), "write "+key+" again from the source of the object")
		}
	}
}

// header judges the header of a page.
func (c *column) header(h *format.PageHeader) {
	encoding := format.Plain
	switch {
	case h.DataPageHeaderV2.Valid:
		c.add(Encoding, c.place(), "a data page is of version 2", "write pages of version 1, which engines have read longest")
		return
	case h.DataPageHeader.Valid:
		encoding = h.DataPageHeader.V.Encoding
	}
	if encoding != format.Plain && encoding != format.RLEDictionary {
		c.add(Encoding, c.place(), "a page is encoded as "+encoding.String(), "write values plain or by dictionary, which engines have read longest")
	}
}

func (c *column) place() place { return place{c.group, c.leaf.path, -1} }

// codecs are those that Athena reads in Parquet, besides zstd.
var codecs = map[format.CompressionCodec]bool{format.Uncompressed: true, format.Snappy: true, format.Gzip: true, format.Lz4Raw: true}

// sizes judges the compression and the sizes of a chunk.
func (c *column) sizes(about inspect.Chunk) {
	m := &c.m.RowGroups[c.group].Columns[c.index].MetaData
	if m.Codec != format.Zstd {
		// All columns at once: a file has one codec as a rule.
		c.add(Compression, place{c.group, "", -1}, "it is compressed with "+m.Codec.String(), "compress it with zstd, which Security Lake prefers")
		if !codecs[m.Codec] {
			c.add(Types, place{c.group, "", -1}, "it is compressed with "+m.Codec.String()+", which Athena does not read", "compress it with zstd")
		}
	}
	most := int64(largestPage)
	if c.report.Own {
		most = table.DefaultPageBytes
	}
	if about.LargestPage > most && about.LargestPageValues > 1 {
		c.add(PageSize, c.place(), fmt.Sprintf("a data page has %d bytes before compression", about.LargestPage), fmt.Sprintf("write pages of at most %d bytes", most))
	}
	if m.TotalUncompressedSize != about.PlainBytes && c.report.Own {
		c.add(Statistics, c.place(), fmt.Sprintf("the column has %d bytes before compression, and the footer says %d", about.PlainBytes, m.TotalUncompressedSize), "write it again from its source")
	}
}

package cli_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// Thrift's compact protocol, as far as Parquet needs it.
type thriftField struct {
	id   int
	kind byte
	data []byte
}

const (
	tInt32, tInt64, tBinary, tList, tStruct = 5, 6, 8, 9, 12
)

func uvarint(n uint64) []byte { return binary.AppendUvarint(nil, n) }

func zigzag(n int64) []byte { return uvarint(uint64(n<<1) ^ uint64(n>>63)) }

func i32(id int, n int64) thriftField { return thriftField{id, tInt32, zigzag(n)} }
func i64(id int, n int64) thriftField { return thriftField{id, tInt64, zigzag(n)} }
func str(id int, s string) thriftField {
	return thriftField{id, tBinary, append(uvarint(uint64(len(s))), s...)}
}
func inner(id int, fields ...thriftField) thriftField {
	return thriftField{id, tStruct, structOf(fields...)}
}

// listOf has n items of a kind; that many are claimed, whatever data has.
func listOf(id int, kind byte, n int, data []byte) thriftField {
	return thriftField{id, tList, append(append([]byte{0xf0 | kind}, uvarint(uint64(n))...), data...)}
}

func structOf(fields ...thriftField) (data []byte) {
	last := 0
	for _, f := range fields {
		data = append(data, byte(f.id-last)<<4|f.kind)
		data = append(data, f.data...)
		last = f.id
	}
	return append(data, 0)
}

// parquetColumn is an INT64 or BYTE_ARRAY column with the pages of its chunk.
type parquetColumn struct {
	name       string
	kind       int64 // 2 INT64, 6 BYTE_ARRAY
	repetition int64
	codec      int64 // 0 none, 1 snappy, 2 gzip, 4 brotli, 6 zstd
	pages      []byte
	values     int64
	dictionary bool // the first page is one
}

func element(name string, children int64, fields ...thriftField) []byte {
	fields = append(fields, str(4, name))
	if children > 0 {
		fields = append(fields, i32(5, children))
	}
	return structOf(fields...)
}

// parquetOf is a file of one row group.
func parquetOf(rows int64, columns ...parquetColumn) []byte {
	file := []byte("PAR1")
	var schema, chunks []byte
	schema = append(schema, element("m", int64(len(columns)))...)
	for _, c := range columns {
		schema = append(schema, element(c.name, 0, i32(1, c.kind), i32(3, c.repetition))...)
		at := int64(len(file))
		file = append(file, c.pages...)
		meta := []thriftField{i32(1, c.kind), listOf(2, tInt32, 1, zigzag(0)), listOf(3, tBinary, 1, append(uvarint(uint64(len(c.name))), c.name...)), i32(4, c.codec),
			i64(5, c.values), i64(6, int64(len(c.pages))), i64(7, int64(len(c.pages))), i64(9, at)}
		if c.dictionary {
			meta = append(meta, i64(11, at))
		}
		chunks = append(chunks, structOf(i64(2, 0), inner(3, meta...))...)
	}
	group := structOf(listOf(1, tStruct, len(columns), chunks), i64(2, 1), i64(3, rows))
	return closed(file, structOf(i32(1, 1), listOf(2, tStruct, len(columns)+1, schema), i64(3, rows), listOf(4, tStruct, 1, group)))
}

func closed(file, footer []byte) []byte {
	file = append(file, footer...)
	file = binary.LittleEndian.AppendUint32(file, uint32(len(footer)))
	return append(file, "PAR1"...)
}

// dataPage has a header that claims sizes and values, in front of a body.
func dataPage(claim, values, encoding int64, body []byte) []byte {
	return append(structOf(i32(1, 0), i32(2, claim), i32(3, int64(len(body))), inner(5, i32(1, values), i32(2, encoding), i32(3, 3), i32(4, 3))), body...)
}

func dictionaryPage(claim, values int64, body []byte) []byte {
	return append(structOf(i32(1, 2), i32(2, claim), i32(3, int64(len(body))), inner(7, i32(1, values), i32(2, 0))), body...)
}

// withLevels puts runs of levels, behind their length, in front of what follows.
func withLevels(runs []byte, more ...byte) []byte {
	return append(append(binary.LittleEndian.AppendUint32(nil, uint32(len(runs))), runs...), more...)
}

// runOf is a run of n equal values of up to 8 bits.
func runOf(n uint64, value byte) []byte { return append(uvarint(n<<1), value) }

func zeros(n int64) io.Reader { return io.LimitReader(zeroReader{}, n) }

type zeroReader struct{}

func (zeroReader) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func packedZeros(t testing.TB, codec int64, n int64) []byte {
	t.Helper()
	var b bytes.Buffer
	var w io.WriteCloser = gzip.NewWriter(&b)
	if codec == 6 {
		e, err := zstd.NewWriter(&b)
		if err != nil {
			t.Fatal(err)
		}
		w = e
	}
	if _, err := io.Copy(w, zeros(n)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// snappyZeros is a block that claims n zeros and has them.
func snappyZeros(n int) []byte {
	b := append(uvarint(uint64(n)), 0, 0) // one literal zero
	for n--; n > 0; n -= 64 {
		b = append(b, byte(min(n, 64)-1)<<2|2, 1, 0) // a copy of it
	}
	return b
}

// parquetBombs are small files that ask for much.
func parquetBombs(t testing.TB) map[string][]byte {
	column := func(codec, claim, values, encoding int64, body []byte) parquetColumn {
		return parquetColumn{name: "time", kind: 2, codec: codec, pages: dataPage(claim, values, encoding, body), values: values}
	}
	texts := func(c parquetColumn) parquetColumn { c.name, c.kind = "s", 6; return c }
	bombs := map[string][]byte{
		"gzip page":    parquetOf(1, column(2, 8, 1, 0, packedZeros(t, 2, 1<<29))),
		"zstd page":    parquetOf(1, column(6, 8, 1, 0, packedZeros(t, 6, 1<<31))),
		"snappy page":  parquetOf(1, column(1, 8, 1, 0, snappyZeros(20<<20))),
		"snappy claim": parquetOf(1, column(1, 8, 1, 0, append(uvarint(1<<32-1), 0, 0))),
		"honest large pages": parquetOf(1, repeated(20, func(i int) parquetColumn {
			c := texts(column(6, 60<<20, 1, 0, packedZeros(t, 6, 60<<20)))
			c.name += string(rune('a' + i))
			return c
		})...),
		"page of 2 GiB":     parquetOf(1, column(0, 1<<31-1, 1, 0, make([]byte, 8))),
		"values of nothing": parquetOf(1<<31-1, column(0, 8, 1<<31-1, 2, append([]byte{1}, runOf(1<<31-1, 0)...))),
		"many runs":         parquetOf(1<<24, texts(column(0, 1<<20, 1<<24, 2, append([]byte{1}, bytes.Repeat(runOf(1<<30, 0), 10_000)...)))),
		"delta that claims": parquetOf(1, column(0, 9, 1<<20, 5, append(append(uvarint(128), uvarint(4)...), append(uvarint(1<<31-1), 0)...))),
		"prefixes":          parquetOf(4000, texts(column(0, 1<<20, 4000, 7, deltaPrefixes(4000, 500_000)))),
		"one long row":      longRow(),
		"one value often":   oneValueOften(),
	}
	levels := texts(column(0, 1<<10, 1<<20, 0, withLevels(bytes.Repeat(runOf(1<<30, 0), 100))))
	levels.repetition = 1
	bombs["levels"] = parquetOf(1<<20, levels)
	nulls := column(0, 1<<10, 1<<24, 0, withLevels(runOf(1<<24, 0)))
	nulls.repetition = 1
	nulls.pages, nulls.values = bytes.Repeat(nulls.pages, 20_000), 20_000<<24
	bombs["nulls for ever"] = parquetOf(20_000<<24, nulls)

	deep := bytes.Repeat([]byte{0x1c}, 4<<20) // structs inside each other
	bombs["deep footer"] = closed([]byte("PAR1"), append(deep, make([]byte, 4<<20)...))
	bombs["deep lists"] = closed([]byte("PAR1"), append([]byte{0x19}, bytes.Repeat([]byte{0x19}, 4<<20)...))
	bombs["deep page header"] = parquetOf(1, parquetColumn{name: "time", kind: 2, pages: append(bytes.Repeat([]byte{0x1c}, 4<<20), make([]byte, 4<<20)...), values: 1})
	bombs["list that lies"] = closed([]byte("PAR1"), structOf(i32(1, 1), listOf(2, tStruct, 1<<31-1, nil)))
	bombs["empty structs"] = closed([]byte("PAR1"), structOf(i32(1, 1), listOf(2, tStruct, 1, element("m", 0)), listOf(4, tStruct, 2<<20, make([]byte, 2<<20))))

	var schema []byte
	for range 100_000 {
		schema = append(schema, element("a", 1, i32(3, 1))...)
	}
	schema = append(schema, element("leaf", 0, i32(1, 2), i32(3, 1))...)
	bombs["deep schema"] = closed([]byte("PAR1"), structOf(i32(1, 1), listOf(2, tStruct, 100_001, schema), i64(3, 0), listOf(4, tStruct, 0, nil)))
	schema = element("m", 1)
	schema = append(schema, element(strings.Repeat("n", 1<<20), 10_000, i32(3, 1))...)
	for range 10_000 {
		schema = append(schema, element("l", 0, i32(1, 2), i32(3, 1))...)
	}
	bombs["long paths"] = closed([]byte("PAR1"), structOf(i32(1, 1), listOf(2, tStruct, 10_002, schema), i64(3, 0), listOf(4, tStruct, 0, nil)))
	bombs["chunks over each other"] = overlapping()
	return bombs
}

func repeated[T any](n int, make func(i int) T) (all []T) {
	for i := range n {
		all = append(all, make(i))
	}
	return all
}

// deltaPrefixes are n texts of that many bytes each, of which all but the first are
// the text before.
func deltaPrefixes(n, size int) []byte {
	block := func(first, then int64) []byte { // n lengths: first, and then the others
		b := append(append(uvarint(128), uvarint(4)...), append(uvarint(uint64(n)), zigzag(first)...)...)
		for left, delta := n-1, then-first; left > 0; left, delta = left-128, 0 {
			// Only the first difference is not 0: give it 32 bits.
			b = append(b, zigzag(0)...)
			if delta != 0 {
				b = append(b, 32, 0, 0, 0)
				b = binary.LittleEndian.AppendUint32(b, uint32(delta))
				b = append(b, make([]byte, 31*4)...)
			} else {
				b = append(b, 0, 0, 0, 0)
			}
		}
		return b
	}
	b := append(block(0, int64(size)), block(int64(size), 0)...)
	return append(b, make([]byte, size)...)
}

// longRow is a list of as many nulls as fit many pages: one row.
func longRow() []byte {
	page := dataPage(1<<10, 1<<24, 0, append(withLevels(runOf(1<<24, 1)), withLevels(runOf(1<<24, 0))...))
	return parquetOf(1, parquetColumn{name: "l", kind: 6, repetition: 2, pages: bytes.Repeat(page, 1000), values: 1000 << 24})
}

// oneValueOften is a row that has a value of a dictionary a million times.
func oneValueOften() []byte {
	value := append(binary.LittleEndian.AppendUint32(nil, 200_000), make([]byte, 200_000)...)
	dictionary := dictionaryPage(int64(len(value)), 1, value)
	body := append(withLevels(append(runOf(1, 0), runOf(1<<20-1, 1)...)), withLevels(runOf(1<<20, 1))...)
	body = append(append(body, 0), uvarint(1<<21)...)
	return parquetOf(1, parquetColumn{name: "l", kind: 6, repetition: 2, dictionary: true, values: 1 << 20,
		pages: append(dictionary, dataPage(int64(len(body)), 1<<20, 2, body)...)})
}

// overlapping has many chunks that are all the same pages.
func overlapping() []byte {
	pages := bytes.Repeat(dataPage(8, 1, 0, make([]byte, 8)), 10_000)
	file := append([]byte("PAR1"), pages...)
	const columns = 5000
	schema := element("m", columns)
	var chunks []byte
	for range columns {
		schema = append(schema, element("c", 0, i32(1, 2), i32(3, 0))...)
		chunks = append(chunks, structOf(i64(2, 0), inner(3, i32(1, 2), listOf(2, tInt32, 1, zigzag(0)), listOf(3, tBinary, 1, []byte{1, 'c'}), i32(4, 0),
			i64(5, 10_000), i64(6, int64(len(pages))), i64(7, int64(len(pages))), i64(9, 4)))...)
	}
	group := structOf(listOf(1, tStruct, columns, chunks), i64(2, 1), i64(3, 10_000))
	return closed(file, structOf(i32(1, 1), listOf(2, tStruct, columns+1, schema), i64(3, 10_000), listOf(4, tStruct, 1, group)))
}

// Attackers: E. inspect shows or refuses any file in bounded memory and time, and says
// little about it; verify judges it.
func TestAttackParquet(t *testing.T) {
	t.Parallel()
	slow(t)
	for name, data := range parquetBombs(t) {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "bomb.parquet")
			if err := os.WriteFile(file, data, 0o600); err != nil {
				t.Fatal(err)
			}
			r := attack{}.run(t, "inspect", file)
			if r.code > 1 || len(r.stderr) > 2000 {
				t.Errorf("%d bytes, exit %d: %.500s", len(data), r.code, r.stderr)
			}
			t.Logf("%d bytes: %.300s", len(data), r.stderr)
			v := attack{}.run(t, "verify", file)
			if v.code > 1 || len(v.stdout)+len(v.stderr) > 300_000 {
				t.Errorf("%d bytes, exit %d of verify: %.500s", len(data), v.code, v.stderr)
			}
			t.Logf("%d bytes: %s, %.500s", len(data), v.took, v.stdout)
		})
	}
}

package inspect

import (
	"encoding/base64"
	"encoding/hex"
	"math"
	"math/big"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/sluice-lake/sluice/engine/jsontext"
)

// scalarJSON chooses how to write the values of a leaf: times as RFC 3339 text,
// decimals as numbers, bytes that are not UTF-8 in base64.
func scalarJSON(c *parquet.Column) func([]byte, parquet.Value) []byte {
	if lt := c.Type().LogicalType(); lt != nil {
		switch t := lt.Value.(type) {
		case *format.TimestampType:
			return timestampJSON(perMilli(t))
		case *format.DateType:
			return dateJSON
		case *format.DecimalType:
			return decimalJSON(int(t.Scale))
		case *format.IntType:
			if !t.IsSigned {
				return unsignedJSON
			}
		case *format.UUIDType:
			return uuidJSON
		}
	}
	return plainJSON
}

func plainJSON(dst []byte, v parquet.Value) []byte {
	switch v.Kind() {
	case parquet.Boolean:
		return strconv.AppendBool(dst, v.Boolean())
	case parquet.Int32:
		return strconv.AppendInt(dst, int64(v.Int32()), 10)
	case parquet.Int64:
		return strconv.AppendInt(dst, v.Int64(), 10)
	case parquet.Int96: // the timestamps of old writers: nanoseconds of a Julian day
		t := v.Int96()
		const epoch = 2440588
		days, nanos := int64(t[2])-epoch, int64(uint64(t[1])<<32|uint64(t[0]))
		return appendTime(dst, time.Unix(days*24*60*60, nanos))
	case parquet.Float:
		return appendFloat(dst, float64(v.Float()), 32)
	case parquet.Double:
		return appendFloat(dst, v.Double(), 64)
	}
	if b := v.ByteArray(); utf8.Valid(b) {
		return jsontext.AppendString(dst, string(b))
	}
	return jsontext.AppendString(dst, base64.StdEncoding.EncodeToString(v.ByteArray()))
}

// appendFloat writes a number as JSON does, and null for NaN and infinities.
func appendFloat(dst []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(dst, "null"...)
	}
	if a := math.Abs(f); a != 0 && (a < 1e-6 || a >= 1e21) {
		return strconv.AppendFloat(dst, f, 'e', -1, bits)
	}
	return strconv.AppendFloat(dst, f, 'f', -1, bits)
}

func timestampJSON(perMilli int64) func([]byte, parquet.Value) []byte {
	return func(dst []byte, v parquet.Value) []byte {
		ms := floorDiv(v.Int64(), perMilli)
		rest := v.Int64() - ms*perMilli
		return appendTime(dst, time.UnixMilli(ms).Add(time.Duration(rest*(1e6/perMilli))))
	}
}

func appendTime(dst []byte, t time.Time) []byte {
	dst = append(dst, '"')
	dst = t.UTC().AppendFormat(dst, time.RFC3339Nano)
	return append(dst, '"')
}

func dateJSON(dst []byte, v parquet.Value) []byte {
	return jsontext.AppendString(dst, time.Unix(int64(v.Int32())*24*60*60, 0).UTC().Format(time.DateOnly))
}

func unsignedJSON(dst []byte, v parquet.Value) []byte {
	if v.Kind() == parquet.Int32 {
		return strconv.AppendUint(dst, uint64(v.Uint32()), 10)
	}
	return strconv.AppendUint(dst, v.Uint64(), 10)
}

func uuidJSON(dst []byte, v parquet.Value) []byte {
	h := hex.EncodeToString(v.ByteArray())
	if len(h) != 32 {
		return jsontext.AppendString(dst, h)
	}
	return jsontext.AppendString(dst, h[:8]+"-"+h[8:12]+"-"+h[12:16]+"-"+h[16:20]+"-"+h[20:])
}

// longestDecimal is the longest number in bytes that is written in digits: that takes
// longer than its length.
const longestDecimal = 256

func decimalJSON(scale int) func([]byte, parquet.Value) []byte {
	return func(dst []byte, v parquet.Value) []byte {
		n := new(big.Int)
		switch v.Kind() {
		case parquet.Int32:
			n.SetInt64(int64(v.Int32()))
		case parquet.Int64:
			n.SetInt64(v.Int64())
		default: // two's complement, the highest byte first
			b := v.ByteArray()
			if len(b) > longestDecimal {
				return plainJSON(dst, v)
			}
			n.SetBytes(b)
			if len(b) > 0 && b[0] >= 0x80 {
				n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
			}
		}
		unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(0, min(scale, 1000)))), nil)
		return append(dst, new(big.Rat).SetFrac(n, unit).FloatString(max(0, min(scale, 1000)))...)
	}
}

package expression

import "strings"

// elsewhere are the names that functions have in VRL, Bloblang, jq, Python and SQL,
// in lower case without underscores, with the function that does the same here.
var elsewhere = map[string]string{
	"parsejson": "fromJSON", "jsonparse": "fromJSON", "jsonloads": "fromJSON",
	"encodejson": "toJSON", "formatjson": "toJSON", "jsondumps": "toJSON",
	"parsekeyvalue": "parseKV", "parselogfmt": "parseKV",
	"parsequerystring": "parseQuery", "parseformurlencoded": "parseQuery",
	"parseregex": "regex", "refind": "regex", "refindobject": "regex", "regexextract": "regex", "capture": "regex",
	"parseregexall": "regexAll", "refindall": "regexAll", "refindallobject": "regexAll", "refindallsubmatch": "regexAll",
	"rereplace": "regexReplace", "rereplaceall": "regexReplace", "gsub": "regexReplace", "resub": "regexReplace",
	"parsetimestamp": "time", "tsstrptime": "time", "tsparse": "time", "strptime": "time", "totimestamp": "time",
	"downcase": "lower", "lowercase": "lower", "tolower": "lower", "asciidowncase": "lower",
	"upcase": "upper", "uppercase": "upper", "toupper": "upper", "asciiupcase": "upper",
	"stripwhitespace": "trim", "strip": "trim", "replaceall": "replace", "unquote": "unescape",
	"startswith": "hasPrefix", "endswith": "hasSuffix", "stripprefix": "trimPrefix", "stripsuffix": "trimSuffix",
	"toint": "int", "int64": "int", "parseint": "int", "tonumber": "float", "number": "float", "tofloat": "float", "parsefloat": "float",
	"tostring": "string", "str": "string", "typeof": "type",
	"length": "len", "strlen": "len", "size": "len",
	"unique": "uniq", "distinct": "uniq", "append": "concat", "push": "concat",
	"mapvalues": "map", "mapeach": "map", "foreach": "map", "select": "filter", "fold": "reduce", "indexby": "groupBy",
	"keyvalues": "toPairs", "toentries": "toPairs", "fromentries": "fromPairs", "getpath": "get", "without": "omit", "removekeys": "omit", "dropkeys": "omit",
	"avg": "mean", "average": "mean",
	"ipcidrcontains": "inCIDR", "cidrmatch": "inCIDR", "filepathbase": "basename",
	"sha2": "sha256", "base64decode": "fromBase64", "decodebase64": "fromBase64", "b64decode": "fromBase64",
	"base64encode": "toBase64", "encodebase64": "toBase64", "b64encode": "toBase64",
	"decodebase16": "fromHex", "hexdecode": "fromHex", "unhex": "fromHex",
	"decodepercent": "fromPercent", "urldecode": "fromPercent", "unescapeurlquery": "fromPercent",
	"coalesce": "default", "ifnull": "default", "nvl": "default", "catch": "try",
}

// idioms are names elsewhere for what is not a function here, with an example of what
// to write.
var idioms = map[string]string{
	"exists": "x != nil", "isnull": "x == nil", "isnullish": "x == nil", "isempty": "x == nil", "notempty": "x != nil",
	"match": `x matches "^a+$"`, "rematch": `x matches "^a+$"`, "regexmatch": `x matches "^a+$"`,
	"includes": `"a" in x`, "slice": "x[0:8]", "substring": "x[0:8]", "substr": "x[0:8]", "truncate": "x[0:8]",
	"merge": "fromPairs(concat(toPairs(x), toPairs(y)))",
}

// unmarked is a name without what differs from one language to the other.
func unmarked(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }

package feed

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sluice-lake/sluice/engine/lazyregexp"
)

// archived is a file in the dated folders that Wazuh keeps beside alerts.json:
//
//	2026/Nov/ossec-alerts-26.json[.gz]
//	2026/Nov/ossec-alerts-26-001.json[.gz], where it rotates by size too
//
// Wazuh packs with gzip; others may pack in other ways what lies there.
type archived struct {
	path string
	day  string // 20261126 or 20261126-001, in the order of time
}

var (
	yearFolder = lazyregexp.MustCompile(`^[0-9]{4}$`)
	// rotated is what rotation adds to a name. What else lies beside the followed file, such
	// as a state, is no part of it.
	rotated     = lazyregexp.MustCompile(`^[-._][-._0-9T]*[0-9]` + packedEnd + `$`)
	archiveName = lazyregexp.MustCompile(`^ossec-(.+)-([0-9]{2})(-[0-9]{3,6})?\.json` + packedEnd + `$`)
)

// packedEnd is how the names of packed files end. Those that end in .gz can be read.
const packedEnd = `(\.gz|\.xz|\.zst|\.bz2|\.lz4|\.lzma|\.lzo|\.Z|\.zip|\.7z|\.br)?`

var packedName = lazyregexp.MustCompile(packedEnd + `$`)

// unpackedName is the name of a file before it was packed, and how the name of the packed one
// ends, "" for one that is not packed.
func unpackedName(path string) (plain, end string) {
	end = packedName().FindString(path)
	return strings.TrimSuffix(path, end), end
}

// archives lists the dated files of a followed file, by day. While one is packed it is
// there twice: then the plain one counts.
func archives(path string) []archived {
	root, tag := filepath.Dir(path), strings.TrimSuffix(filepath.Base(path), ".json")
	if tag == "archives" { // of which Wazuh calls the dated ones ossec-archive-26.json
		tag = "archive"
	}
	byDay := map[string]string{}
	for _, year := range names(root) {
		if !yearFolder().MatchString(year) {
			continue
		}
		for _, month := range names(filepath.Join(root, year)) {
			m, err := time.Parse("Jan", month)
			if err != nil {
				continue
			}
			folder := filepath.Join(root, year, month)
			for _, name := range names(folder) {
				parts := archiveName().FindStringSubmatch(name)
				if parts == nil || parts[1] != tag {
					continue
				}
				day := year + m.Format("01") + parts[2] + parts[3]
				if byDay[day] == "" || parts[4] == "" {
					byDay[day] = filepath.Join(folder, name)
				}
			}
		}
	}
	all := make([]archived, 0, len(byDay))
	for day, path := range byDay {
		all = append(all, archived{path, day})
	}
	slices.SortFunc(all, func(a, b archived) int { return cmp.Compare(a.day, b.day) })
	return all
}

// names lists a folder; of one that cannot be read nothing.
func names(folder string) (all []string) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// siblings lists the copies of a followed file that lie beside it, alerts.json.1 or
// alerts.json-20261126.gz, in the order in which they were last written. While one is packed
// it is there twice: then the plain one counts.
func siblings(path string) (all []string) {
	folder, base := filepath.Split(path)
	written := map[string]time.Time{}
	for _, name := range names(filepath.Clean(folder + ".")) {
		if name == base || !strings.HasPrefix(name, base) {
			continue
		}
		if info, err := os.Stat(folder + name); err == nil && info.Mode().IsRegular() {
			all = append(all, folder+name)
			written[folder+name] = info.ModTime()
		}
	}
	all = slices.DeleteFunc(all, func(path string) bool {
		plain, end := unpackedName(path)
		_, twice := written[plain]
		return end != "" && twice
	})
	slices.SortStableFunc(all, func(a, b string) int { return written[a].Compare(written[b]) })
	return all
}

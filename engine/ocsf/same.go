package ocsf

// SameColumns reports whether the events of two layouts have the same columns:
// the same class of the same version, and the same attributes throughout.
func SameColumns(a, b *Layout) bool {
	return a.Schema.Version == b.Schema.Version && a.Class.UID == b.Class.UID && sameFields(a.Fields, b.Fields)
}

func sameFields(a, b []*Field) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i].Name != b[i].Name || !sameFields(a[i].Children, b[i].Children) {
			return false
		}
	}
	return true
}

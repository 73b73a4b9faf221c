package wasm

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/sluice-lake/sluice/runtime/wasm/bytecode"
	"github.com/sluice-lake/sluice/runtime/wasm/interrupt"
)

const (
	abiVersion = 1

	memoryExport     = "memory"
	versionPrefix    = "sluice_abi_v"
	versionExport    = "sluice_abi_v1"
	allocExport      = "sluice_alloc"
	freeExport       = "sluice_free"
	configureExport  = "sluice_configure"
	alertExport      = "sluice_alert"
	eventExport      = "sluice_event"
	initializeExport = "_initialize"

	hostModule = "sluice"
	wasiModule = "wasi_snapshot_preview1"
)

// signatures of the ABI, as letters: i for i32, I for i64, parameters before
// the colon.
var signatures = map[string]string{
	versionExport:    ":i",
	allocExport:      "i:i",
	freeExport:       "ii:",
	configureExport:  "ii:i",
	initializeExport: ":",
}

const entrySignature = "ii:I"

// reserved names are not functions that a mapping may call.
func reserved(name string) bool {
	return strings.HasPrefix(name, "sluice_") || name == memoryExport || name == initializeExport || name == "_start"
}

// importFaults names every import that the ABI has not.
func importFaults(imports []bytecode.Import) []string {
	var all []string
	for _, one := range imports {
		name := quote(one.Module + "." + one.Name)
		known := false
		switch one.Module {
		case hostModule:
			_, known = hostFunctions[one.Name]
		case wasiModule:
			_, known = wasiFunctions[one.Name]
		}
		switch {
		case known && one.Function:
		case one.Module == wasiModule:
			all = append(all, "it imports "+name+": guests get no files, sockets or processes; build it without what needs them")
		case one.Module == "env" && one.Name == "abort":
			all = append(all, "it imports "+name+": build AssemblyScript with --use abort=, or with the guest kit's abort")
		case !one.Function:
			all = append(all, "it imports "+name+", which is not a function: a guest brings its own memory, tables and globals")
		default:
			all = append(all, "it imports "+name+", which no guest gets: link it into the module")
		}
	}
	return all
}

// reservedFaults names every export under a name that the host itself adds.
func reservedFaults(exports []string) []string {
	var all []string
	for _, name := range exports {
		if name == interrupt.Global || name == interrupt.Start {
			all = append(all, "it exports "+quote(name)+", which the host adds itself: export it under another name")
		}
	}
	return all
}

// exportFaults checks what the module exports against the ABI and against what
// the mapping needs.
func exportFaults(compiled wazero.CompiledModule, m *Module) []string {
	exports := compiled.ExportedFunctions()
	all := importTypeFaults(compiled)
	if compiled.ExportedMemories()[memoryExport] == nil {
		all = append(all, "it exports no memory: export it under the name memory")
	}
	all = append(all, versionFault(exports)...)
	for _, name := range []string{allocExport, freeExport} {
		all = append(all, exportFault(exports, name, signatures[name])...)
	}
	for _, name := range []string{configureExport, initializeExport} {
		if exports[name] != nil {
			all = append(all, exportFault(exports, name, signatures[name])...)
		}
	}
	if exports[configureExport] == nil && m.config.Settings.Kind != 0 {
		all = append(all, "it gets a config, but exports no sluice_configure to take it: leave the config out, or export the function")
	}
	for _, name := range m.wanted() {
		if reserved(name) && name != alertExport && name != eventExport {
			all = append(all, quote(name)+" is a name of the ABI and cannot be called: give the function a name of its own")
			continue
		}
		all = append(all, exportFault(exports, name, entrySignature)...)
	}
	return all
}

// importTypeFaults finds imports whose names the ABI has with other types.
func importTypeFaults(compiled wazero.CompiledModule) []string {
	var all []string
	for _, f := range compiled.ImportedFunctions() {
		module, name, _ := f.Import()
		want := hostFunctions[name].signature
		if module == wasiModule {
			want = wasiFunctions[name].signature
		}
		if has := signature(f); has != want {
			all = append(all, fmt.Sprintf("it imports %s as %s, it is %s", quote(module+"."+name), spell(has), spell(want)))
		}
	}
	return all
}

// versionFault finds guests that speak another version, or none.
func versionFault(exports map[string]api.FunctionDefinition) []string {
	if exports[versionExport] != nil {
		return exportFault(exports, versionExport, signatures[versionExport])
	}
	for name := range exports {
		if strings.HasPrefix(name, versionPrefix) {
			return []string{fmt.Sprintf("it speaks %s, this sluice speaks %s: build it with the guest kit of this release", clean([]byte(name), 100), versionExport)}
		}
	}
	return []string{"it exports no sluice_abi_v1: it is not a sluice guest, or lost its exports when it was linked"}
}

func exportFault(exports map[string]api.FunctionDefinition, name, want string) []string {
	f := exports[name]
	if f == nil {
		return []string{fmt.Sprintf("it exports no function %s (%s)", quote(name), among(exports))}
	}
	if has := signature(f); has != want {
		return []string{fmt.Sprintf("%s is %s, it must be %s", quote(name), spell(has), spell(want))}
	}
	return nil
}

// among lists what could have been meant.
func among(exports map[string]api.FunctionDefinition) string {
	var names []string
	for name, f := range exports {
		if signature(f) == entrySignature && !reserved(name) {
			names = append(names, clean([]byte(name), 40))
		}
	}
	if len(names) == 0 {
		return "it has none that a mapping could call"
	}
	slices.Sort(names)
	if len(names) > 10 {
		names = append(names[:10], "…")
	}
	return "it has " + strings.Join(names, ", ")
}

func signature(f api.FunctionDefinition) string {
	return letters(f.ParamTypes()) + ":" + letters(f.ResultTypes())
}

func letters(types []api.ValueType) string {
	b := make([]byte, len(types))
	for i, t := range types {
		switch t {
		case api.ValueTypeI32:
			b[i] = 'i'
		case api.ValueTypeI64:
			b[i] = 'I'
		default:
			b[i] = '?'
		}
	}
	return string(b)
}

// spell writes a signature for people.
func spell(signature string) string {
	names := strings.NewReplacer("i", "i32 ", "I", "i64 ", "?", "other ")
	in, out, _ := strings.Cut(signature, ":")
	return "(" + strings.TrimSpace(names.Replace(in)) + ") -> (" + strings.TrimSpace(names.Replace(out)) + ")"
}

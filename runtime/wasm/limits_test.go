package wasm_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/sluice-lake/sluice/runtime/wasm"
	"github.com/sluice-lake/sluice/runtime/wasm/bytecode"
)

// The limits and defaults in docs/wasm.md are those of the definitions.
func TestLimitsOfTheDocumentation(t *testing.T) {
	page, err := os.ReadFile("../../docs/wasm.md")
	if err != nil {
		t.Fatal(err)
	}
	table := "| limit | value |\n| --- | --- |\n"
	for _, row := range []struct {
		name  string
		value any
	}{
		{"start of an instance, `sluice_configure` included", wasm.DefaultStartTimeout},
		{"compiling a module", wasm.DefaultCompileTime},
		{"size of a module", size(wasm.MaxCode)},
		{"one function: bytes", size(bytecode.MaxBody)},
		{"one function: variables", bytecode.MaxLocals},
		{"one function: blocks inside each other", bytecode.MaxNesting},
		{"one function: targets of a `br_table`", bytecode.MaxTargets},
		{"one function: parameters, and as many results", bytecode.MaxParams},
		{"items of a section, such as functions", bytecode.MaxItems},
		{"entries of all tables", bytecode.MaxTableEntries},
		{"depth of a value: lists and objects inside each other", wasm.MaxDepth},
		{"values of an argument list or a result", wasm.MaxValues},
		{"a text that is logged, in bytes", wasm.LogBytes},
		{"texts that are logged in one call", wasm.LogTexts},
		{"the reason of a refusal, in bytes", wasm.ReasonBytes},
	} {
		table += fmt.Sprintf("| %s | %v |\n", row.name, row.value)
	}
	for setting, value := range map[string]any{
		"memory_mib": wasm.DefaultMemoryPages * wasm.PageBytes >> 20, "timeout_ms": wasm.DefaultTimeout.Milliseconds(), "result_kib": wasm.DefaultResultBytes >> 10,
	} {
		if row := fmt.Sprintf("\n| `limits.%s` | %v |", setting, value); !strings.Contains(string(page), row) {
			t.Errorf("docs/wasm.md lacks a row with %s", row)
		}
	}
	if !strings.Contains(string(page), table) {
		t.Errorf("docs/wasm.md lacks the table\n%s", table)
	}
}

func size(bytes int) string { return fmt.Sprintf("%d MiB", bytes>>20) }

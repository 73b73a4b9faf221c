package cli

import (
	"bytes"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sluice-lake/sluice/engine/spelling"
	"github.com/sluice-lake/sluice/runtime/wasm/guest"
)

func (a *app) newWasm() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "wasm",
		Short: "Start a WebAssembly guest of your own, or try one",
		Long: `A mapping may call functions of WebAssembly modules, and have whole alerts and
events changed by them. ` + "`wasm new`" + ` writes a module to start from, with its
mapping and tests; ` + "`wasm run`" + ` tries a module without a mapping.`,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		Args: cobra.ArbitraryArgs,
	}
	cmd.AddCommand(a.newWasmNew(), a.newWasmRun())
	return cmd
}

// guestLanguage is how a guest is begun in one language.
type guestLanguage struct {
	name   string
	files  [][2]string // path among the guest kits, name in the new folder
	module bool        // whether the built module comes with it
	build  string      // the command, run in the folder
	// kit is how the example finds the kit in the kits' own tree, own how it
	// does in the folder.
	kit, own string
}

var guestLanguages = []guestLanguage{
	{
		name: "go", files: [][2]string{{"examples/risk/main.go", "main.go"}, {"go/sluice.go", "sluice/sluice.go"}},
		build: "GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -trimpath -ldflags='-s -w' -o risk.wasm",
		kit:   "github.com/sluice-lake/sluice/runtime/wasm/guest/go", own: "risk/sluice",
	}, {
		name: "as", files: [][2]string{{"examples/risk/risk.ts", "risk.ts"}, {"as/sluice.ts", "sluice.ts"}, {"examples/risk/risk_as.wasm", "risk.wasm"}},
		module: true, build: "asc risk.ts -O2 --runtime minimal --use abort=sluice/stop -o risk.wasm",
		kit: "../../as/sluice", own: "./sluice",
	}, {
		name: "c", files: [][2]string{{"examples/risk/risk.c", "risk.c"}, {"c/sluice.h", "sluice.h"}, {"examples/risk/risk_c.wasm", "risk.wasm"}},
		module: true, build: "clang --target=wasm32 -O2 -mbulk-memory -nostdlib -Wl,--no-entry -Wl,--strip-all -o risk.wasm risk.c",
		kit: "../../c/sluice.h", own: "sluice.h",
	}, {
		name: "rust", files: [][2]string{{"examples/risk/risk.rs", "risk.rs"}, {"rust/sluice.rs", "sluice.rs"}, {"examples/risk/risk_rs.wasm", "risk.wasm"}},
		module: true,
		build:  "rustc --target wasm32-unknown-unknown --crate-type cdylib --edition 2021 -C opt-level=2 -C strip=symbols -C panic=abort -o risk.wasm risk.rs",
		kit:    "#[path = \"../../rust/sluice.rs\"]\n", own: "",
	},
}

func (a *app) newWasmNew() *cobra.Command {
	var lang string
	cmd := &cobra.Command{
		Use:   "new --lang go|as|c|rust DIR",
		Short: "Write a WebAssembly function to start from, with its mapping and test",
		Long: `New writes a function, risk(address, level), into a folder: its source, the guest
kit that it is built with, a mapping that calls it (risk.yaml) and the tests of
that (risk_test.yaml). For AssemblyScript, C and Rust the built module
(risk.wasm) is there too; in Go it is one command, which is said. A file that is
there already is never overwritten: then nothing is written, and the exit code
is 2.`,
		Example: `  sluice wasm new --lang c risk && sluice test risk`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("%s needs one folder to write to, such as `%s --lang c risk`", cmd.CommandPath(), cmd.CommandPath())
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.wasmNew(lang, args[0]) },
	}
	cmd.Flags().StringVar(&lang, "lang", "", "go, as (AssemblyScript), c or rust")
	complete(cmd, "lang", cobra.FixedCompletions(languageNames(), cobra.ShellCompDirectiveNoFileComp))
	return describeExits(cmd, exits{"written", "failed: nothing was written", "the call is wrong, or a file exists already: nothing was written"})
}

func languageNames() (names []string) {
	for _, l := range guestLanguages {
		names = append(names, l.name)
	}
	return names
}

func (a *app) wasmNew(lang, dir string) error {
	i := slices.IndexFunc(guestLanguages, func(l guestLanguage) bool { return l.name == lang })
	switch {
	case lang == "":
		return usagef("--lang is missing: give go, as (AssemblyScript), c or rust")
	case i < 0:
		return usagef("--lang is %q: give go, as (AssemblyScript), c or rust%s", lang, spelling.DidYouMean(lang, languageNames()))
	}
	l := &guestLanguages[i]
	files, err := l.texts(dir)
	if err != nil {
		return err
	}
	if err := a.writeNew(dir, files); err != nil {
		return err
	}
	if l.module {
		printf(a.Err, "\nGo on with\n  sluice test %s\n  sluice wasm run %s risk 10.1.2.3 7\nand after a change of %s\n  cd %s && %s\n",
			shellWord(dir), shellWord(filepath.Join(dir, "risk.wasm")), l.files[0][1], shellWord(dir), l.build)
		return nil
	}
	printf(a.Err, "\nBuild it, then test it\n  (cd %s && %s)\n  sluice test %s\n", shellWord(dir), l.build, shellWord(dir))
	return nil
}

// texts are the files of a new folder.
func (l *guestLanguage) texts(dir string) ([]starterText, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("nothing was written: %w", err)
	}
	name := ownName(filepath.Base(absolute))
	var files []starterText
	for _, f := range l.files {
		text, err := fs.ReadFile(guest.Files, f[0])
		if err != nil {
			return nil, err // it is compiled in
		}
		if !strings.HasSuffix(f[1], ".wasm") {
			text = bytes.ReplaceAll(text, []byte(l.kit), []byte(l.own))
		}
		files = append(files, starterText{f[1], text})
	}
	if l.name == "go" {
		files = append(files, starterText{"go.mod", []byte("module risk\n\ngo 1.24\n")})
	}
	for _, f := range []string{"risk.yaml", "risk_test.yaml"} {
		text, err := starter.ReadFile("starter/wasm/" + f)
		if err != nil {
			return nil, err
		}
		text = bytes.Replace(text, []byte("mapping: NAME"), []byte("mapping: "+name+"/risk"), 1)
		text = bytes.Replace(text, []byte("source: SOURCE"), []byte("source: "+name), 1)
		files = append(files, starterText{f, bytes.Replace(text, []byte("BUILD"), []byte(l.build), 1)})
	}
	return files, nil
}

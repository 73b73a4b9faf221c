package main

import (
	"bytes"
	"debug/elf"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// cacheFolder is where the function looks for compiled modules.
const cacheFolder = "wasm-cache"

// stage lays out in the empty folder root what goes into the zip for a folder of
// mappings with WebAssembly: its mappings and modules under mappings/ and its own
// name, and under wasm-cache/ the modules compiled for the function's processor.
// notCompiled says why there are none of the latter, "" when there are.
func stage(root, dir, bootstrap string) (name, notCompiled string, err error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return "", "", err
	}
	name = filepath.Base(absolute)
	into := filepath.Join(root, "mappings", name)
	folder, err := os.OpenRoot(absolute) // no link brings other files of this machine along
	if err != nil {
		return "", "", err
	}
	defer folder.Close() // only read
	files := folder.FS()
	texts, err := mappingTexts(files)
	if err != nil {
		return "", "", fmt.Errorf("the mappings of %s: %w", dir, err)
	}
	err = fs.WalkDir(files, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !packed(file, texts) {
			return err
		}
		body, err := fs.ReadFile(files, file)
		if err != nil {
			return err
		}
		to := filepath.Join(into, file)
		return errors.Join(os.MkdirAll(filepath.Dir(to), 0o755), os.WriteFile(to, body, 0o644))
	})
	if err != nil {
		return "", "", fmt.Errorf("the mappings of %s: %w", dir, err)
	}
	if _, err := os.Stat(into); err != nil {
		return "", "", fmt.Errorf("%s has no mapping and no module: name the folder with the .yaml and .wasm files", dir)
	}
	runner, notCompiled, err := emulator(bootstrap)
	if err != nil || notCompiled != "" {
		return name, notCompiled, err
	}
	return name, "", fill(append(runner, "fill-cache", filepath.Join("mappings", name), cacheFolder), root)
}

// packed reports whether a file of a folder of mappings goes into the zip: mappings
// without their tests, modules, and the files of tables. Those are the CSV and JSON
// files whose name is in the text of a mapping: alerts for tests stay outside.
func packed(name string, mappings []string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".yaml", ".yml":
		return isMapping(name)
	case ".csv", ".json":
		return slices.ContainsFunc(mappings, func(text string) bool { return strings.Contains(text, path.Base(name)) })
	}
	return path.Ext(name) == ".wasm"
}

func isMapping(name string) bool {
	ext := path.Ext(name)
	yaml := strings.EqualFold(ext, ".yaml") || strings.EqualFold(ext, ".yml")
	return yaml && !strings.HasSuffix(strings.TrimSuffix(name, ext), "_test")
}

// mappingTexts returns the texts of the mappings of a folder.
func mappingTexts(files fs.FS) (texts []string, err error) {
	err = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !isMapping(name) {
			return err
		}
		text, err := fs.ReadFile(files, name)
		texts = append(texts, string(text))
		return err
	})
	return texts, err
}

func fill(command []string, root string) error {
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = root
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("the mappings with WebAssembly cannot be packed: %w\n%s", err, bytes.TrimSpace(said))
	}
	return nil
}

// emulator returns the command that runs the function here, or why there is none.
// For arm64 it emulates the oldest processor that Lambda has: code compiled for a
// newer one would not be used there.
func emulator(bootstrap string) (command []string, not string, err error) {
	program, err := filepath.Abs(bootstrap)
	if err != nil {
		return nil, "", err
	}
	file, err := elf.Open(program)
	if err != nil {
		return nil, "", fmt.Errorf("%s is not a program for Lambda: %w", bootstrap, err)
	}
	defer file.Close() // only read
	arch := map[elf.Machine]string{elf.EM_AARCH64: "arm64", elf.EM_X86_64: "amd64"}[file.Machine]
	if runtime.GOOS == "linux" && runtime.GOARCH == arch {
		return []string{program}, "", nil
	}
	if arch == "arm64" && runtime.GOOS == "linux" {
		for _, name := range []string{"qemu-aarch64", "qemu-aarch64-static"} {
			if qemu, err := exec.LookPath(name); err == nil {
				return []string{qemu, "-cpu", "neoverse-n1", program}, "", nil
			}
		}
		return nil, "this machine cannot run a program for arm64: install qemu-aarch64 (qemu-user), or pack on arm64", nil
	}
	return nil, fmt.Sprintf("this machine (%s, %s) cannot run a program for Linux on %s: pack on one that can", runtime.GOOS, runtime.GOARCH, arch), nil
}

package wasm

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/sluice-lake/sluice/runtime/wasm/bytecode"
	"github.com/sluice-lake/sluice/runtime/wasm/interrupt"
)

// MaxCode bounds a module, in bytes.
const MaxCode = 64 << 20

var (
	magic   = [4]byte{0, 'a', 's', 'm'}
	version = [4]byte{1, 0, 0, 0}
)

// Load compiles a module and checks it against the ABI, the config and its own
// claims, then makes one instance of it to see it start. name is what errors
// call it: the file's name. The code is only read.
//
// Errors are *LoadError, with all that was found, or concern the host.
func (h *Host) Load(ctx context.Context, name string, code []byte, config Config) (*Module, error) {
	if _, _, _, err := h.caches(); err != nil {
		return nil, fmt.Errorf("wasm %s: %w", name, err)
	}
	refuse := func(faults ...string) error { return &LoadError{Module: name, Faults: faults} }
	if faults := config.faults(); len(faults) > 0 {
		return nil, refuse(faults...)
	}
	m := newModule(h, name, config)
	var err error
	if m.settings, err = AppendValue(nil, config.Settings); err != nil {
		return nil, refuse("its config cannot be given: " + err.Error())
	}
	if fault := m.identify(code); fault != "" {
		return nil, refuse(fault)
	}
	claims, err := bytecode.Read(code)
	if err != nil {
		return nil, refuse(err.Error())
	}
	if faults := append(importFaults(claims.Imports), reservedFaults(claims.Exports)...); len(faults) > 0 {
		return nil, refuse(faults...)
	}
	if code, err = interrupt.Fit(code); err != nil { // without a time limit too: the run may be asked to end
		return nil, refuse(err.Error())
	}
	if err := m.compile(ctx, code, claims.Imports); err != nil {
		return nil, err
	}
	if err := m.admit(ctx); err != nil {
		m.Close(ctx)
		return nil, err
	}
	return m, nil
}

// identify checks that the bytes are a module, and the one that was pinned.
func (m *Module) identify(code []byte) string {
	digest := sha256.Sum256(code)
	m.SHA256 = hex.EncodeToString(digest[:])
	if pin := strings.ToLower(m.config.SHA256); pin != "" && pin != m.SHA256 {
		return fmt.Sprintf("its sha256 is %s, pinned is %s: the file changed; see why, then pin the new one", m.SHA256, pin)
	}
	switch {
	case len(code) == 0:
		return "the file is empty: build the module again"
	case !bytes.HasPrefix(code, magic[:]) && bytes.HasPrefix(bytes.TrimSpace(code), []byte("(")):
		return "it is WebAssembly text: make a module of it with wat2wasm"
	case !bytes.HasPrefix(code, magic[:min(len(magic), len(code))]):
		return "it is not a WebAssembly module (it does not begin with \\0asm): name the built .wasm file"
	case len(code) < bytecode.HeaderBytes:
		return bytecode.ErrEnds.Error()
	case code[6] == 1 && code[7] == 0:
		return "it is a WebAssembly component: build a core module"
	case !bytes.Equal(code[4:8], version[:]):
		return "it is of a version of WebAssembly that this sluice does not know: build for WebAssembly 2.0"
	case len(code) > MaxCode:
		return fmt.Sprintf("it has %d bytes, at most %d are taken: build it smaller, without debug information", len(code), MaxCode)
	}
	return ""
}

// admit checks the exports and that an instance starts.
func (m *Module) admit(ctx context.Context) error {
	if faults := exportFaults(m.compiled, m); len(faults) > 0 {
		return &LoadError{Module: m.Name, Faults: faults}
	}
	spare, err := m.instantiate(ctx)
	if err != nil {
		var fault *Fault
		if errors.As(err, &fault) {
			return &LoadError{Module: m.Name, Faults: []string{fault.Export + ": " + fault.said()}, cause: fault}
		}
		return err
	}
	spare.until(context.Background())
	m.spare = spare
	return m.host.keep(m)
}

package wasm

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/sluice-lake/sluice/runtime/wasm/bytecode"
)

var errSlow = errors.New("too slow")

// compile makes the module's runtime, with the cache folder if that works.
func (m *Module) compile(ctx context.Context, code []byte, imports []bytecode.Import) error {
	disk, memory, diskErr, err := m.host.caches()
	if err != nil {
		return fmt.Errorf("wasm %s: %w", m.Name, err)
	}
	m.CacheErr = diskErr
	if disk != nil {
		if err = m.compileWith(ctx, disk, code); err != nil {
			m.CacheErr = fmt.Errorf("the cache folder %s: %w", m.host.options.CacheDir, err)
		}
	}
	if disk == nil || m.runtime == nil && ctx.Err() == nil && !errors.Is(err, errSlow) {
		err = m.compileWith(ctx, memory, code)
	}
	if err == nil {
		err = errors.Join(
			provide(ctx, m.runtime, hostModule, hostFunctions, imports),
			provide(ctx, m.runtime, wasiModule, wasiFunctions, imports))
	}
	if err != nil && m.runtime != nil {
		m.runtime.Close(ctx)
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("wasm %s: compiling it was stopped: %w", m.Name, err)
	}
	return &LoadError{Module: m.Name, Faults: []string{m.compileFault(err)}, cause: err}
}

// compileFault puts the most common errors of wazero into words.
func (m *Module) compileFault(err error) string {
	text := clean([]byte(err.Error()), ReasonBytes)
	switch {
	case errors.Is(err, errSlow):
		return fmt.Sprintf("compiling it takes longer than %v: build it with optimization, or make it smaller", m.config.CompileTime)
	case strings.Contains(text, "section memory: min"):
		return "it needs more memory at the start than it may have (" + text + "): raise its memory limit"
	case strings.Contains(text, "feature"):
		return "it needs an extension of WebAssembly that guests cannot use (" + text + "): build it without"
	case strings.Contains(text, "EOF"):
		return bytecode.ErrEnds.Error()
	}
	return "it is not a valid WebAssembly module (" + text + "): build it again"
}

// built is what compiling made.
type built struct {
	runtime  wazero.Runtime
	compiled wazero.CompiledModule
	err      error
}

// compileWith compiles within the module's time and until the context is done.
// wazero cannot be stopped inside a function: when it is given up, it continues in
// its goroutine for as long as bytecode's limits allow, and its result is thrown
// away.
func (m *Module) compileWith(ctx context.Context, cache wazero.CompilationCache, code []byte) error {
	ctx, cancel := context.WithTimeoutCause(ctx, m.config.CompileTime, errSlow)
	defer cancel()
	done := make(chan built)
	m.host.compiling.Add(1)
	go func() {
		defer m.host.compiling.Add(-1)
		b := build(context.WithoutCancel(ctx), m.config.MemoryPages, cache, code)
		select {
		case done <- b:
		case <-ctx.Done():
			if b.err == nil {
				b.runtime.Close(context.Background()) // nothing runs in it
			}
		}
	}()
	select {
	case b := <-done:
		m.runtime, m.compiled = b.runtime, b.compiled
		return b.err
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func build(ctx context.Context, pages uint32, cache wazero.CompilationCache, code []byte) (b built) {
	runtime := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().
		WithCoreFeatures(api.CoreFeaturesV2).
		WithCompilationCache(cache).
		WithMemoryLimitPages(pages).
		WithDebugInfoEnabled(false))
	defer func() {
		// A compiler that fails on an odd module must not end the process.
		if r := recover(); r != nil {
			b.err = fmt.Errorf("the compiler failed: %v", r)
		}
		if b.err != nil {
			runtime.Close(ctx)
			b = built{err: b.err}
		}
	}()
	compiled, err := runtime.CompileModule(ctx, code)
	return built{runtime, compiled, err}
}

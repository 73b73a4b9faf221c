package wasm

import (
	"context"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/sluice-lake/sluice/runtime/wasm/bytecode"
)

// hostFunction is an import that a guest may have. Its signature is in letters,
// as those of the ABI. Results go where the parameters were.
type hostFunction struct {
	signature string
	call      func(s *state, mem api.Memory, stack []uint64)
}

// hostFunctions are the imports from the module sluice.
var hostFunctions = map[string]hostFunction{
	"log":    {"iii:", hostLog},
	"refuse": {"ii:", hostRefuse},
}

func hostLog(s *state, mem api.Memory, stack []uint64) {
	s.spend(LogBytes)
	level := min(Level(min(uint32(stack[0]), 255)), Error)
	s.log(level, said(mem, stack[1], stack[2], LogBytes))
}

func hostRefuse(s *state, mem api.Memory, stack []uint64) {
	s.refused = true
	s.reason = clean(said(mem, stack[0], stack[1], ReasonBytes), ReasonBytes)
	panic(errRefused) // wazero unwinds the guest and gives it to the caller
}

// said is what the guest points at, one byte more than the limit at most; a
// pointer outside the memory is what it said.
func said(mem api.Memory, ptr, n uint64, limit uint32) []byte {
	if text, ok := mem.Read(uint32(ptr), min(uint32(n), limit+1)); ok {
		return text
	}
	return []byte("(a text outside its memory)")
}

// provide instantiates, of one import module, what the guest imports.
func provide(ctx context.Context, runtime wazero.Runtime, module string, functions map[string]hostFunction, imports []bytecode.Import) error {
	builder := runtime.NewHostModuleBuilder(module)
	wanted := make(map[string]bool)
	for _, one := range imports {
		if one.Module == module && !wanted[one.Name] {
			wanted[one.Name] = true
			f := functions[one.Name]
			params, results := types(f.signature)
			builder.NewFunctionBuilder().WithGoModuleFunction(bind(f), params, results).Export(one.Name)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	if _, err := builder.Instantiate(ctx); err != nil {
		return fmt.Errorf("the imports from %s cannot be given: %w", module, err)
	}
	return nil
}

// bind makes the function find the state of the instance that calls.
func bind(f hostFunction) api.GoModuleFunc {
	return func(ctx context.Context, caller api.Module, stack []uint64) {
		s, ok := ctx.Value(stateKey{}).(*state)
		mem := caller.Memory()
		if !ok || mem == nil {
			panic(errExited) // no call of ours, or a module without memory
		}
		f.call(s, mem, stack)
	}
}

func types(signature string) (params, results []api.ValueType) {
	to := &params
	for _, letter := range signature {
		switch letter {
		case ':':
			to = &results
		case 'i':
			*to = append(*to, api.ValueTypeI32)
		case 'I':
			*to = append(*to, api.ValueTypeI64)
		}
	}
	return params, results
}

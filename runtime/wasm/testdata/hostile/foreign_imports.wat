;; Wants functions, a memory, a global and a table that no guest gets.
(module
  (import "env" "abort" (func (param i32 i32 i32 i32)))
  (import "sluice" "sluice_alloc" (func (param i32) (result i32)))
  (import "env" "stack" (global i32))
  (import "env" "table" (table 1 funcref))
  (memory (export "memory") 1)
  (func (export "sluice_abi_v1") (result i32) (i32.const 1))
  (func (export "sluice_alloc") (param i32) (result i32) (i32.const 4096))
  (func (export "sluice_free") (param i32 i32))
  (func (export "f") (param i32 i32) (result i64) (i64.const 0))
)

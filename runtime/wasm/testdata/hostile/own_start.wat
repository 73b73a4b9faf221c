;; Exports the names that the host gives to what it adds.
(module
  (memory (export "memory") 1)
  (global (export "sluice_interrupt") (mut i32) (i32.const 0))
  (func (export "sluice_start"))
  (func (export "sluice_abi_v1") (result i32) (i32.const 1))
  (func (export "sluice_alloc") (param i32) (result i32) (i32.const 4096))
  (func (export "sluice_free") (param i32 i32))
  (func (export "f") (param i32 i32) (result i64) (i64.const 0))
)

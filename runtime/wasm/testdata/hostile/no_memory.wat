;; Keeps its memory to itself, and has functions of wrong types.
(module
  (memory 1)
  (func (export "sluice_abi_v1") (result i32) (i32.const 1))
  (func (export "sluice_alloc") (param i64) (result i32) (i32.const 4096))
  (func (export "f") (param i32 i32) (result i32) (i32.const 0))
  (func (export "g") (param i32 i32) (result i64) (i64.const 0))
)

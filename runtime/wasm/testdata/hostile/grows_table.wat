;; Would grow a table without end.
(module
  (memory (export "memory") 1)
  (func (export "sluice_abi_v1") (result i32) (i32.const 1))
  (func (export "sluice_alloc") (param i32) (result i32) (i32.const 4096))
  (func (export "sluice_free") (param i32 i32))
  (table $t 1 funcref)
  (func (export "f") (param i32 i32) (result i64)
    (drop (table.grow $t (ref.null func) (i32.const 100000000)))
    (i64.const 0))
)

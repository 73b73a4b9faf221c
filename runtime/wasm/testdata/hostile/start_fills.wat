;; Its start section fills 64 MiB over and over.
(module
  (memory (export "memory") 1024)
  (func (export "sluice_abi_v1") (result i32) (i32.const 1))
  (func (export "sluice_alloc") (param i32) (result i32) (i32.const 4096))
  (func (export "sluice_free") (param i32 i32))
  (func (export "f") (param i32 i32) (result i64) (i64.const 0))
  (func $start (loop $l (memory.fill (i32.const 0) (i32.const 1) (i32.const 0x4000000)) (br $l)))
  (start $start)
)

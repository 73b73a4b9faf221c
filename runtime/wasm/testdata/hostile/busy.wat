;; Asks the host for as much work as it can: one call of an import costs the guest
;; one instruction and the host up to 64 MiB.
(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "sluice" "log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1000)
  (func (export "sluice_abi_v1") (result i32) (i32.const 1))
  (func (export "sluice_alloc") (param i32) (result i32) (i32.const 131072))
  (func (export "sluice_free") (param i32 i32))
  (func (export "random") (param i32 i32) (result i64)
    (loop $l (drop (call $random (i32.const 0) (i32.const 65000000))) (br $l)) (unreachable))
  ;; 1,024 parts of a megabyte each
  (func (export "write") (param i32 i32) (result i64) (local i32)
    (loop $l
      (i64.store (local.get 2) (i64.const 0x10000000020000))
      (local.set 2 (i32.add (local.get 2) (i32.const 8)))
      (br_if $l (i32.lt_u (local.get 2) (i32.const 8192))))
    (loop $l (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1024) (i32.const 65000))) (br $l)) (unreachable))
  ;; 1,024 subscriptions to a clock
  (func (export "poll") (param i32 i32) (result i64)
    (loop $l (drop (call $poll (i32.const 0) (i32.const 65000) (i32.const 1024) (i32.const 65100))) (br $l)) (unreachable))
  (func (export "log") (param i32 i32) (result i64)
    (loop $l (call $log (i32.const 0) (i32.const 131072) (i32.const 65000000)) (br $l)) (unreachable))
  ;; how many bytes of a megabyte are written at once
  (func (export "short") (param i32 i32) (result i64)
    (i64.store (i32.const 0) (i64.const 0x10000000020000))
    (i64.store (i32.const 1024) (i64.const 0))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 1024)))
    (i32.store8 (i32.const 2048) (i32.const 3))
    (i64.store (i32.const 2049) (i64.load (i32.const 1024)))
    (i64.const 0x0000080000000009))
)

// sluice.h: write guests for sluice in C. Include it in one file of a guest and
// build that with
//
//	clang --target=wasm32 -O2 -mbulk-memory -nostdlib -Wl,--no-entry \
//	    -Wl,--strip-all -o guest.wasm guest.c
//
// A function of a mapping:
//
//	SLUICE_EXPORT(twice) {
//		sluice_value n = sluice_arg(sluice_read(ptr, len), 0);
//		return n.kind == SLUICE_INT ? sluice_int(2 * n.integer) : sluice_absent();
//	}
//
// The bytes at ptr, and all texts read from them, hold until the function
// returns; what must stay is copied with sluice_keep. There is no C library and
// no free: memory that a call takes for itself stays taken.
#ifndef SLUICE_H
#define SLUICE_H

typedef unsigned char uint8_t;
typedef int int32_t;
typedef unsigned int uint32_t;
typedef long long int64_t;
typedef unsigned long long uint64_t;

// How many bytes a result may have; define it before including to have more.
#ifndef SLUICE_RESULT_BYTES
#define SLUICE_RESULT_BYTES 65536
#endif

#define SLUICE_NAMED(name) __attribute__((export_name(name)))
#define SLUICE_IMPORT(name) __attribute__((import_module("sluice"), import_name(name)))

// SLUICE_EXPORT begins a function of the mapping. The stages have their own
// names: SLUICE_EXPORT(sluice_alert), SLUICE_EXPORT(sluice_event).
#define SLUICE_EXPORT(name) \
	SLUICE_NAMED(#name) uint64_t name(uint8_t *ptr, uint32_t len)

// SLUICE_CONFIGURE begins the function that takes the mapping's config; it
// returns 0, or another number if it cannot do with it.
#define SLUICE_CONFIGURE \
	SLUICE_NAMED("sluice_configure") int32_t sluice_configure(uint8_t *ptr, uint32_t len)

enum sluice_level { SLUICE_DEBUG, SLUICE_INFO, SLUICE_WARNING, SLUICE_ERROR };

// sluice_log says something to whoever runs sluice.
SLUICE_IMPORT("log") void sluice_log(uint32_t level, const char *text, uint32_t size);

// sluice_refuse rejects the alert with a reason. It does not return.
SLUICE_IMPORT("refuse") __attribute__((noreturn)) void sluice_refuse(const char *reason, uint32_t size);

#define SLUICE_REFUSE(literal) sluice_refuse(literal, sizeof(literal) - 1)

// ---- memory -----------------------------------------------------------------

extern uint8_t __heap_base;
static uint32_t sluice_top; // the first byte that nobody has

// sluice_alloc gives n bytes, or null if the memory limit is reached.
SLUICE_NAMED("sluice_alloc") void *sluice_alloc(uint32_t n) {
	if (sluice_top == 0) sluice_top = ((uint32_t)&__heap_base + 7) & ~7u;
	uint64_t end = ((uint64_t)sluice_top + n + 7) & ~7ull;
	uint64_t have = (uint64_t)__builtin_wasm_memory_size(0) << 16;
	if (end > have) {
		uint64_t pages = (end - have + 65535) >> 16;
		if (pages > 65535 || __builtin_wasm_memory_grow(0, pages) == (uint32_t)-1) return 0;
	}
	void *p = (void *)sluice_top;
	sluice_top = (uint32_t)end;
	return p;
}

// sluice_free gives the last buffer back; an earlier one stays taken. As the
// host has one buffer at a time, this is enough.
SLUICE_NAMED("sluice_free") void sluice_free(void *p, uint32_t n) {
	if ((((uint32_t)p + n + 7) & ~7u) == sluice_top) sluice_top = (uint32_t)p;
}

SLUICE_NAMED("sluice_abi_v1") int32_t sluice_abi_v1(void) { return 1; }

// sluice_keep copies bytes to where they stay.
static inline const char *sluice_keep(const char *bytes, uint32_t n) {
	char *copy = sluice_alloc(n);
	if (!copy) SLUICE_REFUSE("the guest is out of memory");
	__builtin_memcpy(copy, bytes, n);
	return copy;
}

// ---- reading ----------------------------------------------------------------

enum sluice_kind {
	SLUICE_ABSENT, SLUICE_BOOL, SLUICE_INT, SLUICE_FLOAT, SLUICE_TEXT, SLUICE_LIST, SLUICE_OBJECT
};

// A value, and of a list or an object where its items begin.
typedef struct {
	enum sluice_kind kind;
	int64_t integer;  // of an int; 0 or 1 of a bool
	double number;    // of an int or a float
	const char *text; // of a text: size bytes of UTF-8, no zero after them
	uint32_t size;    // bytes of a text, items of a list, members of an object
	const uint8_t *items;
	const uint8_t *next; // the byte after the value, where it is known
} sluice_value;

static inline uint32_t sluice_u32(const uint8_t *p) {
	uint32_t n;
	__builtin_memcpy(&n, p, 4);
	return n;
}

// sluice_at reads the value that begins at p.
static inline sluice_value sluice_at(const uint8_t *p) {
	sluice_value v = {.kind = SLUICE_ABSENT};
	v.next = p + 1;
	switch (*p) {
	case 1: case 2:
		v.kind = SLUICE_BOOL;
		v.integer = *p - 1;
		break;
	case 3:
		v.kind = SLUICE_INT;
		__builtin_memcpy(&v.integer, p + 1, 8);
		v.number = (double)v.integer;
		v.next = p + 9;
		break;
	case 4:
		v.kind = SLUICE_FLOAT;
		__builtin_memcpy(&v.number, p + 1, 8);
		v.next = p + 9;
		break;
	case 5:
		v.kind = SLUICE_TEXT;
		v.size = sluice_u32(p + 1);
		v.text = (const char *)p + 5;
		v.next = p + 5 + v.size;
		break;
	case 6: case 7:
		v.kind = *p == 6 ? SLUICE_LIST : SLUICE_OBJECT;
		v.size = sluice_u32(p + 1);
		v.items = p + 5;
		v.next = 0;
		break;
	}
	return v;
}

// sluice_after is the byte after a value.
static const uint8_t *sluice_after(sluice_value v) {
	if (v.next) return v.next;
	const uint8_t *p = v.items;
	for (uint32_t i = 0; i < v.size; i++) {
		if (v.kind == SLUICE_OBJECT) p += 4 + sluice_u32(p);
		p = sluice_after(sluice_at(p));
	}
	return p;
}

// sluice_read reads what a function got: the list of its arguments; or what
// sluice_configure got: the config.
static inline sluice_value sluice_read(const uint8_t *ptr, uint32_t len) {
	return len ? sluice_at(ptr) : (sluice_value){.kind = SLUICE_ABSENT};
}

// sluice_arg is the i-th item of a list, from 0, and absence beyond its end.
static inline sluice_value sluice_arg(sluice_value list, uint32_t i) {
	if (list.kind != SLUICE_LIST || i >= list.size) return (sluice_value){.kind = SLUICE_ABSENT};
	const uint8_t *p = list.items;
	while (i--) p = sluice_after(sluice_at(p));
	return sluice_at(p);
}

// sluice_each walks a list or an object: p starts as its items, name may be
// null for a list. It is called as often as the value has a size.
static inline sluice_value sluice_each(sluice_value of, const uint8_t **p, sluice_value *name) {
	if (of.kind == SLUICE_OBJECT) {
		uint32_t n = sluice_u32(*p);
		if (name) *name = (sluice_value){.kind = SLUICE_TEXT, .text = (const char *)*p + 4, .size = n};
		*p += 4 + n;
	}
	sluice_value v = sluice_at(*p);
	*p = sluice_after(v);
	return v;
}

// sluice_is compares a text with size bytes.
static inline int sluice_is(sluice_value v, const char *bytes, uint32_t size) {
	if (v.kind != SLUICE_TEXT || v.size != size) return 0;
	for (uint32_t i = 0; i < size; i++)
		if (v.text[i] != bytes[i]) return 0;
	return 1;
}

// sluice_member is a member of an object, by a name of size bytes, or absence.
static inline sluice_value sluice_member(sluice_value object, const char *bytes, uint32_t size) {
	if (object.kind == SLUICE_OBJECT) {
		const uint8_t *p = object.items;
		for (uint32_t i = 0; i < object.size; i++) {
			sluice_value name, v = sluice_each(object, &p, &name);
			if (sluice_is(name, bytes, size)) return v;
		}
	}
	return (sluice_value){.kind = SLUICE_ABSENT};
}

#define SLUICE_MEMBER(object, literal) sluice_member(object, literal, sizeof(literal) - 1)

// ---- results ----------------------------------------------------------------
//
// One value: return sluice_int(7). A list or an object is put together:
//
//	sluice_put_object(2);
//	sluice_put_name("city", 4);  sluice_put_text(city, size);
//	sluice_put_name("zone", 4);  sluice_put_int(3);
//	return sluice_put_end();

static uint8_t sluice_result[SLUICE_RESULT_BYTES];
static uint32_t sluice_used;

static inline uint8_t *sluice_room(uint32_t n) {
	if (n > SLUICE_RESULT_BYTES - sluice_used)
		SLUICE_REFUSE("the result is larger than the guest's SLUICE_RESULT_BYTES");
	uint8_t *p = sluice_result + sluice_used;
	sluice_used += n;
	return p;
}

static inline void sluice_put_sized(uint8_t tag, uint32_t n) {
	uint8_t *p = sluice_room(5);
	p[0] = tag;
	__builtin_memcpy(p + 1, &n, 4);
}

static inline void sluice_put_word(uint8_t tag, const void *eight) {
	uint8_t *p = sluice_room(9);
	p[0] = tag;
	__builtin_memcpy(p + 1, eight, 8);
}

static inline void sluice_put_absent(void) { *sluice_room(1) = 0; }
static inline void sluice_put_bool(int b) { *sluice_room(1) = b ? 2 : 1; }
static inline void sluice_put_int(int64_t n) { sluice_put_word(3, &n); }
static inline void sluice_put_float(double f) { sluice_put_word(4, &f); }
static inline void sluice_put_list(uint32_t items) { sluice_put_sized(6, items); }
static inline void sluice_put_object(uint32_t members) { sluice_put_sized(7, members); }

static inline void sluice_put_text(const char *text, uint32_t size) {
	sluice_put_sized(5, size);
	__builtin_memcpy(sluice_room(size), text, size);
}

static inline void sluice_put_name(const char *name, uint32_t size) {
	__builtin_memcpy(sluice_room(4), &size, 4);
	__builtin_memcpy(sluice_room(size), name, size);
}

// sluice_pack is a result of bytes anywhere in memory, as the stages give it.
static inline uint64_t sluice_pack(const void *p, uint32_t n) {
	return (uint64_t)(uint32_t)p << 32 | n;
}

static inline uint64_t sluice_put_end(void) {
	uint32_t n = sluice_used;
	sluice_used = 0;
	return sluice_pack(sluice_result, n);
}

// sluice_absent is no result; of a stage it means: drop it.
static inline uint64_t sluice_absent(void) { return 0; }
static inline uint64_t sluice_bool(int b) { sluice_put_bool(b); return sluice_put_end(); }
static inline uint64_t sluice_int(int64_t n) { sluice_put_int(n); return sluice_put_end(); }
static inline uint64_t sluice_float(double f) { sluice_put_float(f); return sluice_put_end(); }

static inline uint64_t sluice_text(const char *text, uint32_t size) {
	sluice_put_text(text, size);
	return sluice_put_end();
}

#endif

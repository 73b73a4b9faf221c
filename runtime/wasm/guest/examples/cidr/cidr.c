// place(address): what a table of networks says of an address, as GeoIP does.
// The table is the mapping's config, {ranges: {"10.1.0.0/16": "Lyon"}}; the
// longest network that holds the address wins, and its value, of any kind, is
// the result. IPv4 and IPv6; absence where no network holds the address.
#include "../../c/sluice.h"

typedef struct {
	uint8_t address[16]; // IPv4 as ::ffff:0:0/96
	uint32_t bits;
	const uint8_t *value;
	uint32_t size;
} network;

static network *networks; // in order of bits, then of address
static uint32_t count;

static int digit(char c, int base) {
	int d = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
	return d < base ? d : -1;
}

// number reads digits at *p; it gives -1 where there are none, more than most,
// or a value above limit.
static int number(const char **p, const char *end, int base, int most, int limit) {
	int n = 0, seen = 0;
	for (; *p < end && digit(**p, base) >= 0; (*p)++) {
		n = n * base + digit(**p, base);
		if (++seen > most || n > limit) return -1;
	}
	return seen ? n : -1;
}

static int parse4(const char **p, const char *end, uint8_t *out) {
	for (int i = 0; i < 4; i++) {
		if (i && (*p == end || *(*p)++ != '.')) return 0;
		const char *from = *p;
		int n = number(p, end, 10, 3, 255);
		if (n < 0 || (*from == '0' && *p - from > 1)) return 0; // 010 is 8 to some
		out[i] = n;
	}
	return 1;
}

static int parse6(const char **p, const char *end, uint8_t *out) {
	uint8_t got[16];
	int n = 0, gap = -1;
	while (n < 16) {
		if (end - *p >= 2 && (*p)[0] == ':' && (*p)[1] == ':') {
			if (gap >= 0) return 0;
			gap = n;
			*p += 2;
			if (*p == end || digit(**p, 16) < 0) break;
		} else if (n) {
			if (*p == end || **p != ':') break;
			(*p)++;
		}
		const char *group = *p;
		int v = number(p, end, 16, 4, 0xffff);
		if (*p < end && **p == '.' && n <= 12) {
			*p = group;
			if (!parse4(p, end, got + n)) return 0;
			n += 4;
			break;
		}
		if (v < 0) return 0;
		got[n++] = v >> 8;
		got[n++] = v;
	}
	if (gap < 0 ? n != 16 : n > 14) return 0;
	int tail = gap < 0 ? 0 : n - gap;
	for (int i = 0; i < 16; i++) {
		int from = i < n - tail ? i : i - (16 - n);
		out[i] = i >= n - tail && i < 16 - tail ? 0 : got[from];
	}
	return 1;
}

// parse reads an address; it gives the bits before it (96 for IPv4), or -1.
static int parse(const char **p, const char *end, uint8_t *out) {
	for (const char *q = *p; q < end; q++)
		if (*q == ':') return parse6(p, end, out) ? 0 : -1;
	for (int i = 0; i < 10; i++) out[i] = 0;
	out[10] = out[11] = 255;
	return parse4(p, end, out + 12) ? 96 : -1;
}

static void mask(uint8_t *address, uint32_t bits) {
	for (uint32_t i = 0; i < 16; i++) {
		uint32_t keep = bits > i * 8 ? bits - i * 8 : 0;
		if (keep < 8) address[i] &= (uint8_t)(0xff00 >> keep);
	}
}

static int compare(const network *n, const uint8_t *address, uint32_t bits) {
	if (n->bits != bits) return n->bits < bits ? -1 : 1;
	for (int i = 0; i < 16; i++)
		if (n->address[i] != address[i]) return n->address[i] < address[i] ? -1 : 1;
	return 0;
}

static void sift(uint32_t root, uint32_t end) {
	for (uint32_t child; (child = 2 * root + 1) < end; root = child) {
		if (child + 1 < end && compare(&networks[child], networks[child + 1].address, networks[child + 1].bits) < 0) child++;
		if (compare(&networks[root], networks[child].address, networks[child].bits) >= 0) return;
		network moved = networks[root];
		networks[root] = networks[child];
		networks[child] = moved;
	}
}

static void sort(void) {
	for (uint32_t i = count / 2; i-- > 0;) sift(i, count);
	for (uint32_t end = count; end > 1;) {
		network last = networks[--end];
		networks[end] = networks[0];
		networks[0] = last;
		sift(0, end);
	}
}

// add takes one line of the table, or gives 0.
static int add(sluice_value range, sluice_value value, const uint8_t *at) {
	network *n = &networks[count];
	const char *p = range.text, *end = p + range.size;
	int before = parse(&p, end, n->address);
	if (before < 0) return 0;
	int bits = 128 - before;
	if (p < end && *p == '/') {
		p++;
		bits = number(&p, end, 10, 3, bits);
	}
	if (bits < 0 || p != end) return 0;
	n->bits = before + bits;
	mask(n->address, n->bits);
	n->size = sluice_after(value) - at;
	n->value = (const uint8_t *)sluice_keep((const char *)at, n->size);
	count++;
	return 1;
}

static void refuse_range(sluice_value range) {
	static char reason[80] = "no network: ";
	uint32_t n = 12;
	for (uint32_t i = 0; i < range.size && n < sizeof(reason); i++) reason[n++] = range.text[i];
	sluice_refuse(reason, n);
}

SLUICE_CONFIGURE {
	sluice_value ranges = SLUICE_MEMBER(sluice_read(ptr, len), "ranges");
	if (ranges.kind != SLUICE_OBJECT) SLUICE_REFUSE("the config has no ranges: name networks and what they are");
	networks = sluice_alloc(ranges.size * sizeof(network));
	if (!networks) SLUICE_REFUSE("the table does not fit into the memory");
	const uint8_t *p = ranges.items;
	for (uint32_t i = 0; i < ranges.size; i++) {
		const uint8_t *value = p + 4 + sluice_u32(p);
		sluice_value range, v = sluice_each(ranges, &p, &range);
		if (!add(range, v, value)) refuse_range(range);
	}
	sort();
	return 0;
}

// find looks among the networks of so many bits that begin at or after from.
static const network *find(uint8_t *address, uint32_t bits) {
	uint32_t low = 0, high = count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (compare(&networks[middle], address, bits) < 0) low = middle + 1;
		else high = middle;
	}
	return low < count && compare(&networks[low], address, bits) == 0 ? &networks[low] : 0;
}

SLUICE_EXPORT(place) {
	sluice_value text = sluice_arg(sluice_read(ptr, len), 0);
	uint8_t address[16];
	const char *p = text.text;
	if (text.kind != SLUICE_TEXT || parse(&p, p + text.size, address) < 0 || p != text.text + text.size) return sluice_absent();
	uint32_t i = count;
	while (i > 0) {
		uint32_t bits = networks[i - 1].bits;
		mask(address, bits);
		const network *n = find(address, bits);
		if (n) return sluice_pack(n->value, n->size);
		while (i > 0 && networks[i - 1].bits == bits) i--; // on to the next shorter ones
	}
	return sluice_absent();
}

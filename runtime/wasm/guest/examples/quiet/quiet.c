// The stage `event`: drops events whose severity_id is below the config's
// {"least": 3}. An event is one JSON object, whose own members are looked
// through; what lies deeper is passed over.
#include "../../c/sluice.h"

static int64_t least = 2;

SLUICE_CONFIGURE {
	sluice_value v = SLUICE_MEMBER(sluice_read(ptr, len), "least");
	if (v.kind != SLUICE_INT) SLUICE_REFUSE("the config's least must be a whole number, a severity_id");
	least = v.integer;
	return 0;
}

static int is_key(const uint8_t *p, uint32_t n) {
	static const char key[] = "severity_id";
	if (n != sizeof(key) - 1) return 0;
	for (uint32_t i = 0; i < n; i++)
		if (p[i] != (uint8_t)key[i]) return 0;
	return 1;
}

// severity gives the event's severity_id, or -1 where it has none.
static int64_t severity(const uint8_t *p, uint32_t n) {
	int depth = 0, found = 0;
	for (uint32_t i = 0; i < n; i++) {
		if (p[i] == '"') {
			uint32_t from = ++i;
			while (i < n && p[i] != '"') i += p[i] == '\\' ? 2 : 1;
			found = depth == 1 && i + 1 < n && p[i + 1] == ':' && is_key(p + from, i - from);
		} else if (p[i] == '{' || p[i] == '[') {
			depth++;
		} else if (p[i] == '}' || p[i] == ']') {
			depth--;
		} else if (found && p[i] >= '0' && p[i] <= '9') {
			int64_t number = 0;
			while (i < n && p[i] >= '0' && p[i] <= '9' && number < 1000) number = number * 10 + (p[i++] - '0');
			return number;
		}
	}
	return -1;
}

SLUICE_EXPORT(sluice_event) {
	int64_t s = severity(ptr, len);
	return s >= 0 && s < least ? sluice_absent() : sluice_pack(ptr, len);
}

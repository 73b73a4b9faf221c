// risk(address, level): a company's own score, 0 to 100. The rule's level counts
// in full, and where the address begins with a prefix from the config
// ({weights: {"10.1.": 20}}) the weight of the longest such prefix is added.
#include "../../c/sluice.h"

static sluice_value weights;

SLUICE_CONFIGURE {
	sluice_value all = SLUICE_MEMBER(sluice_read(ptr, len), "weights");
	if (all.kind == SLUICE_OBJECT) {
		const uint8_t *end = sluice_after(all);
		uint32_t size = end - all.items;
		all.items = (const uint8_t *)sluice_keep((const char *)all.items, size);
		weights = all;
	}
	return all.kind == SLUICE_OBJECT || all.kind == SLUICE_ABSENT ? 0 : 1;
}

static int begins(sluice_value text, sluice_value with) {
	if (text.kind != SLUICE_TEXT || with.size > text.size) return 0;
	for (uint32_t i = 0; i < with.size; i++)
		if (text.text[i] != with.text[i]) return 0;
	return 1;
}

static int64_t weight(sluice_value address) {
	const uint8_t *p = weights.items;
	uint32_t longest = 0;
	int64_t found = 0;
	for (uint32_t i = 0; i < weights.size; i++) {
		sluice_value prefix, v = sluice_each(weights, &p, &prefix);
		if (v.kind == SLUICE_INT && prefix.size >= longest && begins(address, prefix)) {
			longest = prefix.size;
			found = v.integer;
		}
	}
	return found;
}

SLUICE_EXPORT(risk) {
	sluice_value args = sluice_read(ptr, len), level = sluice_arg(args, 1);
	if (level.kind != SLUICE_INT && level.kind != SLUICE_FLOAT) return sluice_absent();
	if (level.number < 0) SLUICE_REFUSE("a level below zero");
	double rated = level.number < 15 ? level.number : 15;
	int64_t score = (int64_t)(rated * 100 / 15) + weight(sluice_arg(args, 0));
	return sluice_int(score > 100 ? 100 : score < 0 ? 0 : score);
}

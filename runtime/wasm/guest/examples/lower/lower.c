// lower(text): its ASCII letters small, as lower() of expressions gives them;
// here to be measured beside that. The result is made in the argument's bytes.
#include "../../c/sluice.h"

SLUICE_EXPORT(lower) {
	sluice_value x = sluice_arg(sluice_read(ptr, len), 0);
	if (x.kind != SLUICE_TEXT) return sluice_absent();
	char *text = (char *)x.text;
	for (uint32_t i = 0; i < x.size; i++)
		text[i] |= (text[i] >= 'A' && text[i] <= 'Z') << 5;
	return sluice_pack(text - 5, x.size + 5); // with the head that says text and size
}

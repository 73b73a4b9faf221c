#include "../../c/sluice.h"
SLUICE_EXPORT(twice) {
	sluice_value x = sluice_arg(sluice_read(ptr, len), 0);
	return x.kind == SLUICE_INT ? sluice_int(2 * x.integer) : sluice_absent();
}

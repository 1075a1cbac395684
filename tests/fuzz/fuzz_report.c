/* SPDX-License-Identifier: MIT */
/* A JSON report of before, told to a person.  */
#include "fuzz.h"

#include "report_read.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t nbytes)
{
	struct mc_error err = MC_ERROR_INIT;
	struct mc_paper paper;
	char *text = NULL;
	size_t len = 0, found;
	FILE *out = open_memstream(&text, &len);

	FUZZ_CHECK(out);
	mc_paper_open(&paper, out, 80, false);
	(void)!mc_report_put_dist(&paper, (struct mc_str){(const char *)bytes, nbytes}, "report.json",
				  MC_STR("x"), &found, &err);
	mc_paper_close(&paper);
	fclose(out);
	fuzz_check_report(text, len);
	free(text);
	return 0;
}

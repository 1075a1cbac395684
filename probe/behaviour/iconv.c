/* SPDX-License-Identifier: MIT */
/*
 * Which charsets iconv() has, and what it does with a character that the target lacks.
 *
 * Python's own codecs do not use it, but libxml2 (lxml), glib, gettext, libarchive, poppler and
 * database clients do: on musl a charset may be missing or be readable only, and a character that
 * cannot be converted becomes '*' in place of an error.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <iconv.h>
#include "measure.h"

static const char *const charsets[] = {
	"UTF-8",       "utf8",         "UTF-7",          "UTF-16",      "UTF-16LE",  "UTF-16BE",
	"UTF-32",      "UTF-32LE",     "UCS-2",          "UCS-4LE",     "WCHAR_T",   "char",
	"ASCII",       "US-ASCII",     "ANSI_X3.4-1968", "ISO-8859-1",  "latin1",    "ISO-8859-15",
	"ISO-8859-16", "WINDOWS-1252", "CP1252",         "CP1251",      "CP437",     "CP850",
	"IBM037",      "IBM1047",      "KOI8-R",         "KOI8-U",      "MACINTOSH", "TIS-620",
	"SHIFT_JIS",   "CP932",        "EUC-JP",         "ISO-2022-JP", "GB2312",    "GBK",
	"GB18030",     "BIG5",         "BIG5-HKSCS",     "EUC-TW",      "EUC-KR",    "CP949",
	"JOHAB",       "VISCII",       "ARMSCII-8",      "HP-ROMAN8",
};

static void measure_convert(const char *name, const char *to, const char *from, const char *text,
			    size_t left)
{
	char copy[64], out[64], *in = copy, *end = out;
	size_t room = sizeof(out) - 1, count;
	iconv_t conv = iconv_open(to, from);

	if (conv == (iconv_t)-1) {
		result(name, "iconv_open: %s", strerror(errno));
		return;
	}
	memcpy(copy, text, left);
	errno = 0;
	count = iconv(conv, &in, &left, &end, &room);
	*end = '\0';
	if (count == (size_t)-1)
		result(name, "\"%s\", then -1, %s, %zu bytes left", out,
		       errno == EILSEQ   ? "EILSEQ"
		       : errno == EINVAL ? "EINVAL"
					 : strerror(errno),
		       left);
	else
		result(name, "\"%s\", returns %zu", out, count);
	iconv_close(conv);
}

/* The bytes in hexadecimal digits: for what holds zeros.  */
static void measure_bytes(const char *name, const char *to)
{
	char in[] = "a", *from = in, out[32], *end = out, hex[80] = "";
	size_t left = 1, room = sizeof(out), i;
	iconv_t conv = iconv_open(to, "UTF-8");

	if (conv == (iconv_t)-1) {
		result(name, "iconv_open: %s", strerror(errno));
		return;
	}
	iconv(conv, &from, &left, &end, &room);
	for (i = 0; i < sizeof(out) - room; i++)
		sprintf(hex + strlen(hex), i ? " %02x" : "%02x", (unsigned char)out[i]);
	result(name, "%s", hex);
	iconv_close(conv);
}

int main(void)
{
	static const char text[] = "\303\251\342\202\254x"; /* e with acute, Euro, x */
	static const char plain[] = "a\342\200\223b";       /* a, en dash, b */
	size_t i;

	for (i = 0; i < sizeof(charsets) / sizeof(charsets[0]); i++) {
		char name[60];
		iconv_t from = iconv_open("UTF-8", charsets[i]);
		iconv_t to = iconv_open(charsets[i], "UTF-8");
		int can_from = from != (iconv_t)-1, can_to = to != (iconv_t)-1;

		snprintf(name, sizeof(name), "charset %s", charsets[i]);
		result(name, "%s",
		       can_from && can_to ? "both"
		       : can_from         ? "from only"
		       : can_to           ? "to only"
					  : "no");
		if (can_from)
			iconv_close(from);
		if (can_to)
			iconv_close(to);
	}
	measure_convert("\"\u00e9\u20acx\" from UTF-8 to ASCII", "ASCII", "UTF-8", text, 6);
	measure_convert("\"\u00e9\u20acx\" from UTF-8 to ASCII//TRANSLIT", "ASCII//TRANSLIT",
			"UTF-8", text, 6);
	measure_convert("\"\u00e9\u20acx\" from UTF-8 to ASCII//IGNORE", "ASCII//IGNORE", "UTF-8",
			text, 6);
	measure_convert("\"\u00e9\u20acx\" from UTF-8 to ISO-8859-1", "ISO-8859-1", "UTF-8", text,
			6);
	measure_convert("\"\u00e9\u20acx\" from UTF-8 to ISO-8859-15", "ISO-8859-15", "UTF-8", text,
			6);
	measure_convert("\"\u00e9\u20acx\" from UTF-8 to SHIFT_JIS", "SHIFT_JIS", "UTF-8", text, 6);
	measure_convert("\"a\u2013b\" from UTF-8 to ASCII//TRANSLIT", "ASCII//TRANSLIT", "UTF-8",
			plain, 5);
	measure_convert("bytes 61 ff 62 from UTF-8 to UTF-8", "UTF-8", "UTF-8", "a\377b", 3);
	measure_convert("bytes 61 ff 62 from UTF-8//IGNORE to UTF-8", "UTF-8", "UTF-8//IGNORE",
			"a\377b", 3);
	measure_convert("bytes 61 ff 62 from UTF-8 to UTF-8//IGNORE", "UTF-8//IGNORE", "UTF-8",
			"a\377b", 3);
	measure_convert("bytes 61 e2 82 (cut short) from UTF-8 to UTF-8", "UTF-8", "UTF-8",
			"a\342\202", 3);
	measure_convert("byte 81 from CP1252 to UTF-8", "UTF-8", "CP1252", "\201", 1);
	measure_convert("bytes fe ff 00 61 (with BOM) from UTF-16 to UTF-8", "UTF-8", "UTF-16",
			"\376\377\0a", 4);
	measure_convert("bytes 61 00 (no BOM) from UTF-16 to UTF-8", "UTF-8", "UTF-16", "a\0", 2);
	measure_convert("bytes 00 61 (no BOM) from UCS-2 to UTF-8", "UTF-8", "UCS-2", "\0a", 2);
	measure_convert("bytes ef bb bf 61 (with BOM) from UTF-8 to UTF-8", "UTF-8", "UTF-8",
			"\357\273\277a", 4);
	measure_convert("iconv_open to \"\"", "", "UTF-8", text, 6);
	measure_bytes("\"a\" to UTF-16, bytes", "UTF-16");
	measure_bytes("\"a\" to UTF-32, bytes", "UTF-32");
	measure_bytes("\"a\" to UCS-2, bytes", "UCS-2");
	return measured("iconv");
}

/* mutate_flat.c - changes a FlatBuffer in place: what is inserted or left out moves all behind it away
 * from the offsets that lead there. */
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

static int32_t pick_number(void)
{
	static const int32_t odd[] = { 0,	1,	   2,	3,   4,	  5,	7,	8,
				       16,	127,	   128, 255, 256, 1024, 65535,	1 << 20,
				       1 << 28, INT32_MAX, -1,	-2,  -5,  -128, -32768, INT32_MIN };

	return odd[(size_t)rand() % (sizeof(odd) / sizeof(odd[0]))];
}

size_t fuzz_mutate_flat(uint8_t *data, size_t size, size_t limit, unsigned seed)
{
	srand(seed);
	if (size < 16 || rand() % 4 == 0)
		return LLVMFuzzerMutate(data, size, limit);
	uint32_t at = (uint32_t)rand() % (uint32_t)(size / 4) * 4,
		 from = (uint32_t)rand() % (uint32_t)(size / 4) * 4, value;
	switch (rand() % 4) {
	case 0: data[at + (uint32_t)rand() % 4] = (uint8_t)pick_number(); break;
	case 1: data[at + (uint32_t)rand() % 4] += (uint8_t)(1 + rand() % 3) - 2; break;
	case 2: /* an offset to where another one leads */
		memcpy(&value, data + from, sizeof(value));
		value += from - at;
		memcpy(data + at, &value, sizeof(value));
		break;
	default:
		value = (uint32_t)pick_number();
		memcpy(data + at, &value, sizeof(value));
		break;
	}
	return size;
}

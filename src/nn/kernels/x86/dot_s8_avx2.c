/* dot_s8_avx2.c - dot_s8 with AVX2: 16 products at a time, widened to 16 bits, so exact. */
#include <immintrin.h>
#include <string.h>

#include "nn/kernels/kernels.h"

static int32_t horizontal_sum(__m256i v)
{
	__m128i s = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));

	s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0x4e));
	s = _mm_add_epi32(s, _mm_shuffle_epi32(s, 0xb1));
	return _mm_cvtsi128_si32(s);
}

int32_t dot_s8_avx2(const int8_t *a, const int8_t *b, size_t n)
{
	__m256i sum = _mm256_setzero_si256();
	int8_t rest_a[16] = { 0 }, rest_b[16] = { 0 };
	size_t i = 0;

	for (; i + 16 <= n; i += 16) {
		__m256i x = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(a + i)));
		__m256i y = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(b + i)));
		sum = _mm256_add_epi32(sum, _mm256_madd_epi16(x, y));
	}
	if (i < n) { /* a copy, so that nothing behind the end is read */
		memcpy(rest_a, a + i, n - i);
		memcpy(rest_b, b + i, n - i);
		__m256i x = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)rest_a));
		__m256i y = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)rest_b));
		sum = _mm256_add_epi32(sum, _mm256_madd_epi16(x, y));
	}
	return horizontal_sum(sum);
}

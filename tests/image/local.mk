# Tests of src/image: one program a source file, vectors of other programs, and the zoo's references.
image_test_sources = tests/image/vectors.c tests/image/vectors.h
image_test_libs = src/image/libimage.a $(common_libs) $(JPEG_LIBS) $(PNG_LIBS)

if HAVE_CHECK
image_tests = \
	tests/image/check_colour \
	tests/image/check_decode \
	tests/image/check_picture \
	tests/image/check_resize
check_PROGRAMS += $(image_tests)
TESTS += $(image_tests)
endif

tests_image_check_colour_LDADD = $(image_test_libs) $(test_libs)
tests_image_check_decode_SOURCES = tests/image/check_decode.c $(image_test_sources)
tests_image_check_decode_LDADD = $(image_test_libs) $(test_libs)
tests_image_check_picture_LDADD = $(image_test_libs) $(test_libs)
tests_image_check_resize_SOURCES = tests/image/check_resize.c $(image_test_sources)
tests_image_check_resize_LDADD = $(image_test_libs) $(test_libs)

check_PROGRAMS += tests/image/zoo
tests_image_zoo_LDADD = $(image_test_libs) -lm
check_PROGRAMS += tests/image/hashes
tests_image_hashes_LDADD = src/image/libimage.a src/base/libbase.a -lm
TESTS += tests/image/zoo.sh tests/image/hashes.sh
EXTRA_DIST += tests/image/zoo.sh tests/image/hashes.sh tests/image/hashes.expected tests/image/make_vectors.py tests/image/vectors.txt

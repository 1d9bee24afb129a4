# Tests of src/signal: one program a source file, and the hashes of all that it computes.
signal_test_sources = tests/signal/support.c tests/signal/support.h \
	tests/signal/presets.c tests/signal/presets.h
signal_test_libs = src/signal/libsignal.a src/base/libbase.a

if HAVE_CHECK
signal_tests = \
	tests/signal/check_fft \
	tests/signal/check_frontend \
	tests/signal/check_mel \
	tests/signal/check_micro \
	tests/signal/check_mix \
	tests/signal/check_resample \
	tests/signal/check_window
check_PROGRAMS += $(signal_tests)
TESTS += $(signal_tests)
endif

tests_signal_check_fft_SOURCES = tests/signal/check_fft.c $(signal_test_sources)
tests_signal_check_fft_LDADD = $(signal_test_libs) $(test_libs)
tests_signal_check_frontend_SOURCES = tests/signal/check_frontend.c $(signal_test_sources)
tests_signal_check_frontend_LDADD = $(signal_test_libs) $(test_libs)
tests_signal_check_mel_SOURCES = tests/signal/check_mel.c $(signal_test_sources)
tests_signal_check_mel_LDADD = $(signal_test_libs) $(test_libs)
tests_signal_check_micro_SOURCES = tests/signal/check_micro.c $(signal_test_sources)
tests_signal_check_micro_LDADD = $(signal_test_libs) $(test_libs)
tests_signal_check_mix_SOURCES = tests/signal/check_mix.c $(signal_test_sources)
tests_signal_check_mix_LDADD = $(signal_test_libs) $(test_libs)
tests_signal_check_resample_SOURCES = tests/signal/check_resample.c $(signal_test_sources)
tests_signal_check_resample_LDADD = $(signal_test_libs) $(test_libs)
tests_signal_check_window_SOURCES = tests/signal/check_window.c $(signal_test_sources)
tests_signal_check_window_LDADD = $(signal_test_libs) $(test_libs)

check_PROGRAMS += tests/signal/hashes
tests_signal_hashes_SOURCES = tests/signal/hashes.c $(signal_test_sources)
tests_signal_hashes_LDADD = $(signal_test_libs) -lm

TESTS += tests/signal/hashes.sh tests/signal/aarch64.sh
EXTRA_DIST += tests/signal/hashes.sh tests/signal/aarch64.sh tests/signal/hashes.expected

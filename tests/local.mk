# Tests: the same folders as src; one program a source file. What a test lacks here it skips by name.
EXTRA_DIST += tests/test.h tests/layers.sh
AM_TESTS_ENVIRONMENT = srcdir='$(abs_srcdir)'; export srcdir;

if HAVE_CHECK
check_c_tests = \
	tests/base/check_text \
	tests/config/check_settings \
	tests/config/check_unit \
	tests/decide/check_gate \
	tests/decide/check_smooth \
	tests/ipc/check_channel \
	tests/ipc/check_ring \
	tests/output/check_outbox
check_PROGRAMS += $(check_c_tests)
TESTS += $(check_c_tests)
endif

test_libs = $(CHECK_LIBS) -lm
tests_base_check_text_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_base_check_text_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_base_check_text_LDADD = src/base/libbase.a $(test_libs)
tests_config_check_settings_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_config_check_settings_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_config_check_settings_LDADD = $(common_libs) $(test_libs)
tests_config_check_unit_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_config_check_unit_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_config_check_unit_LDADD = $(common_libs) $(test_libs)
tests_decide_check_gate_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_decide_check_gate_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_decide_check_gate_LDADD = src/decide/libdecide.a src/base/libbase.a $(test_libs)
tests_decide_check_smooth_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_decide_check_smooth_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_decide_check_smooth_LDADD = src/decide/libdecide.a src/base/libbase.a $(test_libs)
tests_ipc_check_channel_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_ipc_check_channel_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_ipc_check_channel_LDADD = src/ipc/libipc.a src/base/libbase.a $(test_libs)
tests_ipc_check_ring_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_ipc_check_ring_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_ipc_check_ring_LDADD = src/ipc/libipc.a src/base/libbase.a $(test_libs)
tests_output_check_outbox_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
tests_output_check_outbox_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
tests_output_check_outbox_LDADD = src/output/liboutput.a src/base/libbase.a $(test_libs)

TESTS += tests/layers.sh tests/config/broken.sh
EXTRA_DIST += tests/config/broken.sh $(srcdir)/tests/config/broken

include $(srcdir)/tests/signal/local.mk

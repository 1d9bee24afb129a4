# Tests of inputs: what makes samples, and what tells whether they are good.
if HAVE_CHECK
check_input_tests = \
	tests/input/check_sound_health
check_PROGRAMS += $(check_input_tests)
TESTS += $(check_input_tests)
endif
tests_input_check_sound_health_LDADD = src/input/libinput.a src/base/libbase.a $(test_libs)

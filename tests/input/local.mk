# Tests of inputs: what makes samples, and what tells whether they are good.
if HAVE_CHECK
check_input_tests = \
	tests/input/check_sound_health
check_PROGRAMS += $(check_input_tests)
TESTS += $(check_input_tests)
endif
tests_input_check_sound_health_LDADD = src/input/libinput.a src/base/libbase.a $(test_libs)

# A microphone that falls ill when told.
input_script_tests = \
	tests/input/devices.sh \
	tests/input/ill-microphone.sh \
	tests/input/microphones.sh
TESTS += $(input_script_tests)
EXTRA_DIST += $(input_script_tests) tests/input/alsa_plugin.c tests/input/lib.sh
if HAVE_ALSA
check_DATA += tests/input/alsa_plugin.so
CLEANFILES += tests/input/alsa_plugin.so
tests/input/alsa_plugin.so: $(srcdir)/tests/input/alsa_plugin.c
	$(AM_V_CCLD)$(MKDIR_P) tests/input && $(CC) -std=gnu17 -Wall -Wextra $(CFLAGS) -D_GNU_SOURCE -DPIC \
		-shared -fPIC $(ALSA_CFLAGS) -o $@ $(srcdir)/tests/input/alsa_plugin.c $(ALSA_LIBS)
endif

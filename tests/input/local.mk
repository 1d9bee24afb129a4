# Tests of inputs: what makes samples, and what tells whether they are good.
if HAVE_CHECK
check_input_tests = \
	tests/input/check_sound_health \
	tests/input/check_usb_port
if HAVE_ALSA
check_input_tests += tests/input/check_alsa
endif
check_PROGRAMS += $(check_input_tests)
TESTS += $(check_input_tests)
endif
tests_input_check_sound_health_LDADD = src/input/libinput.a src/base/libbase.a $(test_libs)
tests_input_check_usb_port_LDADD = src/input/libinput.a src/base/libbase.a $(test_libs)
tests_input_check_alsa_LDADD = src/input/libalsainput.a src/input/libinput.a $(common_libs) \
	$(ALSA_LIBS) $(test_libs)

input_script_tests = \
	tests/input/devices.sh \
	tests/input/ill-microphone.sh \
	tests/input/microphones.sh
TESTS += $(input_script_tests)
EXTRA_DIST += $(input_script_tests) tests/input/lib.sh

# A microphone that falls ill when told, and a mixer.
alsa_plugin_sources = tests/input/alsa_plugin.c tests/input/alsa_mixer_plugin.c
EXTRA_DIST += $(alsa_plugin_sources)
if HAVE_ALSA
alsa_plugins = $(alsa_plugin_sources:.c=.so)
check_DATA += $(alsa_plugins)
CLEANFILES += $(alsa_plugins)
$(alsa_plugins): %.so: $(srcdir)/%.c
	$(AM_V_CCLD)$(MKDIR_P) tests/input && $(CC) -std=gnu17 -Wall -Wextra $(CFLAGS) -D_GNU_SOURCE -DPIC \
		-shared -fPIC $(ALSA_CFLAGS) -o $@ $< $(ALSA_LIBS)
endif

noinst_LIBRARIES += src/input/libinput.a
src_input_libinput_a_CFLAGS = $(AM_CFLAGS) $(SNDFILE_CFLAGS)
src_input_libinput_a_SOURCES = \
	src/input/file_source.c \
	src/input/picture_file.c \
	src/input/picture_file.h \
	src/input/regular_file.c \
	src/input/regular_file.h \
	src/input/sound_file.c \
	src/input/sound_file.h \
	src/input/sound_health.c \
	src/input/sound_health.h \
	src/input/source.c \
	src/input/source.h \
	src/input/usb_port.c \
	src/input/usb_port.h

# Of its own, for only two programs link alsa-lib.
noinst_LIBRARIES += src/input/libalsainput.a
src_input_libalsainput_a_CFLAGS = $(AM_CFLAGS) $(ALSA_CFLAGS)
src_input_libalsainput_a_SOURCES = src/input/alsa_cards.h
if HAVE_ALSA
src_input_libalsainput_a_SOURCES += \
	src/input/alsa.c \
	src/input/alsa_cards.c \
	src/input/alsa_format.c \
	src/input/alsa_format.h \
	src/input/alsa_mixer.c \
	src/input/alsa_mixer.h \
	src/input/alsa_negotiate.c \
	src/input/alsa_negotiate.h \
	src/input/alsa_pcm.c \
	src/input/alsa_pcm.h \
	src/input/alsa_run.c \
	src/input/alsa_source.h
else
src_input_libalsainput_a_SOURCES += src/input/alsa_none.c
endif

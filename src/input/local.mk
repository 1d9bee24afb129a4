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
	src/input/source.h

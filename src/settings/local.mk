noinst_LIBRARIES += src/settings/libsettings.a
src_settings_libsettings_a_SOURCES = \
	src/settings/card.c \
	src/settings/card.h \
	src/settings/frontend.c \
	src/settings/frontend.h \
	src/settings/input.c \
	src/settings/input.h \
	src/settings/labels.c \
	src/settings/labels.h \
	src/settings/mqtt.c \
	src/settings/mqtt.h \
	src/settings/picture.c \
	src/settings/picture.h \
	src/settings/pipeline.c \
	src/settings/pipeline.h \
	src/settings/settings.c \
	src/settings/settings.h \
	src/settings/trace.c \
	src/settings/trace.h

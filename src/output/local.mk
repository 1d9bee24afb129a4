noinst_LIBRARIES += src/output/liboutput.a
src_output_liboutput_a_CFLAGS = $(AM_CFLAGS) $(MOSQUITTO_CFLAGS)
src_output_liboutput_a_SOURCES = \
	src/output/event.c \
	src/output/event.h \
	src/output/mqtt.c \
	src/output/mqtt.h \
	src/output/outbox.c \
	src/output/outbox.h

noinst_LIBRARIES += src/output/liboutput.a
src_output_liboutput_a_CFLAGS = $(AM_CFLAGS) $(MOSQUITTO_CFLAGS) $(SQLITE_CFLAGS)
src_output_liboutput_a_SOURCES = \
	src/output/event.c \
	src/output/event.h \
	src/output/database.c \
	src/output/database.h \
	src/output/home_assistant.c \
	src/output/home_assistant.h \
	src/output/mqtt.c \
	src/output/mqtt.h \
	src/output/mqtt_client.c \
	src/output/mqtt_client.h \
	src/output/retained.c \
	src/output/retained.h \
	src/output/spool.c \
	src/output/spool.h \
	src/output/trace_file.c \
	src/output/trace_file.h \
	src/output/trace_layout.c \
	src/output/trace_layout.h \
	src/output/trace_load.c

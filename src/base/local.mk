noinst_LIBRARIES += src/base/libbase.a
src_base_libbase_a_SOURCES = \
	src/base/arena.c \
	src/base/arena.h \
	src/base/buf.c \
	src/base/buf.h \
	src/base/cleanup.h \
	src/base/clock.c \
	src/base/clock.h \
	src/base/fault.c \
	src/base/fault.h \
	src/base/json.c \
	src/base/json.h \
	src/base/log.c \
	src/base/log.h \
	src/base/loop.c \
	src/base/loop.h \
	src/base/math.c \
	src/base/math.h

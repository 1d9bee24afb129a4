noinst_LIBRARIES += src/decide/libdecide.a
src_decide_libdecide_a_SOURCES = \
	src/decide/gate.c \
	src/decide/gate.h \
	src/decide/smooth.c \
	src/decide/smooth.h \
	src/decide/trace.c \
	src/decide/trace.h \
	src/decide/whatif.c \
	src/decide/whatif.h

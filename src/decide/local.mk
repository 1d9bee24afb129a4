noinst_LIBRARIES += src/decide/libdecide.a
src_decide_libdecide_a_SOURCES = \
	src/decide/gate.c \
	src/decide/gate.h \
	src/decide/smooth.c \
	src/decide/smooth.h

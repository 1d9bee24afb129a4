noinst_LIBRARIES += src/signal/libsignal.a
src_signal_libsignal_a_SOURCES = \
	src/signal/fft.c \
	src/signal/fft.h \
	src/signal/fft16.c \
	src/signal/fft16.h \
	src/signal/frontend.c \
	src/signal/frontend.h \
	src/signal/mel.c \
	src/signal/mel.h \
	src/signal/melbank.c \
	src/signal/melbank.h \
	src/signal/micro.c \
	src/signal/micro.h \
	src/signal/microband.c \
	src/signal/microband.h \
	src/signal/mix.c \
	src/signal/mix.h \
	src/signal/resample.c \
	src/signal/resample.h \
	src/signal/window.c \
	src/signal/window.h

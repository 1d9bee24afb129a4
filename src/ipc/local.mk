noinst_LIBRARIES += src/ipc/libipc.a
src_ipc_libipc_a_SOURCES = \
	src/ipc/board.c \
	src/ipc/board.h \
	src/ipc/channel.c \
	src/ipc/channel.h \
	src/ipc/messages.def \
	src/ipc/messages.h \
	src/ipc/ring.c \
	src/ipc/ring.h \
	src/ipc/trace_ring.c \
	src/ipc/trace_ring.h

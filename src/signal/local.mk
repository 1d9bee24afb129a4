noinst_LIBRARIES += src/signal/libsignal.a
src_signal_libsignal_a_SOURCES =

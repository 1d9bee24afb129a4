noinst_LIBRARIES += src/process/libprocess.a
src_process_libprocess_a_SOURCES =

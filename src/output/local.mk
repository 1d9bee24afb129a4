noinst_LIBRARIES += src/output/liboutput.a
src_output_liboutput_a_SOURCES =

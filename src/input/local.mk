noinst_LIBRARIES += src/input/libinput.a
src_input_libinput_a_SOURCES =

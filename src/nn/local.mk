noinst_LIBRARIES += src/nn/libnn.a
src_nn_libnn_a_SOURCES =

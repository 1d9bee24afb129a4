noinst_LIBRARIES += src/nn/libnn.a src/nn/libnnportable.a src/nn/libnnblas.a
src_nn_libnn_a_SOURCES = \
	src/nn/broadcast.c \
	src/nn/broadcast.h \
	src/nn/fixed.h \
	src/nn/fixed16.h \
	src/nn/gemm.h \
	src/nn/graph.c \
	src/nn/graph.h \
	src/nn/infer.c \
	src/nn/infer.h \
	src/nn/kernels/kernels.c \
	src/nn/kernels/kernels.h \
	src/nn/kernels/ref/dot_s8.c \
	src/nn/kernels/ref/mla_s8.c \
	src/nn/net.c \
	src/nn/net.h \
	src/nn/op.c \
	src/nn/op.h \
	src/nn/ops/along_axis.c \
	src/nn/ops/batch_matmul.c \
	src/nn/ops/binary.c \
	src/nn/ops/compare.c \
	src/nn/ops/concatenation.c \
	src/nn/ops/control.c \
	src/nn/ops/conv.c \
	src/nn/ops/conv.h \
	src/nn/ops/conv_2d.c \
	src/nn/ops/depthwise_conv_2d.c \
	src/nn/ops/detection.c \
	src/nn/ops/fully_connected.c \
	src/nn/ops/gather.c \
	src/nn/ops/gather_nd.c \
	src/nn/ops/hard_swish.c \
	src/nn/ops/l2_normalization.c \
	src/nn/ops/leaky_relu.c \
	src/nn/ops/log_softmax.c \
	src/nn/ops/logistic.c \
	src/nn/ops/lstm.c \
	src/nn/ops/make.c \
	src/nn/ops/non_max_suppression.c \
	src/nn/ops/ops.c \
	src/nn/ops/pack.c \
	src/nn/ops/pad.c \
	src/nn/ops/pairwise.c \
	src/nn/ops/pool.c \
	src/nn/ops/quantize.c \
	src/nn/ops/recurrent.c \
	src/nn/ops/reduce.c \
	src/nn/ops/relu.c \
	src/nn/ops/resize.c \
	src/nn/ops/select.c \
	src/nn/ops/shape_ops.c \
	src/nn/ops/softmax.c \
	src/nn/ops/space.c \
	src/nn/ops/spectrum.c \
	src/nn/ops/split.c \
	src/nn/ops/strided_slice.c \
	src/nn/ops/suppress.c \
	src/nn/ops/suppress.h \
	src/nn/ops/svdf.c \
	src/nn/ops/tile.c \
	src/nn/ops/transpose.c \
	src/nn/ops/transpose_conv.c \
	src/nn/ops/unary.c \
	src/nn/ops/variable.c \
	src/nn/part.h \
	src/nn/place.c \
	src/nn/plan.c \
	src/nn/plan.h \
	src/nn/requantize.h \
	src/nn/sink.c \
	src/nn/sink.h \
	src/nn/sink_ops.c \
	src/nn/table.c \
	src/nn/table.h \
	src/nn/table8.c \
	src/nn/table8.h \
	src/nn/view.c \
	src/nn/view.h

# Kernels of an instruction set are compiled for it, and chosen at run time.
if HOST_X86
noinst_LIBRARIES += src/nn/libnnavx2.a
src_nn_libnnavx2_a_CFLAGS = $(AM_CFLAGS) -mavx2
src_nn_libnnavx2_a_SOURCES = src/nn/kernels/x86/dot_s8_avx2.c
nn_kernel_libs = src/nn/libnnavx2.a
endif

# One of these two is the matrix multiplication of a program.
src_nn_libnnportable_a_SOURCES = src/nn/gemm_portable.c
src_nn_libnnblas_a_CFLAGS = $(AM_CFLAGS) $(OPENBLAS_CFLAGS)
src_nn_libnnblas_a_SOURCES = src/nn/gemm_openblas.c

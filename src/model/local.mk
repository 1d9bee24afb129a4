noinst_LIBRARIES += src/model/libmodel.a
src_model_libmodel_a_SOURCES = \
	src/model/facts.c \
	src/model/facts.h \
	src/model/flat.c \
	src/model/flat.h \
	src/model/flex.c \
	src/model/flex.h \
	src/model/model.c \
	src/model/model.h \
	src/model/onnx.h \
	src/model/onnx/build.c \
	src/model/onnx/build.h \
	src/model/onnx/control.c \
	src/model/onnx/convert.c \
	src/model/onnx/convert.h \
	src/model/onnx/elementwise.c \
	src/model/onnx/layers.c \
	src/model/onnx/onnx.c \
	src/model/onnx/products.c \
	src/model/onnx/proto.c \
	src/model/onnx/proto.h \
	src/model/onnx/quantized.c \
	src/model/onnx/recurrent.c \
	src/model/onnx/reductions.c \
	src/model/onnx/shapes.c \
	src/model/onnx/wire.c \
	src/model/onnx/wire.h \
	src/model/sparse.c \
	src/model/sparse.h \
	src/model/tflite.c \
	src/model/tflite_facts.c \
	src/model/tflite.h \
	src/model/tflite_options.c \
	src/model/tflite_options.h \
	src/model/zip.c \
	src/model/zip.h

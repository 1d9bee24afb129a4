noinst_LIBRARIES += src/model/libmodel.a
src_model_libmodel_a_SOURCES = \
	src/model/flat.c \
	src/model/flat.h \
	src/model/flex.c \
	src/model/flex.h \
	src/model/model.c \
	src/model/model.h \
	src/model/sparse.c \
	src/model/sparse.h \
	src/model/tflite.c \
	src/model/tflite.h \
	src/model/tflite_options.c \
	src/model/tflite_options.h

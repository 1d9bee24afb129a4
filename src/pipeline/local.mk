noinst_LIBRARIES += src/pipeline/libpipeline.a
src_pipeline_libpipeline_a_SOURCES = \
	src/pipeline/chain.c \
	src/pipeline/chain.h \
	src/pipeline/format.c \
	src/pipeline/format.h \
	src/pipeline/negotiate.c \
	src/pipeline/negotiate.h \
	src/pipeline/stage.h \
	src/pipeline/stages/crop.c \
	src/pipeline/stages/decide.c \
	src/pipeline/stages/front.c \
	src/pipeline/stages/front.h \
	src/pipeline/stages/mix.c \
	src/pipeline/stages/model.c \
	src/pipeline/stages/model.h \
	src/pipeline/stages/resample.c \
	src/pipeline/stages/resize.c \
	src/pipeline/stages/smooth.c \
	src/pipeline/stages/window.c

noinst_LIBRARIES += src/image/libimage.a
src_image_libimage_a_CFLAGS = $(AM_CFLAGS) $(JPEG_CFLAGS) $(PNG_CFLAGS)
src_image_libimage_a_SOURCES = \
	src/image/axis.c \
	src/image/axis.h \
	src/image/bmp.c \
	src/image/colour.c \
	src/image/colour.h \
	src/image/crop.c \
	src/image/crop.h \
	src/image/decode.c \
	src/image/decode.h \
	src/image/formats.h \
	src/image/jpeg.c \
	src/image/normalize.c \
	src/image/normalize.h \
	src/image/picture.c \
	src/image/picture.h \
	src/image/png.c \
	src/image/pnm.c \
	src/image/resize.c \
	src/image/resize.h \
	src/image/shape.c \
	src/image/shape.h

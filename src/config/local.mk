noinst_LIBRARIES += src/config/libconfig.a
src_config_libconfig_a_CFLAGS = $(AM_CFLAGS) $(YAML_CFLAGS)
src_config_libconfig_a_SOURCES = \
	src/config/finding.c \
	src/config/finding.h \
	src/config/nearest.c \
	src/config/schema.c \
	src/config/schema.h \
	src/config/unit.c \
	src/config/unit.h \
	src/config/yaml.c \
	src/config/yaml.h

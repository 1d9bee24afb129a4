# The command lines.
sbin_PROGRAMS += src/edged
src_edged_SOURCES = src/edged.c

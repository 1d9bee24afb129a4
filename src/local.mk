# The command lines: no library beyond libyaml.
sbin_PROGRAMS += src/edged
src_edged_CPPFLAGS = $(AM_CPPFLAGS) -DSYSCONFDIR='"$(sysconfdir)"'
src_edged_SOURCES = src/edged.c
src_edged_LDADD = src/process/libprocess.a src/ipc/libipc.a src/decide/libdecide.a $(common_libs) -lm

bin_PROGRAMS += src/edgectl
src_edgectl_SOURCES = src/edgectl.c
src_edgectl_LDADD = src/process/libprocess.a src/base/libbase.a

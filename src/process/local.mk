# The library holds what the roles do; a role's program is one call of it, with the libraries that
# this role may use and no others.
noinst_LIBRARIES += src/process/libprocess.a
src_process_libprocess_a_CPPFLAGS = $(AM_CPPFLAGS) \
	-DPKGLIBEXECDIR='"$(pkglibexecdir)"' -DPKGDATADIR='"$(pkgdatadir)"' \
	-DLOCALSTATEDIR='"$(localstatedir)"' \
	-DSYSCONFDIR='"$(sysconfdir)"'
src_process_libprocess_a_SOURCES = \
	src/process/board_broker.c \
	src/process/board_check.c \
	src/process/board_check.h \
	src/process/capture.c \
	src/process/check.c \
	src/process/check.h \
	src/process/describe.c \
	src/process/devices.c \
	src/process/exit_code.c \
	src/process/exit_code.h \
	src/process/model_card.c \
	src/process/model_card.h \
	src/process/model_tool.c \
	src/process/moment.c \
	src/process/moment.h \
	src/process/notify.c \
	src/process/notify.h \
	src/process/once.c \
	src/process/once_trace.c \
	src/process/once_trace.h \
	src/process/pipeline.c \
	src/process/program.c \
	src/process/program.h \
	src/process/publish.c \
	src/process/record.c \
	src/process/record_socket.c \
	src/process/record_socket.h \
	src/process/recorder.c \
	src/process/recorder.h \
	src/process/report.c \
	src/process/report.h \
	src/process/settings_fd.c \
	src/process/settings_fd.h \
	src/process/spawn.c \
	src/process/spawn.h \
	src/process/state_folder.c \
	src/process/state_folder.h \
	src/process/states.c \
	src/process/states.h \
	src/process/supervisor.c \
	src/process/supervisor.h \
	src/process/table.c \
	src/process/table.h \
	src/process/throttle.c \
	src/process/throttle.h \
	src/process/top.c \
	src/process/top.h \
	src/process/tracer.c \
	src/process/tracer.h \
	src/process/why.c \
	src/process/why.h \
	src/process/why_find.c \
	src/process/why_json.c \
	src/process/why_text.c \
	src/process/why_traces.c \
	src/process/why_traces.h \
	src/process/why_words.c \
	src/process/worker.c \
	src/process/worker.h

# From the most to the least particular, as a linker wants them.
common_libs = src/settings/libsettings.a src/config/libconfig.a src/base/libbase.a $(YAML_LIBS)
pipeline_libs = src/pipeline/libpipeline.a src/decide/libdecide.a src/model/libmodel.a \
	src/nn/libnn.a $(nn_kernel_libs) src/image/libimage.a src/signal/libsignal.a src/tensor/libtensor.a
# Decoding pictures is for those programs that read files.
picture_libs = src/image/libimage.a $(JPEG_LIBS) $(PNG_LIBS)

pkglibexec_PROGRAMS += src/process/capture
src_process_capture_SOURCES = src/process/capture_main.c
src_process_capture_LDADD = src/process/libprocess.a src/ipc/libipc.a src/input/libinput.a \
	src/input/libalsainput.a src/input/libinput.a $(common_libs) $(SNDFILE_LIBS) $(ALSA_LIBS) -lm

pkglibexec_PROGRAMS += src/process/devices
src_process_devices_SOURCES = src/process/devices_main.c
src_process_devices_LDADD = src/process/libprocess.a src/input/libalsainput.a src/input/libinput.a \
	src/ipc/libipc.a $(common_libs) $(ALSA_LIBS) -lm

pkglibexec_PROGRAMS += src/process/pipeline
src_process_pipeline_SOURCES = src/process/pipeline_main.c
src_process_pipeline_LDADD = src/process/libprocess.a $(pipeline_libs) src/nn/libnnportable.a \
	src/ipc/libipc.a $(common_libs) -lm

pkglibexec_PROGRAMS += src/process/pipeline-blas
src_process_pipeline_blas_SOURCES = src/process/pipeline_blas_main.c
src_process_pipeline_blas_LDADD = src/process/libprocess.a $(pipeline_libs) src/nn/libnnblas.a \
	src/ipc/libipc.a $(common_libs) $(OPENBLAS_LIBS) -lm

pkglibexec_PROGRAMS += src/process/board-check
src_process_board_check_SOURCES = src/process/board_check_main.c
src_process_board_check_LDADD = src/process/libprocess.a $(common_libs) -lm

pkglibexec_PROGRAMS += src/process/publish
src_process_publish_SOURCES = src/process/publish_main.c
src_process_publish_LDADD = src/process/libprocess.a src/ipc/libipc.a src/output/liboutput.a \
	src/decide/libdecide.a $(common_libs) $(MOSQUITTO_LIBS) $(SQLITE_LIBS) -lpthread -lm

pkglibexec_PROGRAMS += src/process/record
src_process_record_SOURCES = src/process/record_main.c
src_process_record_LDADD = src/process/libprocess.a src/ipc/libipc.a src/output/liboutput.a \
	src/decide/libdecide.a $(common_libs) -lm

pkglibexec_PROGRAMS += src/process/why
src_process_why_SOURCES = src/process/why_main.c
src_process_why_LDADD = src/process/libprocess.a src/output/liboutput.a src/decide/libdecide.a \
	$(common_libs) -lm

pkglibexec_PROGRAMS += src/process/once
src_process_once_SOURCES = src/process/once_main.c
src_process_once_LDADD = src/process/libprocess.a src/input/libinput.a src/output/liboutput.a \
	$(pipeline_libs) src/nn/libnnblas.a src/ipc/libipc.a $(picture_libs) $(common_libs) $(SNDFILE_LIBS) \
	$(OPENBLAS_LIBS) -lm

pkglibexec_PROGRAMS += src/process/describe
src_process_describe_SOURCES = src/process/describe_main.c
src_process_describe_LDADD = src/process/libprocess.a src/input/libinput.a $(pipeline_libs) \
	src/nn/libnnportable.a src/ipc/libipc.a $(picture_libs) $(common_libs) $(SNDFILE_LIBS) -lm

pkglibexec_PROGRAMS += src/process/model-tool
src_process_model_tool_SOURCES = src/process/model_tool_main.c
src_process_model_tool_LDADD = src/process/libprocess.a $(pipeline_libs) src/nn/libnnblas.a \
	$(common_libs) $(OPENBLAS_LIBS) $(ZLIB_LIBS) -lm

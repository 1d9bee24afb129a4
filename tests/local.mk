# Tests: the same folders as src; one program a source file. What a test lacks here it skips by name.
EXTRA_DIST += tests/test.h
EXTRA_DIST += tests/exporters/README.md tests/exporters/check.py tests/exporters/keras_build.py \
	tests/exporters/keras_tflite.py tests/exporters/litert_torch_tflite.py tests/exporters/make.py \
	tests/exporters/nets_keras.py tests/exporters/nets_torch.py tests/exporters/nncf_quantize.py \
	tests/exporters/ort_quantize.py tests/exporters/reference.py tests/exporters/requirements-tf.txt \
	tests/exporters/requirements-torch-old.txt tests/exporters/requirements-torch.txt tests/exporters/seeded.py \
	tests/exporters/store.py tests/exporters/tf2onnx_onnx.py tests/exporters/tflite_inputs.py \
	tests/exporters/timm_onnx.py tests/exporters/torch_build.py tests/exporters/torch_onnx.py \
	tests/exporters/ultralytics_export.py
EXTRA_DIST += tests/fuzz/fuzz.c tests/fuzz/fuzz.h tests/fuzz/fuzz_onnx.c tests/fuzz/fuzz_tflite.c \
	tests/fuzz/mutate_flat.c tests/fuzz/mutate_proto.c tests/fuzz/onnx.dict tests/fuzz/run.sh \
	tests/fuzz/seeds.py tests/fuzz/tflite.dict tests/fuzz/corpus

# The readers of model files, against libFuzzer: `make fuzz FUZZ_SECONDS=7200`, and a short form for CI.
FUZZ_SECONDS = 600
fuzz:
	FUZZ_DIR='$(abs_builddir)/fuzz' $(srcdir)/tests/fuzz/run.sh $(FUZZ_SECONDS)
fuzz-short:
	FUZZ_DIR='$(abs_builddir)/fuzz' $(srcdir)/tests/fuzz/run.sh short

# The real Home Assistant, some minutes (HASS_RELEASE chooses it); and a broker that is away for a minute.
check-home-assistant: all
	srcdir='$(abs_srcdir)' bash $(srcdir)/tests/daemon/home-assistant.sh
check-broker: all
	srcdir='$(abs_srcdir)' SECONDS_AWAY=60 bash $(srcdir)/tests/daemon/broker.sh

# Figures of the daemon on this machine: memory and time by process, latency by stage.
BENCH_SECONDS = 60
bench: all
	srcdir='$(abs_srcdir)' bash $(srcdir)/tests/bench/footprint.sh $(BENCH_SECONDS)
	TLS=1 srcdir='$(abs_srcdir)' bash $(srcdir)/tests/bench/footprint.sh $(BENCH_SECONDS)
	srcdir='$(abs_srcdir)' bash $(srcdir)/tests/bench/latency.sh $(BENCH_SECONDS)
EXTRA_DIST += tests/bench/footprint.sh tests/bench/latency.sh
.PHONY: fuzz fuzz-short check-home-assistant check-broker bench

# Microphones with the kernel's drivers, in a virtual machine that the program LAB boots.
EXTRA_DIST += tests/lab/alsa.sh tests/lab/alsa-guest.sh
lab-alsa: all
	srcdir='$(abs_srcdir)' LAB='$(LAB)' $(srcdir)/tests/lab/alsa.sh
.PHONY: lab-alsa

AM_TESTS_ENVIRONMENT = srcdir='$(abs_srcdir)'; export srcdir;
test_libs = $(CHECK_LIBS) -lm

if HAVE_CHECK
check_c_tests = \
	tests/base/check_math \
	tests/base/check_text \
	tests/config/check_card \
	tests/config/check_settings \
	tests/config/check_unit \
	tests/decide/check_gate \
	tests/decide/check_smooth \
	tests/decide/check_trace \
	tests/decide/check_whatif \
	tests/ipc/check_channel \
	tests/ipc/check_ring \
	tests/ipc/check_trace_ring \
	tests/model/check_hostile \
	tests/nn/check_kernels \
	tests/nn/check_net \
	tests/nn/check_ops \
	tests/nn/check_plan \
	tests/nn/check_requantize \
	tests/output/check_home_assistant \
	tests/output/check_spool \
	tests/output/check_trace_file \
	tests/pipeline/check_chain \
	tests/pipeline/check_front \
	tests/process/check_moment \
	tests/process/check_throttle
check_PROGRAMS += $(check_c_tests)
TESTS += $(check_c_tests)
endif

tests_base_check_math_LDADD = src/base/libbase.a $(test_libs)
tests_base_check_text_LDADD = src/base/libbase.a $(test_libs)
tests_config_check_card_LDADD = $(common_libs) $(test_libs)
tests_config_check_settings_LDADD = $(common_libs) $(test_libs)
tests_config_check_unit_LDADD = $(common_libs) $(test_libs)
tests_decide_check_gate_LDADD = src/decide/libdecide.a src/base/libbase.a $(test_libs)
tests_decide_check_smooth_LDADD = src/decide/libdecide.a src/base/libbase.a $(test_libs)
tests_decide_check_trace_LDADD = src/decide/libdecide.a src/base/libbase.a $(test_libs)
tests_decide_check_whatif_LDADD = src/decide/libdecide.a src/base/libbase.a $(test_libs)
tests_ipc_check_channel_LDADD = src/ipc/libipc.a src/base/libbase.a $(test_libs)
tests_ipc_check_ring_LDADD = src/ipc/libipc.a src/base/libbase.a $(test_libs)
tests_ipc_check_trace_ring_LDADD = src/ipc/libipc.a src/decide/libdecide.a src/base/libbase.a $(test_libs)
nn_test_libs = src/model/libmodel.a src/nn/libnn.a $(nn_kernel_libs) src/nn/libnnportable.a src/tensor/libtensor.a \
	src/base/libbase.a $(test_libs)
tests_model_check_hostile_LDADD = $(nn_test_libs)
tests_nn_check_kernels_SOURCES = tests/nn/check_kernels.c tests/nn/kcheck.h
tests_nn_check_kernels_LDADD = $(nn_test_libs)
tests_nn_check_net_LDADD = $(nn_test_libs)
tests_nn_check_ops_LDADD = $(nn_test_libs)
tests_nn_check_plan_LDADD = $(nn_test_libs)
tests_nn_check_requantize_LDADD = $(nn_test_libs)
tests_output_check_home_assistant_LDADD = src/output/liboutput.a $(common_libs) $(SQLITE_LIBS) $(test_libs)
tests_output_check_spool_LDADD = src/output/liboutput.a src/base/libbase.a $(SQLITE_LIBS) $(test_libs)
tests_output_check_trace_file_LDADD = src/output/liboutput.a src/decide/libdecide.a src/base/libbase.a $(test_libs)
tests_pipeline_check_chain_LDADD = $(pipeline_libs) src/nn/libnnportable.a $(common_libs) $(test_libs)
tests_pipeline_check_front_LDADD = $(pipeline_libs) src/nn/libnnportable.a $(common_libs) $(test_libs)
tests_process_check_moment_LDADD = src/process/libprocess.a $(common_libs) $(test_libs)
tests_process_check_throttle_LDADD = src/process/libprocess.a src/base/libbase.a $(test_libs)

include $(srcdir)/tests/image/local.mk
include $(srcdir)/tests/input/local.mk
include $(srcdir)/tests/signal/local.mk

# What runs the programs themselves.
script_tests = \
	tests/layers.sh \
	tests/config/broken.sh \
	tests/config/manual.sh \
	tests/model/card.sh \
	tests/model/seeds.sh \
	tests/model/zoo.sh \
	tests/once/broken-pictures.sh \
	tests/once/pictures.sh \
	tests/once/why-hostile.sh \
	tests/once/why.sh \
	tests/once/wrong-files.sh \
	tests/once/zoo.sh \
	tests/daemon/main-job.sh \
	tests/daemon/board-check.sh \
	tests/daemon/broker.sh \
	tests/daemon/float-model.sh \
	tests/daemon/kill.sh \
	tests/daemon/tls.sh \
	tests/daemon/no-allocation.sh \
	tests/daemon/notify.sh \
	tests/daemon/instances.sh \
	tests/daemon/trace-disk.sh \
	tests/daemon/why.sh
TESTS += $(script_tests)
EXTRA_DIST += $(script_tests) tests/config/broken tests/daemon/lib.sh tests/daemon/bad_broker.py \
	tests/daemon/home-assistant.sh tests/model/zoo.py tests/once/zoo.py tests/once/pictures.py

check_PROGRAMS += tests/config/list_keys
tests_config_list_keys_LDADD = $(common_libs) -lm

# Preloaded by a test; sanitizers bring their own malloc.
EXTRA_DIST += tests/daemon/count_malloc.c
if !SANITIZERS
check_DATA += tests/daemon/count_malloc.so
CLEANFILES += tests/daemon/count_malloc.so
tests/daemon/count_malloc.so: tests/daemon/count_malloc.c
	$(AM_V_CCLD)$(MKDIR_P) tests/daemon && $(CC) $(CFLAGS) -D_GNU_SOURCE -shared -fPIC -o $@ $(srcdir)/tests/daemon/count_malloc.c
endif

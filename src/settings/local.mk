noinst_LIBRARIES += src/settings/libsettings.a
src_settings_libsettings_a_SOURCES =

# Every target links cf_flags; nothing else sets a compiler flag.
add_library(cf_flags INTERFACE)
target_compile_features(cf_flags INTERFACE c_std_11)
target_compile_definitions(cf_flags INTERFACE _POSIX_C_SOURCE=200809L _DEFAULT_SOURCE
                           CF_VERSION="${PROJECT_VERSION}")
target_include_directories(cf_flags INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR})
target_compile_options(
  cf_flags
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Wshadow
            -Wconversion
            -Wstrict-prototypes
            -Wmissing-prototypes
            -Wformat=2
            -Wvla
            -Wnull-dereference
            -Wcast-qual
            -Wwrite-strings
            -Wundef
            -Wimplicit-fallthrough
            # Texts for people are cut on purpose where they do not fit.
            $<$<C_COMPILER_ID:GNU>:-Wno-format-truncation>
            $<$<BOOL:${CF_WERROR}>:-Werror>)
if(NOT CF_SANITIZE)
  # Nothing that the loader resolves stays writable.
  target_link_options(cf_flags INTERFACE -Wl,-z,relro -Wl,-z,now)
endif()
if(CF_SANITIZE)
  target_compile_options(cf_flags INTERFACE -fsanitize=${CF_SANITIZE} -fno-sanitize-recover=all
                                            -fno-omit-frame-pointer)
  target_link_options(cf_flags INTERFACE -fsanitize=${CF_SANITIZE})
endif()
if(CF_COVERAGE)
  target_compile_options(cf_flags INTERFACE --coverage)
  target_compile_definitions(cf_flags INTERFACE CF_COVERAGE=1)
  target_link_options(cf_flags INTERFACE --coverage)
endif()
if(CF_FUZZ)
  # Coverage for libFuzzer everywhere; only the targets in tests/fuzz link its main().
  target_compile_options(cf_flags INTERFACE -fsanitize=fuzzer-no-link)
  target_link_options(cf_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

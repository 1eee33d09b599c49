# The build that ships (node-gyp). Sources and the kernel sets' flags come from native/sources.json, which
# native/CMakeLists.txt reads too. Everything but the kernel sets is compiled for the baseline CPU; the dispatch
# (native/kernels/kernel_set.cpp) chooses among the sets once, when the addon is loaded.
{
  'variables': {
    'kernel_sets': '<!(node scripts/native-sources.mjs kernels <(target_arch) <(OS))',
    # Warnings are errors where they can be mended, and not on a user's machine with tomorrow's compiler.
    'warnings_are_errors%': '<!(node -p "process.env.CI || process.env.SPARSE_TRAIN_WERROR ? 1 : 0")',
    'addon_defines': [
      'NAPI_VERSION=9',
      # An error that meets an environment which is being torn down (a worker is terminated) has nobody to go to; and
      # no C++ exception, lack of memory included, may end the process.
      'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
      'NODE_ADDON_API_CPP_EXCEPTIONS_ALL',
    ],
    'addon_dependencies': [
      '<!(node -p "require(\'node-addon-api\').targets"):node_addon_api_except',
      'sparse_train_engine',
    ],
  },

  'target_defaults': {
    'include_dirs': ['native'],
    'defines': ['<!@(node scripts/native-sources.mjs defines <(target_arch) <(OS))'],
    # Node's own common.gypi chooses the C++ standard, 17 or newer.
    'cflags_cc': [
      '-ffp-contract=off',  # a fused multiply-add would give other bits than a multiplication and an addition
      '-fvisibility=hidden',
      '-fvisibility-inlines-hidden',
      '-Wall',
      '-Wextra',
      '-Wunused-parameter',
    ],
    'conditions': [
      ['warnings_are_errors==1', { 'cflags_cc': ['-Werror'] }],
      ['OS=="linux"', {
        # One binary for many distributions: the C++ runtime is inside, and none of its symbols come out.
        'cflags_cc': ['-ffunction-sections', '-fdata-sections'],
        'ldflags': [
          '-static-libstdc++',
          '-Wl,--gc-sections',
          '-Wl,--version-script=<(module_root_dir)/native/addon/exports.map',
        ],
      }],
    ],
    'configurations': { 'Release': { 'defines': ['NDEBUG'] } },
    'xcode_settings': {
      'CLANG_CXX_LANGUAGE_STANDARD': 'c++17',
      'CLANG_CXX_LIBRARY': 'libc++',
      'MACOSX_DEPLOYMENT_TARGET': '11.0',
      'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
      'GCC_INLINES_ARE_PRIVATE_EXTERN': 'YES',
      'WARNING_CFLAGS': ['-Wall', '-Wextra'],
      'OTHER_CPLUSPLUSFLAGS': ['-ffp-contract=off'],
    },
    'msvs_settings': {
      'VCCLCompilerTool': {
        'AdditionalOptions': ['/std:c++17', '/O2', '/fp:precise', '/W4', '/utf-8'],
      },
    },
  },

  'targets': [
    {
      'target_name': 'sparse_train',
      'sources': ['<!@(node scripts/native-sources.mjs sources addon)'],
      'defines': ['SPARSE_TRAIN_VERSION="<!(node -p "require(\'./package.json\').version")"', '<@(addon_defines)'],
      'dependencies': ['<@(addon_dependencies)'],
      'xcode_settings': { 'MACOSX_DEPLOYMENT_TARGET': '11.0' },
    },
    {
      # What `sparse-train bench` measures apart from networks. It stays in the build folder: no package contains it.
      'target_name': 'sparse_train_bench',
      'sources': [
        '<!@(node scripts/native-sources.mjs sources bench)',
        '<!@(node scripts/native-sources.mjs sources bench-addon)',
        'native/addon/values.cpp',
      ],
      'defines': ['<@(addon_defines)'],
      'dependencies': ['<@(addon_dependencies)'],
      'xcode_settings': { 'MACOSX_DEPLOYMENT_TARGET': '11.0' },
    },
    {
      'target_name': 'sparse_train_engine',
      'type': 'static_library',
      'sources': ['<!@(node scripts/native-sources.mjs sources engine)'],
      'cflags_cc!': ['-fno-exceptions'],
      'xcode_settings': { 'GCC_ENABLE_CPP_EXCEPTIONS': 'YES' },
      'msvs_settings': { 'VCCLCompilerTool': { 'ExceptionHandling': 1 } },
      'defines': ['_HAS_EXCEPTIONS=1'],
      'conditions': [
        ['"scalar" in kernel_sets.split()', { 'dependencies': ['sparse_train_scalar'] }],
        ['"avx2" in kernel_sets.split()', { 'dependencies': ['sparse_train_avx2'] }],
        ['"avx2vnni" in kernel_sets.split()', { 'dependencies': ['sparse_train_avx2vnni'] }],
        ['"avx512" in kernel_sets.split()', { 'dependencies': ['sparse_train_avx512'] }],
        ['"neon" in kernel_sets.split()', { 'dependencies': ['sparse_train_neon'] }],
      ],
    },
  ],

  # One static library a kernel set. Exceptions and RTTI are off in them (Node's own common.gypi sees to that), and
  # scripts/check-isa-leak.mjs checks that none of them defines a symbol that the linker could share.
  'conditions': [
    ['"scalar" in kernel_sets.split()', {
      'targets': [{
        'target_name': 'sparse_train_scalar',
        'type': 'static_library',
        'sources': ['<!@(node scripts/native-sources.mjs files scalar)'],
        'cflags_cc': ['<!@(node scripts/native-sources.mjs flags scalar gnu)'],
        'xcode_settings': {
          'GCC_OPTIMIZATION_LEVEL': '2',
          'OTHER_CPLUSPLUSFLAGS': ['<!@(node scripts/native-sources.mjs flags scalar gnu)'],
        },
      }],
    }],
    ['"avx2" in kernel_sets.split()', {
      'targets': [{
        'target_name': 'sparse_train_avx2',
        'type': 'static_library',
        'sources': ['<!@(node scripts/native-sources.mjs files avx2)'],
        'cflags_cc': ['<!@(node scripts/native-sources.mjs flags avx2 gnu)'],
        'xcode_settings': { 'OTHER_CPLUSPLUSFLAGS': ['<!@(node scripts/native-sources.mjs flags avx2 gnu)'] },
        'msvs_settings': {
          'VCCLCompilerTool': { 'AdditionalOptions': ['<!@(node scripts/native-sources.mjs flags avx2 msvc)'] },
        },
      }],
    }],
    ['"avx2vnni" in kernel_sets.split()', {
      'targets': [{
        'target_name': 'sparse_train_avx2vnni',
        'type': 'static_library',
        'sources': ['<!@(node scripts/native-sources.mjs files avx2vnni)'],
        'cflags_cc': ['<!@(node scripts/native-sources.mjs flags avx2vnni gnu)'],
        'xcode_settings': { 'OTHER_CPLUSPLUSFLAGS': ['<!@(node scripts/native-sources.mjs flags avx2vnni gnu)'] },
        'msvs_settings': {
          'VCCLCompilerTool': { 'AdditionalOptions': ['<!@(node scripts/native-sources.mjs flags avx2vnni msvc)'] },
        },
      }],
    }],
    ['"avx512" in kernel_sets.split()', {
      'targets': [{
        'target_name': 'sparse_train_avx512',
        'type': 'static_library',
        'sources': ['<!@(node scripts/native-sources.mjs files avx512)'],
        'cflags_cc': ['<!@(node scripts/native-sources.mjs flags avx512 gnu)'],
        'xcode_settings': { 'OTHER_CPLUSPLUSFLAGS': ['<!@(node scripts/native-sources.mjs flags avx512 gnu)'] },
        'msvs_settings': {
          'VCCLCompilerTool': { 'AdditionalOptions': ['<!@(node scripts/native-sources.mjs flags avx512 msvc)'] },
        },
      }],
    }],
    ['"neon" in kernel_sets.split()', {
      'targets': [{
        'target_name': 'sparse_train_neon',
        'type': 'static_library',
        'sources': ['<!@(node scripts/native-sources.mjs files neon)'],
      }],
    }],
  ],
}

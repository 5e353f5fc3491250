# Files as bytes of the program, so that the binary is all there is to install.
#
# twinrun_embed(TARGET FILE NAMESPACE::NAME) adds a source that defines `extern const std::string_view NAME`, built
# again whenever the file changes. The script is this same file, run by cmake -P at build time.
if(CMAKE_SCRIPT_MODE_FILE)
  file(READ "${INPUT}" bytes HEX)
  string(LENGTH "${bytes}" digits)
  math(EXPR size "${digits} / 2")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" escaped "${bytes}")
  string(REGEX MATCH "^(.*)::([A-Za-z0-9_]+)$" matched "${NAME}")
  file(WRITE "${OUTPUT}" "#include <string_view>\n\n"
    "namespace ${CMAKE_MATCH_1} {\n"
    "extern const std::string_view ${CMAKE_MATCH_2};\n"
    "const std::string_view ${CMAKE_MATCH_2}{\"${escaped}\", ${size}};\n"
    "}\n")
  return()
endif()

set(TWINRUN_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})
function(twinrun_embed target file name)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/${file}.cpp)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -D INPUT=${CMAKE_CURRENT_SOURCE_DIR}/${file} -D OUTPUT=${output} -D NAME=${name}
            -P ${TWINRUN_EMBED_SCRIPT}
    DEPENDS ${file} ${TWINRUN_EMBED_SCRIPT}
    COMMENT "Embedding ${file}"
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()

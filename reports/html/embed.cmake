# Put the page's style and script into C arrays:
# cmake -DOUT=FILE -DSTYLE=FILE -DSCRIPT=FILE -P embed.cmake
function(array file name out)
  file(READ ${file} bytes HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  string(REPLACE "0x0a," "0x0a,\n" bytes "${bytes}") # a line a line
  file(SIZE ${file} size)
  set(${out} "const unsigned char ${name}[] = {\n${bytes}0};\nconst size_t ${name}_len = ${size};\n"
      PARENT_SCOPE)
endfunction()

array(${STYLE} cf_report_html_style style)
array(${SCRIPT} cf_report_html_script script)
file(WRITE ${OUT} "#include \"reports/html_assets.h\"\n\n${style}\n${script}")

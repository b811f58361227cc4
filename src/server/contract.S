/* contract.S - the files of api/, inside the program. */
    .macro embed name, file
    .global \name, \name\()_end
    .hidden \name, \name\()_end
\name:
    .incbin "\file"
\name\()_end:
    .endm

    .section .rodata
    embed contract_yaml, api/openapi.yaml
    embed contract_json, api/openapi.json
    .section .note.GNU-stack, "", %progbits

/* contract.c - GET /openapi.yaml and /openapi.json: the files of api/, embedded. */
#include "reply.h"
#include "server.h"

extern const uint8_t contract_yaml[], contract_yaml_end[];
extern const uint8_t contract_json[], contract_json_end[];

enum sc_status handle_contract_yaml(struct call *call)
{
    reply_bytes(call->rq, "application/yaml",
                sc_bytes(contract_yaml, (size_t)(contract_yaml_end - contract_yaml)));
    return SC_OK;
}

enum sc_status handle_contract_json(struct call *call)
{
    reply_bytes(call->rq, "application/json",
                sc_bytes(contract_json, (size_t)(contract_json_end - contract_json)));
    return SC_OK;
}

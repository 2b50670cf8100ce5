/*
 * One handler for each path and method that the server knows; route.c calls them. They are in
 * update.c, script.c, commit.c, read.c,
 * workspace.c and hooks.c.
 */
#ifndef CF_REF_HANDLERS_H
#define CF_REF_HANDLERS_H

#include "reference/server.h"

/* PATCH /api/v1/cvms/{cvm_id} (contract page: update-cvm) */
cf_ref_handler_fn cf_ref_handle_update_cvm;
/* PATCH /api/v1/cvms/{cvm_id}/pre-launch-script (contract page: update-pre-launch-script) */
cf_ref_handler_fn cf_ref_handle_update_script;
/* POST /api/v1/cvms/{cvm_id}/commit-update: no key, the token is the credential */
cf_ref_handler_fn cf_ref_handle_commit_update;

/* GET below /api/v1/cvms/{cvm_id} */
cf_ref_handler_fn cf_ref_handle_read_cvm;
cf_ref_handler_fn cf_ref_handle_read_script;
cf_ref_handler_fn cf_ref_handle_read_docker_compose;
cf_ref_handler_fn cf_ref_handle_read_compose_file;
cf_ref_handler_fn cf_ref_handle_read_user_config;
cf_ref_handler_fn cf_ref_handle_read_operations;
cf_ref_handler_fn cf_ref_handle_read_operation_status;
cf_ref_handler_fn cf_ref_handle_read_state;
cf_ref_handler_fn cf_ref_handle_read_images;
/* GET /api/v1/cvms, GET /api/v1/cvms/paginated?page=&page_size= */
cf_ref_handler_fn cf_ref_handle_list;
cf_ref_handler_fn cf_ref_handle_list_paginated;
/* GET /openapi.json: no key */
cf_ref_handler_fn cf_ref_handle_openapi;
/* GET /_inspect/{cvm_id}: no key */
cf_ref_handler_fn cf_ref_handle_inspect;

/* POST below /_chain and /_test: no key */
cf_ref_handler_fn cf_ref_handle_chain_register;
cf_ref_handler_fn cf_ref_handle_chain_revert;
cf_ref_handler_fn cf_ref_handle_chain_register_elsewhere;
cf_ref_handler_fn cf_ref_handle_chain_unregister;
cf_ref_handler_fn cf_ref_handle_chain_expire;
cf_ref_handler_fn cf_ref_handle_chain_break;
cf_ref_handler_fn cf_ref_handle_chain_mend;
cf_ref_handler_fn cf_ref_handle_test_reset;

#endif

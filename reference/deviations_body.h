/* The deviations in what a body means: accepting, merging and refusing it. See deviations.h. */
#ifndef CF_REFERENCE_DEVIATIONS_BODY_H
#define CF_REFERENCE_DEVIATIONS_BODY_H

/* clang-format off */
#define CF_REF_DEVIATIONS_ACCEPTED(X) \
    X(ACCEPTED_200, "accepted-200", "accepted.status-202", "must", \
      "An accepted update is answered 200 instead of 202.") \
    X(ACCEPTED_RESIZE_200, "accepted-resize-200", "accepted.status-202", "must", \
      "An update of nothing but sizes is answered 200: another service handles it.") \
    X(ACCEPTED_IMAGE_ID_MISSING, "accepted-image-id-missing", "accepted.correlation-id", "must", \
      "An update of the image is accepted without a correlation id.") \
    X(ACCEPTED_UPDATE_REFUSED, "accepted-update-refused", "accepted.valid-update", "must", \
      "update-cvm answers every valid update with 400.") \
    X(ACCEPTED_SCRIPT_REFUSED, "accepted-script-refused", "accepted.valid-update", "must", \
      "pre-launch-script answers every valid upload with 400.") \
    X(ACCEPTED_EMPTY_BODY, "accepted-empty-body", "accepted.status-202", "must", \
      "The 202 has no body.") \
    X(ACCEPTED_TEXT_BODY, "accepted-text-body", "accepted.status-202", "must", \
      "The 202 carries the correlation id as plain text, not as JSON.") \
    X(ACCEPTED_MISLABELLED, "accepted-mislabelled", "accepted.status-202", "must", \
      "The JSON of the 202 is sent as text/html.") \
    X(ACCEPTED_CORRELATION_ID_MISSING, "accepted-correlation-id-missing", \
      "accepted.correlation-id", "must", \
      "The body of the 202 has no correlation id.") \
    X(ACCEPTED_CORRELATION_ID_EMPTY, "accepted-correlation-id-empty", \
      "accepted.correlation-id", "must", \
      "The correlation id is an empty string.") \
    X(ACCEPTED_CORRELATION_ID_NUMBER, "accepted-correlation-id-number", \
      "accepted.correlation-id", "must", \
      "The correlation id is a number: the database's row id.") \
    X(ACCEPTED_CORRELATION_ID_CAMEL_CASE, "accepted-correlation-id-camel-case", \
      "accepted.correlation-id", "must", \
      "The member is called correlationId.") \
    X(ACCEPTED_CORRELATION_ID_NESTED, "accepted-correlation-id-nested", \
      "accepted.correlation-id", "must", \
      "The answer is wrapped in an envelope named data.") \
    X(ACCEPTED_CORRELATION_ID_OF_CVM, "accepted-correlation-id-of-cvm", \
      "accepted.correlation-id-unique", "must", \
      "The correlation id names the CVM, not the operation.") \
    X(ACCEPTED_CORRELATION_ID_OF_UPDATE, "accepted-correlation-id-of-update", \
      "accepted.correlation-id-unique", "must", \
      "The correlation id is a hash of what was asked, so asking again gives it again.") \
    X(ACCEPTED_CORRELATION_ID_OF_CLOCK, "accepted-correlation-id-of-clock", \
      "accepted.correlation-id-unique", "must", \
      "The correlation id is made of the time in seconds.") \
    X(ACCEPTED_CORRELATION_ID_COUNTED, "accepted-correlation-id-counted", \
      "accepted.correlation-id-unique", "must", \
      "The correlation id counts the operations of its CVM, so two CVMs have the same ones.") \
    X(ACCEPTED_OPERATION_UNLISTED, "accepted-operation-unlisted", "accepted.trackable", "should", \
      "The operations list knows the operation by another id than the answer.") \
    X(ACCEPTED_SCRIPT_OPERATION_UNLISTED, "accepted-script-operation-unlisted", \
      "accepted.trackable", "should", \
      "The operations list leaves out updates of the pre-launch script.") \
    X(ACCEPTED_OPERATION_NEVER_ENDS, "accepted-operation-never-ends", \
      "accepted.trackable", "should", \
      "The operations list says in_progress for ever.") \
    X(ACCEPTED_STATUS_QUEUED, "accepted-status-queued", "accepted.body-shape", "should", \
      "The body of the 202 says that the status is queued.") \
    X(ACCEPTED_MESSAGE_MISSING, "accepted-message-missing", "accepted.body-shape", "should", \
      "The body of the 202 has no message.")

#define CF_REF_DEVIATIONS_PARTIAL(X) \
    X(PARTIAL_OMITTED_VCPU_RESET, "partial-omitted-vcpu-reset", \
      "partial.omitted-unchanged", "must", \
      "An update that does not name vcpu sets it back to 1.") \
    X(PARTIAL_OMITTED_FORCE_STOP_FALSE, "partial-omitted-force-stop-false", \
      "partial.omitted-unchanged", "must", \
      "The schema's default is applied: an omitted allow_force_stop becomes false.") \
    X(PARTIAL_OMITTED_TIMEOUT_LIFTED, "partial-omitted-timeout-lifted", \
      "partial.omitted-unchanged", "must", \
      "An omitted shutdown_timeout is stored as null.") \
    X(PARTIAL_OMITTED_USER_CONFIG_CLEARED, "partial-omitted-user-config-cleared", \
      "partial.omitted-unchanged", "must", \
      "An omitted user_config is stored as an empty one.") \
    X(PARTIAL_OMITTED_FLAGS_FALSE, "partial-omitted-flags-false", \
      "partial.omitted-unchanged", "must", \
      "The three public flags are stored together: naming one sets the omitted ones to false.") \
    X(PARTIAL_OMITTED_MEMORY_FOLLOWS, "partial-omitted-memory-follows", \
      "partial.omitted-unchanged", "must", \
      "vcpu without memory also changes the memory, to the instance type's.") \
    X(PARTIAL_OMITTED_DISK_DEFAULT, "partial-omitted-disk-default", \
      "partial.omitted-unchanged", "must", \
      "A resize that does not name disk_size sets it back to the default.") \
    X(PARTIAL_OMITTED_GPUS_DETACHED, "partial-omitted-gpus-detached", \
      "partial.omitted-unchanged", "must", \
      "A resize that does not name gpus detaches them.") \
    X(PARTIAL_OMITTED_IMAGE_NEWEST, "partial-omitted-image-newest", \
      "partial.omitted-unchanged", "must", \
      "A new compose file without an image brings the newest image.") \
    X(PARTIAL_OMITTED_SCRIPT_CLEARED, "partial-omitted-script-cleared", \
      "partial.omitted-unchanged", "must", \
      "A new compose file without a script clears the script.") \
    X(PARTIAL_OMITTED_ENVS_CLEARED, "partial-omitted-envs-cleared", \
      "partial.omitted-unchanged", "must", \
      "A new compose file without allowed_envs clears them.") \
    X(PARTIAL_OMITTED_ENCRYPTED_ENV_CLEARED, "partial-omitted-encrypted-env-cleared", \
      "partial.omitted-unchanged", "must", \
      "New allowed_envs without encrypted_env drop the secrets stored.") \
    X(PARTIAL_USER_CONFIG_IGNORED, "partial-user-config-ignored", \
      "partial.present-applied", "must", \
      "user_config is accepted and never stored.") \
    X(PARTIAL_IMAGE_IGNORED, "partial-image-ignored", "partial.present-applied", "must", \
      "image is accepted and never stored.") \
    X(PARTIAL_TCBINFO_IGNORED, "partial-tcbinfo-ignored", "partial.present-applied", "must", \
      "public_tcbinfo, the newest of the flags, is accepted and never stored.") \
    X(PARTIAL_MEMORY_IGNORED_WITH_VCPU, "partial-memory-ignored-with-vcpu", \
      "partial.present-applied", "must", \
      "Of vcpu and memory in one request only vcpu is applied.") \
    X(PARTIAL_DISK_ONLY_GROWS, "partial-disk-only-grows", "partial.present-applied", "must", \
      "A disk_size smaller than the disk is accepted and ignored.") \
    X(PARTIAL_FIRST_FOUR_APPLIED, "partial-first-four-applied", \
      "partial.present-applied", "must", \
      "Of many fields in one request only four are applied.") \
    X(PARTIAL_SAME_FIELDS_SKIPPED, "partial-same-fields-skipped", \
      "partial.present-applied", "must", \
      "An update of the same fields as the one before is taken for a retry and not applied.") \
    X(PARTIAL_SAME_FIELDS_REFUSED, "partial-same-fields-refused", \
      "partial.present-applied", "must", \
      "An update of the same fields as the one before is taken for a retry and refused with " \
      "400.") \
    X(PARTIAL_APPLIED_LATE, "partial-applied-late", "partial.present-applied", "must", \
      "An operation is called ended a third of a second before its values are stored.") \
    X(PARTIAL_ATTACH_MODE_LISTED, "partial-attach-mode-listed", \
      "partial.present-applied", "must", \
      "attach_mode is listed whatever the request says.") \
    X(PARTIAL_FIRST_GPU_ONLY, "partial-first-gpu-only", "partial.present-applied", "must", \
      "Of several GPUs only the first is attached.") \
    X(PARTIAL_GPUS_WHILE_ATTACHED_400, "partial-gpus-while-attached-400", \
      "partial.present-applied", "must", \
      "GPUs cannot be exchanged: while some are attached, others are refused with 400.") \
    X(PARTIAL_ENVS_MERGED, "partial-envs-merged", "partial.present-applied", "must", \
      "allowed_envs are added to those stored, so none can be taken away.") \
    X(PARTIAL_ENCRYPTED_ENV_NEEDS_NAMES, "partial-encrypted-env-ignored-alone", \
      "partial.present-applied", "must", \
      "encrypted_env is stored only when allowed_envs come with it.") \
    X(PARTIAL_FORCE_STOP_IGNORED_ALONE, "partial-force-stop-ignored-alone", \
      "partial.present-applied", "must", \
      "allow_force_stop is stored only when shutdown_timeout comes with it.") \
    X(PARTIAL_TIMEOUT_CAPPED, "partial-timeout-capped", "partial.present-applied", "must", \
      "A shutdown_timeout over 300 is stored as 300.") \
    X(PARTIAL_LONG_TIMEOUT_400, "partial-long-timeout-400", "partial.present-applied", "must", \
      "A shutdown_timeout of more than ten minutes is refused with 400.") \
    X(PARTIAL_NULL_TIMEOUT_KEPT, "partial-null-timeout-kept", "partial.present-applied", "must", \
      "null is taken for absence, also for shutdown_timeout, where it means no timeout.") \
    X(PARTIAL_USER_CONFIG_CUT, "partial-user-config-cut", "partial.present-applied", "must", \
      "user_config is cut to 255 bytes, the width of its column.") \
    X(PARTIAL_USER_CONFIG_BMP, "partial-user-config-bmp", "partial.present-applied", "must", \
      "Characters of user_config that take four bytes in UTF-8 are stored as question " \
      "marks, as old MySQL tables do.") \
    X(PARTIAL_COMPOSE_FILE_ASCII, "partial-compose-file-ascii", \
      "partial.present-applied", "must", \
      "Every byte of the compose file that is not ASCII is stored as a question mark.") \
    X(PARTIAL_COMPOSE_FILE_CUT, "partial-compose-file-cut", \
      "partial.present-applied", "must", \
      "docker_compose_file is cut to 8192 bytes, the width of its column.") \
    X(PARTIAL_COMPOSE_FILE_LF, "partial-compose-file-lf", "partial.present-applied", "must", \
      "CRLF in docker_compose_file is stored as LF.") \
    X(PARTIAL_SCRIPT_ASCII, "partial-script-ascii", "partial.present-applied", "must", \
      "update-cvm stores every byte of pre_launch_script that is not ASCII as a question mark.") \
    X(PARTIAL_USER_CONFIG_TRIMMED, "partial-user-config-trimmed", \
      "partial.present-applied", "must", \
      "The white space at the end of user_config is lost.") \
    X(PARTIAL_SECRETS_AWAIT_COMPOSE, "partial-secrets-await-compose", \
      "partial.present-applied", "must", \
      "On a contract-owned CVM encrypted_env is stored only with a change of what is registered.") \
    X(PARTIAL_ATTACH_MODE_ALL, "partial-attach-mode-all", "partial.attach-mode-listed", "must", \
      "gpus without attach_mode are attached in mode all.") \
    X(PARTIAL_SCRIPT_TRIMMED, "partial-script-trimmed", "partial.present-applied", "must", \
      "update-cvm strips the white space at the end of pre_launch_script.") \
    X(PARTIAL_FALSE_IGNORED, "partial-false-ignored", "partial.falsy-is-present", "must", \
      "A public flag is stored only if it is true.") \
    X(PARTIAL_FORCE_STOP_FALSE_IGNORED, "partial-force-stop-false-ignored", \
      "partial.falsy-is-present", "must", \
      "allow_force_stop can be switched on and never off.") \
    X(PARTIAL_EMPTY_TEXT_IGNORED, "partial-empty-text-ignored", \
      "partial.falsy-is-present", "must", \
      "An empty user_config is taken for an omitted one.") \
    X(PARTIAL_EMPTY_SCRIPT_IGNORED, "partial-empty-script-ignored", \
      "partial.falsy-is-present", "must", \
      "An empty pre_launch_script is taken for an omitted one.") \
    X(PARTIAL_EMPTY_LIST_IGNORED, "partial-empty-list-ignored", \
      "partial.falsy-is-present", "must", \
      "Empty allowed_envs are taken for omitted ones.") \
    X(PARTIAL_EMPTY_GPUS_IGNORED, "partial-empty-gpus-ignored", \
      "partial.falsy-is-present", "must", \
      "An empty list of GPUs is taken for an omitted one.") \
    X(PARTIAL_DETACH_REFUSED, "partial-detach-refused", "partial.falsy-is-present", "must", \
      "GPUs cannot be taken away by the update that follows their attaching: an empty list " \
      "is refused with 400.") \
    X(PARTIAL_MEMORY_NEEDS_VCPU, "partial-memory-needs-vcpu", \
      "partial.every-field-optional", "must", \
      "memory without vcpu is refused with 422.") \
    X(PARTIAL_ENCRYPTED_ENV_NEEDS_ENVS, "partial-encrypted-env-needs-envs", \
      "partial.every-field-optional", "must", \
      "encrypted_env without allowed_envs is refused with 400.") \
    X(PARTIAL_EMPTY_OBJECT_422, "partial-empty-object-422", "partial.empty-object", "must", \
      "{} is refused with 422: at least one field is demanded.") \
    X(PARTIAL_NULL_SIZES_422, "partial-null-sizes-422", "partial.null-accepted", "must", \
      "null is refused for vcpu, memory and disk_size.") \
    X(PARTIAL_NULL_GPUS_422, "partial-null-gpus-422", "partial.null-accepted", "must", \
      "null is refused for gpus.") \
    X(PARTIAL_NULL_TIMEOUT_422, "partial-null-timeout-422", "partial.null-accepted", "must", \
      "null is held against the lower bound of shutdown_timeout.") \
    X(PARTIAL_NULL_TEXT_500, "partial-null-text-500", "partial.null-accepted", "must", \
      "null for user_config ends in an exception.") \
    X(PARTIAL_REPEAT_DETACHES_GPUS, "partial-repeat-detaches-gpus", \
      "partial.repeat-idempotent", "should", \
      "Attaching the GPUs that are attached detaches them.") \
    X(PARTIAL_REPEAT_CLEARS_USER_CONFIG, "partial-repeat-clears-user-config", \
      "partial.repeat-idempotent", "should", \
      "A user_config equal to the stored one is taken for nothing and clears it.")

#define CF_REF_DEVIATIONS_VALIDATION(X) \
    X(VALIDATION_VCPU_TEXT_IGNORED, "validation-vcpu-text-ignored", \
      "validation.wrong-type", "must", \
      "A vcpu that is a word is ignored instead of refused.") \
    X(PARTIAL_REPEAT_500, "partial-repeat-500", "partial.repeat-idempotent", "should", \
      "An update that changes nothing ends in an exception: no row was changed.") \
    X(VALIDATION_SIZE_LIST_IGNORED, "validation-size-list-ignored", \
      "validation.wrong-type", "must", \
      "memory and disk_size are not looked at when they are arrays or objects.") \
    X(VALIDATION_FLAG_TRUTHY, "validation-flag-truthy", "validation.wrong-type", "must", \
      "A public flag takes any value and asks whether it is truthy.") \
    X(VALIDATION_FORCE_STOP_TRUTHY, "validation-force-stop-truthy", \
      "validation.wrong-type", "must", \
      "allow_force_stop takes any value but null and asks whether it is truthy.") \
    X(VALIDATION_COMPOSE_FILE_OBJECT, "validation-compose-file-object", \
      "validation.wrong-type", "must", \
      "A docker_compose_file that is an object is stored as JSON text.") \
    X(VALIDATION_USER_CONFIG_ANY, "validation-user-config-any", "validation.wrong-type", "must", \
      "user_config takes any JSON and stores its text.") \
    X(VALIDATION_ENVS_SPLIT, "validation-envs-split", "validation.wrong-type", "must", \
      "allowed_envs may be one string with commas.") \
    X(VALIDATION_GPUS_LIST, "validation-gpus-list", "validation.wrong-type", "must", \
      "gpus may be the list itself, without the object around it.") \
    X(VALIDATION_IMAGE_UNCHECKED, "validation-image-unchecked", "validation.wrong-type", "must", \
      "An image that is no string is ignored.") \
    X(VALIDATION_ENCRYPTED_ENV_UNCHECKED, "validation-encrypted-env-unchecked", \
      "validation.wrong-type", "must", \
      "An encrypted_env that is no string is ignored.") \
    X(VALIDATION_TIMEOUT_TEXT_IGNORED, "validation-timeout-text-ignored", \
      "validation.wrong-type", "must", \
      "A shutdown_timeout that is a string is ignored.") \
    X(VALIDATION_SCRIPT_500, "validation-script-500", "validation.wrong-type", "must", \
      "A pre_launch_script that is no string ends in an exception.") \
    X(VALIDATION_400, "validation-400", "validation.wrong-type", "must", \
      "Faults in the body are answered 400 instead of 422.") \
    X(VALIDATION_FRACTION_TRUNCATED, "validation-fraction-truncated", \
      "validation.fraction-for-integer", "should", \
      "1.5 passes for the integer 1.") \
    X(VALIDATION_SCALARS_BECOME_TEXT, "validation-scalars-become-text", \
      "validation.scalar-for-string", "should", \
      "Numbers and booleans pass for strings.") \
    X(VALIDATION_ONLY_FIRST_MEMBER, "validation-only-first-member", \
      "validation.wrong-type", "must", \
      "Only the first member of the body is checked; later ones of a wrong type are ignored.") \
    X(VALIDATION_GPUS_MEMBER_OPTIONAL, "validation-gpus-member-optional", \
      "validation.nested", "must", \
      "gpus may lack its list of GPUs.") \
    X(VALIDATION_GPU_LIST_UNCHECKED, "validation-gpu-list-unchecked", \
      "validation.nested", "must", \
      "gpus.gpus that is no array is taken for an empty one.") \
    X(VALIDATION_SLOT_OPTIONAL, "validation-slot-optional", "validation.nested", "must", \
      "A GPU may lack its slot.") \
    X(VALIDATION_SLOT_NUMBER, "validation-slot-number", "validation.scalar-for-string", "should", \
      "A GPU's slot may be a number.") \
    X(VALIDATION_ONLY_FIRST_GPU, "validation-only-first-gpu", "validation.nested", "must", \
      "Only the first GPU of the list is checked.") \
    X(VALIDATION_ENV_NAMES_UNCHECKED, "validation-env-names-unchecked", \
      "validation.nested", "must", \
      "What allowed_envs holds is not checked, so long as it is an array.") \
    X(VALIDATION_ONLY_FIRST_ENV_NAME, "validation-only-first-env-name", \
      "validation.nested", "must", \
      "Only the first of the allowed_envs is checked.") \
    X(VALIDATION_ATTACH_MODE_UNCHECKED, "validation-attach-mode-unchecked", \
      "validation.nested", "must", \
      "An attach_mode that is no string is ignored.") \
    X(VALIDATION_ATTACH_MODE_CLOSED, "validation-attach-mode-closed", \
      "validation.nested", "must", \
      "attach_mode takes listed and all, no other string.") \
    X(VALIDATION_PRODUCT_ID_UNCHECKED, "validation-product-id-unchecked", \
      "validation.nested", "must", \
      "A product_id that is no string is ignored.") \
    X(VALIDATION_TIMEOUT_9_ACCEPTED, "validation-timeout-9-accepted", \
      "validation.bounds", "must", \
      "The lower bound of shutdown_timeout is off by one: 9 is accepted.") \
    X(VALIDATION_TIMEOUT_10_REFUSED, "validation-timeout-10-refused", \
      "validation.bounds", "must", \
      "The lower bound of shutdown_timeout is exclusive: 10 is refused.") \
    X(VALIDATION_TIMEOUT_1200_REFUSED, "validation-timeout-1200-refused", \
      "validation.bounds", "must", \
      "The upper bound of shutdown_timeout is exclusive: 1200 is refused.") \
    X(VALIDATION_TIMEOUT_1201_ACCEPTED, "validation-timeout-1201-accepted", \
      "validation.bounds", "must", \
      "The upper bound of shutdown_timeout is off by one: 1201 is accepted.") \
    X(VALIDATION_TIMEOUT_NEGATIVE_ACCEPTED, "validation-timeout-negative-accepted", \
      "validation.bounds", "must", \
      "A negative shutdown_timeout is taken for no timeout.") \
    X(VALIDATION_TIMEOUT_WRAPS, "validation-timeout-wraps", "validation.bounds", "must", \
      "shutdown_timeout is cut to 32 bits before its bounds are checked.") \
    X(VALIDATION_TIMEOUT_CLAMPED, "validation-timeout-clamped", "validation.bounds", "must", \
      "A shutdown_timeout out of bounds is moved to the bound instead of refused.") \
    X(VALIDATION_FORCE_STOP_NULLABLE, "validation-force-stop-nullable", \
      "validation.not-nullable", "must", \
      "null is accepted for allow_force_stop.") \
    X(VALIDATION_NO_BODY_ACCEPTED, "validation-no-body-accepted", \
      "validation.body-required", "must", \
      "No body is taken for {}.") \
    X(VALIDATION_NO_BODY_500, "validation-no-body-500", "validation.body-required", "must", \
      "No body ends in an exception.") \
    X(VALIDATION_BODY_400, "validation-body-400", "validation.body-422", "should", \
      "No body, or one that is no object, is answered 400.") \
    X(VALIDATION_LIST_BODY_ACCEPTED, "validation-list-body-accepted", \
      "validation.body-is-object", "must", \
      "An array as body is taken for {}.") \
    X(VALIDATION_NULL_BODY_ACCEPTED, "validation-null-body-accepted", \
      "validation.body-is-object", "must", \
      "null as body is taken for {}.") \
    X(VALIDATION_SCALAR_BODY_ACCEPTED, "validation-scalar-body-accepted", \
      "validation.body-is-object", "must", \
      "A string or number as body is taken for {}.") \
    X(VALIDATION_CUT_JSON_ACCEPTED, "validation-cut-json-accepted", \
      "validation.malformed-json", "must", \
      "JSON that ends too early is read as if it were complete.") \
    X(VALIDATION_JSON_TAIL_IGNORED, "validation-json-tail-ignored", \
      "validation.malformed-json-tail", "should", \
      "Whatever follows the JSON value is ignored.") \
    X(VALIDATION_MALFORMED_JSON_500, "validation-malformed-json-500", \
      "validation.malformed-json", "must", \
      "A body that is no JSON ends in an exception.") \
    X(VALIDATION_MALFORMED_JSON_400, "validation-malformed-json-400", \
      "validation.malformed-json-422", "should", \
      "A body that is no JSON is answered 400.") \
    X(VALIDATION_TYPE_IGNORED, "validation-content-type-ignored", \
      "validation.content-type-foreign", "should", \
      "A body in a format that is not understood is taken for {}.") \
    X(VALIDATION_TYPE_EXACT, "validation-content-type-exact", \
      "validation.content-type-label", "should", \
      "The content type is compared letter by letter: application/json; charset=utf-8 is " \
      "answered 415.") \
    X(VALIDATION_DETAIL_TEXT, "validation-detail-text", "validation.error-shape", "must", \
      "detail is a sentence, not an array of rows.") \
    X(VALIDATION_DETAIL_EMPTY, "validation-detail-empty", "validation.error-shape", "must", \
      "detail is an array without rows.") \
    X(VALIDATION_DETAIL_BY_FIELD, "validation-detail-by-field", "validation.error-shape", "must", \
      "detail is an object from field to message.") \
    X(VALIDATION_DETAIL_RENAMED, "validation-detail-renamed", "validation.error-shape", "must", \
      "The rows are under errors, not under detail.") \
    X(VALIDATION_LOC_TEXT, "validation-loc-text", "validation.error-shape", "must", \
      "loc is one string with dots.") \
    X(VALIDATION_TYPE_MISSING, "validation-type-missing", "validation.error-shape", "must", \
      "The rows have no type.") \
    X(VALIDATION_MSG_MISSING, "validation-msg-missing", "validation.error-shape", "must", \
      "The rows have no msg.") \
    X(VALIDATION_PLAIN_TEXT, "validation-plain-text", "validation.error-shape", "must", \
      "A 422 is sent as text/plain.") \
    X(VALIDATION_LOC_BODY_ONLY, "validation-loc-body-only", "validation.names-the-field", "must", \
      "loc says body and nothing more.") \
    X(VALIDATION_LOC_FIRST_MEMBER, "validation-loc-first-member", \
      "validation.names-the-field", "must", \
      "loc names the first member of the body, whichever is at fault.") \
    X(VALIDATION_LOC_LEAF_ONLY, "validation-loc-leaf-only", "validation.names-the-field", "must", \
      "For a fault inside gpus or allowed_envs loc leaves out the field.") \
    X(VALIDATION_LOC_WITHOUT_BODY, "validation-loc-without-body", \
      "validation.loc-path", "should", \
      "The places in a 422 lack the leading body.") \
    X(VALIDATION_LOC_WITHOUT_INDEX, "validation-loc-without-index", \
      "validation.loc-path", "should", \
      "The places in a 422 leave out the index into an array.") \
    X(VALIDATION_FIRST_ERROR_ONLY, "validation-first-error-only", \
      "validation.all-errors", "should", \
      "Checking stops at the first fault.") \
    X(VALIDATION_HALF_APPLIED, "validation-half-applied", "validation.atomic", "must", \
      "A request refused with 422 still applies those of its members that are valid.") \
    X(VALIDATION_HALF_APPLIED_NESTED, "validation-half-applied-nested", \
      "validation.atomic", "must", \
      "A fault inside gpus is found only after the other members were applied.") \
    X(VALIDATION_REFUSED_OPERATION, "validation-refused-operation", "validation.atomic", "must", \
      "A request refused with 422 starts an operation all the same, which restarts the CVM.") \
    X(VALIDATION_NO_OBJECT_RESTARTS, "validation-no-object-restarts", \
      "validation.body-is-object", "must", \
      "A body that is missing, malformed or no object is refused after the CVM was " \
      "restarted.")
/* clang-format on */

#endif

/* The OS images that a CVM may have. */
#ifndef CF_REF_IMAGES_H
#define CF_REF_IMAGES_H

#include "harness/base/buf.h"

#include <stdbool.h>

/* Whether image is of an earlier version than current. Names that end in no version are not. */
bool cf_ref_image_is_older(const char *image, const char *current);

/* Whether there is an image of that name. */
bool cf_ref_image_is_known(const char *image);

/* Append the list of images, of which current is marked, as JSON. */
void cf_ref_images_put(const char *current, struct cf_buf *out);

#endif

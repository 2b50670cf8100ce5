#include "harness/base/wordlist.h"

#include <stdio.h>
#include <string.h>

/* Each at most 8 letters; their number is in nobody's way. */
static const char *const words[] = {
    "amber",   "anchor",  "apple",   "april",   "arrow",   "aspen",   "autumn",   "basil",
    "basin",   "beach",   "beacon",  "birch",   "blue",    "border",  "branch",   "breeze",
    "brick",   "bridge",  "bright",  "brook",   "cabin",   "cable",   "candle",   "canyon",
    "carbon",  "castle",  "cedar",   "cello",   "chalk",   "cherry",  "circle",   "city",
    "clear",   "cliff",   "clover",  "coast",   "cobalt",  "comet",   "copper",   "coral",
    "corner",  "cotton",  "crane",   "creek",   "crest",   "crystal", "curve",    "cypress",
    "daily",   "dale",    "dawn",    "delta",   "desert",  "dune",    "eagle",    "early",
    "earth",   "east",    "echo",    "elder",   "ember",   "emerald", "engine",   "evening",
    "falcon",  "farm",    "feather", "fern",    "field",   "finch",   "fire",     "flint",
    "flora",   "forest",  "fossil",  "fox",     "frost",   "garden",  "garnet",   "glacier",
    "glass",   "golden",  "grain",   "granite", "grape",   "grass",   "green",    "grove",
    "gulf",    "harbor",  "harvest", "hazel",   "heath",   "hedge",   "heron",    "hill",
    "hollow",  "honey",   "horizon", "house",   "indigo",  "inlet",   "iris",     "island",
    "ivory",   "ivy",     "jade",    "jasper",  "june",    "juniper", "kelp",     "kettle",
    "lagoon",  "lake",    "lantern", "lark",    "laurel",  "lava",    "leaf",     "lemon",
    "level",   "light",   "lilac",   "lily",    "lime",    "linen",   "lion",     "lotus",
    "lunar",   "magnet",  "maple",   "marble",  "march",   "marina",  "market",   "marsh",
    "meadow",  "mellow",  "metal",   "midday",  "mild",    "mill",    "mint",     "mirror",
    "mist",    "model",   "moon",    "morning", "moss",    "motor",   "mountain", "music",
    "navy",    "nectar",  "night",   "north",   "oak",     "oasis",   "ocean",    "olive",
    "onyx",    "opal",    "orange",  "orbit",   "orchard", "otter",   "oval",     "paper",
    "park",    "path",    "peach",   "pearl",   "pebble",  "pepper",  "petal",    "pine",
    "planet",  "plaza",   "plum",    "pocket",  "polar",   "pond",    "poplar",   "port",
    "prairie", "prism",   "purple",  "quarry",  "quartz",  "quiet",   "rain",     "raven",
    "reef",    "ridge",   "river",   "robin",   "rocket",  "rose",    "ruby",     "rustic",
    "saddle",  "saffron", "sage",    "sail",    "salmon",  "sand",    "scarlet",  "shade",
    "shell",   "shore",   "silver",  "simple",  "sky",     "slate",   "snow",     "solar",
    "south",   "sparrow", "spring",  "spruce",  "square",  "star",    "station",  "steel",
    "stone",   "storm",   "stream",  "summer",  "summit",  "sunny",   "swift",    "table",
    "talon",   "teal",    "temple",  "terra",   "thistle", "tiger",   "timber",   "topaz",
    "torch",   "tower",   "trail",   "tulip",   "tundra",  "valley",  "velvet",   "violet",
    "vista",   "walnut",  "water",   "wave",    "west",    "wheat",   "willow",   "wind",
    "winter",  "wolf",    "wood",    "yellow",  "zenith",
};

enum { WORDS = 3, NUMBERS = 100000 };

const char *cf_wordlist_one(struct cf_random *random)
{
    return words[cf_random_below(random, sizeof(words) / sizeof(words[0]))];
}

void cf_wordlist_draw(struct cf_random *random, const char *between, char out[CF_WORDLIST_BYTES])
{
    size_t at = 0;
    for (int i = 0; i < WORDS; i++)
        at += (size_t)snprintf(out + at, CF_WORDLIST_BYTES - at, "%s%.1s", cf_wordlist_one(random),
                               between);
    snprintf(out + at, CF_WORDLIST_BYTES - at, "%u", cf_random_below(random, NUMBERS));
}

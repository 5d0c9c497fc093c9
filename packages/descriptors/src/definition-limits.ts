/*
 * What a definition may hold. The limits are part of the format: a definition beyond them is refused by
 * its author's program and by every reader alike, so that a stranger's definition costs bounded work.
 */

/** Fields of a definition in all: its own, those of nested definitions, and the kinds of a `oneOf`. */
export const FIELDS_MAX = 1024

/** How deep lists, maps, alternatives and nested definitions may stand in one another; a field is 1. */
export const DEPTH_MAX = 16

/** UTF-8 bytes of the name of a definition or a field. */
export const NAME_BYTES_MAX = 256

/** UTF-8 bytes of a description. */
export const DESCRIPTION_BYTES_MAX = 4096

/** Literal values of all `oneOf` of a definition, nested ones too. */
export const LITERALS_MAX = 1024

/** UTF-8 bytes of a literal text. */
export const LITERAL_BYTES_MAX = 256

/** Largest version number. */
export const VERSION_MAX = 65_535

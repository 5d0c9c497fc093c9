/*
 * A leaf: sorted entries, keys prefix-compressed. Payload of a block of kind 16, version 1.
 *
 *   offset  size   field
 *   0       1      format version, 1
 *   1       2      entries, little endian, at least 1
 *   3       6      base: milliseconds of the first entry's stamp, little endian
 *   9       …      entries
 *   …       2 × r  restarts: offset of every 16th entry, little endian, r = ceil(entries / 16)
 *
 * One entry:
 *
 *   meta           1 byte   bit 0      tombstone: the key was deleted, and there is no value
 *                           bit 1      the stamp is before the base, not after
 *                           bits 2–4   bytes of the stamp's distance from the base, 0–6
 *                           bits 5–6   bytes of the stamp's counter, 0–2
 *                           bit 7      zero
 *   shared         uint     bytes in common with the key before, as many as there are; 0 at a restart
 *   suffix length  uint
 *   value length   uint     absent in a tombstone
 *   distance       0–6      milliseconds from the base, little endian
 *   counter        0–2      little endian
 *   suffix         …        the key's other bytes
 *   value          …
 *
 * Invariants: keys ascend strictly; an entry at a restart holds its whole key, every other one shares
 * exactly what it has in common with the entry before; every entry begins below offset 65,536; nothing
 * lies between the entries and the restarts.
 */

/** Block kind of a leaf. */
export const LEAF_KIND = 16
/** Format version of a leaf. */
export const LEAF_VERSION = 1
/** Bytes before the first entry. */
export const LEAF_HEADER_BYTES = 9
/** Every so many entries one holds its whole key, so that a search may begin there. */
export const RESTART_INTERVAL = 16
/** An entry begins below this offset, since restarts are two bytes. */
export const ENTRY_OFFSET_END = 65_536

/** The bits of an entry's first byte. */
export const META_TOMBSTONE = 0x01
export const META_BEFORE_BASE = 0x02
export const META_DISTANCE_SHIFT = 2
export const META_COUNTER_SHIFT = 5
export const META_RESERVED = 0x80

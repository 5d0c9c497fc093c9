import type { Block } from '@datagram/log-core'
import { FENCE_KIND } from './fence.ts'
import { FencePage } from './fence-page.ts'
import { FILTER_KIND, FilterPage } from './filter-page.ts'
import { blockDamaged } from './index-errors.ts'
import { LEAF_KIND } from './leaf-format.ts'
import { LeafPage } from './leaf-page.ts'
import type { Page } from './page-cache.ts'

/** What kind of page a reader expects in a block. */
export type PageKind = Page['kind']

const decoders: Readonly<Record<PageKind, { kind: number; decode: (bytes: Uint8Array) => Page }>> =
  {
    leaf: { kind: LEAF_KIND, decode: LeafPage.decode },
    fence: { kind: FENCE_KIND, decode: FencePage.decode },
    filter: { kind: FILTER_KIND, decode: FilterPage.decode },
  }

/**
 * The page in a block. Throws `INDEX_BLOCK_DAMAGED`, also when the block is of another kind than wanted,
 * and `INDEX_FORMAT_UNKNOWN`.
 */
export function decodePage(block: Block, kind: PageKind): Page {
  const decoder = decoders[kind]
  if (block.kind !== decoder.kind) throw otherKind(block.index, kind)
  return decoder.decode(block.payload)
}

/** The error of a block that is not of the kind that a fence or head says. */
export function otherKind(block: number, kind: PageKind): Error {
  return blockDamaged(kind, `block ${block} is of another kind`)
}

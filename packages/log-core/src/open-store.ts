import { HypercoreStore } from './hypercore/hypercore-store.ts'
import type { OpenStore } from './store.ts'

/** Opens the store in a folder; see {@link OpenStore}. */
export const openStore: OpenStore = (folder, options) => HypercoreStore.open(folder, options)

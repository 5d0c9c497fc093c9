import type { Contender, MapName } from '../contender.ts'
import { classicLevel } from './classic-level.ts'
import { hyperbee } from './hyperbee.ts'
import { hyperbee2 } from './hyperbee-two.ts'
import { lmdb } from './lmdb.ts'
import { ourStream } from './our-stream.ts'
import { ours } from './ours.ts'

const contenders: Readonly<Record<MapName, Contender>> = {
  ours,
  'our-stream': ourStream,
  hyperbee,
  hyperbee2,
  'classic-level': classicLevel,
  lmdb,
}

export function contender(name: MapName): Contender {
  return contenders[name]
}

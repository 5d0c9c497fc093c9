import type { Command } from '../command.ts'
import { bitFieldCommands } from './bit-fields.ts'
import { bitCommands } from './bits.ts'
import { hashCommands } from './hashes.ts'
import { lcsCommands } from './lcs.ts'
import { listMoveCommands } from './list-moves.ts'
import { listCommands } from './lists.ts'
import { objectCommands } from './object.ts'
import { randomCommands } from './random-elements.ts'
import { scanCommands } from './scan.ts'
import { setAlgebraCommands } from './set-algebra.ts'
import { setCommands } from './sets.ts'
import { sortCommands } from './sort.ts'
import { sortedSetAlgebraCommands } from './sorted-set-algebra.ts'
import { sortedSetPopCommands } from './sorted-set-pops.ts'
import { sortedSetRangeCommands } from './sorted-set-ranges.ts'
import { sortedSetCommands } from './sorted-sets.ts'
import { counterCommands } from './counters.ts'
import { dumpCommands } from './dump.ts'
import { expiryCommands } from './expiry.ts'
import { keyCommands } from './keys.ts'
import { stringRangeCommands } from './string-ranges.ts'
import { stringCommands } from './strings.ts'
import { transactionCommands } from './transactions.ts'
import { pubSubCommands } from './publish.ts'
import { connectionCommands } from './connection.ts'
import { CommandTable } from '../command-table.ts'

const lists: readonly (readonly Command[])[] = [
  stringCommands,
  stringRangeCommands,
  counterCommands,
  keyCommands,
  expiryCommands,
  bitCommands,
  bitFieldCommands,
  hashCommands,
  lcsCommands,
  listMoveCommands,
  listCommands,
  objectCommands,
  randomCommands,
  scanCommands,
  setAlgebraCommands,
  setCommands,
  sortCommands,
  sortedSetAlgebraCommands,
  sortedSetPopCommands,
  sortedSetRangeCommands,
  sortedSetCommands,
  dumpCommands,
  transactionCommands,
  pubSubCommands,
  connectionCommands,
]

/** Every command of the data model. A server adds those that are about itself. */
export const commandTable = new CommandTable(...lists)

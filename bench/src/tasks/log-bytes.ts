import { HyperbeeMap } from '../contenders/hyperbee.ts'
import { Hyperbee2Map } from '../contenders/hyperbee-two.ts'
import { OurStreamMap } from '../contenders/our-stream.ts'
import type { OpenMap } from '../contender.ts'
import { expectSample } from '../expectations.ts'
import type { Figures, Subject, Task } from '../task.ts'
import { batchesOf, ENTRY_BYTES, shuffled } from '../workload.ts'

export interface LogBytesParameters {
  readonly keys: number
  /** Keys of a batch; 1: single puts. */
  readonly batch: number
}

/**
 * Bytes of the logs after every key was put once, in pseudo-random order. `dataPerPut`: of the log that
 * says what was written, all blocks as they are stored and sent. `everRatio`: of all logs, ever appended,
 * as a multiple of the bytes of keys and values. `liveRatio`: of the blocks of the index that a new replica
 * fetches; the peers have one log, whose every block counts.
 */
export const logBytes: Task<LogBytesParameters> = async (subject, { keys, batch }) => {
  const { map, figures } = await open(subject)
  const order = shuffled(keys)
  for (const entries of batchesOf(order, batch)) {
    if (batch === 1) for (const [key, value] of entries) await map.put(key, value)
    else await map.batch(entries)
  }
  await expectSample(map, order)
  const found = await figures(keys)
  await map.close()
  return found
}

interface Opened {
  readonly map: OpenMap
  readonly figures: (keys: number) => Figures | Promise<Figures>
}

async function open({ contender, folder }: Subject): Promise<Opened> {
  if (contender.name === 'our-stream') return openOurs(folder)
  if (contender.name === 'hyperbee') return openPeer(await HyperbeeMap.open(folder))
  if (contender.name === 'hyperbee2') return openPeer(await Hyperbee2Map.open(folder))
  throw new TypeError(`${contender.name} has no log`)
}

function openPeer(map: OpenMap & { readonly core: { readonly byteLength: number } }): Opened {
  const figures = (keys: number) => {
    const dataPerPut = map.core.byteLength / keys
    return { dataPerPut, everRatio: dataPerPut / ENTRY_BYTES, liveRatio: dataPerPut / ENTRY_BYTES }
  }
  return { map, figures }
}

async function openOurs(folder: string): Promise<Opened> {
  const map = await OurStreamMap.open(folder)
  const { data, indexLog, index } = map.stream
  const figures = async (keys: number) => {
    await map.settle()
    const operations = keys * ENTRY_BYTES
    return {
      dataPerPut: data.byteLength / keys,
      everRatio: (data.byteLength + indexLog.byteLength) / operations,
      liveRatio: index.stats().liveBytes / operations,
    }
  }
  return { map, figures }
}

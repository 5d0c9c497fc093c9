import { KeyValue, TimeSeriesPoint } from '@datagram/descriptors'
import { keyOf, valueOf } from './workload.ts'

/** How the benchmark of descriptors is run. */
export interface DescriptorsCommand {
  readonly name: 'descriptors'
  readonly rounds: number
  readonly json: boolean
  readonly quick: boolean
}

/** What is measured of one set of data. Times are of the processor, in nanoseconds a value, best of the rounds. */
export interface DescriptorsRow {
  readonly data: string
  readonly encode: number
  readonly stringify: number
  readonly decode: number
  readonly parse: number
  /** Bytes of a value, on average. */
  readonly bytes: number
  readonly jsonBytes: number
  /** Whether size is a goal here. It is not where long texts are most of it: these are as long in any form. */
  readonly isSmall: boolean
}

// What a descriptor is called with here; which one it is, is the data's.
interface Codec {
  encode(value: unknown): Uint8Array
  decode(bytes: Uint8Array): unknown
}

interface Data {
  readonly data: string
  readonly codec: Codec
  readonly values: readonly unknown[]
  readonly isSmall: boolean
}

/** As many values as are measured together. */
const VALUES = 1000
/** Of size, what the goal says. */
export const BYTES_RATIO_MAX = 0.6

/**
 * Measures encoding and decoding beside `JSON.stringify` and `JSON.parse` of the same values, in turn in every
 * round. (`stringify` gives a text, which would have to become bytes yet; ours are bytes.)
 */
export function measureDescriptors({ rounds, quick }: DescriptorsCommand): DescriptorsRow[] {
  const repeats = quick ? 5 : 100
  return dataSets().map(({ data, codec, values, isSmall }) => {
    const encoded = values.map((value) => codec.encode(value))
    const texts = values.map((value) => JSON.stringify(value))
    const works = {
      encode: () => each(values, (value) => codec.encode(value).length),
      stringify: () => each(values, (value) => JSON.stringify(value).length),
      decode: () => each(encoded, (bytes) => (codec.decode(bytes) === undefined ? 0 : 1)),
      parse: () => each(texts, (text) => (JSON.parse(text) === undefined ? 0 : 1)),
    }
    const names = Object.keys(works) as (keyof typeof works)[]
    const never = Number.POSITIVE_INFINITY
    const best = { encode: never, stringify: never, decode: never, parse: never }
    for (const name of names) for (let i = 0; i < repeats; i++) works[name]()
    for (let round = 0; round < rounds * 5; round++) {
      for (const name of names) best[name] = Math.min(best[name], timed(works[name], repeats))
    }
    const bytes = each(encoded, ({ length }) => length) / VALUES
    const jsonBytes = each(texts, (text) => Buffer.byteLength(text)) / VALUES
    return { data, ...best, bytes, jsonBytes, isSmall }
  })
}

/** The rows as a table, with what the goals say of each. */
export function descriptorsTable(rows: readonly DescriptorsRow[]): string {
  const lines = rows.map((row) => {
    const ratios = [row.stringify / row.encode, row.parse / row.decode]
    const [encode, decode] = ratios.map((ratio) => `${ratio.toFixed(2)} ×`)
    const times = `${row.encode.toFixed(0)} / ${row.stringify.toFixed(0)} ns | ${encode} | ${row.decode.toFixed(0)} / ${row.parse.toFixed(0)} ns | ${decode}`
    const size = `${row.bytes.toFixed(1)} / ${row.jsonBytes.toFixed(1)} | ${percent(row)}`
    return `| ${row.data} | ${times} | ${size} | ${isMet(row) ? 'met' : 'missed'} |`
  })
  return [
    '| data | encode / stringify | faster | decode / parse | faster | bytes / JSON | of it | goals |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n')
}

/** Whether a row reaches its goals: no slower than JSON and, where size is a goal, at most 60 % of it. */
export function isMet(row: DescriptorsRow): boolean {
  const isFast = row.encode <= row.stringify && row.decode <= row.parse
  return isFast && (!row.isSmall || row.bytes <= BYTES_RATIO_MAX * row.jsonBytes)
}

function percent({ bytes, jsonBytes, isSmall }: DescriptorsRow): string {
  return `${((bytes / jsonBytes) * 100).toFixed(1)} %${isSmall ? '' : ' (no goal)'}`
}

/** As a program keeps them. */
const settings = [
  { key: 'theme', value: 'dark' },
  { key: 'language', value: 'en-GB' },
  { key: 'fontSize', value: 14 },
  { key: 'autosave', value: true },
  { key: 'sidebar', value: 'left' },
  { key: 'accent', value: '#ff8800' },
  { key: 'user.name', value: 'Ada' },
  { key: 'timeZone', value: 'Europe/Vienna' },
]

function dataSets(): Data[] {
  const numbers = Array.from({ length: VALUES }, (_, i) => i)
  const at = Date.UTC(2026, 0, 1)
  const celsius = (i: number) => Math.round((20 + 5 * Math.sin(i / 50)) * 100) / 100
  return [
    {
      data: 'KeyValue: settings, `theme` → `dark`',
      codec: KeyValue as Codec,
      values: numbers.map((i) => settings[i % settings.length]),
      isSmall: true,
    },
    {
      data: 'KeyValue: counters, `visits:17` → 51',
      codec: KeyValue as Codec,
      values: numbers.map((i) => ({ key: `visits:${i}`, value: i * 3 })),
      isSmall: true,
    },
    {
      data: 'KeyValue: `user:000000042` → 90 characters',
      codec: KeyValue as Codec,
      values: numbers.map((i) => ({ key: keyOf(i), value: valueOf(i) })),
      isSmall: false,
    },
    {
      data: 'TimeSeriesPoint: time and value',
      codec: TimeSeriesPoint as Codec,
      values: numbers.map((i) => ({ observationDate: at + i * 60_000, value: celsius(i) })),
      isSmall: true,
    },
    {
      data: 'TimeSeriesPoint: with variable and unit',
      codec: TimeSeriesPoint as Codec,
      values: numbers.map((i) => ({
        observationDate: at + i * 60_000,
        value: celsius(i),
        variableMeasured: 'temperature',
        unitText: '°C',
      })),
      isSmall: true,
    },
  ]
}

/** The sum over all values, so that nothing of the work can be left out. */
function each<T>(values: readonly T[], measure: (value: T) => number): number {
  let sum = 0
  for (const value of values) sum += measure(value)
  return sum
}

function timed(work: () => number, repeats: number): number {
  const before = process.cpuUsage()
  for (let i = 0; i < repeats; i++) work()
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1000) / (repeats * VALUES)
}

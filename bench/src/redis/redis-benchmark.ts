import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { median } from '../stopwatch.ts'
import { runProgram } from './program.ts'
import { type ServerName, serve } from './served.ts'

/** How the benchmark of the Redis protocol is run. */
export interface RedisCommand {
  readonly name: 'redis'
  readonly rounds: number
  readonly json: boolean
  readonly quick: boolean
  readonly profileFolder: string | undefined
}

/** One row: requests a second, the medians of the rounds. */
export interface RedisRow {
  readonly command: 'SET' | 'GET'
  /** Commands that a client sends before it waits. */
  readonly pipeline: number
  readonly ours: number
  readonly redisServer: number
  /** Ours of redis-server's. */
  readonly ratio: number
  /** The least that the ratio has to be. */
  readonly goal: number
}

/** Requests a second, by row. */
type Rates = Readonly<Record<string, number>>

const CLIENTS = 50
const KEYS = 100_000
const PIPELINES = [1, 16] as const
const COMMANDS = ['SET', 'GET'] as const
const GOALS: Rates = { 'SET 1': 0.5, 'GET 1': 0.5, 'SET 16': 0.2, 'GET 16': 0.4 }
const SERVERS: readonly ServerName[] = ['ours', 'redis-server']

/** Measures ours and redis-server in turn, every second round in the reverse order. */
export async function measureRedis(
  { rounds, quick, profileFolder }: RedisCommand,
  progress: (line: string) => void,
): Promise<RedisRow[]> {
  for (const program of ['redis-server', 'redis-benchmark'])
    await runProgram(program, ['--version'])
  const measured: Record<ServerName, Rates[]> = { ours: [], 'redis-server': [] }
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? SERVERS : [...SERVERS].reverse()) {
      progress(`round ${round + 1} of ${rounds}: ${name}`)
      measured[name].push(await measure(name, quick, profileFolder))
    }
  }
  return redisRows(measured)
}

/** The rows out of the rates of each round. */
export function redisRows(measured: Readonly<Record<ServerName, readonly Rates[]>>): RedisRow[] {
  return PIPELINES.flatMap((pipeline) =>
    COMMANDS.map((command) => {
      const row = `${command} ${pipeline}`
      const of = (name: ServerName) => median(measured[name].map((rates) => rates[row] as number))
      const ours = of('ours')
      const redisServer = of('redis-server')
      const goal = GOALS[row] as number
      return { command, pipeline, ours, redisServer, ratio: ours / redisServer, goal }
    }),
  )
}

/** The rows as a table. */
export function redisTable(rows: readonly RedisRow[]): string {
  const percent = (part: number) => `${(100 * part).toFixed(0)} %`
  const lines = rows.map(({ command, pipeline, ours, redisServer, ratio, goal }) => {
    const rates = [ours, redisServer].map((rate) => Math.round(rate).toLocaleString('en-US'))
    const met = ratio >= goal ? 'met' : 'missed'
    return `| ${command}, pipeline ${pipeline} | ${rates.join(' | ')} | ${percent(ratio)} | ≥ ${percent(goal)} | ${met} |`
  })
  return [
    `| ${CLIENTS} clients, ${KEYS.toLocaleString('en-US')} keys | ours, /s | redis-server, /s | ours of it | goal | |`,
    '| --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n')
}

/** Requests a second of each command, out of what `redis-benchmark --csv` prints. */
export function parseRates(csv: string): Map<string, number> {
  const rates = new Map<string, number>()
  for (const line of csv.split('\n')) {
    const [command, rate] = line.split(',').map((field) => field.replaceAll('"', ''))
    if (command !== undefined && Number(rate) > 0) rates.set(command, Number(rate))
  }
  return rates
}

// A new server each time, warmed by a part of the same work.
async function measure(
  name: ServerName,
  quick: boolean,
  profileFolder: string | undefined,
): Promise<Rates> {
  const requests = quick ? 2000 : 200_000
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'datagram-bench-'))
  const server = await serve(name, folder, profileFolder)
  try {
    const rates: Record<string, number> = {}
    for (const pipeline of PIPELINES) await load(server.port, pipeline, requests / 5)
    for (const pipeline of PIPELINES) {
      const found = await load(server.port, pipeline, requests)
      for (const command of COMMANDS) {
        const rate = found.get(command)
        if (rate === undefined) throw new Error(`redis-benchmark told no rate of ${command}`)
        rates[`${command} ${pipeline}`] = rate
      }
    }
    return rates
  } finally {
    await server.stop()
    await fs.rm(folder, { recursive: true, force: true })
  }
}

async function load(port: number, pipeline: number, requests: number) {
  const flags = { p: port, c: CLIENTS, r: KEYS, P: pipeline, n: requests, t: 'set,get' }
  const args = Object.entries(flags).flatMap(([flag, value]) => [`-${flag}`, String(value)])
  return parseRates(await runProgram('redis-benchmark', [...args, '--csv']))
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { type ChildPlan, type ChildReport, type KillMoment, PLAN_VARIABLE } from './child-plan.ts'

export interface ChildOptions {
  /** Handed to the script, which gets it with `childOptions()`. Must survive JSON, in less than 128 KiB. */
  readonly options?: unknown
  /** When to kill it; default never. */
  readonly killAt?: KillMoment
  /** Records how far each file was synced (see `recordSyncs`); default false. */
  readonly recordSyncs?: boolean
  /** Killed, and reported as {@link ChildResult.timedOut}, after so long. Default 60,000 ms. */
  readonly timeoutMs?: number
  /** As `timeoutMs`, from one report of the child to the next. Default: no such limit. */
  readonly silenceMs?: number
  /** Further arguments of node, before the script. */
  readonly nodeArguments?: readonly string[]
}

/** How a child process ended, and what it had said by then. */
export interface ChildResult {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  /** It was still running after `timeoutMs`, or silent for `silenceMs`, and was killed for that. */
  readonly timedOut: boolean
  /** What it acknowledged, in order. */
  readonly acknowledged: readonly unknown[]
  /** The step at which it was killed; undefined when it did not come so far. */
  readonly diedAtStep: string | undefined
  /** Inode → how many bytes were certainly on the disk. Empty unless `recordSyncs`. */
  readonly synced: ReadonlyMap<number, number>
  /** The end of what it wrote to standard error and standard output, for messages. */
  readonly output: string
}

/** A child process that is running. */
export interface Child {
  readonly acknowledged: readonly unknown[]
  /** Waits until there are `count` acknowledgements; rejects if the child ends before that. */
  acknowledgement(count: number): Promise<unknown>
  /** SIGKILL, now. */
  kill(): void
  /** Resolves when it has ended, however it did. */
  readonly ended: Promise<ChildResult>
}

const OUTPUT_CHARACTERS_MAX = 4096

/** Runs a script in a node process of its own and waits for its end. See {@link startChild}. */
export function runChild(script: URL, options: ChildOptions = {}): Promise<ChildResult> {
  return startChild(script, options).ended
}

/**
 * Starts a TypeScript script in a real node process. It can import every workspace package's sources,
 * and uses `acknowledge()` and `childOptions()` of this package to speak with the test.
 */
export function startChild(script: URL, options: ChildOptions = {}): Child {
  const { killAt, recordSyncs = false, nodeArguments = [] } = options
  const plan: ChildPlan = {
    options: options.options,
    recordSyncs,
    ...(killAt === undefined ? {} : { killAt }),
  }
  const preloads = ['./type-stripping.mjs', './child-start.ts'].flatMap((name) => [
    '--import',
    new URL(name, import.meta.url).href,
  ])
  const child = spawn(
    process.execPath,
    [
      '--conditions=datagram:source',
      '--enable-source-maps',
      ...preloads,
      ...nodeArguments,
      fileURLToPath(script),
    ],
    {
      env: { ...process.env, [PLAN_VARIABLE]: JSON.stringify(plan), NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    },
  )
  return new RunningChild(child, options)
}

class RunningChild implements Child {
  readonly ended: Promise<ChildResult>
  readonly acknowledged: unknown[] = []
  readonly #synced = new Map<number, number>()
  readonly #process: ChildProcess
  readonly #killAfterMs: number | undefined
  #killTimer: NodeJS.Timeout | undefined
  #silenceTimer: NodeJS.Timeout | undefined
  #timedOut = false
  #diedAtStep: string | undefined
  #output = ''
  #waiting: (() => void)[] = []

  constructor(child: ChildProcess, { killAt, timeoutMs = 60_000, silenceMs }: ChildOptions) {
    this.#process = child
    this.#killAfterMs = killAt !== undefined && 'afterMs' in killAt ? killAt.afterMs : undefined
    if (killAt !== undefined && 'afterStartMs' in killAt) {
      this.#killTimer = setTimeout(() => this.kill(), killAt.afterStartMs)
    }
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (text: Buffer) => {
        this.#output = (this.#output + text.toString()).slice(-OUTPUT_CHARACTERS_MAX)
      })
    }
    if (silenceMs !== undefined) this.#silenceTimer = setTimeout(() => this.#timeOut(), silenceMs)
    this.ended = this.#run(timeoutMs)
    // Whoever only kills it need not wait for its end.
    this.ended.catch(() => undefined)
  }

  async acknowledgement(count: number): Promise<unknown> {
    let over = false
    this.ended
      .finally(() => {
        over = true
        this.#wake()
      })
      .catch(() => undefined)
    while (this.acknowledged.length < count) {
      if (over)
        throw new Error(
          `the child ended after ${this.acknowledged.length} of ${count} acknowledgements: ${this.#output}`,
        )
      await new Promise<void>((resolve) => this.#waiting.push(resolve))
    }
    return this.acknowledged[count - 1]
  }

  kill(): void {
    this.#process.kill('SIGKILL')
  }

  async #run(timeoutMs: number): Promise<ChildResult> {
    const timer = setTimeout(() => this.#timeOut(), timeoutMs)
    const lines = createInterface({ input: this.#process.stdio[3] as Readable })
    lines.on('line', (line) => this.#hear(line))
    // 'close' comes after the process has ended and every pipe of it was read to its end.
    const [ended] = await Promise.all([once(this.#process, 'close'), once(lines, 'close')])
    clearTimeout(timer)
    clearTimeout(this.#killTimer)
    clearTimeout(this.#silenceTimer)
    return {
      exitCode: ended[0] as number | null,
      signal: ended[1] as NodeJS.Signals | null,
      timedOut: this.#timedOut,
      acknowledged: this.acknowledged,
      diedAtStep: this.#diedAtStep,
      synced: this.#synced,
      output: this.#output,
    }
  }

  #timeOut(): void {
    this.#timedOut = true
    this.kill()
  }

  #hear(line: string): void {
    this.#silenceTimer?.refresh()
    const report = parseReport(line)
    if (report === undefined) return
    if ('synced' in report) this.#synced.set(...report.synced)
    else if ('step' in report) this.#diedAtStep = report.step
    else {
      this.acknowledged.push(report.acknowledged)
      this.#wake()
      if (this.#killAfterMs !== undefined) {
        this.#killTimer ??= setTimeout(() => this.kill(), this.#killAfterMs)
      }
    }
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

// The last line of a killed child may be cut short; what it says was then never acknowledged.
function parseReport(line: string): ChildReport | undefined {
  try {
    return JSON.parse(line) as ChildReport
  } catch {
    return undefined
  }
}

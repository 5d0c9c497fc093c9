import type { ContenderName } from './contender.ts'
import { type ChildProcess, fork } from 'node:child_process'
import fs from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { MeasurementAnswer, MeasurementRequest, Work } from './measurement.ts'
import type { Fixture, Step } from './row.ts'
import type { Figures } from './task.ts'

const PROGRAM = fileURLToPath(new URL('./measuring-process.js', import.meta.url))
// Longer than the longest measurement: what takes so long hangs.
const LIMIT_MS = 30 * 60_000

/**
 * Makes measurements, each in a process of its own and in an empty folder, one after another, and the
 * stores that they read.
 */
export class Measurer {
  readonly #folder: string
  readonly #profileFolder: string | undefined
  readonly #fixtures = new Map<string, Promise<string>>()
  #count = 0
  #child: ChildProcess | undefined
  #aborted = false

  /** `profileFolder`: where V8's CPU profile of each measurement is to be left. */
  constructor(folder: string, profileFolder: string | undefined) {
    this.#folder = folder
    this.#profileFolder = profileFolder
  }

  async measure({ contender, work, fixture }: Step): Promise<Figures> {
    const store = fixture === undefined ? '' : await this.#fixture(contender, fixture)
    const folder = this.#newFolder()
    await fs.mkdir(folder)
    try {
      return await this.#run({ contender, work, folder, fixture: store }, this.#profileFolder)
    } finally {
      await fs.rm(folder, { recursive: true })
      if (fixture?.ending === 'killed') await fs.rm(store, { recursive: true })
    }
  }

  /** Ends the measurement that is under way, and makes no other. */
  abort(): void {
    this.#aborted = true
    this.#child?.kill('SIGKILL')
  }

  #fixture(contender: ContenderName, fixture: Fixture): Promise<string> {
    if (fixture.ending === 'killed') return this.#prepare(contender, fixture)
    const name = `${contender} ${fixture.keys} ${fixture.tail ?? 0}`
    const folder = this.#fixtures.get(name) ?? this.#prepare(contender, fixture)
    this.#fixtures.set(name, folder)
    return folder
  }

  async #prepare(contender: ContenderName, { keys, tail = 0, ending }: Fixture): Promise<string> {
    const folder = this.#newFolder()
    await fs.mkdir(folder)
    const work: Work = { task: 'prepare', parameters: { keys, batch: 1000, tail, ending } }
    await this.#run({ contender, work, folder, fixture: '' }, undefined)
    return folder
  }

  #newFolder(): string {
    return path.join(this.#folder, String(this.#count++))
  }

  #run(request: MeasurementRequest, profileFolder: string | undefined): Promise<Figures> {
    const { task } = request.work
    const profile =
      profileFolder === undefined
        ? []
        : [
            '--cpu-prof',
            `--cpu-prof-dir=${profileFolder}`,
            `--cpu-prof-name=${this.#profileName(request)}`,
          ]
    if (this.#aborted) return Promise.reject(new Error('interrupted'))
    const child = fork(PROGRAM, {
      execArgv: ['--expose-gc', ...profile],
      // Stdout is for the results, and what is measured may print.
      stdio: ['ignore', process.stderr, process.stderr, 'ipc'],
      timeout: LIMIT_MS,
      killSignal: 'SIGKILL',
    })
    this.#child = child
    return new Promise<Figures>((resolve, reject) => {
      let answer: MeasurementAnswer | undefined
      child.on('message', (message: MeasurementAnswer) => {
        answer = message
      })
      child.on('error', reject)
      child.on('exit', (code, signal) => {
        if (answer !== undefined && 'figures' in answer) resolve(answer.figures)
        else
          reject(
            new Error(answer?.failure ?? `${task} ended without an answer (${signal ?? code})`),
          )
      })
      child.send(request)
    })
  }

  #profileName({ contender, work }: MeasurementRequest): string {
    return `${work.task}-${contender}-${this.#count}.cpuprofile`
  }
}

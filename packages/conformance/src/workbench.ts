import fs from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { AnyInterface } from '@datagram/stream'
import type { OpenedSubject, Subject } from './subject.ts'

/** What differs from the default when a case opens the subject. */
export interface PlaceOptions {
  readonly name?: string
  readonly readOnly?: boolean
  readonly definition?: AnyInterface
}

/** A folder for one case, and what the case has open in it. */
export class Workbench<Api extends object> {
  readonly #subject: Subject<Api>
  readonly #folder: string
  readonly #opened: OpenedSubject<object>[] = []

  private constructor(subject: Subject<Api>, folder: string) {
    this.#subject = subject
    this.#folder = folder
  }

  /** Runs a case on a workbench of its own and clears it away, however the case ends. */
  static async run<Api extends object>(
    subject: Subject<Api>,
    work: (bench: Workbench<Api>) => Promise<void>,
  ): Promise<void> {
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'datagram-conformance-'))
    const bench = new Workbench(subject, folder)
    try {
      await work(bench)
    } finally {
      await bench.closeAll()
      await fs.rm(folder, { recursive: true, force: true, maxRetries: 5 })
    }
  }

  /** Opens the subject; what was open in the folder before must be closed. */
  async open(options: PlaceOptions = {}): Promise<OpenedSubject<Api>> {
    const { name = 'subject', readOnly = false, definition } = options
    const opened = await this.#subject.open({ folder: this.#folder, name, readOnly, definition })
    this.#opened.push(opened)
    return opened
  }

  /** Opens another interface at the subject's place. */
  async openAs<Other extends object>(definition: AnyInterface): Promise<OpenedSubject<Other>> {
    const opened: OpenedSubject<object> = await this.open({ definition })
    // What a definition opens is known to whoever gives it.
    return opened as OpenedSubject<Other>
  }

  /** Uses the subject and closes it again. */
  async use<T>(work: (api: Api) => Promise<T>, options?: PlaceOptions): Promise<T> {
    const opened = await this.open(options)
    try {
      return await work(opened.api)
    } finally {
      await opened.close()
    }
  }

  async closeAll(): Promise<void> {
    for (const one of this.#opened.reverse()) await one.close()
  }
}

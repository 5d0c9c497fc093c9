import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

const WAIT_MS = 120_000
const at = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** Somebody at a terminal of their own: a process, typed into and read through its real stdin and stdout. */
export class Person implements AsyncDisposable {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #ended: Promise<unknown[]>
  #output = ''
  #errors = ''
  #seen = 0

  constructor(folder: string, name: string) {
    const stripping = at('../../../packages/fault-harness/src/type-stripping.mjs')
    const node = ['--conditions=datagram:source', '--import', stripping]
    this.#child = spawn(process.execPath, [...node, at('../src/main.ts'), folder, name])
    this.#ended = once(this.#child, 'close')
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.#output += text
    })
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#errors += text
    })
  }

  /** Types a line. */
  types(line: string): void {
    this.#child.stdin.write(`${line}\n`)
  }

  /** Waits for a line, after the one that was waited for before; what its first group matched. */
  async sees(line: RegExp): Promise<string> {
    const end = Date.now() + WAIT_MS
    for (;;) {
      const rest = this.#output.slice(this.#seen)
      const found = new RegExp(`^${line.source}\\n`, 'mu').exec(rest)
      if (found !== null) {
        this.#seen += found.index + found[0].length
        return found[1] ?? found[0]
      }
      if (Date.now() > end || this.#child.exitCode !== null) {
        throw new Error(`nobody sees ${String(line)}, but:\n${this.#output}\n${this.#errors}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /** Leaves; the exit code. */
  async leaves(): Promise<unknown> {
    this.types('/quit')
    const [code] = await this.#ended
    return code
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill()
    await this.#ended
  }
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { stripVTControlCharacters } from 'node:util'

const WAIT_MS = 120_000

/** A program in a real terminal: a pseudo-terminal that `script` makes, and that this drives. */
export class Terminal {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown[]>
  #output = ''
  #seen = 0

  constructor(command: string, environment: NodeJS.ProcessEnv) {
    const env = { ...process.env, TERM: 'xterm', ...environment }
    const sized = `stty cols 120 rows 40; exec ${command}`
    this.#child = spawn('script', ['-qefc', sized, '/dev/null'], { env })
    this.#ended = once(this.#child, 'exit')
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
      })
    }
  }

  /** Waits until a text is shown, after the one that was waited for before. */
  async shows(text: string): Promise<void> {
    const end = Date.now() + WAIT_MS
    for (;;) {
      // Stripped as a whole: what comes may end within a sequence.
      const shown = stripVTControlCharacters(this.#output)
      const at = shown.indexOf(text, this.#seen)
      if (at !== -1) {
        this.#seen = at + text.length
        return
      }
      if (Date.now() > end || this.#child.exitCode !== null) {
        throw new Error(`it does not show ${JSON.stringify(text)}, but:\n${shown}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  /** Types: texts, and keys as terminals send them. */
  type(keys: string): void {
    this.#child.stdin?.write(keys)
  }

  /** Waits until the program has ended; its exit code. */
  async ended(): Promise<unknown> {
    const [code] = await this.#ended
    return code
  }

  close(): void {
    this.#child.kill()
  }
}

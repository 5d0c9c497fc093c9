import { Presets, SingleBar } from 'cli-progress'
import prettyBytes from 'pretty-bytes'

/** Shows how far a step is: a bar in a terminal, a plain line now and then elsewhere. */
export interface Progress {
  update(done: number, total: number, note?: string): void
  end(): void
}

const LINE_EVERY_MS = 2000

export function showProgress(title: string): Progress {
  return process.stdout.isTTY ? bar(title) : lines(title)
}

function bar(title: string): Progress {
  const format = `  ${title} {bar} {percentage}% {note}`
  const single = new SingleBar({ format, hideCursor: true, clearOnComplete: false }, Presets.rect)
  single.start(1, 0, { note: '' })
  return {
    update(done, total, note = '') {
      single.setTotal(Math.max(1, total))
      single.update(done, { note })
    },
    end: () => single.stop(),
  }
}

function lines(title: string): Progress {
  let shown = 0
  let last = ''
  const print = (line: string) => {
    if (line === last) return
    last = line
    console.log(line)
  }
  let line = ''
  return {
    update(done, total, note = '') {
      line = `  ${title} ${done} of ${total} ${note}`.trimEnd()
      if (Date.now() - shown < LINE_EVERY_MS) return
      shown = Date.now()
      print(line)
    },
    end: () => {
      if (line !== '') print(line)
    },
  }
}

export function bytes(count: number): string {
  return prettyBytes(count, { binary: true })
}

import { subscribe } from 'node:diagnostics_channel'
import { writeSync } from 'node:fs'
import {
  type ChildPlan,
  type ChildReport,
  PLAN_VARIABLE,
  REPORT_FD,
  STEP_CHANNEL,
} from './child-plan.ts'
import { recordSyncs } from './sync-recorder.ts'

let acknowledgements = 0

/**
 * In a child process: tells the parent what is done. When this returns, the parent will hear of it,
 * even if the process dies in the next instant. `value` is anything that JSON can hold.
 */
export function acknowledge(value: unknown): void {
  report({ acknowledged: value })
  acknowledgements++
  const killAt = plan().killAt
  if (killAt !== undefined && 'acknowledgements' in killAt) {
    if (acknowledgements === killAt.acknowledgements) die()
  }
}

/** In a child process: the options that the parent gave. The caller knows their type. */
export function childOptions<T>(): T {
  return plan().options as T
}

/** In a child process, before its script: makes ready to die at the chosen step, and to record. */
export async function prepareChild(): Promise<void> {
  const { killAt, recordSyncs: recording } = plan()
  if (recording) {
    await recordSyncs(({ inode, bytes }) => report({ synced: [inode, bytes] }))
  }
  if (killAt === undefined || !('step' in killAt)) return
  let left = killAt.count ?? 1
  subscribe(STEP_CHANNEL, (message) => {
    if (stepOf(message) !== killAt.step || --left > 0) return
    report({ step: killAt.step })
    die()
  })
}

function stepOf(message: unknown): unknown {
  return typeof message === 'object' && message !== null && 'step' in message
    ? message.step
    : undefined
}

function plan(): ChildPlan {
  const text = process.env[PLAN_VARIABLE]
  if (text === undefined) throw new TypeError('this script must be started by runChild()')
  return JSON.parse(text) as ChildPlan
}

function report(line: ChildReport): void {
  writeSync(REPORT_FD, `${JSON.stringify(line)}\n`)
}

// The kernel takes the process here and now, with all of its threads: nothing is flushed or closed.
function die(): void {
  process.kill(process.pid, 'SIGKILL')
}

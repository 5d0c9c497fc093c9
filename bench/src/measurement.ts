import type { ContenderName } from './contender.ts'
import type { Figures } from './task.ts'
import type { fileTasks } from './files/file-tasks.ts'
import type { tasks } from './tasks/tasks.ts'

type AllTasks = typeof tasks & typeof fileTasks

export type TaskName = keyof AllTasks

/** A task with its parameters. */
export type Work = {
  [N in TaskName]: {
    readonly task: N
    readonly parameters: Parameters<AllTasks[N]>[1]
  }
}[TaskName]

/** What a measuring process is asked for. */
export interface MeasurementRequest {
  readonly work: Work
  readonly contender: ContenderName
  readonly folder: string
  readonly fixture: string
}

/** What it answers. */
export type MeasurementAnswer = { readonly figures: Figures } | { readonly failure: string }

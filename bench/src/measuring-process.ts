// A process that makes one measurement: it is sent a request, and sends the answer.
import { contender } from './contenders/contenders.ts'
import { drive, isDrive } from './files/drives.ts'
import { fileTasks } from './files/file-tasks.ts'
import type { MeasurementAnswer, MeasurementRequest } from './measurement.ts'
import type { Task } from './task.ts'
import { tasks } from './tasks/tasks.ts'

process.once('message', (request: MeasurementRequest) => {
  void measure(request).then((answer) => process.send?.(answer, () => end(request)))
})

// A store whose process is to die has not been closed, and gets no time to do anything more.
function end({ work }: MeasurementRequest): void {
  if (work.task === 'prepare' && work.parameters.ending === 'killed') {
    process.kill(process.pid, 'SIGKILL')
  }
  process.exit()
}

async function measure({
  work,
  contender: name,
  ...folders
}: MeasurementRequest): Promise<MeasurementAnswer> {
  try {
    // The request's type says that the parameters are the task's.
    const task = { ...tasks, ...fileTasks }[work.task] as Task<unknown, unknown>
    const subject = { contender: isDrive(name) ? drive(name) : contender(name), ...folders }
    return { figures: await task(subject, work.parameters) }
  } catch (error) {
    return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

/**
 * What a change survives once its promise has resolved: `process` the death of the process, `disk` also the
 * loss of power, as it waits for the disk.
 */
export type ChatDurability = 'process' | 'disk'

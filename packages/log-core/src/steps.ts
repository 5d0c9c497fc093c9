import diagnostics from 'node:diagnostics_channel'

const channel = diagnostics.channel('datagram.step')

/**
 * Tells the diagnostics channel `datagram.step` where the program is. Costs nothing while nobody
 * listens; fault tests listen, to stop the process between two steps.
 */
export function reachStep(step: string): void {
  if (channel.hasSubscribers) channel.publish({ step })
}

/** How many times the rounds of a test are run: the environment's `DATAGRAM_SOAK`, default 1. */
export function soakFactor(): number {
  const given = process.env['DATAGRAM_SOAK']
  if (given === undefined || given === '') return 1
  const factor = Number(given)
  if (!Number.isInteger(factor) || factor < 1) {
    throw new TypeError(`DATAGRAM_SOAK is no positive whole number: ${given}`)
  }
  return factor
}

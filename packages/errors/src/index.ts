export { DatagramError, type DatagramErrorOptions, isDatagramError } from './datagram-error.ts'

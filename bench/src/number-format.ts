import type { Unit } from './row.ts'

/** A whole number with its thousands apart: `1,000,000`. */
export function thousands(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** A figure as people read it. */
export function formatFigure(value: number, unit: Unit): string {
  if (Number.isNaN(value)) return '–'
  if (unit === '×') return `${significant(value)} ×`
  if (unit === 'bytes') return formatBytes(value)
  if (unit === 'ms' || unit === 'µs') return `${significant(value)} ${unit}`
  if (unit === 'round trips') return `${value}`
  return value < 100 ? significant(value) : thousands(Number(value.toPrecision(3)))
}

function formatBytes(value: number): string {
  if (Math.abs(value) < 10_000) return `${thousands(value)} B`
  if (Math.abs(value) < 1_000_000) return `${significant(value / 1000)} KB`
  return `${significant(value / 1_000_000)} MB`
}

// Three digits, or all before the point.
function significant(value: number): string {
  if (Math.abs(value) >= 100) return thousands(value)
  return String(Number(value.toPrecision(3)))
}

/** Attributes of an element. */
export type Attributes = Readonly<Record<string, string | number>>

/** An SVG element as text; `content` is text or other elements as they are. */
export function element(name: string, attributes: Attributes, content = ''): string {
  const list = Object.entries(attributes).map(([key, value]) => ` ${key}="${rounded(value)}"`)
  return content === ''
    ? `<${name}${list.join('')}/>`
    : `<${name}${list.join('')}>${content}</${name}>`
}

/** Text at a place. */
export function label(x: number, y: number, text: string, attributes: Attributes = {}): string {
  return element('text', { x, y, ...attributes }, escaped(text))
}

export function line(x1: number, y1: number, x2: number, y2: number, stroke: string): string {
  return element('line', { x1, y1, x2, y2, stroke })
}

/** A whole picture on white, so that it can be read on a dark page too. */
export function picture(
  width: number,
  height: number,
  title: string,
  parts: readonly string[],
): string {
  const head = {
    xmlns: 'http://www.w3.org/2000/svg',
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    'font-family': 'system-ui, sans-serif',
    'font-size': 12,
    fill: '#222',
    role: 'img',
  }
  const ground = element('rect', { width, height, fill: '#fff' })
  const content = [element('title', {}, escaped(title)), ground, ...parts].join('\n')
  return `${element('svg', head, `\n${content}\n`)}\n`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}

function rounded(value: string | number): string {
  return typeof value === 'number' ? String(Math.round(value * 10) / 10) : value
}

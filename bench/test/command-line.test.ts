import { describe, expect, it } from 'vitest'
import { readCommand } from '../src/command-line.ts'

describe('the command line', () => {
  it('chooses rows, contenders and rounds', () => {
    const command = readCommand([
      'kv',
      '--rows',
      'get,load',
      '--only',
      'ours',
      '--rounds',
      '5',
      '--json',
    ])
    expect(command).toMatchObject({
      name: 'kv',
      rows: ['get', 'load'],
      only: ['ours'],
      rounds: 5,
      json: true,
    })
  })

  it('measures three rounds, with --quick one', () => {
    expect(readCommand(['kv'])).toMatchObject({ rounds: 3, quick: false, rows: [], only: [] })
    expect(readCommand(['kv', '--quick'])).toMatchObject({ rounds: 1, quick: true })
  })

  it('measures descriptors', () => {
    expect(readCommand(['descriptors', '--json'])).toEqual({
      name: 'descriptors',
      rounds: 3,
      json: true,
      quick: false,
    })
  })

  it('measures sharing', () => {
    expect(readCommand(['sharing', '--quick'])).toEqual({
      name: 'sharing',
      quick: true,
      json: false,
    })
  })

  it('measures the Redis protocol', () => {
    expect(readCommand(['redis', '--rounds', '5'])).toEqual({
      name: 'redis',
      rounds: 5,
      quick: false,
      json: false,
      profileFolder: undefined,
    })
  })

  it.each([
    [],
    ['redis', '--save'],
    ['sharing', '--rounds', '3'],
    ['descriptors', '--save'],
    ['descriptors', 'KeyValue'],
    ['fs'],
    ['files', '--save', '--quick'],
    ['kv', 'load'],
    ['kv', '--rounds', '0'],
    ['kv', '--round', '1'],
    ['kv', '--save', '--quick'],
    ['kv', '--save', '--only', 'ours'],
  ])('refuses %j', (...args) => {
    expect(() => readCommand(args)).toThrow(TypeError)
  })
})

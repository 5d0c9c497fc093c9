// Ends in the way that it is told to.
import { acknowledge, childOptions } from '../../src/index.ts'

const how = childOptions<string>()
acknowledge({ how })
if (how === 'throw') throw new Error('the child failed')
if (how === 'hang') setInterval(() => undefined, 1000)

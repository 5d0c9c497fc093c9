import { createRequire } from 'node:module'
import { acknowledge } from '@datagram/fault-harness'
import { openChat } from '../src/index.ts'
import { ALICE } from './chat-world.ts'
import { MemoryBackend } from './memory-backend.ts'

const chat = await openChat({ ...ALICE, backend: new MemoryBackend() })
await chat.close()
acknowledge(Object.keys(createRequire(import.meta.url).cache))

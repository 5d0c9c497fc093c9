export { chatInterface } from './chat-interface.ts'
export { streamBackend } from './stream-backend.ts'

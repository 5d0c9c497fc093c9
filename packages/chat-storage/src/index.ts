export { type BackendCase, backendCases, type BackendSubject } from './backend-cases.ts'
export {
  type ChatDatabase,
  databaseBackend,
  type DatabaseBackendOptions,
  type DatabaseOperation,
} from './backends/database-backend.ts'
export type { ChatDurability } from './backends/durability.ts'
export { fileBackend, type FileBackendOptions } from './backends/file-backend.ts'
export { folderBackend, type FolderBackendOptions } from './backends/folder-backend.ts'
export type { Chat } from './chat.ts'
export type { BackendChange, ChangeOptions, ChatBackend, WaitOptions } from './chat-backend.ts'
export {
  type AttachmentNames,
  type ChatAttachment,
  parseAttachment,
} from './attachment-reference.ts'
export type { AttachmentContent } from './attachment-pieces.ts'
export type { ChatClock } from './chat-clock.ts'
export type { ChatChange, WatchOptions } from './chat-change.ts'
export { ChatDevices } from './chat-devices.ts'
export type { ChatErrorCode } from './chat-errors.ts'
export type { ChatPosition, MessageReference } from './chat-position.ts'
export type { ChatMode } from './container-key.ts'
export type { ConversationsOptions, ListedConversation } from './listed-conversation.ts'
export type { AddedMessage } from './own-messages.ts'
export type { EditMessageOptions, SendOptions, WrittenMessage } from './message-writer.ts'
export {
  type Envelope,
  type Message,
  messageHash,
  type MessageMetadata,
  type MessageType,
} from './message.ts'
export type { ChatMessage } from './message-view.ts'
export type { MessageNote } from './stored-state.ts'
export type { MessagesOptions } from './message-query.ts'
export type { FoundMessage, SearchOptions } from './message-search.ts'
export type { ChatOptions, Closing, OpenChatOptions } from './chat-options.ts'
export type { CopiedMessages, CopyRange } from './chat-copy.ts'
export type { ExportOptions, ImportOptions } from './chat-transfer.ts'
export { openChat } from './open-chat.ts'

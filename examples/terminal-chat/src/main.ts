import { createInterface } from 'node:readline'
import { openDatagram } from 'datagram'
import { TerminalChat } from './terminal-chat.ts'
import { Transcript } from './transcript.ts'

const [folder, name] = process.argv.slice(2)
if (folder === undefined || name === undefined) {
  console.error('usage: terminal-chat FOLDER NAME')
  process.exit(2)
}

await using datagram = await openDatagram(folder)
const transcript = new Transcript((line) => console.log(line))
const chat = await TerminalChat.open(datagram, name, transcript)
transcript.say(`this is ${name}; /help says what can be done`)
for await (const line of createInterface({ input: process.stdin })) {
  if (line === '/quit') break
  await chat.line(line)
}
transcript.say('bye')
// A pipe that nobody reads from would keep the process alive for as long as its other end is open.
process.stdin.destroy()

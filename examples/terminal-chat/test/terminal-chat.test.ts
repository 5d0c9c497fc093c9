import { temporaryFolder } from '@datagram/fault-harness'
import { expect, it } from 'vitest'
import { Person } from './person.ts'

it('two people chat in two processes, and one of them comes back', {
  timeout: 900_000,
}, async () => {
  await using folder = await temporaryFolder()
  const start = (name: string) => new Person(folder.join(name), name)
  await using bob = start('bob')
  {
    await using ada = start('ada')
    await ada.sees(/this is ada; .*/)
    ada.types('/invite bob')
    bob.types(`/accept ${await ada.sees(/card for bob: (.+)/)}`)
    ada.types(`/accept ${await bob.sees(/card for ada: (.+)/)}`)
    await ada.sees(/bob can be heard/)

    ada.types('Hello Bob')
    await bob.sees(/\[1\] ada: Hello Bob/)
    await ada.sees(/\[1\] read by bob/)
    bob.types('Grüße aus 東京')
    await ada.sees(/\[2\] bob: Grüße aus 東京/)
    await bob.sees(/\[2\] read by ada/)

    ada.types('/edit 1 Hello dear Bob')
    await bob.sees(/\[1\] ada now says: Hello dear Bob/)
    bob.types('/react 1 🎉')
    await ada.sees(/\[1\] bob reacts: 🎉/)
    ada.types('/search GRÜSSE')
    await ada.sees(/\[2\] bob: Grüße aus 東京/)
    await ada.sees(/1 found/)

    ada.types('not meant for you')
    await bob.sees(/\[3\] ada: not meant for you/)
    await ada.sees(/\[3\] read by bob/)
    ada.types('/delete 3')
    await bob.sees(/\[3\] is deleted/)
    bob.types('/search meant')
    await bob.sees(/0 found/)
    bob.types('/edit 99 nothing')
    await bob.sees(/! there is no message 99/)
    expect(await ada.leaves()).toBe(0)
  }
  bob.types('Are you there?')
  await bob.sees(/\[4\] bob: Are you there\?/)
  await using again = start('ada')
  await again.sees(/\[1\] ada: Hello dear Bob \(edited\) 🎉/)
  await again.sees(/\[2\] bob: Grüße aus 東京/)
  await again.sees(/\[3\] bob: Are you there\?/)
  again.types('Yes')
  await bob.sees(/\[5\] ada: Yes/)
  expect(await again.leaves()).toBe(0)
  expect(await bob.leaves()).toBe(0)
})

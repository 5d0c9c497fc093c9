import { describe, expect, it } from 'vitest'
import { isMeant, wordList, wordQuery, wordsIn } from '../src/words.ts'

describe('words', () => {
  it.each([
    ['Hello, WORLD!', ['hello', 'world']],
    ['Don’t say e-mail_address', ['don', 't', 'say', 'e', 'mail', 'address']],
    ['Crème Brûlée', ['creme', 'brulee']],
    ['cre\u0300me', ['creme']],
    ['Straße STRASSE', ['strasse', 'strasse']],
    ['ΟΔΟΣ οδός', ['οδοσ', 'οδοσ']],
    ['İstanbul Istanbul', ['istanbul', 'istanbul']],
    ['ﬁne ｆｕｌｌ　ｗｉｄｔｈ', ['fine', 'full', 'width']],
    ['Привет, мир', ['привет', 'мир']],
    ['नमस्ते दुनिया', ['नमस्ते', 'दुनिया']],
    ['مرحبا بالعالم', ['مرحبا', 'بالعالم']],
    ['한국어 메시지', ['한국어', '메시지']],
    ['我喜欢苹果', ['我', '喜欢', '苹果']],
    ['ガラス', ['ガラス']],
    ['ｶﾞﾗｽ', ['ガラス']],
    ['สวัสดีครับ', ['สวัสดี', 'ครับ']],
    ['soft\u00adhyphen می\u200cخواهم', ['softhyphen', 'میخواهم']],
    ['🎉 ❤️ 🇨🇭 1984', ['🎉', '❤', '🇨🇭', '1984']],
    [`${'x'.repeat(50)}`, ['x'.repeat(40)]],
    ['… \u0000 \n', []],
  ])('of %j', (text, words) => {
    expect([...wordsIn(text)]).toEqual(words)
  })
  it.each([
    ['apple', true],
    ['APP', true],
    ['app ', false],
    ['apple ', true],
    ['pie apple', true],
    ['pi apple', false],
    ['app pie', false],
    ['ple', false],
    ['苹', true],
    ['🎉', true],
    ['', false],
    ['?!', false],
  ])('searched for by %j: %j', (query, found) => {
    expect(isMeant(wordQuery(query), wordList('An apple pie, 苹果 🎉'))).toBe(found)
  })
})

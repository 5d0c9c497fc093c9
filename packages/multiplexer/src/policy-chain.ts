import type { Chain, Peer, PolicyAnswer } from './policy.ts'

type Policy<S> = (subject: S, peer: Peer) => PolicyAnswer

/** One policy of several: each is asked in its order until one says no. Throws a TypeError for what is none. */
export function chained<S>(what: string, given: Chain<Policy<S>>): Policy<S> {
  const policies = Array.isArray(given) ? [...given] : [given]
  for (const policy of policies) {
    if (typeof policy !== 'function') {
      throw new TypeError(`the ${what} policy is a function, or an array of functions`)
    }
  }
  return (subject, peer) => allFrom(policies, 0, subject, peer)
}

/** Whether all policies from `first` on say yes: at once where all of them answer at once. */
export function allFrom<S>(
  policies: readonly Policy<S>[],
  first: number,
  subject: S,
  peer: Peer,
): PolicyAnswer {
  for (let i = first; i < policies.length; i++) {
    const answer = policies[i]?.(subject, peer)
    if (answer === true) continue
    if (!isPending(answer)) return false
    return answer.then((yes) => yes === true && allFrom(policies, i + 1, subject, peer))
  }
  return true
}

/** Whether an answer is yet to come. Whatever a program without types returns, only `true` is a yes. */
export function isPending(answer: unknown): answer is Promise<boolean> {
  return typeof answer === 'object' && answer !== null && 'then' in answer
}

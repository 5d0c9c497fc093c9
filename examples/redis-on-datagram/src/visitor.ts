/** Somebody with a browser: keeps the cookie that the server gave. */
export class Visitor {
  readonly #url: string
  #cookie = ''

  constructor(url: string) {
    this.#url = url
  }

  /** What the server says. */
  async visit(): Promise<string> {
    const response = await fetch(this.#url, { headers: { cookie: this.#cookie } })
    const [cookie] = response.headers.getSetCookie()
    if (cookie !== undefined) this.#cookie = cookie.split(';')[0] as string
    return response.text()
  }
}
